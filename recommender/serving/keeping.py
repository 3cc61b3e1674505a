"""Answers kept for a while: when many ask the same at once, one works it out and the others wait for it."""

import time
from collections.abc import Callable
from typing import TypeVar

from django.conf import settings
from django.core.cache import cache
from django.core.cache.backends.locmem import LocMemCache

from recommender.counting import asked

Answer = TypeVar("Answer")
# Nobody waits longer than this for another's work, and who died over it holds nobody up for longer.
LONGEST, LOOK_AGAIN = 5.0, 0.02
# Nearer than Redis.
_here = LocMemCache("near", {"OPTIONS": {"MAX_ENTRIES": 500}})


def kept_near(
    what: str, key: str, make: Callable[[], Answer], *, seconds: int, near: int
) -> Answer:
    """As `kept`, and for `near` seconds in this process too, which asks Redis meanwhile for nothing.

    For keys that name all that the answer depends on: nobody else could throw it out of here.
    """
    if not settings.REDIS_URL:
        return kept(what, key, make, seconds=seconds)
    found: Answer | None = _here.get(key)
    if found is not None:
        asked(what, was_kept=True)
        return found
    found = kept(what, key, make, seconds=seconds)
    if found is not None:
        _here.set(key, found, near)
    return found


def kept(what: str, key: str, make: Callable[[], Answer], *, seconds: int) -> Answer:
    """What is kept under `key`, else what `make` makes, which is kept. None is never kept.

    With the cache gone everybody makes their own. `what`: under which name hits are counted.
    """
    found: Answer | None = cache.get(key)
    asked(what, was_kept=found is not None)
    if found is not None:
        return found
    lock = f"{key}:making"
    if not cache.add(lock, 1, LONGEST):
        found = _made_by_another(key, lock)
        if found is not None:
            return found
    try:
        made = make()
        if made is not None:
            cache.set(key, made, seconds)
        return made
    finally:
        cache.delete(lock)


def _made_by_another(key: str, lock: str) -> Answer | None:
    """None when they gave up, or there is no cache to wait at."""
    until = time.monotonic() + LONGEST
    while time.monotonic() < until:
        there = cache.get_many([key, lock])
        if key in there:
            return there[key]  # type: ignore[no-any-return]  # the cache keeps what was put there
        if lock not in there:
            return None
        time.sleep(LOOK_AGAIN)
    return None


def forget_near() -> None:
    """What lies in this process alone."""
    _here.clear()
