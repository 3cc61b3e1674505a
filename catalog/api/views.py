"""GET /api/v1/anime: titles by what they are; GET /api/v1/anime/{id}: what is known of one."""

from typing import Any

from django.db.models import F, OuterRef, Prefetch, QuerySet, Subquery
from django.db.models.functions import Lower
from django.http import QueryDict
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api import examples
from catalog.api.pages import Order, Page, PageParams, page_among, page_of, paged
from catalog.api.params import MAX_ANIME_ID, Choice, Names, QueryNumber, QueryParams, Strict
from catalog.api.problems import THROTTLED, failure, malformed, missing, no_such_title
from catalog.api.serializers import AnimeSerializer, TitleSerializer
from catalog.api.shared import PublicView
from catalog.api.sparse import FieldNames
from catalog.filtersets import SORTS, AnimeFilter
from catalog.models import Anime, AnimeRelation, AnimeType, Season
from catalog.models.anime import AiringStatus
from catalog.querysets import LONGEST_SEARCH, SEARCH_LIMIT, shown_name

ID = {"type": "integer", "minimum": 1, "maximum": MAX_ANIME_ID}


class AnimePath(Strict):
    id = QueryNumber(min_value=1, max_value=MAX_ANIME_ID)


class AnimeParams(QueryParams):
    fields = FieldNames(AnimeSerializer)  # type: ignore[assignment]  # a parameter of that name, not the serializer's own


class BrowseParams(PageParams):
    """By the names of `AnimeFilter`, which the page of titles reads too."""

    q = serializers.CharField(
        required=False,
        max_length=LONGEST_SEARCH,
        help_text="Any of its names, also misspelt. Without `sort` the 400 likeliest, best first.",
    )
    genre = Names("Genres, themes or demographics that a title must all have.")
    type = Choice(AnimeType.choices, required=False)
    status = Choice(AiringStatus.choices, required=False)
    season = Choice(Season.choices, required=False)
    year_min = QueryNumber(min_value=1900, max_value=2100, required=False)
    year_max = QueryNumber(min_value=1900, max_value=2100, required=False)
    studio = serializers.CharField(
        required=False, max_length=160, help_text="By its name, or a part of it."
    )
    sort = Choice(
        [(name, label) for name, (label, _) in SORTS.items()],
        required=False,
        help_text="`members`, the most watched first, unless there is a `q`.",
    )
    fields = FieldNames(TitleSerializer)  # type: ignore[assignment]  # as above


# How each order of the page looks as one that a cursor can go on from.
ORDERS = {
    "members": Order("members", F("members"), falls=True),
    "score": Order("score", F("mean_score"), falls=True),
    "newest": Order("newest", F("aired_from"), falls=True),
    "title": Order("title", Lower(shown_name())),
}


class BrowseView(PublicView):
    @extend_schema(
        operation_id="browse",
        summary="Titles by what they are",
        description="All that is asked for must hold. Titles without a value for the order come last.",
        tags=["catalogue"],
        parameters=[BrowseParams],
        examples=[examples.TITLES],
        responses={
            200: paged(TitleSerializer),
            **malformed("year_min"),
            **failure(
                "No such genre.", "not_found", "There is no genre “Sea” here.", field="genre"
            ),
            **THROTTLED,
        },
    )
    def get(self, request: Request) -> Response:
        asked = BrowseParams.of(request.query_params)
        page = browsed(asked)
        context = {"request": request, "fields": asked.get("fields")}
        shown = TitleSerializer(page.rows, many=True, context=context)
        return Response(page.answer(request, shown.data))


def browsed(asked: dict[str, Any]) -> Page:
    # With what each title prints: one query for the genres of all.
    titles = Anime.objects.visible().for_cards()
    found = AnimeFilter(in_address(asked), queryset=titles)
    if not found.form.is_valid():
        raise no_such_name(found)
    if "q" in asked and "sort" not in asked:
        ids = list(found.qs.values_list("pk", flat=True)[:SEARCH_LIMIT])
        here, after = page_among(ids, "likeness", asked)
        return Page(list(titles.in_the_order_of(here)), after)
    return page_of(found.qs.order_by(), ORDERS[asked.get("sort", "members")], asked)


def in_address(asked: dict[str, Any]) -> QueryDict:
    """As the page's own form would have sent it: names of which all must hold, one after another."""
    told = QueryDict(mutable=True)
    for name, value in asked.items():
        if name in AnimeFilter.base_filters:
            told.setlist(name, [str(one) for one in value] if name == "genre" else [str(value)])
    return told


def no_such_name(found: AnimeFilter) -> NotFound:
    """All else has been checked; a genre alone may be one that is not here."""
    name, said = next(iter(found.form.errors.items()))
    return missing(name, str(said[0]))


class AnimeView(PublicView):
    @extend_schema(
        operation_id="anime",
        summary="One title",
        examples=[examples.ANIME],
        description="Send the `ETag` back as `If-None-Match` to hear only of changes.",
        tags=["catalogue"],
        parameters=[
            OpenApiParameter("id", ID, OpenApiParameter.PATH, description="MyAnimeList id."),
            AnimeParams,
        ],
        responses={
            200: AnimeSerializer,
            **malformed("id"),
            **no_such_title("id"),
            **THROTTLED,
        },
    )
    def get(self, request: Request, id: str) -> Response:  # noqa: A002 - the address's own word
        asked = AnimeParams.of(request.query_params)
        wanted = AnimePath.of({"id": id})["id"]
        anime = described_in_full().filter(pk=wanted).first()
        if anime is None:
            raise missing("id", f"There is no title {wanted} here.")
        context = {"request": request, "fields": asked.get("fields")}
        return Response(AnimeSerializer(anime, context=context).data)


def described_in_full() -> QuerySet[Anime]:
    shown = Anime.objects.visible().filter(pk=OuterRef("to_mal_id")).values("title")
    relations = (
        AnimeRelation.objects.annotate(title=Subquery(shown))
        .exclude(title=None)
        .order_by("kind", "to_mal_id")
    )
    # A query for each of the four lists that a record prints.
    return Anime.objects.visible().for_page().prefetch_related(Prefetch("relations", relations))
