"""That something has moved on, said to whoever listens on the site's channel layer.

A row is the truth: an announcement may be late or lost, and nobody's work waits for it or fails with it.
"""

import asyncio
import logging
import os
import threading
import time
from functools import partial

from channels.layers import BaseChannelLayer, InMemoryChannelLayer, channel_layers
from django.db import transaction

log = logging.getLogger(__name__)

GROUP = "announcements"
# What waits while the layer does not answer; more is not said.
MOST_WAITING = 1000
COMPLAIN_AGAIN = 60.0


def list_changed(member: int) -> None:
    _after_commit("list", member)


def import_moved(member: int, *, at_once: bool = False) -> None:
    """`at_once`: from within the transaction that writes it, whose rows nobody else sees yet."""
    announce("import", member) if at_once else _after_commit("import", member)


def work_moved() -> None:
    """A crawl, a load or a training: for those who look after the site."""
    _after_commit("work", 0)


def _after_commit(what: str, member: int) -> None:
    transaction.on_commit(partial(announce, what, member))


def announce(what: str, member: int) -> None:
    """Now, and without waiting. `member`: 0 where it is nobody's in particular."""
    if (voice := _voice()) is not None:
        voice.say({"type": "announced", "what": what, "member": member})


def layer() -> BaseChannelLayer:
    found: BaseChannelLayer = channel_layers["default"]
    return found


def is_of_this_process_alone() -> bool:
    """What other processes announce is not heard then."""
    return isinstance(layer(), InMemoryChannelLayer)


def heard_here(loop: asyncio.AbstractEventLoop | None) -> None:
    """Where the layer is this process's own memory: the loop that listens to it."""
    global _home
    _home = Voice(loop) if loop else None


class Voice:
    """Puts announcements on the layer, in a loop that is not the caller's."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.room = threading.BoundedSemaphore(MOST_WAITING)
        self.complained = -COMPLAIN_AGAIN

    def say(self, message: dict[str, object]) -> None:
        if not self.room.acquire(blocking=False):
            return
        try:
            asyncio.run_coroutine_threadsafe(self._say(message), self.loop)
        except RuntimeError:
            # The process ends, and its loop was closed first.
            self.room.release()

    async def _say(self, message: dict[str, object]) -> None:
        try:
            await layer().group_send(GROUP, message)
        except Exception as problem:  # noqa: BLE001 - whatever the layer's driver raises
            self._complain(problem)
        finally:
            self.room.release()

    def _complain(self, problem: Exception) -> None:
        if time.monotonic() - self.complained >= COMPLAIN_AGAIN:
            self.complained = time.monotonic()
            log.warning("announcements do not get through: %s", type(problem).__name__)


_home: Voice | None = None
_own: Voice | None = None
_making = threading.Lock()


def _voice() -> Voice | None:
    """None where nobody can hear it."""
    if is_of_this_process_alone():
        return _home
    global _own
    with _making:
        if _own is None:
            loop = asyncio.new_event_loop()
            threading.Thread(target=loop.run_forever, name="announcements", daemon=True).start()
            _own = Voice(loop)
        return _own


def _begin_anew() -> None:
    """A process that was forked off has the loop, and not its thread."""
    global _own, _home, _making
    _own, _home, _making = None, None, threading.Lock()


os.register_at_fork(after_in_child=_begin_anew)
