"""Strangers who come back: a number in a signed cookie, given only where something depends on it."""

import secrets
from datetime import timedelta

from django.conf import settings
from django.core.signing import BadSignature
from django.http import HttpRequest, HttpResponse

COOKIE, SALT = "visitor", "ratings.visitors"
KEPT = timedelta(days=180)
# Fits a bigint of any database, and a JSON number.
BITS = 53


def number_of(request: HttpRequest) -> int | None:
    """Of who brings the cookie back; None for who comes first, or brings another than was given."""
    try:
        value = request.get_signed_cookie(COOKIE, salt=SALT, max_age=KEPT)
    except (KeyError, BadSignature):
        return None
    # It bears our signature, so it is a number of ours.
    return int(value or 0) or None


def give(response: HttpResponse) -> None:
    """A new number, by which they are known when they come back."""
    value = str(secrets.randbits(BITS - 1) + 1)
    response.set_signed_cookie(
        COOKIE, value, salt=SALT, max_age=KEPT, httponly=True, samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )  # fmt: skip
