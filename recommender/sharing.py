"""Whose list others may read: the only members that a page compares or joins with somebody else."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from ratings.models import Origin, User

MOST_OTHERS = 5
# No longer name can be signed up with.
LONGEST_NAME = 150


def public_members() -> QuerySet[User]:
    """Who agreed to be seen. Staff see no more here than anybody: likeness is no matter of the operator."""
    return User.objects.filter(is_active=True, is_public=True).exclude(origin=Origin.GUEST)


@dataclass(frozen=True)
class Company:
    """`members`: whoever asks, first, then the others in the order they were named. `unknown`: names
    that are nobody's who is public, whether or not somebody private has them. `left_out`: whether
    more were named than there is room for."""

    members: Sequence[User]
    unknown: Sequence[str]
    left_out: bool

    @property
    def others(self) -> Sequence[User]:
        return self.members[1:]


def company_of(member: User, names: Iterable[str]) -> Company:
    """`member` and the public members of these names: one query, none without names."""
    wanted = [name for name in dict.fromkeys(map(str.strip, names)) if name]
    wanted = [name for name in wanted if name != member.username]
    asked = wanted[:MOST_OTHERS]
    # PostgreSQL has no NUL in a text, so no name has one.
    possible = [name for name in asked if len(name) <= LONGEST_NAME and "\0" not in name]
    rows = public_members().filter(username__in=possible) if possible else ()
    found = {row.username: row for row in rows}
    return Company(
        members=[member, *(found[name] for name in asked if name in found)],
        unknown=[_shown(name) for name in asked if name not in found],
        left_out=len(wanted) > MOST_OTHERS,
    )


def _shown(name: str) -> str:
    return name.replace("\0", "")[:LONGEST_NAME]
