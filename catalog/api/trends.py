"""GET /api/v1/trends: which charts there are; GET /api/v1/trends/{slug}: the numbers of one."""

from typing import Any

from django.http import QueryDict
from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api import examples
from catalog.api.params import Choice, Names, QueryNumber, QueryParams
from catalog.api.problems import NO_PARAMETERS, THROTTLED, failure, malformed, missing
from catalog.api.shared import PublicView
from catalog.charts import Chart
from catalog.models import AnimeType
from catalog.trends import TRENDS, Trend, drawn
from catalog.trends.wishes import MOST_GENRES, WishForm

# What each word of `Trend.fields` is called in an address.
PARAMETERS = {"year": ("year_min", "year_max")}
NO_TREND = f"There is no such chart; there are: {', '.join(TRENDS)}."


class TrendNameSerializer(serializers.Serializer[Any]):
    slug = serializers.CharField()
    title = serializers.CharField()
    parameters = serializers.ListField(child=serializers.CharField())
    url = serializers.URLField()


class TrendsSerializer(serializers.Serializer[Any]):
    results = TrendNameSerializer(many=True)


class TrendSerializer(serializers.Serializer[Any]):
    slug = serializers.CharField()
    title = serializers.CharField()
    finding = serializers.CharField(help_text="What one sees, in a sentence.")
    note = serializers.CharField(allow_blank=True, help_text="What the numbers are.")
    columns = serializers.ListField(child=serializers.CharField())
    rows = serializers.ListField(
        child=serializers.ListField(child=serializers.JSONField()),
        help_text="Cells in the order of `columns`: texts, numbers or null.",
    )


class TrendParams(QueryParams):
    """Of all charts; each knows some of them."""

    by = serializers.CharField(required=False, max_length=40, help_text="Another way to count.")
    decade = QueryNumber(min_value=1910, max_value=2090, required=False)
    year_min = QueryNumber(min_value=1900, max_value=2100, required=False)
    year_max = QueryNumber(min_value=1900, max_value=2100, required=False)
    type = Choice(AnimeType.choices, required=False)
    members = QueryNumber(
        min_value=0, max_value=100_000_000, required=False, help_text="Known to so many, or more."
    )
    genre = Names("Genres to show.", most=MOST_GENRES)


class TrendsView(PublicView):
    @extend_schema(
        operation_id="trends",
        summary="The charts there are",
        tags=["trends"],
        examples=[examples.TRENDS],
        responses={200: TrendsSerializer, **NO_PARAMETERS, **THROTTLED},
    )
    def get(self, request: Request) -> Response:
        QueryParams.of(request.query_params)
        results = [
            {
                "slug": trend.slug,
                "title": trend.name,
                "parameters": parameters_of(trend),
                "url": request.build_absolute_uri(reverse("catalog:trend", args=[trend.slug])),
            }
            for trend in TRENDS.values()
        ]
        return Response(TrendsSerializer({"results": results}).data)


class TrendView(PublicView):
    @extend_schema(
        operation_id="trend",
        summary="The numbers behind one chart",
        tags=["trends"],
        parameters=[
            OpenApiParameter("slug", str, OpenApiParameter.PATH, enum=list(TRENDS)),
            TrendParams,
        ],
        examples=[examples.TREND],
        responses={
            200: TrendSerializer,
            **malformed("by"),
            **failure("No such chart.", "not_found", NO_TREND, field="slug"),
            **THROTTLED,
        },
    )
    def get(self, request: Request, slug: str) -> Response:
        asked = TrendParams.of(request.query_params)
        trend = TRENDS.get(slug)
        if trend is None:
            raise missing("slug", NO_TREND)
        return Response(TrendSerializer(told(trend, chart_of(trend, asked))).data)


def parameters_of(trend: Trend) -> list[str]:
    return [name for word in trend.fields for name in PARAMETERS.get(word, (word,))]


def chart_of(trend: Trend, asked: dict[str, Any]) -> Chart:
    known = parameters_of(trend)
    if unknown := [name for name in asked if name not in known]:
        said = f"Unknown for this chart; there are: {', '.join(known)}."
        raise ValidationError(dict.fromkeys(unknown, said))
    form = WishForm(in_address(asked), trend.fields, list(trend.ways))
    if not form.is_valid():
        raise ValidationError({name: [str(one) for one in said] for name, said in form.errors.items()})  # fmt: skip
    return drawn(trend, form.wish)


def in_address(asked: dict[str, Any]) -> QueryDict:
    """As the page's form would have sent it."""
    told = QueryDict(mutable=True)
    for name, value in asked.items():
        told.setlist(name, value if isinstance(value, list) else [str(value)])
    return told


def told(trend: Trend, chart: Chart) -> dict[str, Any]:
    rows = [[_plain(cell) for cell in row] for row in chart.rows]
    return {
        "slug": trend.slug,
        "title": trend.name,
        "finding": chart.finding,
        "note": chart.note,
        "columns": chart.columns,
        "rows": rows,
    }


def _plain(cell: Any) -> Any:
    """Links by their text: their address is of a page."""
    return cell if cell is None or isinstance(cell, int | float | str) else str(cell)
