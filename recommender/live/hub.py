"""All sockets of this process: woken by announcements, and by a look at the rows for what was not announced."""

import asyncio
import logging
import time
from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from channels.db import database_sync_to_async
from django.db import DatabaseError

from catalog import announcing
from catalog.models import ImportRun, RunState
from ratings.models import ListImport, User
from recommender import counting
from recommender.live.visitor import THREADS
from recommender.models import ModelState, TrainingRun

if TYPE_CHECKING:
    from recommender.live.consumer import LiveConsumer

log = logging.getLogger(__name__)

MOST, MOST_OF_ONE = 2000, 10
# Between looks at the rows, in seconds: where announcements come through, and where they do not.
SELDOM, OFTEN = 15.0, 1.0
# Whether a member may still listen is asked anew after so long, whatever happens.
ASK_AGAIN = 60.0
RETRY = 2.0
NEVER = float("-inf")


class Full(Exception):
    def __init__(self, said: str, status: int, code: str) -> None:
        super().__init__(said)
        self.status, self.code = status, code


class State(NamedTuple):
    versions: dict[int, int]
    importing: frozenset[int]
    is_working: bool


class Hub:
    def __init__(self) -> None:
        self.sockets: dict[int, set[LiveConsumer]] = defaultdict(set)
        self.tasks: list[asyncio.Task[None]] = []
        self.heard_at = NEVER
        self.state = State({}, frozenset(), is_working=False)

    def enter(self, socket: "LiveConsumer") -> None:
        """Full where there is no room."""
        if len(self.sockets.get(socket.member, ())) >= MOST_OF_ONE:
            raise Full(f"You have {MOST_OF_ONE} sockets already.", 429, "throttled")
        if sum(map(len, self.sockets.values())) >= MOST:
            raise Full("There is no room for another socket now.", 503, "unavailable")
        self.sockets[socket.member].add(socket)
        counting.sockets("open", 1)
        if not self.tasks:
            self.heard_at = NEVER
            announcing.heard_here(asyncio.get_running_loop())
            self.tasks = [asyncio.create_task(work()) for work in (self._hear, self._watch)]

    def leave(self, socket: "LiveConsumer") -> None:
        if socket not in self.sockets.get(socket.member, ()):
            return
        self.sockets[socket.member].discard(socket)
        counting.sockets("open", -1)
        if not self.sockets[socket.member]:
            del self.sockets[socket.member]
        if not self.sockets:
            announcing.heard_here(None)
            for task in self.tasks:
                task.cancel()
            self.tasks = []

    # --- announcements

    async def _hear(self) -> None:
        while True:
            try:
                layer = announcing.layer()
                channel = await layer.new_channel()
                await layer.group_add(announcing.GROUP, channel)
                # What was said before is found by a look.
                self._wake(self._all())
                while True:
                    self._heard(await layer.receive(channel))
            except Exception as problem:  # noqa: BLE001 - whatever the layer's driver raises
                log.warning("announcements are not heard: %s", type(problem).__name__)
                self.heard_at = NEVER
                await asyncio.sleep(RETRY)

    def _heard(self, message: dict[str, Any]) -> None:
        self.heard_at = time.monotonic()
        what, member = message.get("what"), message.get("member")
        if what == "work":
            self._wake([one for one in self._all() if one.is_staff])
        elif isinstance(member, int):
            self._wake(self.sockets.get(member, ()))

    # --- looks

    async def _watch(self) -> None:
        """Until nobody is here. The layer is asked to say something, so that its silence is known for what it is."""
        while True:
            await asyncio.sleep(SELDOM if self._hears() else OFTEN)
            announcing.announce("still there", 0)
            try:
                now = await _states(list(self.sockets), any(one.is_staff for one in self._all()))
            except DatabaseError as problem:
                log.warning("sockets cannot look: %s", type(problem).__name__)
                continue
            self._wake(self._concerned(now))
            self.state = now

    def _hears(self) -> bool:
        """Whether what other processes announce is heard here."""
        if announcing.is_of_this_process_alone():
            return False
        return time.monotonic() - self.heard_at < SELDOM * 2

    def _concerned(self, now: State) -> "list[LiveConsumer]":
        importing, is_working = now.importing | self.state.importing, now.is_working
        is_working |= self.state.is_working
        long_ago = time.monotonic() - ASK_AGAIN
        return [
            one
            for one in self._all()
            if now.versions.get(one.member) != one.version
            or one.member in importing
            or (one.is_staff and is_working)
            or one.looked_at < long_ago
        ]

    def _all(self) -> "list[LiveConsumer]":
        return [socket for sockets in self.sockets.values() for socket in sockets]

    def _wake(self, sockets: "Any") -> None:
        for socket in sockets:
            socket.wake()


hub = Hub()


def _look(members: list[int], for_staff: bool) -> State:
    versions = dict(User.objects.filter(pk__in=members).values_list("pk", "list_version"))
    running = ListImport.objects.filter(user__in=members, state=RunState.RUNNING)
    is_working = for_staff and (
        ImportRun.objects.filter(state=RunState.RUNNING).exists()
        or TrainingRun.objects.filter(state=ModelState.RUNNING).exists()
    )
    return State(versions, frozenset(running.values_list("user", flat=True)), is_working)


_states = database_sync_to_async(_look, thread_sensitive=False, executor=THREADS)
