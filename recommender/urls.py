from django.urls import path

from recommender import (
    atlas_views,
    quiz_views,
    season_views,
    sharing_views,
    taste_views,
    title_views,
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
    path("taste/members/", sharing_views.members, name="members"),
    path("members/<int:pk>/compare/", sharing_views.compare, name="compare"),
    path("together/", sharing_views.together, name="together"),
    path("seasons/", season_views.current, name="seasons"),
    path("seasons/<int:year>/<str:name>/", season_views.season, name="season"),
    path("seasons/<int:year>/<str:name>.ics", season_views.calendar, name="season-calendar"),
    path("atlas/", atlas_views.show, name="atlas"),
    path("atlas/table/", atlas_views.table, name="atlas-table"),
    path("atlas/points-<str:version>.bin", atlas_views.points, name="atlas-points"),
    path("atlas/names-<str:version>-<slug:language>.json", atlas_views.names, name="atlas-names"),
    path("atlas/mine.json", atlas_views.mine, name="atlas-mine"),
    path("atlas/picture.svg", atlas_views.atlas_picture, name="atlas-picture"),
    path("for-you/hidden/", views.hidden, name="hidden"),
    path("anime/<int:mal_id>/similar/", views.similar, name="similar"),
    path("anime/<int:mal_id>/fit/", title_views.fit, name="fit"),
    path("anime/<int:mal_id>/network/", title_views.around, name="network"),
    path("anime/<int:mal_id>/network.csv", title_views.around_csv, name="network-csv"),
    path("anime/<int:mal_id>/not-interested/", views.dismiss, name="dismiss"),
    path("anime/<int:mal_id>/not-interested/undo/", views.undo_dismiss, name="undo-dismiss"),
]
