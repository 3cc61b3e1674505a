"""A source that keeps failing is left alone for a while, by all workers together."""

import threading
import time
from dataclasses import dataclass
from typing import Any

from catalog.etl.fetching.shared import with_redis

KEY = "animerec:fetching:{source}:breaker"
# Forgotten when nothing has failed for so long, so that old trouble does not lengthen new.
_REMEMBERED = 24 * 3600
# failures in a row, times it has opened in a row, open until. An opening counts as one failure
# short of the next, so the first request afterwards is a trial.
_FAIL = """
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local failures = redis.call('HINCRBY', KEYS[1], 'failures', 1)
redis.call('EXPIRE', KEYS[1], ARGV[4])
if failures < tonumber(ARGV[1]) then return 0 end
local times = redis.call('HINCRBY', KEYS[1], 'times', 1)
local rest = math.min(ARGV[2] * 2 ^ math.min(times - 1, 30), tonumber(ARGV[3]))
redis.call('HSET', KEYS[1], 'failures', ARGV[1] - 1, 'until', string.format('%.3f', now + rest))
return math.ceil(rest)
"""
_REST = """
local time = redis.call('TIME')
local ends = tonumber(redis.call('HGET', KEYS[1], 'until') or '0')
return math.ceil(math.max(0, ends - time[1] - time[2] / 1000000) * 1000)
"""
_lock = threading.Lock()


@dataclass
class _Trouble:
    failures: int = 0
    times: int = 0
    until: float = 0.0


_troubles: dict[str, _Trouble] = {}


class Breaker:
    """`limit` failures in a row open it for `first` seconds, then twice as long, up to `longest`."""

    def __init__(
        self, source: str, *, limit: int = 10, first: float = 600, longest: float = 6 * 3600
    ) -> None:
        self.source, self.limit, self.first, self.longest = source, limit, first, longest

    def rest(self) -> float:
        """Seconds for which nobody may ask; 0 when it is closed."""
        return with_redis(lambda server: self._eval(server, _REST) / 1000, self._own_rest)

    def failed(self) -> None:
        limits = (self.limit, self.first, self.longest, _REMEMBERED)
        with_redis(lambda server: self._eval(server, _FAIL, *limits), self._own_failure)

    def succeeded(self) -> None:
        with_redis(lambda server: server.delete(self._key), self._own_success)

    @property
    def _key(self) -> str:
        return KEY.format(source=self.source)

    def _eval(self, server: Any, script: str, *arguments: float) -> int:
        return int(server.eval(script, 1, self._key, *arguments))

    def _own_rest(self) -> float:
        with _lock:
            return max(0.0, _troubles.get(self.source, _Trouble()).until - time.monotonic())

    def _own_failure(self) -> int:
        with _lock:
            trouble = _troubles.setdefault(self.source, _Trouble())
            trouble.failures += 1
            if trouble.failures < self.limit:
                return 0
            rest = min(self.first * 2 ** min(trouble.times, 30), self.longest)
            trouble.times += 1
            trouble.failures = self.limit - 1
            trouble.until = time.monotonic() + rest
            return int(rest)

    def _own_success(self) -> int:
        with _lock:
            return int(_troubles.pop(self.source, None) is not None)
