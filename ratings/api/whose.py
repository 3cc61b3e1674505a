"""Whose list a request is about: one's own, or that of somebody who shows it."""

from typing import cast

from rest_framework import exceptions
from rest_framework.request import Request

from catalog.api.problems import missing
from ratings import audit
from ratings.models import User


def member_of(request: Request) -> User:
    """Of a view that lets nobody in who is not signed in."""
    return cast(User, request.user)


def member_shown(request: Request, user_id: int | None) -> User:
    """The member of that number, or whoever asks. PermissionDenied tells nobody whether there is one."""
    if user_id is None:
        if not request.user.is_authenticated:
            raise exceptions.NotAuthenticated
        return member_of(request)
    found = User.objects.shown_to(request.user).filter(pk=user_id).first()
    if found is not None:
        audit.note_a_look(request.user, found)
        return found
    if getattr(request.user, "is_staff", False):
        raise missing("user_id", f"There is no member {user_id} here.")
    raise exceptions.PermissionDenied(f"You may not see what member {user_id} keeps.")
