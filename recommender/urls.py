from django.urls import path

from recommender import (
    feedback_views,
    quiz_views,
    rail_views,
    season_views,
    taste_views,
    views,
)

app_name = "recommender"
urlpatterns = [
    path("for-you/", views.for_you, name="for-you"),
    path("quiz/", quiz_views.show, name="quiz"),
    path("quiz/genres/", quiz_views.choose_genres, name="quiz-genres"),
    path("quiz/<int:mal_id>/not-seen/", quiz_views.say_not_seen, name="not-seen"),
    path("quiz/<int:mal_id>/not-seen/undo/", quiz_views.unsay_not_seen, name="undo-not-seen"),
    path("taste/", taste_views.show, name="taste"),
    path("taste/correct/", taste_views.correct, name="taste-correct"),
    path("seasons/", season_views.current, name="seasons"),
    path("seasons/<int:year>/<str:name>/", season_views.season, name="season"),
    path("seasons/<int:year>/<str:name>.ics", season_views.calendar, name="season-calendar"),
    path("for-you/hidden/", feedback_views.hidden, name="hidden"),
    path("for-you/why/<int:mal_id>/", views.why, name="why"),
    path("for-you/leave-out/", feedback_views.leave_out, name="leave-out"),
    path("for-you/count-again/", feedback_views.count_again, name="count-again"),
    path("for-you/continue/", rail_views.next_seasons, name="continue"),
    path("for-you/new/", rail_views.newest, name="newest"),
    path("anime/<int:mal_id>/similar/", views.similar, name="similar"),
    path("anime/<int:mal_id>/not-interested/", feedback_views.dismiss, name="dismiss"),
    path(
        "anime/<int:mal_id>/not-interested/undo/",
        feedback_views.undo_dismiss,
        name="undo-dismiss",
    ),
]
