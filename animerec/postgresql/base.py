"""Django's PostgreSQL, but for two things: how a kept connection is looked at, and prepared statements.

Whether a kept connection still lives is seen at its socket. Django asks `SELECT 1` at the first query of every request, which for a kept answer is as dear as the
answer. A server that stopped or was restarted has closed its end, and a closed end can be read from:
only then is it asked. A machine that vanished without closing anything is noticed by the query itself,
as it would be by `SELECT 1`.

Django puts values into the text of a statement, so the server plans each anew, which for a kept answer
is most of what it costs there. `prepared_cursor` sends text and values apart, and the plan is kept with
the connection; not where prepare_threshold is None (a pooler that hands connections on by the
transaction).
"""

import select
from typing import Any

import psycopg
from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    def is_usable(self) -> bool:
        if self.connection is not None and not self.connection.closed:
            readable, _, _ = select.select([self.connection.fileno()], [], [], 0)
            if not readable:
                return True
        return super().is_usable()

    def prepared_cursor(self) -> Any:
        """As `cursor`; what it is given again is prepared."""
        self.close_if_health_check_failed()
        self.ensure_connection()
        with self.wrap_database_errors:
            return self._prepare_cursor(psycopg.Cursor(self.connection))  # type: ignore[attr-defined]
