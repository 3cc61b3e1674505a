from django.urls import path

from ratings.api.exports import ExportView
from ratings.api.imports import (
    ImportsView,
    ImportView,
    LinesView,
    LineView,
    StartView,
    UndoView,
)
from ratings.api.lists import BulkView, EntryView, ListView
from ratings.api.tokens import TokensView, TokenView
from ratings.api.views import MeView, RateView

# What names a thing is any text here, so that a malformed one is answered by name and not by "no such page".
urlpatterns = [
    path("me", MeView.as_view(), name="api-me"),
    path("rate", RateView.as_view(), name="api-rate"),
    path("list", ListView.as_view(), name="api-list"),
    path("list/bulk", BulkView.as_view(), name="api-list-bulk"),
    path("list/<str:id>", EntryView.as_view(), name="api-entry"),
    path("imports", ImportsView.as_view(), name="api-imports"),
    path("imports/<str:id>", ImportView.as_view(), name="api-import"),
    path("imports/<str:id>/start", StartView.as_view(), name="api-import-start"),
    path("imports/<str:id>/undo", UndoView.as_view(), name="api-import-undo"),
    path("imports/<str:id>/lines", LinesView.as_view(), name="api-import-lines"),
    path("imports/<str:id>/lines/<str:number>", LineView.as_view(), name="api-import-line"),
    path("export", ExportView.as_view(), name="api-export"),
    path("tokens", TokensView.as_view(), name="api-tokens"),
    path("tokens/<str:id>", TokenView.as_view(), name="api-token"),
]
