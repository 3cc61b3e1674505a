"""GET /api/v1/seasons: which there are; GET /api/v1/seasons/{year}/{season}: what is on in one."""

from typing import Any

from django.db.models import Case, Count, F, IntegerField, QuerySet, Value, When
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api import examples
from catalog.api.pages import Order, PageParams, page_of, paged
from catalog.api.params import Choice, QueryNumber, QueryParams, Strict
from catalog.api.problems import NO_PARAMETERS, THROTTLED, failure, malformed, missing
from catalog.api.serializers import TitleSerializer
from catalog.api.shared import PublicView
from catalog.api.sparse import FieldNames
from catalog.models import Anime, Season
from catalog.seasons import FIRST_YEAR, SeasonOfYear

LAST_YEAR = 2100
NO_SEASON = "There is no such season in the calendar here."
YEAR = {"type": "integer", "minimum": FIRST_YEAR, "maximum": LAST_YEAR}


class SeasonCountSerializer(serializers.Serializer[Any]):
    year = serializers.IntegerField()
    season = serializers.ChoiceField(Season.choices)
    titles = serializers.IntegerField(help_text="How many begin in it.")


class CurrentSerializer(serializers.Serializer[Any]):
    year = serializers.IntegerField()
    season = serializers.ChoiceField(Season.choices)


class SeasonsSerializer(serializers.Serializer[Any]):
    current = CurrentSerializer(help_text="The season it is in Japan.")
    results = SeasonCountSerializer(many=True)


class InSeasonSerializer(TitleSerializer):
    begins = serializers.SerializerMethodField(
        help_text="Whether it begins in this season; else it goes on from before."
    )

    def get_begins(self, anime: Anime) -> bool:
        season: SeasonOfYear = self.context["season"]
        return season.has(anime)


class SeasonParams(PageParams):
    fields = FieldNames(InSeasonSerializer)  # type: ignore[assignment]  # a parameter, not the serializer's own


class SeasonPath(Strict):
    year = QueryNumber(min_value=FIRST_YEAR, max_value=LAST_YEAR)
    season = Choice(Season.choices)


class SeasonsView(PublicView):
    @extend_schema(
        operation_id="seasons",
        summary="The seasons there are, the newest first",
        tags=["seasons"],
        examples=[examples.SEASONS],
        responses={200: SeasonsSerializer, **NO_PARAMETERS, **THROTTLED},
    )
    def get(self, request: Request) -> Response:
        QueryParams.of(request.query_params)
        now = SeasonOfYear.now()
        answer = {"current": {"year": now.year, "season": now.name}, "results": counted()}
        return Response(SeasonsSerializer(answer).data)


class SeasonView(PublicView):
    @extend_schema(
        operation_id="season",
        summary="What is on in one season",
        description="What begins in it and the series that go on into it, the most watched first.",
        tags=["seasons"],
        parameters=[
            OpenApiParameter("year", YEAR, OpenApiParameter.PATH),
            OpenApiParameter("season", str, OpenApiParameter.PATH, enum=Season.values),
            SeasonParams,
        ],
        examples=[examples.SEASON],
        responses={
            200: paged(InSeasonSerializer),
            **malformed("season"),
            **failure("No such season.", "not_found", NO_SEASON, field="year"),
            **THROTTLED,
        },
    )
    def get(self, request: Request, year: str, season: str) -> Response:
        asked = SeasonParams.of(request.query_params)
        named = SeasonPath.of({"year": year, "season": season})
        wanted = SeasonOfYear.named(named["year"], named["season"])
        if wanted is None:
            raise missing("year", NO_SEASON)
        page = page_of(_on_in(wanted), Order("members", F("members"), falls=True), asked)
        context = {"request": request, "fields": asked.get("fields"), "season": wanted}
        shown = InSeasonSerializer(page.rows, many=True, context=context)
        return Response(page.answer(request, shown.data))


def counted() -> list[Any]:
    within_a_year = Case(
        *(When(season=name, then=Value(place)) for place, name in enumerate(Season.values)),
        output_field=IntegerField(),
    )
    known = Anime.objects.of_seasons().exclude(season="").exclude(year=None).order_by()
    rows = known.values("year", "season").annotate(titles=Count("pk"), place=within_a_year)
    return list(rows.order_by("-year", "-place"))


def _on_in(season: SeasonOfYear) -> "QuerySet[Anime]":
    is_over_or_now = season <= SeasonOfYear.now()
    # With what each title prints: one query for the genres of all.
    return Anime.objects.of_seasons().running_in(season, is_over_or_now=is_over_or_now).for_cards()
