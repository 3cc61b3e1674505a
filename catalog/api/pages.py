"""Long lists by pages: a cursor names the last row, so nothing is skipped or told twice while rows come and go."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.core import signing
from django.db.models import F, Q, QuerySet
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from catalog.api.params import QueryNumber, QueryParams

USUAL, MOST = 20, 100
LONGEST_CURSOR = 400
STALE = "This cursor is of another list or another order. Start without it."
SALT = "catalog.api.pages"


class Order(NamedTuple):
    """`by`: an expression; rows without a value come last. `tie`: a column that no two rows share."""

    name: str
    by: Any
    falls: bool = False
    tie: str = "pk"


class Cursor(serializers.CharField):
    """What `next` of the page before holds."""

    def __init__(self) -> None:
        said = "Which page: as it stands in `next` of the page before."
        super().__init__(required=False, max_length=LONGEST_CURSOR, help_text=said)

    def to_internal_value(self, data: Any) -> Any:
        try:
            return signing.loads(super().to_internal_value(data), salt=SALT)
        except signing.BadSignature:
            raise ValidationError(STALE) from None


class PageParams(QueryParams):
    cursor = Cursor()
    page_size = QueryNumber(
        min_value=1, max_value=MOST, default=USUAL, required=False, help_text="How many at most."
    )


@dataclass(frozen=True)
class Page:
    """`after`: the cursor of the next page; None on the last."""

    rows: Sequence[Any]
    after: str | None

    def answer(self, request: Request, results: Any) -> dict[str, Any]:
        return {"next": self._next(request), "results": results}

    def _next(self, request: Request) -> str | None:
        if self.after is None:
            return None
        asked = request.query_params.copy()
        asked["cursor"] = self.after
        return f"{request.build_absolute_uri(request.path)}?{asked.urlencode()}"


def page_of(found: "QuerySet[Any]", order: Order, asked: dict[str, Any]) -> Page:
    """The rows behind the cursor: one query, which begins where the page before ended."""
    size, cursor = asked["page_size"], asked.get("cursor")
    rows = found.annotate(place=order.by)
    if cursor is not None:
        rows = rows.filter(_behind(rows, order, cursor))
    place = F("place")
    first = place.desc(nulls_last=True) if order.falls else place.asc(nulls_last=True)
    read = list(rows.order_by(first, order.tie)[: size + 1])
    if len(read) <= size:
        return Page(read, None)
    last = read[size - 1]
    return Page(read[:size], _signed([order.name, last.place, getattr(last, order.tie)]))


def _behind(rows: "QuerySet[Any]", order: Order, cursor: Any) -> Q:
    value, tie = _parts(cursor, order.name)
    later = Q(**{f"{order.tie}__gt": tie})
    if value is None:
        return Q(place=None) & later
    # Moments and days come back from a cursor as text.
    value = rows.query.annotations["place"].output_field.to_python(value)
    beyond = Q(**{f"place__{'lt' if order.falls else 'gt'}": value})
    return beyond | (Q(place=value) & later) | Q(place=None)


def page_among(
    ids: Sequence[int], name: str, asked: dict[str, Any]
) -> tuple[list[int], str | None]:
    """The same of ids in an order that no column holds: a page of them, and the next cursor."""
    size, cursor = asked["page_size"], asked.get("cursor")
    start = 0
    if cursor is not None:
        place, last = _parts(cursor, name)
        # Where the last one stands now; where it stood, if it is gone.
        start = ids.index(last) + 1 if last in ids else min(place, len(ids))
    page = list(ids[start : start + size])
    end = start + len(page)
    return page, _signed([name, end, page[-1]]) if page and end < len(ids) else None


def _signed(parts: list[Any]) -> str:
    return signing.dumps(parts, salt=SALT, serializer=_Serializer)


def _parts(cursor: Any, name: str) -> tuple[Any, Any]:
    if not isinstance(cursor, list) or len(cursor) != 3 or cursor[0] != name:
        raise ValidationError({"cursor": STALE})
    return cursor[1], cursor[2]


class _Serializer(signing.JSONSerializer):
    """With moments and days."""

    def dumps(self, obj: Any) -> bytes:
        # Django's own encoder leaves microseconds out, and the next page would begin at the wrong row.
        return json.dumps(obj, separators=(",", ":"), default=lambda day: day.isoformat()).encode()


def paged(item: type[serializers.Serializer[Any]]) -> serializers.Serializer[Any]:
    """How a page of `item` looks, for the schema."""
    fields = {
        "next": serializers.URLField(allow_null=True, help_text="The next page; null on the last."),
        "results": item(many=True),
    }
    name = item.__name__.removesuffix("Serializer")
    made = type(f"PageOf{name}Serializer", (serializers.Serializer,), fields)
    shape: serializers.Serializer[Any] = made()
    return shape
