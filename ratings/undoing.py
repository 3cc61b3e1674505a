"""The last change of many lines taken back: each as it was, save those that were changed since."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from catalog.models import Anime
from ratings.bulk import in_batches
from ratings.importing.lists.comparing import KEPT, kept, restored
from ratings.importing.lists.rows import add_entries, replace_entries
from ratings.models import ListChange, User, UserAnimeRating, WatchStatus

# Undo is offered for so long; what was before is kept until the next change all the same.
OFFERED_FOR = timedelta(days=1)


@dataclass(frozen=True)
class Undone:
    """So many lines are as they were; so many were changed since, or their titles are gone."""

    restored: int
    left: int


def last_change(member: User) -> ListChange | None:
    """What can be undone now, without the lines."""
    since = timezone.now() - OFFERED_FOR
    return ListChange.objects.filter(user=member, made_at__gte=since).defer("before").first()


@transaction.atomic
def undo(member: User) -> Undone | None:
    """None where there is nothing to undo, as after it was undone."""
    # The lines first, then the change, as who makes one does: the two would wait for each other.
    entries = member.list_entries.select_for_update().order_by("pk")
    now = {entry.anime_id: entry for entry in entries}
    changes = ListChange.objects.filter(user=member, made_at__gte=timezone.now() - OFFERED_FOR)
    change = changes.select_for_update().first()
    if change is None:
        return None
    back = list(_restorable(change, now))
    {"off": _put_back, "counts": _recount}.get(change.kind, _rewrite)(member, back)
    change.delete()
    if back:
        member.touch_list()
    return Undone(len(back), len(change.before) - len(back))


Packed = tuple[int, bool, dict[str, Any]]


def _restorable(change: ListChange, now: dict[int, UserAnimeRating]) -> Iterator[Packed]:
    known: set[int] = set()
    if change.kind == "off":
        gone = [row[0] for row in change.before if row[0] not in now]
        for ids in in_batches(gone):
            known.update(Anime.objects.filter(pk__in=ids).values_list("pk", flat=True))
    for mal_id, counts, *values in change.before:
        before = dict(zip(KEPT, values, strict=True))
        entry = now.get(mal_id)
        as_left = mal_id in known if entry is None else _is_as_left(entry, before, change)
        if as_left:
            yield mal_id, counts, restored(before)


def _is_as_left(entry: UserAnimeRating, before: dict[str, Any], change: ListChange) -> bool:
    if change.kind == "off":
        return False
    if change.kind == "counts":
        return entry.counts == (change.value == "yes")
    after = {**before, "rated_at": change.made_at.isoformat()}
    if change.kind == "status":
        after["status"] = change.value
    else:
        after["score"] = int(change.value) if change.value else None
        if change.value and before["status"] == WatchStatus.PLANNED:
            after["status"] = WatchStatus.COMPLETED.value
    return kept(entry) == after


def _rewrite(member: User, back: list[Packed]) -> None:
    replace_entries(member.pk, ((mal_id, values) for mal_id, _, values in back))


def _put_back(member: User, back: list[Packed]) -> None:
    add_entries(member.pk, ((mal_id, values) for mal_id, _, values in back))
    _recount(member, [one for one in back if not one[1]])


def _recount(member: User, back: list[Packed]) -> None:
    for counts in (True, False):
        ids = [mal_id for mal_id, counted, _ in back if counted == counts]
        for some in in_batches(ids):
            member.list_entries.filter(anime__in=some).update(counts=counts)
