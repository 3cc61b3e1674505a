"""Somebody without an account makes a first change, and comes back."""

import secrets
from datetime import timedelta

from django.conf import settings
from django.contrib.auth import login
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from ratings import limits
from ratings.guests.visitors import number_of
from ratings.models import Origin, User

KEPT = timedelta(days=30)
A_DAY, A_MOMENT = timedelta(days=1), timedelta(minutes=1)
# Names that nobody can sign up with: they may hold no colon.
PREFIX = "guest:"
CSRF = ("CSRF_COOKIE", "CSRF_COOKIE_NEEDS_UPDATE")


class TooManyGuests(Exception):
    """So many have come from one address within the hour."""


def stranger() -> User:
    """A guest of whom nothing is known and nothing is kept: an empty list to make a page from.

    The number 0 is no member's, so every question about their rows has the answer none.
    """
    return User(pk=0, origin=Origin.GUEST)


def welcome(request: HttpRequest) -> User:
    """A row for who acts here for the first time, signed into their session."""
    secret = str(request.META.get("CSRF_COOKIE") or "")
    guest = _just_made(secret) or _make(request, secret)
    _sign_in(request, guest)
    return guest


def stay(request: HttpRequest, guest: User) -> None:
    """Who comes back is not idle; written down once a day at most."""
    now = timezone.now()
    if guest.last_login and guest.last_login > now - A_DAY:
        return
    User.objects.filter(pk=guest.pk).update(last_login=now)
    request.session.set_expiry(KEPT)


def _make(request: HttpRequest, secret: str) -> User:
    if limits.is_over("guests", limits.address_of(request), most=settings.GUESTS_PER_HOUR):
        raise TooManyGuests
    try:
        with transaction.atomic():
            return _add(_name(secret) if secret else _any_name(), number_of(request))
    except IntegrityError:
        # Two answers at once, the first of this browser, are one guest's.
        return _just_made(secret) or _add(_any_name(), number_of(request))


def _add(name: str, visitor: int | None) -> User:
    guest = User(username=name, origin=Origin.GUEST, visitor=visitor)
    guest.set_unusable_password()
    guest.save(force_insert=True)
    return guest


def _just_made(secret: str) -> User | None:
    """Whom another request of the same browser has made a moment ago."""
    if not secret:
        return None
    recent = User.objects.filter(origin=Origin.GUEST, date_joined__gt=timezone.now() - A_MOMENT)
    return recent.filter(username=_name(secret)).first()


def _name(secret: str) -> str:
    """The same for all requests of one browser within the hour, and nothing that leads back to it."""
    hour = int(timezone.now().timestamp()) // 3600
    return PREFIX + salted_hmac("ratings.guests", f"{secret}{hour}").hexdigest()[:32]


def _any_name() -> str:
    return PREFIX + secrets.token_hex(16)


def _sign_in(request: HttpRequest, guest: User) -> None:
    before = {name: request.META.get(name) for name in CSRF}
    login(request, guest)
    # The other forms of the page hold the token that stood before; there is nothing yet to protect
    # from whoever might know it.
    for name, value in before.items():
        request.META.pop(name, None)
        if value is not None:
            request.META[name] = value
    request.session.set_expiry(KEPT)
