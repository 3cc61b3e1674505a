"""Cache, queue, workers, database and disk: what each says of itself, or that it says nothing."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import redis
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.template.defaultfilters import filesizeformat

from animerec.celery import app
from catalog.etl.fetching.shared import shared_redis
from catalog.queue import QUEUE_IS_GONE

# A page that shows how a queue does must not wait for one that is gone.
PATIENCE = 1.0
TABLES, COUNTED = 10, 1_000_000
Told = TypeVar("Told")


@dataclass(frozen=True)
class Fact:
    name: str
    value: str
    is_bad: bool = False


def cache_facts() -> list[Fact]:
    server = shared_redis()
    if server is None:
        return [Fact("Cache", "In each process; no Redis is set, so nothing is shared")]
    try:
        info: dict[str, Any] = server.info()
        keys: int = server.dbsize()
    except redis.RedisError:
        return [Fact("Cache", "Redis does not answer; pages are computed each time", is_bad=True)]
    asked = info["keyspace_hits"] + info["keyspace_misses"]
    rate = f"{100 * info['keyspace_hits'] / asked:.0f} % of {asked:,} reads" if asked else "no reads yet"  # fmt: skip
    return [
        Fact("Cache", f"Redis {info['redis_version']}"),
        Fact("Memory in use", filesizeformat(info["used_memory"])),
        Fact("Found in the cache", rate),
        Fact("Keys", f"{keys:,}"),
        Fact("Thrown out for want of memory", f"{info.get('evicted_keys', 0):,}"),
    ]


def queue_facts() -> list[Fact]:
    kind = settings.CELERY_BROKER_URL.split(":", 1)[0]
    name = {"filesystem": "a folder on disk", "amqp": "RabbitMQ", "pyamqp": "RabbitMQ", "redis": "Redis", "rediss": "Redis"}.get(kind, kind)  # fmt: skip
    if settings.CELERY_TASK_ALWAYS_EAGER:
        return [Fact("Queue", "None: tasks run at once, in the process that asks")]
    length = queue_length()
    if length is None:
        return [Fact("Queue", f"{name.capitalize()}: it does not answer", is_bad=True)]
    return [Fact("Queue", name), Fact("Tasks that wait", f"{length:,}")]


def queue_length() -> int | None:
    """How many tasks wait; None where the queue does not answer."""
    return 0 if settings.CELERY_TASK_ALWAYS_EAGER else _asking(_length)


def _length(link: Any) -> int:
    try:
        found = link.default_channel.queue_declare(app.conf.task_default_queue, passive=True)
    except link.channel_errors:
        # Nothing was ever sent, or all of it is taken: such a queue does not exist.
        return 0
    return int(found.message_count)


def workers() -> list[str] | None:
    """Names of those that answer within a second; None where the queue does not."""
    return _asking(lambda link: sorted(app.control.inspect(timeout=PATIENCE, connection=link).ping() or {}))  # fmt: skip


def _asking(ask: Callable[[Any], Told]) -> Told | None:
    try:
        with app.connection_for_write(connect_timeout=PATIENCE) as link:
            link.ensure_connection(max_retries=1, timeout=PATIENCE)
            return ask(link)
    except (*QUEUE_IS_GONE, redis.RedisError):
        return None


def database_facts() -> list[Fact]:
    if connection.vendor != "postgresql":
        size = _one("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")
        return [Fact("Database", "SQLite"), Fact("Size", filesizeformat(size))]
    version = connection.pg_version  # type: ignore[attr-defined]  # PostgreSQL's own
    size = _one("SELECT pg_database_size(current_database())")
    return [
        Fact("Database", f"PostgreSQL {version // 10_000}.{version % 10_000}"),
        Fact("Size", filesizeformat(size)),
    ]


def _one(question: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(question)
        return int(cursor.fetchone()[0])


@dataclass(frozen=True)
class Table:
    name: str
    # About so many; None where the database has not counted yet.
    rows: int | None
    size: int | None


def tables() -> list[Table]:
    """The biggest ones, by what the database itself estimates: counting millions of rows takes seconds."""
    names = {model._meta.db_table: str(model._meta.verbose_name_plural) for model in apps.get_models(include_auto_created=True)}  # fmt: skip
    read = _tables_of_postgresql if connection.vendor == "postgresql" else _tables_of_sqlite
    found = [Table(names[name], rows, size) for name, rows, size in read(list(names))]
    return sorted(found, key=lambda table: -(table.size or table.rows or 0))[:TABLES]


def _tables_of_postgresql(names: list[str]) -> list[tuple[str, int | None, int | None]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, reltuples::bigint, pg_total_relation_size(oid) FROM pg_class"
            " WHERE relkind = 'r' AND pg_table_is_visible(oid) AND relname = ANY(%s)",
            [names],
        )
        # It says -1 of what it has never looked at.
        return [(name, rows if rows >= 0 else None, size) for name, rows, size in cursor.fetchall()]


def _tables_of_sqlite(names: list[str]) -> list[tuple[str, int | None, int | None]]:
    """Counted, but no further than a million: it estimates nothing."""
    quote, one = connection.ops.quote_name, "SELECT %s, count(*) FROM (SELECT 1 FROM {} LIMIT {})"
    union = " UNION ALL ".join(one.format(quote(name), COUNTED) for name in names)
    with connection.cursor() as cursor:
        cursor.execute(union, names)
        return [(name, rows, None) for name, rows in cursor.fetchall()]


def disk_facts() -> list[Fact]:
    size, files = _size_of(settings.ARTIFACTS_DIR)
    plural = "" if files == 1 else "s"
    return [Fact("Models on disk", f"{filesizeformat(size)} in {files:,} file{plural}")]


def _size_of(folder: Path) -> tuple[int, int]:
    size = number = 0
    for place, _, files in os.walk(folder):
        for file in files:
            try:
                size += Path(place, file).stat().st_size
                number += 1
            except OSError:
                # A training cleans up meanwhile.
                continue
    return size, number
