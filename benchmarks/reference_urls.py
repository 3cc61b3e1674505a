"""What a plain DRF view costs: 20 objects that are in memory already, serialised for each request.

`titles` are titles with their genres nested, as a usual API answers; `reasons` the very answer of
GET /recommend with its causes, by the same serializers. No authentication, no throttle, no database.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.urls import include, path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.models import Anime
from recommender.api.serializers import RecommendationsSerializer

NUMBER = 20


@dataclass
class Genre:
    name: str
    kind: str = "genre"


@dataclass
class Title:
    mal_id: int
    title: str
    title_english: str
    type: str = "tv"
    year: int = 2005
    episodes: int = 26
    mean_score: float = 8.2
    members: int = 123_456
    genres: list[Genre] = field(
        default_factory=lambda: [Genre("Mystery"), Genre("Drama"), Genre("Seinen")]
    )


class GenreSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    kind = serializers.CharField()


class TitleSerializer(serializers.Serializer[Any]):
    mal_id = serializers.IntegerField()
    title = serializers.CharField()
    title_english = serializers.CharField()
    type = serializers.CharField()
    year = serializers.IntegerField()
    episodes = serializers.IntegerField()
    mean_score = serializers.FloatField()
    members = serializers.IntegerField()
    genres = GenreSerializer(many=True)


TITLES = [Title(n, f"Title number {n}", f"English title number {n}") for n in range(NUMBER)]
CAUSE = {
    "kind": "title", "anime_id": 387, "label": "Haibane Renmei", "score": 10, "share": 0.41,
    "value": 0.36, "feature": "",
}  # fmt: skip
RECOMMENDED = {
    "user_id": 7,
    "model": {"kind": "hybrid", "trained_at": datetime(2026, 11, 23, tzinfo=UTC)},
    "results": [
        {
            "rank": n + 1,
            "anime": Anime(mal_id=n + 1, title=f"Title number {n}", type="tv", episodes=26, year=2005),
            "score": 0.83,
            "predicted_score": 8.9,
            "reason": "You gave Haibane Renmei a 10 · Popular with members",
            "causes": [CAUSE] * 3,
            "explained": 1.0,
            "propensity": 1.0,
        }
        for n in range(NUMBER)
    ],
}  # fmt: skip


class Plain(APIView):
    authentication_classes = ()
    throttle_classes = ()
    permission_classes = ()


class Titles(Plain):
    def get(self, request: Request) -> Response:
        return Response(TitleSerializer(TITLES, many=True).data)


class Reasons(Plain):
    def get(self, request: Request) -> Response:
        return Response(RecommendationsSerializer(RECOMMENDED, context={"request": request}).data)


urlpatterns = [
    path("reference/titles", Titles.as_view()),
    path("reference/reasons", Reasons.as_view()),
    path("", include("animerec.urls")),
]
handler400 = "animerec.views.bad_request"
handler403 = "animerec.views.forbidden"
handler404 = "animerec.views.not_found"
handler500 = "animerec.views.server_error"
