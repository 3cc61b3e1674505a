"""ws/recommendations/: one member's socket."""

import asyncio
import json
import logging
import time
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer

from catalog.api.problems import KINDS, MEDIA_TYPE, TYPE
from recommender import counting
from recommender.live.hub import Full, hub
from recommender.live.visitor import Answer, Visitor, is_of_this_site
from recommender.live.wish import Unheard, Wish

log = logging.getLogger(__name__)

# Why a socket is closed, beside what the protocol itself has: it spoke, it may no longer listen, its
# question is none any more.
SPOKE, ENDED, UNANSWERABLE = 1008, 4401, 4400


class LiveConsumer(AsyncWebsocketConsumer):
    # The hub listens to the layer, once for all sockets of a process; so none needs Redis to come in.
    channel_layer_alias = "no layer of its own"
    # Known once it is let in.
    member, is_staff, is_ended = 0, False, False
    teller: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        if not is_of_this_site(self.scope):
            await self._refuse(403, "permission_denied", "Open it from a page of this site.")
        try:
            self.wish = Wish.of(self.scope["query_string"])
        except Unheard as problem:
            await self._refuse(400, "invalid", str(problem))
        self.visitor = Visitor(self.scope)
        self.version, self.said, self.looked_at = self.wish.since, dict[str, str](), 0.0
        self.due = asyncio.Event()
        first = await self.visitor.knock()
        if first.status != HTTPStatus.OK:
            await self._pass_on(first)
        facts = json.loads(first.body)
        self.member, self.is_staff = facts["user_id"], bool(facts["is_staff"])
        greeting = await self._greeting(facts)
        try:
            hub.enter(self)
        except Full as problem:
            await self._refuse(problem.status, problem.code, str(problem), wait=30)
        await self.accept()
        await self._say(greeting)
        await self._tell_of(facts)
        self.teller = asyncio.create_task(self._tell_on())
        # What moved on while it came in.
        self.wake()

    def wake(self) -> None:
        """Something may be new."""
        self.due.set()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        await self._end(SPOKE, "Nothing is read here.")

    async def __call__(self, *args: Any) -> None:
        """Whichever way it ends, its place is free again."""
        try:
            await super().__call__(*args)
        finally:
            hub.leave(self)
            if self.teller:
                self.teller.cancel()

    async def _end(self, code: int, reason: str) -> None:
        """Once: a flood has more waiting behind its first word."""
        if not self.is_ended:
            self.is_ended = True
            await self.close(code, reason)

    # --- telling

    async def _tell_on(self) -> None:
        """While one look goes on, any number of changes make one more."""
        try:
            while True:
                await self.due.wait()
                self.due.clear()
                await self._look()
        except asyncio.CancelledError:
            raise
        except Exception:
            log.exception("A socket had to be closed.")
            with suppress(Exception):
                await self._end(1011, "A fault of this site.")

    async def _look(self) -> None:
        now = await self.visitor.look()
        self.looked_at = time.monotonic()
        if now.status in (401, 403):
            await self._end(ENDED, "You are signed in no longer.")
        elif now.status == HTTPStatus.OK:
            facts = json.loads(now.body)
            if facts["list_version"] != self.version:
                await self._say(await self._news_of(facts["list_version"]))
            await self._tell_of(facts)
        # Else the site cannot answer now; the hub's next look tries again.

    async def _greeting(self, facts: dict[str, Any]) -> str:
        """What is new since the version they know, and at least which version there is."""
        number = facts["list_version"]
        if number == self.version or not self.wish.lists:
            self.version = number
            return _message("list", "list_version", number)
        answer = await self.visitor.recommendations(self.wish.query)
        if answer.status != HTTPStatus.OK:
            await self._pass_on(answer)
        self.version = number
        return _recommendations(number, answer)

    async def _news_of(self, number: int) -> str:
        if not self.wish.lists:
            self.version = number
            return _message("list", "list_version", number)
        answer = await self.visitor.recommendations(self.wish.query)
        if answer.status == HTTPStatus.OK:
            self.version = number
            return _recommendations(number, answer)
        if answer.status < 500:
            await self._end(UNANSWERABLE, f"Now answered with {answer.status}; ask anew.")
        return ""

    async def _tell_of(self, facts: dict[str, Any]) -> None:
        """Imports and the site's work, where they are not as they were told last."""
        told = {
            f"import {one['id']}": _message("import", "import", one) for one in facts["imports"]
        }
        told |= {
            f"{one['kind']} {one['id']}": _message(one["kind"], "work", one)
            for one in facts["work"]
        }
        for name, message in told.items():
            if self.said.get(name) != message:
                await self._say(message)
        self.said = told

    async def _say(self, message: str) -> None:
        if message:
            counting.sockets("message", 1)
            await self.send(message)

    # --- refusing

    async def _pass_on(self, answer: Answer) -> None:
        """The site refuses, in its own words."""
        kept = ("Content-Type", "Retry-After", "WWW-Authenticate")
        headers = {name: answer.headers[name] for name in kept if name in answer.headers}
        await self._answer(answer.status, headers, answer.body)

    async def _refuse(self, status: int, code: str, detail: str, wait: int = 0) -> None:
        _, title = KINDS[code]
        told = {"type": f"{TYPE}{code}", "title": title, "status": status}
        told |= {"code": code, "detail": detail}
        headers = {"Content-Type": MEDIA_TYPE}
        if wait:
            headers["Retry-After"] = str(wait)
        await self._answer(status, headers, json.dumps(told).encode())

    async def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        """Before it is a socket it is a request, and gets an answer like any other."""
        if "websocket.http.response" not in (self.scope.get("extensions") or {}):
            await self.close()
            raise StopConsumer
        pairs = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        await self.base_send(
            {"type": "websocket.http.response.start", "status": status, "headers": pairs}
        )
        await self.base_send(
            {"type": "websocket.http.response.body", "body": body, "more_body": False}
        )
        raise StopConsumer


def _message(kind: str, name: str, value: Any) -> str:
    return json.dumps({"type": kind, name: value}, separators=(",", ":"))


def _recommendations(number: int, answer: Answer) -> str:
    """The answer's own bytes; to read and write them again would tell nothing new."""
    return f'{{"type":"recommendations","list_version":{number},"recommendations":{answer.body.decode()}}}'
