"""One id for a request and all it starts; one line for each request; queries that take long."""

import logging
import re
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper
from django.http import HttpRequest, HttpResponse

from animerec import counters
from animerec.tracing_id import NONE, current_id

requests = logging.getLogger("animerec.requests")
queries = logging.getLogger("animerec.queries")

LONGEST_SQL = 2000
HEADER = "X-Request-ID"
# What a proxy may call a request; anything else could forge a line of the log.
PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")


class IdFilter(logging.Filter):
    """Gives every line of the log the id of the request, or task, that it belongs to."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = current_id.get()
        return True


class RefusalFilter(logging.Filter):
    """uvicorn calls it an error that a socket was refused with an answer; the request's own line has told it."""

    def filter(self, record: logging.LogRecord) -> bool:
        return "without completing handshake" not in record.getMessage()


class TracingMiddleware:
    """The outermost: what others answer or raise is in its line too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get(HEADER, "") if settings.BEHIND_PROXY else ""
        name = given if PLAIN.fullmatch(given) else uuid4().hex
        request.request_id = name  # type: ignore[attr-defined]  # what an answer may name
        # Until the thread's next request: Django tells of a refusal when all middleware is done.
        current_id.set(name)
        began = time.perf_counter()
        response = self.get_response(request)
        response[HEADER] = name
        _say(request, response.status_code, time.perf_counter() - began)
        return response


# A method that nobody knows must not make a new line in whoever counts.
METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))


def _say(request: HttpRequest, status: int, seconds: float) -> None:
    """The route, not the address: a token may stand in a path, and a search behind it."""
    found = request.resolver_match
    route = f"/{found.route}" if found else NONE
    method = request.method if request.method in METHODS else "other"
    counters.answered(method, route, status, seconds)
    took = round(seconds * 1000, 1)
    facts = {"method": method, "route": route, "status": status, "ms": took}
    requests.info("%(method)s %(route)s %(status)s in %(ms)s ms", facts, extra=facts)


def watch_queries(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """Log what takes longer than SLOW_QUERY_MS on a new connection: the statement without its values."""
    if settings.SLOW_QUERY_MS and _timed not in connection.execute_wrappers:
        connection.execute_wrappers.append(_timed)


def _timed(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
    began = time.perf_counter()
    try:
        return execute(sql, params, many, context)
    finally:
        took = (time.perf_counter() - began) * 1000
        if took >= settings.SLOW_QUERY_MS:
            # One place for each of ten thousand values tells no more than the first of them.
            facts = {"ms": round(took, 1), "sql": sql[:LONGEST_SQL]}
            queries.warning("a query took %(ms)s ms: %(sql)s", facts, extra=facts)
