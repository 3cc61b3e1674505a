"""A guest makes an account of what they are, or signs in to the one they have."""

from django.conf import settings
from django.contrib.auth import login
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.shortcuts import resolve_url

from ratings.guests.merging import Taken, take_over
from ratings.models import Origin, User

# So many titles make a list that recommendations can go by.
A_LIST = 5


def settle(member: User) -> bool:
    """Write a guest's row as an account: name, password and address as `member` holds them.

    False where the name is taken, or where the row is a guest's no more.
    """
    settled = {
        "username": member.username,
        "password": member.password,
        "email": member.email,
        "origin": Origin.SIGNED_UP,
    }
    try:
        with transaction.atomic():
            guests = User.objects.filter(pk=member.pk, origin=Origin.GUEST)
            # These columns alone: a title that is rated at this moment has changed others.
            is_settled = bool(guests.update(**settled))
    except IntegrityError:
        return False
    if is_settled:
        member.origin = Origin.SIGNED_UP
    return is_settled


def sign_in(request: HttpRequest, member: User) -> Taken | None:
    """Sign in; what was said as a guest comes along, and None says that there was no guest."""
    guest = request.user
    taken = None
    if isinstance(guest, User) and guest.is_guest and guest.pk != member.pk:
        taken = take_over(guest, member)
    login(request, member)
    return taken


def landing(member: User) -> str:
    """Where a new account goes: to its recommendations if there is a list, else to make one."""
    has_list = member.list_entries.scored().count() >= A_LIST
    return resolve_url(settings.LOGIN_REDIRECT_URL if has_list else settings.SIGN_UP_REDIRECT_URL)
