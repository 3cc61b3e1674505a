"""Django's PostgreSQL, but for one thing: whether a kept connection still lives is seen at its socket.

Django asks `SELECT 1` at the first query of every request, which for a kept answer is as dear as the
answer. A server that stopped or was restarted has closed its end, and a closed end can be read from:
only then is it asked. A machine that vanished without closing anything is noticed by the query itself,
as it would be by `SELECT 1`.
"""

import select

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    def is_usable(self) -> bool:
        if self.connection is not None and not self.connection.closed:
            readable, _, _ = select.select([self.connection.fileno()], [], [], 0)
            if not readable:
                return True
        return super().is_usable()
