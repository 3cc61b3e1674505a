"""How often somebody may do what costs others something: counted in the cache, by the hour."""

import time
from contextlib import suppress
from hashlib import sha256
from ipaddress import IPv6Address, ip_address

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

AN_HOUR = 3600
# A household has as many addresses of the newer kind as it likes, so these count as one.
ONE_HOUSEHOLD = 64


def is_over(what: str, who: str, *, most: int, seconds: int = AN_HOUR) -> bool:
    """Count one more of `what` by `who`; whether that is more than `most` in this hour, or so many seconds.

    With the cache gone nothing is counted, and nobody is refused.
    """
    key = _key(what, who, seconds)
    try:
        return int(cache.incr(key) or 0) > most
    except ValueError:
        # The first within this hour; unless another was first at the same moment.
        return most < 1 if cache.add(key, 1, seconds) else _is_over_after_all(key, most)


def _is_over_after_all(key: str, most: int) -> bool:
    try:
        return int(cache.incr(key) or 0) > most
    except ValueError:
        return False


def take_back(what: str, who: str) -> None:
    """Count one less: it cost nobody anything."""
    with suppress(ValueError):
        cache.decr(_key(what, who, AN_HOUR))


def _key(what: str, who: str, seconds: int) -> str:
    digest = sha256(who.encode()).hexdigest()[:32]
    return f"limit:{what}:{digest}:{int(time.time()) // seconds}"


def seconds_left(seconds: int = AN_HOUR) -> int:
    """Until the hour is over and everybody may again."""
    return seconds - int(time.time()) % seconds


def address_of(request: HttpRequest) -> str:
    """Where the request comes from; only a proxy of our own is believed when it says so."""
    told = request.META.get("HTTP_X_FORWARDED_FOR", "") if settings.BEHIND_PROXY else ""
    address = told.rpartition(",")[2].strip() or request.META.get("REMOTE_ADDR", "")
    try:
        known = ip_address(address)
    except ValueError:
        return str(address)[:64]
    if isinstance(known, IPv6Address):
        return str(int(known) >> (128 - ONE_HOUSEHOLD))
    return str(known)
