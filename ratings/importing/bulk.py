"""Many rows into a table at once: the one place that knows which database it is."""

from collections.abc import Iterator
from itertools import product

import numpy as np
from django.db import connection

from ratings.importing.entries import NO_SCORE, NOT_COUNTED, STATUSES, Entries, Numbers

COLUMNS = "user_id, anime_id, status, score, watched_episodes"
_HEAD = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TAIL = b"\xff\xff"


def differs() -> str:
    """The comparison that takes null for a value; SQLite learnt the standard's words only in 3.39."""
    return "IS DISTINCT FROM" if connection.vendor == "postgresql" else "IS NOT"


def look_up_by_index() -> None:
    """Keep PostgreSQL from reading the whole table to find the few rows of a block in it."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off")


def make_room() -> None:
    """Let SQLite keep the indexes' pages in memory: rows of all titles reach all over them."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA cache_size = -262144")


def append(table: str, users: Numbers, entries: Entries) -> None:
    """Insert the entries, `users` being the members' keys; not one of them may be in the table."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({COLUMNS}) FROM STDIN (FORMAT BINARY)") as copy:
                for part in _binary(users, entries):
                    copy.write(part)
        else:
            sql = f"INSERT INTO {table} ({COLUMNS}) VALUES (%s, %s, %s, %s, %s)"  # noqa: S608  # no value in it
            cursor.executemany(sql, list(_tuples(users, entries)))


def _tuples(
    users: Numbers, entries: Entries
) -> Iterator[tuple[int, int, str, int | None, int | None]]:
    columns = (entries[name].tolist() for name in ("anime", "status", "score", "episodes"))
    for user, anime, status, score, episodes in zip(users.tolist(), *columns, strict=True):
        counted = None if episodes == NOT_COUNTED else episodes
        yield user, anime, STATUSES[status], score or None, counted


def _binary(users: Numbers, entries: Entries) -> Iterator[bytes]:
    """PostgreSQL's binary rows, made by numpy: those with the same status and nulls have one layout."""
    yield _HEAD
    scored, counted = entries["score"] != NO_SCORE, entries["episodes"] != NOT_COUNTED
    for status, has_score, has_count in product(range(len(STATUSES)), (True, False), (True, False)):
        chosen = (entries["status"] == status) & (scored == has_score) & (counted == has_count)
        if chosen.any():
            yield _rows(users[chosen], entries[chosen], has_score, has_count).tobytes()
    yield _TAIL


def _rows(users: Numbers, entries: Entries, has_score: bool, has_count: bool) -> Entries:
    """Each field is its length in bytes and its value, big end first; a null has length -1 and no value."""
    status = STATUSES[entries["status"][0]].encode()
    fields = [
        (">i8", users),
        (">i4", entries["anime"]),
        (f"S{len(status)}", status),
        (">i2", entries["score"] if has_score else None),
        (">i4", entries["episodes"] if has_count else None),
    ]
    layout = [("fields", ">i2")]
    for place, (kind, values) in enumerate(fields):
        layout.append((f"length{place}", ">i4"))
        if values is not None:
            layout.append((f"value{place}", kind))
    rows = np.empty(len(users), np.dtype(layout))
    rows["fields"] = len(fields)
    for place, (kind, values) in enumerate(fields):
        rows[f"length{place}"] = -1 if values is None else np.dtype(kind).itemsize
        if values is not None:
            rows[f"value{place}"] = values
    return rows
