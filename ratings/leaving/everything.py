"""Everything about a member as one JSON document, written row by row."""

import json
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from catalog.models import Precision
from ratings.leaving.belongings import SECRETS, Belonging, belongings, columns_of
from ratings.models import User, UserAnimeRating

FORMAT, VERSION = "animerec", 1
CHUNK = 2000
LEFT_OUT = (
    "Left out: your password and what your API tokens are known by, which are kept only to recognise you, and the "
    "contents of your sessions, which say that you are signed in."
)
ENTRY = (
    "anime_id",
    "anime__title",
    "status",
    "score",
    "watched_episodes",
    "started_on",
    "started_precision",
    "finished_on",
    "finished_precision",
    "rewatches",
    "rated_at",
    "counts",
)


def everything_as_json(member: User) -> Iterator[str]:
    """Parts of {"format", "version", "exported_at", "member", "list", "more": {table: rows}}."""
    head = {"format": FORMAT, "version": VERSION, "exported_at": timezone.now()}
    yield _json({**head, "member": _about(member)}).removesuffix("}") + ', "list": '
    yield from _array(map(_line, list_rows(member)))
    yield ', "more": {'
    for place, belonging in enumerate(belongings()):
        yield f"{',' * bool(place)}\n{_json(belonging.name)}: "
        yield from _array(_rows(belonging, member))
    yield "}}\n"


def list_rows(member: User) -> Iterator[dict[str, Any]]:
    """The lines of the list, by the titles' ids."""
    entries = UserAnimeRating.objects.filter(user=member).order_by("anime_id")
    yield from entries.values(*ENTRY).iterator(chunk_size=CHUNK)


def partial(day: date | None, precision: str) -> str | None:
    """'2019-04-01', '2019-04' or '2019': as exact as it was said."""
    if day is None:
        return None
    length = {Precision.YEAR: 4, Precision.MONTH: 7}.get(Precision(precision or "day"), 10)
    return day.isoformat()[:length]


def _about(member: User) -> dict[str, Any]:
    secret = SECRETS["ratings.user"]
    said = {name: getattr(member, name) for name in columns_of(User) if name not in secret}
    return {**said, "left_out": LEFT_OUT}


def _line(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "mal_id": row["anime_id"],
        "title": row["anime__title"],
        "status": row["status"],
        "score": row["score"],
        "watched_episodes": row["watched_episodes"],
        "started_on": partial(row["started_on"], row["started_precision"]),
        "finished_on": partial(row["finished_on"], row["finished_precision"]),
        "rewatches": row["rewatches"],
        "rated_at": row["rated_at"],
        "counts": row["counts"],
    }


def _rows(belonging: Belonging, member: User) -> Iterator[dict[str, Any]]:
    rows, columns = belonging.rows_of(member), belonging.columns
    if belonging.model is UserAnimeRating:
        # The list has told the rest of it, and a row that would say nothing more is left out.
        rows = rows.exclude(source="")
        columns = ["anime_id", *(name for name in columns if name not in (*ENTRY, "user_id", "id"))]
    yield from rows.values(*columns).iterator(chunk_size=CHUNK)


def _array(rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    between = "["
    for row in rows:
        yield f"{between}\n{_json(row)}"
        between = ","
    yield "[]" if between == "[" else "\n]"


def _json(value: Any) -> str:
    return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False)
