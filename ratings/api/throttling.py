"""How often the API may be asked: counted for each account, and for each address that names none."""

import re
from typing import Any

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from ratings import limits
from ratings.models import User

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 24 * 3600}


class Throttle(BaseThrottle):
    """One counter a window: what a list of moments, as DRF keeps it, would cost is a page's time."""

    seconds = 0

    def allow_request(self, request: Request, view: Any) -> bool:
        # A kept answer was looked for before, and counted there.
        if getattr(request._request, "is_counted", False):
            return True
        user = request.user
        member = user.pk if isinstance(user, User) and user.is_authenticated else None
        return self.may_ask(member, limits.address_of(request))

    def may_ask(self, member: int | None, address: str) -> bool:
        rate = settings.API_RATES["anon" if member is None else "user"]
        if not rate:
            return True
        most, self.seconds = parsed(rate)
        what, who = ("api", address) if member is None else ("api-member", str(member))
        return not limits.is_over(what, who, most=most, seconds=self.seconds)

    def wait(self) -> float:
        return limits.seconds_left(self.seconds)


def parsed(rate: str) -> tuple[int, int]:
    """'600/min' as how many in how many seconds."""
    number, per = re.split("/", rate)
    return int(number), SECONDS[per[0]]
