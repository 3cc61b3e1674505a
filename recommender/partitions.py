"""What was shown, by the month: on PostgreSQL each month is a table of its own, which is dropped whole."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.db.migrations.operations import CreateModel

from recommender.models import Exposure

TABLE = "recommender_exposure"
# What belongs to no month that there is: nothing is lost when nobody made one.
REST = f"{TABLE}_rest"
COLUMNS = """
    "id" bigint NOT NULL DEFAULT nextval('recommender_exposure_id_seq'),
    "experiment" integer NOT NULL, "variant" smallint NOT NULL,
    "member_id" bigint NOT NULL REFERENCES "ratings_user" ("id") DEFERRABLE INITIALLY DEFERRED,
    "listing" uuid NOT NULL, "position" smallint NOT NULL, "length" smallint NOT NULL, "anime" integer NOT NULL, "model" integer NULL,
    "score" double precision NOT NULL, "propensity" double precision NOT NULL,
    "shown_at" timestamp with time zone NOT NULL,
    CONSTRAINT "exposure_once" UNIQUE ("listing", "position", "shown_at")
"""
MADE = (
    f'CREATE SEQUENCE "{TABLE}_id_seq"',
    f'CREATE TABLE "{TABLE}" ({COLUMNS}) PARTITION BY RANGE ("shown_at")',
    f'ALTER SEQUENCE "{TABLE}_id_seq" OWNED BY "{TABLE}"."id"',
    f'CREATE INDEX "exposure_member" ON "{TABLE}" ("member_id", "experiment", "anime", "shown_at")',
    f'CREATE INDEX "exposure_lists" ON "{TABLE}" '
    '("experiment", "member_id", "variant", "shown_at", "length") WHERE "position" = 0',
    f'CREATE TABLE "{REST}" PARTITION OF "{TABLE}" DEFAULT',
)


class CreatePartitioned(CreateModel):
    """Exposure; plain elsewhere. Its key must hold the month, so there is no other on PostgreSQL."""

    def database_forwards(self, app_label: Any, schema_editor: Any, *states: Any) -> None:
        if schema_editor.connection.vendor != "postgresql":
            super().database_forwards(app_label, schema_editor, *states)
            return
        for statement in MADE:
            schema_editor.execute(statement)


def make_ahead(now: datetime, months: int = 3) -> None:
    """The tables of this month and of those that follow. What lies in the rest already stays there."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        there = _parts(cursor)
        for first, following in _months(now, months):
            name = f"{TABLE}_{first:%Y_%m}"
            if name not in there and not _in_the_rest(cursor, first, following):
                cursor.execute(
                    f'CREATE TABLE IF NOT EXISTS "{name}" PARTITION OF "{TABLE}" '
                    f"FOR VALUES FROM ('{first.isoformat()}') TO ('{following.isoformat()}')"
                )


def prune(before: datetime) -> None:
    """Forget what was shown before; on PostgreSQL whole months at once, and rows of the rest."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for name in _parts(cursor) - {REST}:
                if _end_of(name) <= before:
                    cursor.execute(f'DROP TABLE "{name}"')
    Exposure.objects.filter(shown_at__lt=before).delete()


def _parts(cursor: Any) -> set[str]:
    cursor.execute(
        "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = %s::regclass", [TABLE]
    )
    return {name for (name,) in cursor.fetchall()}


def _in_the_rest(cursor: Any, first: datetime, following: datetime) -> bool:
    cursor.execute(
        f'SELECT EXISTS (SELECT FROM "{REST}" WHERE shown_at >= %s AND shown_at < %s)',  # noqa: S608
        [first, following],
    )
    return bool(cursor.fetchone()[0])


def _months(now: datetime, months: int) -> Iterator[tuple[datetime, datetime]]:
    first = datetime(now.year, now.month, 1, tzinfo=UTC)
    for _ in range(months + 1):
        following = _next(first)
        yield first, following
        first = following


def _next(first: datetime) -> datetime:
    return datetime(first.year + first.month // 12, first.month % 12 + 1, 1, tzinfo=UTC)


def _end_of(name: str) -> datetime:
    year, month = name.removeprefix(f"{TABLE}_").split("_")
    return _next(datetime(int(year), int(month), 1, tzinfo=UTC))
