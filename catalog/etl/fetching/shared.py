"""The Redis that all workers share, where there is one."""

import logging
from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

import redis
from django.conf import settings

log = logging.getLogger(__name__)
Answer = TypeVar("Answer")


@cache
def shared_redis() -> "redis.Redis[bytes] | None":  # type: ignore[type-arg]  # of what version 5 called bytes
    if not settings.REDIS_URL:
        return None
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=0.5)


def with_redis(ask: Callable[[Any], Answer], otherwise: Callable[[], Answer]) -> Answer:
    """What Redis answers; what this process knows by itself where there is none or it is gone."""
    server = shared_redis()
    if server is None:
        return otherwise()
    try:
        return ask(server)
    except redis.RedisError as problem:
        log.warning("Redis does not answer (%s); this process counts for itself", problem)
        return otherwise()
