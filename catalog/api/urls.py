from django.urls import path

from catalog.api.seasons import SeasonsView, SeasonView
from catalog.api.trends import TrendsView, TrendView
from catalog.api.views import AnimeView, BrowseView
from catalog.api.vocabulary import GenresView, StudiosView

# What names a thing is any text here, so that a malformed one is answered by name and not by "no such page".
urlpatterns = [
    path("anime", BrowseView.as_view(), name="api-browse"),
    path("anime/<str:id>", AnimeView.as_view(), name="api-anime"),
    path("genres", GenresView.as_view(), name="api-genres"),
    path("studios", StudiosView.as_view(), name="api-studios"),
    path("seasons", SeasonsView.as_view(), name="api-seasons"),
    path("seasons/<str:year>/<str:season>", SeasonView.as_view(), name="api-season"),
    path("trends", TrendsView.as_view(), name="api-trends"),
    path("trends/<str:slug>", TrendView.as_view(), name="api-trend"),
]
