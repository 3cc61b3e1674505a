"""GET /api/v1/list and all that changes it: line by line, or many at once."""

from typing import Any

from django.http import QueryDict
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.pages import Order, PageParams, page_of, paged
from catalog.api.params import (
    MAX_ANIME_ID,
    MAX_MEMBER_ID,
    Choice,
    QueryNumber,
    QueryParams,
    Strict,
    WholeNumber,
)
from catalog.api.problems import (
    NOT_YOURS,
    THROTTLED,
    UNAUTHENTICATED,
    failure,
    malformed,
    missing,
    no_such_title,
)
from catalog.api.shared import PrivateView
from catalog.api.sparse import FieldNames
from catalog.models import Anime, AnimeType
from catalog.querysets import LONGEST_SEARCH
from ratings import writing
from ratings.api import examples
from ratings.api.once import ONCE, WRITING, once
from ratings.api.serializers import (
    EntrySerializer,
    ListEntrySerializer,
    PickedSerializer,
    SayingSerializer,
    as_columns,
)
from ratings.api.whose import member_of, member_shown
from ratings.list_filter import ORDERS, USUAL, ListFilter
from ratings.listing import entries_of
from ratings.models import UserAnimeRating, WatchStatus

MOST = 500
ID = OpenApiParameter(
    "id",
    {"type": "integer", "minimum": 1, "maximum": MAX_ANIME_ID},
    OpenApiParameter.PATH,
    description="MyAnimeList id.",
)
NOT_LISTED = failure(
    "No such title, or it is not on your list.",
    "not_found",
    "9000001 is not on your list.",
    field="id",
)


class ListParams(PageParams):
    user_id = QueryNumber(
        min_value=1, max_value=MAX_MEMBER_ID, required=False, help_text="Without it, your own."
    )
    status = Choice(WatchStatus.choices, required=False)
    q = serializers.CharField(
        required=False, max_length=LONGEST_SEARCH, help_text="Words of a name."
    )
    genre = serializers.CharField(required=False, max_length=60)
    type = Choice(AnimeType.choices, required=False)
    year_min = QueryNumber(min_value=1900, max_value=2100, required=False)
    year_max = QueryNumber(min_value=1900, max_value=2100, required=False)
    score_min = QueryNumber(min_value=1, max_value=10, required=False)
    score_max = QueryNumber(min_value=1, max_value=10, required=False)
    unscored = Choice([("true", "Only without a score")], required=False)
    sort = Choice(
        [(sign + name, order.label) for name, order in ORDERS.items() for sign in ("", "-")],
        default=USUAL,
        help_text="A minus turns it round. `mean` is the score of others, `apart` one's own minus theirs.",
    )
    fields = FieldNames(ListEntrySerializer)  # type: ignore[assignment]  # a parameter, not the serializer's own


class EntryPath(Strict):
    id = QueryNumber(min_value=1, max_value=MAX_ANIME_ID)


class ManySerializer(Strict):
    """All of it is done, or nothing."""

    entries = PickedSerializer(many=True, required=False, max_length=MOST)  # type: ignore[call-arg]  # the list's own, which the types do not know
    remove = serializers.ListField(
        child=WholeNumber(min_value=1, max_value=MAX_ANIME_ID),
        required=False,
        max_length=MOST,
        help_text="Ids of titles to take off; those that are not on the list do no harm.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs.get("entries") and not attrs.get("remove"):
            raise ValidationError({"entries": "Give entries, remove or both."})
        named = [*(one["anime_id"] for one in attrs.get("entries", ())), *attrs.get("remove", ())]
        if twice := next((pk for pk in named if named.count(pk) > 1), None):
            raise ValidationError({"entries": f"{twice} is named more than once."})
        return attrs


class DoneSerializer(serializers.Serializer[Any]):
    added = serializers.IntegerField()
    changed = serializers.IntegerField()
    removed = serializers.IntegerField()


class ListView(PrivateView):
    @extend_schema(
        operation_id="list",
        summary="A list, line by line",
        description="Your own, or that of a member who shows it. What has no value for the order comes last.",
        tags=["lists"],
        parameters=[ListParams],
        examples=[examples.LIST],
        responses={
            200: paged(ListEntrySerializer),
            **malformed("score_min"),
            **UNAUTHENTICATED,
            **NOT_YOURS,
            **failure("No such genre.", "not_found", "There is no such genre.", field="genre"),
            **THROTTLED,
        },
    )
    def get(self, request: Request) -> Response:
        asked = ListParams.of(request.query_params)
        member = member_shown(request, asked.get("user_id"))
        wishes = ListFilter(in_address(asked))
        if "genre" in wishes.errors:
            raise missing("genre", "There is no such genre.")
        by = ORDERS[wishes.sort_wished].value()
        order = Order(asked["sort"], by, falls=wishes.falls, tie="anime_id")
        page = page_of(wishes.found(entries_of(member)).for_list_page(), order, asked)
        context = {"request": request, "fields": asked.get("fields")}
        shown = ListEntrySerializer(page.rows, many=True, context=context)
        return Response(page.answer(request, shown.data))


def in_address(asked: dict[str, Any]) -> QueryDict:
    """As the page's form would have sent it."""
    told = QueryDict(mutable=True)
    for name in ListFilter.base_fields:
        if name in asked:
            told[name] = str(asked[name])
    return told


class EntryView(PrivateView):
    permission_classes = (IsAuthenticated,)

    @extend_schema(
        operation_id="entry",
        summary="One line of your list",
        tags=["lists"],
        parameters=[ID],
        examples=[examples.ENTRY],
        responses={
            200: ListEntrySerializer,
            **malformed("id"),
            **UNAUTHENTICATED,
            **NOT_LISTED,
            **THROTTLED,
        },
    )
    def get(self, request: Request, id: str) -> Response:  # noqa: A002 - the address's own word
        QueryParams.of(request.query_params)
        entry = _entry(request, id)
        return Response(ListEntrySerializer(entry, context={"request": request}).data)

    @extend_schema(
        operation_id="write_entry",
        summary="Put a title on your list",
        description="The whole line: what is not said is as in a new one.",
        tags=["lists"],
        parameters=[ID, ONCE],
        request=SayingSerializer,
        examples=[*examples.SAYING, examples.ENTRY],
        responses={
            200: OpenApiResponse(EntrySerializer, "The line was there, and says this now."),
            201: OpenApiResponse(EntrySerializer, "The line is new."),
            **malformed("score"),
            **WRITING,
            **no_such_title("id"),
        },
    )
    @once
    def put(self, request: Request, id: str) -> Response:  # noqa: A002
        said = _said(request)
        entry, is_new = _written(request, _title(id), said, whole=True)
        code = status.HTTP_201_CREATED if is_new else status.HTTP_200_OK
        return Response(EntrySerializer(entry).data, status=code)

    @extend_schema(
        operation_id="change_entry",
        summary="Change a line of your list",
        description="What is not said stays as it is.",
        tags=["lists"],
        parameters=[ID, ONCE],
        request=SayingSerializer,
        examples=[*examples.SAYING, examples.ENTRY],
        responses={200: EntrySerializer, **malformed("score"), **WRITING, **NOT_LISTED},
    )
    @once
    def patch(self, request: Request, id: str) -> Response:  # noqa: A002
        said = _said(request)
        anime = _entry(request, id).anime
        entry, _ = _written(request, anime, said, whole=False)
        return Response(EntrySerializer(entry).data)

    @extend_schema(
        operation_id="remove_entry",
        summary="Take a title off your list",
        tags=["lists"],
        parameters=[ID, ONCE],
        responses={
            204: OpenApiResponse(None, "It is off the list."),
            **malformed("id"),
            **WRITING,
            **NOT_LISTED,
        },
    )
    @once
    def delete(self, request: Request, id: str) -> Response:  # noqa: A002
        QueryParams.of(request.query_params)
        member_of(request).forget(_entry(request, id).anime)
        return Response(status=status.HTTP_204_NO_CONTENT)


def _said(request: Request) -> dict[str, Any]:
    QueryParams.of(request.query_params)
    return as_columns(SayingSerializer.of(request.data))


def _id(written: str) -> int:
    wanted: int = EntryPath.of({"id": written})["id"]
    return wanted


def _entry(request: Request, written: str) -> UserAnimeRating:
    wanted = _id(written)
    found = entries_of(member_of(request)).for_list_page().filter(anime=wanted).first()
    if found is None:
        raise missing("id", f"{wanted} is not on your list.")
    return found


def _title(written: str) -> Anime:
    wanted = _id(written)
    anime = Anime.objects.visible().lean().filter(pk=wanted).first()
    if anime is None:
        raise missing("id", f"There is no title {wanted} here.")
    return anime


def _written(
    request: Request, anime: Anime, said: dict[str, Any], *, whole: bool
) -> tuple[UserAnimeRating, bool]:
    try:
        return writing.write_entry(member_of(request), anime, said, whole=whole)
    except writing.Contradiction as wrong:
        raise ValidationError({wrong.field: str(wrong)}) from None


class BulkView(PrivateView):
    permission_classes = (IsAuthenticated,)

    @extend_schema(
        operation_id="write_list",
        summary="Change many lines of your list at once",
        description=f"Up to {MOST} each; in `entries` what is not said stays as it is. All of it is done, or nothing.",
        tags=["lists"],
        parameters=[ONCE],
        request=ManySerializer,
        examples=[*examples.MANY],
        responses={
            200: DoneSerializer,
            **malformed("entries"),
            **WRITING,
            **no_such_title("entries"),
        },
    )
    @once
    def post(self, request: Request) -> Response:
        QueryParams.of(request.query_params)
        said = ManySerializer.of(request.data)
        entries = said.get("entries", [])
        titles = Anime.objects.visible().lean().in_bulk([one["anime_id"] for one in entries])
        if gone := next((one for one in entries if one["anime_id"] not in titles), None):
            raise missing("entries", f"There is no title {gone['anime_id']} here.")
        lines = [(titles[one["anime_id"]], as_columns(one)) for one in entries]
        try:
            done = writing.write_many(member_of(request), lines, said.get("remove", []))
        except writing.Contradiction as wrong:
            raise ValidationError({"entries": f"{wrong.field}: {wrong}"}) from None
        names = ("added", "changed", "removed")
        return Response(DoneSerializer(dict(zip(names, done, strict=True))).data)
