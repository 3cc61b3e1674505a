"""One rate for each source, kept by all workers together: every request takes the next free slot."""

import threading
import time
from typing import Any

from catalog.etl.fetching.shared import with_redis

KEY = "animerec:fetching:{source}:slot"
# By Redis' own clock, so that workers whose clocks differ still queue up. Microseconds.
_TAKE = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local slot = math.max(now, tonumber(redis.call('GET', KEYS[1]) or '0'))
redis.call('SET', KEYS[1], string.format('%.0f', slot + ARGV[1]), 'PX', math.ceil((slot + ARGV[1] - now) / 1000) + 1000)
return slot - now
"""
_HOLD = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local slot = math.max(now + ARGV[1], tonumber(redis.call('GET', KEYS[1]) or '0'))
redis.call('SET', KEYS[1], string.format('%.0f', slot), 'PX', math.ceil((slot - now) / 1000) + 1000)
return slot - now
"""
_slots: dict[str, float] = {}
_lock = threading.Lock()


class Limiter:
    """`interval` seconds lie between the starts of two requests to `source`, whoever makes them."""

    def __init__(self, source: str, interval: float) -> None:
        self.source, self.interval = source, interval

    def next_slot(self) -> float:
        """Take the next free slot; the seconds until it comes."""
        return self._ask(_TAKE, self.interval, _take)

    def hold(self, seconds: float) -> None:
        """Let nobody ask for so long."""
        self._ask(_HOLD, seconds, _hold)

    def _ask(self, script: str, seconds: float, otherwise: Any) -> float:
        key = KEY.format(source=self.source)

        def ask(server: Any) -> float:
            return int(server.eval(script, 1, key, round(seconds * 1e6))) / 1e6

        return with_redis(ask, lambda: float(otherwise(self.source, seconds)))


def _take(source: str, interval: float) -> float:
    with _lock:
        now = time.monotonic()
        slot = max(now, _slots.get(source, 0.0))
        _slots[source] = slot + interval
    return slot - now


def _hold(source: str, seconds: float) -> float:
    with _lock:
        now = time.monotonic()
        _slots[source] = max(now + seconds, _slots.get(source, 0.0))
        return _slots[source] - now
