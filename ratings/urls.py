from django.contrib.auth import views as auth
from django.urls import path, reverse_lazy

from ratings.account_forms import ChangePasswordForm
from ratings.gate import members_only
from ratings.views import (
    accounts,
    following,
    importing,
    leaving,
    letters,
    list_entry,
    lists,
    mine,
    title,
    tokens,
)

app_name = "ratings"
urlpatterns = [
    # Members
    path("sign-up/", accounts.sign_up, name="sign-up"),
    path("sign-in/", accounts.sign_in, name="sign-in"),
    path("sign-out/", auth.LogoutView.as_view(), name="sign-out"),
    path("account/", accounts.account, name="account"),
    path("account/preferences/", accounts.preferences, name="preferences"),
    path("account/email/", accounts.email, name="email"),
    path("account/email/confirm/<str:token>/", letters.confirm_email, name="confirm-email"),
    path("account/tokens/", tokens.make, name="make-token"),
    path("account/tokens/<int:pk>/revoke/", tokens.revoke, name="revoke-token"),
    path("account/export.json", leaving.export, {"kind": "json"}, name="export-json"),
    path("account/export.xml", leaving.export, {"kind": "xml"}, name="export-xml"),
    path("account/delete/", leaving.delete, name="delete"),
    path(
        "account/password/",
        members_only(
            auth.PasswordChangeView.as_view(
                template_name="ratings/password.html",
                form_class=ChangePasswordForm,
                success_url=reverse_lazy("ratings:account"),
            )
        ),
        name="password",
    ),
    # A forgotten password
    path("password-reset/", letters.AskForReset.as_view(), name="reset"),
    path(
        "password-reset/sent/",
        auth.PasswordResetDoneView.as_view(template_name="ratings/reset_sent.html"),
        name="reset-sent",
    ),
    path(
        "password-reset/<str:uidb64>/<str:token>/",
        letters.ResetPassword.as_view(),
        name="reset-password",
    ),
    # Lists
    path("my-list/", lists.my_list, name="my-list"),
    path("my-list/list.csv", lists.export, name="list-csv"),
    path("my-list/save/", lists.save, name="list-save"),
    path("my-list/bulk/", lists.bulk, name="list-bulk"),
    path("my-list/undo/", lists.undo, name="list-undo"),
    path("my-list/<int:mal_id>/", list_entry.show, name="list-entry"),
    path("members/<int:pk>/", lists.member_list, name="member-list"),
    # A list from elsewhere
    path("import/", importing.imports, name="imports"),
    path("import/anilist/", importing.from_anilist, name="import-anilist"),
    path("import/<int:pk>/", importing.show, name="import"),
    path("import/<int:pk>/lines/<int:number>/", importing.choose, name="import-choose"),
    path("import/<int:pk>/start/", importing.start, name="import-start"),
    path("import/<int:pk>/progress/", importing.progress, name="import-progress"),
    path("import/<int:pk>/undo/", importing.undo, name="import-undo"),
    path("import/<int:pk>/delete/", importing.delete, name="import-delete"),
    # Following
    path("following/", following.show, name="following"),
    path("calendar/<str:token>.ics", following.feed, name="feed"),
    path("account/calendar/", following.renew_feed, name="renew-feed"),
    path("anime/<int:mal_id>/follow/", following.follow, name="follow"),
    path("anime/<int:mal_id>/unfollow/", following.unfollow, name="unfollow"),
    # One title on my list
    path("anime/<int:mal_id>/mine/", mine.mine, name="mine"),
    path("anime/<int:mal_id>/mine/family/", title.family, name="family"),
    path("anime/<int:mal_id>/rate/", mine.rate, name="rate"),
    path("anime/<int:mal_id>/status/", mine.status, name="status"),
    path("anime/<int:mal_id>/episodes/", mine.episodes, name="episodes"),
    path("anime/<int:mal_id>/forget/", mine.forget, name="forget"),
    # What all lists say of it
    path("anime/<int:mal_id>/scores/", title.scores, name="scores"),
    path("anime/<int:mal_id>/scores.csv", title.scores_csv, name="scores-csv"),
]
