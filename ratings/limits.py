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


def is_over(what: str, who: str, *, most: int) -> bool:
    """Count one more of `what` by `who`; whether that is more than `most` in this hour.

    With the cache gone nothing is counted, and nobody is refused.
    """
    key = _key(what, who)
    cache.add(key, 0, AN_HOUR)
    try:
        return int(cache.incr(key) or 0) > most
    except ValueError:
        return False


def take_back(what: str, who: str) -> None:
    """Count one less: it cost nobody anything."""
    with suppress(ValueError):
        cache.decr(_key(what, who))


def _key(what: str, who: str) -> str:
    digest = sha256(who.encode()).hexdigest()[:32]
    return f"limit:{what}:{digest}:{int(time.time()) // AN_HOUR}"


def seconds_left() -> int:
    """Until the hour is over and everybody may again."""
    return AN_HOUR - int(time.time()) % AN_HOUR


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
