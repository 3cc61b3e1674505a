"""GET /api/v1/anime/{id}: what is known of one title."""

from django.db.models import OuterRef, Prefetch, QuerySet, Subquery
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.problems import THROTTLED, malformed, missing, no_such_title
from catalog.api.serializers import AnimeSerializer
from catalog.api.shared import MAX_ANIME_ID, PublicView, QueryNumber, QueryParams, Strict
from catalog.models import Anime, AnimeRelation

ID = {"type": "integer", "minimum": 1, "maximum": MAX_ANIME_ID}


class AnimePath(Strict):
    id = QueryNumber(min_value=1, max_value=MAX_ANIME_ID)


class AnimeView(PublicView):
    @extend_schema(
        operation_id="anime",
        summary="One title",
        description="Send the `ETag` back as `If-None-Match` to hear only of changes.",
        tags=["catalogue"],
        parameters=[
            OpenApiParameter("id", ID, OpenApiParameter.PATH, description="MyAnimeList id.")
        ],
        responses={
            200: AnimeSerializer,
            **malformed("id"),
            **no_such_title("id"),
            **THROTTLED,
        },
    )
    def get(self, request: Request, id: str) -> Response:  # noqa: A002 - the address's own word
        QueryParams.of(request.query_params)
        wanted = AnimePath.of({"id": id})["id"]
        anime = described_in_full().filter(pk=wanted).first()
        if anime is None:
            raise missing("id", f"There is no title {wanted} here.")
        return Response(AnimeSerializer(anime, context={"request": request}).data)


def described_in_full() -> QuerySet[Anime]:
    shown = Anime.objects.visible().filter(pk=OuterRef("to_mal_id")).values("title")
    relations = (
        AnimeRelation.objects.annotate(title=Subquery(shown))
        .exclude(title=None)
        .order_by("kind", "to_mal_id")
    )
    # A query for each of the four lists that a record prints.
    return Anime.objects.visible().for_page().prefetch_related(Prefetch("relations", relations))
