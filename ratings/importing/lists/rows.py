"""Thousands of rows at once, lines and entries: the ORM takes several times as long over them."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import connection

from ratings.importing.lists.comparing import DAYS, KEPT
from ratings.importing.lists.line import Line
from ratings.importing.lists.sorting import Sorted
from ratings.models import ListImport, ListImportLine, UserAnimeRating

TABLE = ListImportLine._meta.db_table
LISTS = UserAnimeRating._meta.db_table
COLUMNS = (
    "list_import_id",
    "number",
    "mal_id",
    "title",
    "status",
    "score",
    "watched_episodes",
    "started_on",
    "started_precision",
    "finished_on",
    "finished_precision",
    "rewatches",
    "said_at",
    "fate",
    "reason",
    "candidates",
    "is_written",
)


def append(preview: ListImport, lines: Iterable[tuple[Line, Sorted]]) -> None:
    names = ", ".join(COLUMNS)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {TABLE} ({names}) FROM STDIN") as copy:
                for row in _tuples(preview, lines):
                    copy.write_row(row)
        else:
            places = ", ".join(["%s"] * len(COLUMNS))
            sql = f"INSERT INTO {TABLE} ({names}) VALUES ({places})"  # noqa: S608  # no value in it
            cursor.executemany(sql, list(_tuples(preview, lines)))


def _tuples(preview: ListImport, lines: Iterable[tuple[Line, Sorted]]) -> Iterator[tuple[Any, ...]]:
    moment = connection.ops.adapt_datetimefield_value
    day = connection.ops.adapt_datefield_value
    for line, one in lines:
        yield (
            preview.pk,
            line.number,
            one.mal_id,
            line.title,
            line.status,
            line.score,
            line.watched_episodes,
            line.started_on and day(line.started_on),
            line.started_precision,
            line.finished_on and day(line.finished_on),
            line.finished_precision,
            line.rewatches,
            line.said_at and moment(line.said_at),
            one.fate.value,
            one.reason[:200],
            json.dumps(one.candidates),
            False,
        )


def remember(lines: Iterable[ListImportLine]) -> None:
    """What has become of lines that are in the table already."""
    sql = f"UPDATE {TABLE} SET fate = %s, reason = %s, before = %s, is_written = %s WHERE id = %s"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.executemany(sql, [_outcome(line) for line in lines])


def _outcome(line: ListImportLine) -> tuple[Any, ...]:
    before = None if line.before is None else json.dumps(line.before)
    return str(line.fate), line.reason, before, line.is_written, line.pk


def add_entries(user_id: int, entries: Iterable[tuple[int, dict[str, Any]]]) -> None:
    """Titles and what is said of them. A title that came onto the list a moment ago stays as it is."""
    _write_entries(user_id, entries, "DO NOTHING")


def replace_entries(user_id: int, entries: Iterable[tuple[int, dict[str, Any]]]) -> None:
    said = ", ".join(f"{name} = excluded.{name}" for name in KEPT)
    _write_entries(user_id, entries, f"DO UPDATE SET {said}")


def _write_entries(
    user_id: int, entries: Iterable[tuple[int, dict[str, Any]]], where_known: str
) -> None:
    names = ("user_id", "anime_id", *KEPT)
    places = ", ".join(["%s"] * len(names))
    sql = (
        f"INSERT INTO {LISTS} ({', '.join(names)}) VALUES ({places}) "  # noqa: S608  # no value in it
        f"ON CONFLICT (user_id, anime_id) {where_known}"
    )
    rows = [(user_id, mal_id, *_adapted(values)) for mal_id, values in entries]
    with connection.cursor() as cursor:
        cursor.executemany(sql, rows)


def _adapted(values: dict[str, Any]) -> Iterator[Any]:
    for name in KEPT:
        value = values[name]
        if value is not None and name in DAYS:
            value = connection.ops.adapt_datefield_value(value)
        elif value is not None and name == "rated_at":
            value = connection.ops.adapt_datetimefield_value(value)
        yield value
