"""Each request is answered for whoever makes it: in their time zone, with titles by the names they prefer."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from catalog import viewing
from ratings.models import User


class ViewerMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Whoever brings neither session nor token is nobody; the others are looked up when a page first
        # asks, which is after the API has told whose token it is.
        if not (
            settings.SESSION_COOKIE_NAME in request.COOKIES or "Authorization" in request.headers
        ):
            return self.get_response(request)
        with viewing.seen_by(lambda: _viewer(request)):
            try:
                return self.get_response(request)
            finally:
                timezone.deactivate()

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> None:
        """Days and hours are told in the member's zone, on pages that are not the same for everybody."""
        if settings.SESSION_COOKIE_NAME not in request.COOKIES or viewing.is_for_everybody(view):
            return
        member = request.user
        if isinstance(member, User) and (zone := zone_of(member.time_zone)):
            timezone.activate(zone)


def _viewer(request: HttpRequest) -> viewing.Viewer:
    member = request.user
    return member.viewer if isinstance(member, User) else viewing.NOBODY


@lru_cache(maxsize=256)
def zone_of(name: str) -> ZoneInfo | None:
    """None for the site's own, and for one that this machine does not know."""
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError):
        return None
