"""Everything under /api/v1/."""

from django.urls import include, path

urlpatterns = [
    path("", include("catalog.api.urls")),
    path("", include("ratings.api.urls")),
    path("", include("recommender.api.urls")),
]
