"""Who holds a socket, as the site knows them: each look is a request of theirs, made within this process."""

import io
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.handlers.asgi import ASGIRequest
from django.core.handlers.base import BaseHandler
from django.http import HttpResponse
from django.urls import reverse

# What tells who they are and where they come from; the rest belongs to the socket alone.
KEPT = frozenset(
    name.encode()
    for name in (
        "host",
        "cookie",
        "authorization",
        "user-agent",
        "accept-language",
        "x-request-id",
        "x-forwarded-for",
        "x-forwarded-proto",
    )
)
SCHEMES = {"ws": "http", "wss": "https"}
# Looks of all sockets share the machine with nobody but each other.
THREADS = ThreadPoolExecutor(max_workers=4, thread_name_prefix="looks")


class Answer(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: bytes


class Visitor:
    def __init__(self, scope: Mapping[str, Any]) -> None:
        self.scope = {
            "type": "http",
            "method": "GET",
            "scheme": SCHEMES.get(scope.get("scheme", "ws"), "http"),
            "client": scope.get("client"),
            "server": scope.get("server"),
            "headers": [(name, value) for name, value in scope["headers"] if name in KEPT],
        }

    async def knock(self) -> Answer:
        """The first look, which counts among what they may ask."""
        return await self._in_a_thread("api-live", counts=True)

    async def look(self) -> Answer:
        return await self._in_a_thread("api-live")

    async def recommendations(self, query: str) -> Answer:
        return await self._in_a_thread("api-recommend", query)

    async def _in_a_thread(self, name: str, query: str = "", *, counts: bool = False) -> Answer:
        ask = sync_to_async(self._ask, thread_sensitive=False, executor=THREADS)
        return await ask(name, query, counts=counts)

    def _ask(self, name: str, query: str, *, counts: bool) -> Answer:
        path = reverse(name)
        request = ASGIRequest(
            {**self.scope, "path": path, "query_string": query.encode()}, io.BytesIO()
        )
        request.is_counted = not counts  # type: ignore[attr-defined]  # read by the throttle
        response = _handler().get_response(request)
        try:
            content = response.content if isinstance(response, HttpResponse) else b""
            return Answer(response.status_code, dict(response.items()), content)
        finally:
            # Ends the request: connections that are too old are closed.
            response.close()


@cache
def _handler() -> BaseHandler:
    handler = BaseHandler()
    handler.load_middleware()
    return handler


def is_of_this_site(scope: Mapping[str, Any]) -> bool:
    """Whether a page of this site opens it. A program names no page; it has no cookies of a visitor either."""
    headers: dict[bytes, bytes] = dict(scope["headers"])
    origin = headers.get(b"origin", b"").decode("latin-1")
    if not origin:
        return b"cookie" not in headers
    if origin in settings.CSRF_TRUSTED_ORIGINS:
        return True
    return urlsplit(origin).netloc == headers.get(b"host", b"").decode("latin-1")
