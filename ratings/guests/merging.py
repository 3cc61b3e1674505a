"""What a guest said becomes an account's, where the account says nothing of it yet."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, Field, Model, OuterRef, QuerySet, UniqueConstraint

from ratings.leaving import belongings
from ratings.models import ListImport, User, UserAnimeRating

# What lets act as somebody, and what others wrote down: neither changes hands.
STAYS = {"ratings.accesstoken", "admin.logentry", "ratings.user_groups", "ratings.user_user_permissions"}  # fmt: skip
TRIES = 3


@dataclass(frozen=True)
class Taken:
    """How many titles came onto the account's list, and how many it had already."""

    moved: int
    there: int

    @property
    def sentence(self) -> str:
        """'7 titles you rated as a guest are on your list now.'"""
        parts = []
        if self.moved:
            one = self.moved == 1
            parts.append(
                f"{self.moved} title{'' if one else 's'} you rated as a guest "
                f"{'is' if one else 'are'} on your list now."
            )
        if self.there:
            one = self.there == 1
            parts.append(
                f"{self.there} title{'' if one else 's'} you rated as a guest "
                f"{'was' if one else 'were'} on your list already and "
                f"{'stays' if one else 'stay'} as {'it was' if one else 'they were'}."
            )
        return " ".join(parts)


def take_over(guest: User, member: User) -> Taken:
    """Move the guest's rows to `member` and delete the guest.

    An account that rates one of the titles at this very moment is in the way once, not twice.
    """
    for _ in range(TRIES - 1):
        try:
            return _take_over(guest, member)
        except IntegrityError:
            continue
    return _take_over(guest, member)


@transaction.atomic
def _take_over(guest: User, member: User) -> Taken:
    # A worker that is writing an import of either is waited for.
    both = ListImport.objects.select_for_update().filter(user__in=(guest.pk, member.pk))
    list(both.order_by("pk").values_list("pk", flat=True))
    # What the account has watched it need not dismiss.
    listed = member.list_entries.values("anime")
    guest.feedback.filter(anime__in=listed).delete()
    moved = {model: _move(model, field, guest, member) for model, field in _tables()}
    there = guest.list_entries.count()
    member.touch_list()
    User.objects.filter(pk=guest.pk).delete()
    return Taken(moved[UserAnimeRating], there)


def _tables() -> "Iterator[tuple[type[Model], Field[Any, Any]]]":
    """Every table whose rows name their member, and by which column."""
    for one in belongings():
        if one.name in STAYS:
            continue
        for path in one.paths:
            field = None if "__" in path else one.model._meta.get_field(path)
            # Where the member is the key of the row, it tells of a visit, and of no wish.
            if isinstance(field, Field) and not field.primary_key:
                yield one.model, field


def _move(model: type[Model], field: "Field[Any, Any]", guest: User, member: User) -> int:
    rows: QuerySet[Any] = model._base_manager.filter(**{field.name: guest.pk})
    for others in _unique_with(model, field):
        same = {name: OuterRef(name) for name in others}
        rows = rows.exclude(Exists(model._base_manager.filter(**{field.name: member.pk}, **same)))
    return rows.update(**{field.name: member.pk})


def _unique_with(model: type[Model], field: "Field[Any, Any]") -> Iterator[list[str]]:
    """The other columns of which a member may have each combination once."""
    if field.unique:
        yield []
    for rule in model._meta.constraints:
        if isinstance(rule, UniqueConstraint) and field.name in rule.fields:
            yield [name for name in rule.fields if name != field.name]
