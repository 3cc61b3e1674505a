"""Queries that are asked so often that putting their SQL together costs more than the answer."""

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.db.models import QuerySet


class Prepared:
    """A query whose SQL is put together once: for the value that comes where `stands_for` is."""

    def __init__(self, made: Callable[[Any], "QuerySet[Any, Any]"], stands_for: Any) -> None:
        self.made, self.stands_for = made, stands_for
        self.sql: dict[str, tuple[str, tuple[Any, ...]]] = {}

    def row(self, value: Any) -> tuple[Any, ...] | None:
        return next(iter(self.rows(value)), None)

    def rows(self, value: Any) -> list[tuple[Any, ...]]:
        """As the driver gives them: SQLite knows no truth, only 0 and 1."""
        sql, names = self._sql()
        given = [value if name == self.stands_for else name for name in names]
        # PostgreSQL's keeps the plan beside the text.
        cursor_of = getattr(connection, "prepared_cursor", connection.cursor)
        with cursor_of() as cursor:
            cursor.execute(sql, given)
            found: list[tuple[Any, ...]] = cursor.fetchall()
            return found

    def _sql(self) -> tuple[str, tuple[Any, ...]]:
        vendor = connection.vendor
        if vendor not in self.sql:
            query = self.made(self.stands_for).query
            self.sql[vendor] = query.get_compiler(connection=connection).as_sql()
        return self.sql[vendor]
