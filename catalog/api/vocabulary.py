"""GET /api/v1/genres and /api/v1/studios: the words that titles can be asked for by."""

from typing import Any

from django.db.models import Count, F, Q, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from catalog import viewing
from catalog.api import examples
from catalog.api.pages import Order, PageParams, page_of, paged
from catalog.api.params import QueryParams
from catalog.api.problems import NO_PARAMETERS, THROTTLED, malformed
from catalog.api.shared import PublicView
from catalog.models import Genre, GenreKind, Studio

TITLES = "How many titles here have it."


class GenreCountSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    kind = serializers.ChoiceField(GenreKind.choices)
    titles = serializers.IntegerField(help_text=TITLES)


class GenresSerializer(serializers.Serializer[Any]):
    results = GenreCountSerializer(many=True)


class StudioSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    titles = serializers.IntegerField(help_text=TITLES)


class StudioParams(PageParams):
    q = serializers.CharField(required=False, max_length=160, help_text="A part of its name.")


class GenresView(PublicView):
    @extend_schema(
        operation_id="genres",
        summary="Genres, themes and demographics",
        tags=["catalogue"],
        examples=[examples.GENRES],
        responses={200: GenresSerializer, **NO_PARAMETERS, **THROTTLED},
    )
    def get(self, request: Request) -> Response:
        QueryParams.of(request.query_params)
        shown = Genre.objects.all()
        if not viewing.shows_adult():
            shown = shown.exclude(kind=GenreKind.EXPLICIT)
        named = shown.annotate(titles=_titles()).order_by("name")
        return Response(GenresSerializer({"results": named}).data)


class StudiosView(PublicView):
    @extend_schema(
        operation_id="studios",
        summary="Studios by name",
        tags=["catalogue"],
        parameters=[StudioParams],
        examples=[examples.STUDIOS],
        responses={200: paged(StudioSerializer), **malformed("cursor"), **THROTTLED},
    )
    def get(self, request: Request) -> Response:
        asked = StudioParams.of(request.query_params)
        found: QuerySet[Studio] = Studio.objects.annotate(titles=_titles()).filter(titles__gt=0)
        if "q" in asked:
            found = found.filter(name__icontains=asked["q"])
        page = page_of(found, Order("name", F("name")), asked)
        return Response(page.answer(request, StudioSerializer(page.rows, many=True).data))


def _titles() -> Count:
    """Of those that whoever asks may see."""
    shown = Q(anime_links__anime__is_stub=False)
    if not viewing.shows_adult():
        shown &= Q(anime_links__anime__is_adult=False)
    return Count("anime_links", filter=shown)
