"""Many lines of a list changed at once: in one transaction, and kept so that it can be undone.

Each verb takes the member and the lines meant, locks them in one order, writes those that are not so
already, and answers how many that were. What was there before is kept in the member's `ListChange`;
a change of nothing keeps the last one, so a form sent twice can still be undone.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Case, CharField, F, Q, QuerySet, Value, When
from django.utils import timezone

from ratings.importing.lists.comparing import KEPT, kept
from ratings.models import ListChange, User, UserAnimeRating, WatchStatus
from ratings.querysets import RatingQuerySet

# SQLite takes no more values in one statement than that, several times over.
BATCH = 1000
Lines = QuerySet[UserAnimeRating]
Thing = TypeVar("Thing")


def set_status(*, member: User, entries: RatingQuerySet, status: str) -> int:
    label = WatchStatus(status).label
    return _change(
        member,
        entries.exclude(status=status),
        ("status", status, f"Status set to {label}"),
        lambda lines, now: lines.update(status=status, rated_at=now),
    )


def set_score(*, member: User, entries: RatingQuerySet, score: int | None) -> int:
    """Or take it back with None. What was planned is completed by a score, as it is one by one."""
    if score is None:
        different, words = entries.scored(), "Score taken back"
    else:
        different = entries.exclude(Q(score=score) & ~Q(status=WatchStatus.PLANNED))
        words = f"Score set to {score}"

    def write(lines: Lines, now: datetime) -> None:
        lines.update(score=score, rated_at=now, status=_status_with(score))

    return _change(member, different, ("score", str(score or ""), words), write)


def set_counting(*, member: User, entries: RatingQuerySet, counts: bool) -> int:
    """Whether the lines tell of the member's taste."""
    words = "Counted for your taste again" if counts else "Not counted for your taste"
    return _change(
        member,
        entries.filter(counts=not counts),
        ("counts", "yes" if counts else "no", words),
        lambda lines, now: lines.update(counts=counts),
    )


def take_off(*, member: User, entries: RatingQuerySet) -> int:
    return _change(
        member,
        entries,
        ("off", "", "Taken off your list"),
        lambda lines, now: lines.delete(),
    )


@transaction.atomic
def _change(
    member: User,
    entries: RatingQuerySet,
    what: tuple[str, str, str],
    write: Callable[[Lines, datetime], object],
) -> int:
    # By their keys: what is locked must not be narrowed by what other tables say.
    wanted = member.list_entries.filter(pk__in=entries.order_by().values("pk")).order_by("pk")
    list(wanted.select_for_update().values_list("pk"))
    # Asked again: whoever sent the form twice waited for the first, and what it says is so by now.
    found = list(wanted)
    if not found:
        return 0
    kind, value, words = what
    now = timezone.now()
    for some in in_batches(found):
        write(UserAnimeRating.objects.filter(pk__in=[entry.pk for entry in some]), now)
    number = len(found)
    told = {
        "kind": kind,
        "value": value,
        "words": f"{words}: {number:,} title{'' if number == 1 else 's'}.",
        "made_at": now,
        "before": [_packed(entry) for entry in found],
    }
    ListChange.objects.update_or_create(user=member, defaults=told)
    member.touch_list()
    return number


def in_batches(things: Sequence[Thing]) -> Iterator[Sequence[Thing]]:
    for start in range(0, len(things), BATCH):
        yield things[start : start + BATCH]


def _status_with(score: int | None) -> Any:
    if score is None:
        return F("status")
    planned = When(Q(status=WatchStatus.PLANNED), then=Value(WatchStatus.COMPLETED.value))
    return Case(planned, default=F("status"), output_field=CharField())


def _packed(entry: UserAnimeRating) -> list[Any]:
    values = kept(entry)
    return [entry.anime_id, entry.counts, *(values[name] for name in KEPT)]
