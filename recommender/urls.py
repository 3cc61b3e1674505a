from django.urls import path

from recommender import taste_views, views

app_name = "recommender"
urlpatterns = [
    path("for-you/", views.for_you, name="for-you"),
    path("taste/", taste_views.show, name="taste"),
    path("taste/correct/", taste_views.correct, name="taste-correct"),
    path("for-you/hidden/", views.hidden, name="hidden"),
    path("anime/<int:mal_id>/similar/", views.similar, name="similar"),
    path("anime/<int:mal_id>/not-interested/", views.dismiss, name="dismiss"),
    path("anime/<int:mal_id>/not-interested/undo/", views.undo_dismiss, name="undo-dismiss"),
]
