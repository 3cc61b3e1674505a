"""How commands find the member they are told the name of."""

from django.core.management.base import CommandError

from ratings.models import User


def member_named(name: str) -> User:
    member = User.objects.filter(username=name).first() if "\0" not in name else None
    if member is None:
        raise CommandError(f"there is no member called {name!r}")
    return member
