"""What members were shown on For you: written from the lines of `experiments.spool`, read to tire and to teach."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import timezone

from ratings.models import Feedback, FeedbackReason, User, UserAnimeRating, WatchStatus
from recommender.engine.fatigue import FREE_LOOKS, looks_at, looks_left, tiredness
from recommender.engine.impressions import Impressions
from recommender.engine.interactions import FloatArray, IntArray
from recommender.models import Impression

CHUNK = 2000
# Members whose numbers lie so near are written together.
MEMBERS_AT_ONCE = 500
# As the feature is named in an attribution.
PASSED_OVER = "passed_over"
DAY = 86_400
ROW = np.dtype(
    [
        *((name, "i8") for name in ("members", "items", "places")), ("days", "f4"), ("models", "i8"),
        ("scores", "f4"), ("taken", "?"), ("refused", "?"),
    ]
)  # fmt: skip


# --- writing


@dataclass(frozen=True)
class Seen:
    """One title on one page."""

    member: int
    anime: int
    at: datetime
    place: int
    score: float
    model: int | None

    @property
    def day(self) -> date:
        return timezone.localdate(self.at)

    @property
    def key(self) -> tuple[int, int]:
        return self.member, self.anime

    def row(self, looks: "Looks") -> Impression:
        return Impression(
            member_id=self.member, anime=self.anime, first_at=self.at, place=self.place, score=self.score,
            model=self.model, last_on=looks.last_on, looks_last=looks.last, looks_before=looks.before,
        )  # fmt: skip


class Looks(NamedTuple):
    """The last day, how much was looked at on it, and before it."""

    last_on: date
    last: float
    before: float

    def and_(self, seen: Seen) -> "Looks":
        """A day that is known, or one before it, adds nothing: what comes twice or late is never too much."""
        looks = float(looks_at(seen.place))
        if seen.day > self.last_on:
            return Looks(seen.day, looks, self.before + self.last)
        return self._replace(last=max(self.last, looks)) if seen.day == self.last_on else self


def write(seen: Iterable[Seen]) -> None:
    """Each title of each day once; inside a transaction."""
    told = sorted(seen, key=lambda one: (one.key, one.at))
    for _, some in groupby(told, key=lambda one: one.member // MEMBERS_AT_ONCE):
        _write(list(some))


def _write(seen: list[Seen]) -> None:
    known = _known(seen)
    rows = []
    for key, same in groupby(seen, key=lambda one: one.key):
        days = list(same)
        before = known.get(key)
        looks = before or Looks(days[0].day, float(looks_at(days[0].place)), 0.0)
        for one in days:
            looks = looks.and_(one)
        if looks != before:
            rows.append(days[0].row(looks))
    # In one order, so that two who write at once wait for each other and do not lock.
    Impression.objects.bulk_create(
        rows, batch_size=CHUNK, update_conflicts=True, unique_fields=("member", "anime"),
        update_fields=("last_on", "looks_last", "looks_before"),
    )  # fmt: skip


def _known(seen: list[Seen]) -> dict[tuple[int, int], Looks]:
    rows = _rows_of({one.member for one in seen}, {one.anime for one in seen})
    told = rows.values_list("member", "anime", "last_on", "looks_last", "looks_before")
    return {(who, what): Looks(on, last, before) for who, what, on, last, before in told}


def opened(rows: Sequence[tuple[int, int, datetime]]) -> None:
    """(member, title, when) of pages of titles that were opened."""
    latest = {(member, anime): at for member, anime, at in sorted(rows, key=lambda row: row[2])}
    there = _rows_of({member for member, _ in latest}, {anime for _, anime in latest})
    found = [row for row in there if (row.member_id, row.anime) in latest]
    for row in found:
        at = latest[row.member_id, row.anime]
        row.opened_at = max(at, row.opened_at or at)
    Impression.objects.bulk_update(found, ("opened_at",), CHUNK)


def _rows_of(members: set[int], animes: set[int]) -> "QuerySet[Impression]":
    """In one order, and nobody else's while the transaction lasts."""
    rows = Impression.objects.filter(member__in=members, anime__in=animes)
    return rows.order_by("member", "anime").select_for_update()


def forget(before: datetime) -> None:
    """What was not shown since, and all of whoever does not want it noted."""
    Impression.objects.filter(last_on__lt=timezone.localdate(before)).delete()
    Impression.objects.filter(member__in=User.objects.filter(takes_part=False)).delete()


# --- what tires


@dataclass(frozen=True)
class Overlooked:
    """`titles`: ids, sorted, shape (n,); `looks`: how often each was looked at and left, shape (n,)."""

    titles: IntArray
    looks: FloatArray

    def __len__(self) -> int:
        return len(self.titles)

    def tiredness(self, ids: IntArray) -> FloatArray:
        """Of each of `ids`, in spreads of the best scores, shape (k,)."""
        found = np.zeros(len(ids), np.float32)
        if len(self):
            at = np.searchsorted(self.titles, ids).clip(max=len(self) - 1)
            there = self.titles[at] == ids
            found[there] = tiredness(self.looks[at[there]])
        return found


NOTHING = Overlooked(np.empty(0, np.int64), np.empty(0, np.float32))


def rows_overlooked(member: int) -> "QuerySet[Impression]":
    """Titles that were on the member's page so often that they may tire. What was opened was not ignored."""
    shown = Impression.objects.filter(member=member, member__takes_part=True, opened_at=None)
    often = shown.annotate(looks=F("looks_before") + F("looks_last"))
    return often.filter(looks__gt=FREE_LOOKS)


def overlooked(rows: Iterable[tuple[int, date, float, float]]) -> Overlooked:
    """Of title, last day, looks on it and before it: those looked at more than FREE_LOOKS times by yesterday.

    While a list is read it does not move: today's look counts tomorrow.
    """
    today, found = timezone.localdate(), list(rows)
    ids = np.array([row[0] for row in found], np.int64)
    days = np.array([(today - row[1]).days for row in found], np.float64)
    last, before = (np.array([row[at] for row in found], np.float64) for at in (2, 3))
    looks = looks_left(before + np.where(days > 0, last, 0), np.maximum(days, 0))
    tired = looks > FREE_LOOKS
    order = np.argsort(ids[tired])
    return Overlooked(ids[tired][order], looks[tired][order])


# --- what teaches


def read_impressions(untaught: Sequence[str] = ()) -> Impressions | None:
    """All that was shown to members of other origins than `untaught`, answered or not; None if nothing was.

    Not what is undecided: a title whose page was opened and that was neither taken up nor refused.
    """
    rows = np.fromiter(_taught(untaught), ROW)
    if not len(rows):
        return None
    return Impressions(**{name: rows[name].copy() for name, *_ in ROW.descr})


def _taught(untaught: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    entries = UserAnimeRating.objects.filter(
        user=OuterRef("member"),
        anime=OuterRef("anime"),
        source="",
        rated_at__gte=OuterRef("first_at"),
    )
    hidden = Feedback.objects.filter(
        user=OuterRef("member"), anime=OuterRef("anime"), created_at__gte=OuterRef("first_at")
    ).exclude(reason=FeedbackReason.SEEN)
    told = Impression.objects.filter(member__takes_part=True)
    told = told.exclude(member__origin__in=untaught).order_by("member", "anime")
    told = told.annotate(
        taken=Exists(entries.exclude(status=WatchStatus.DROPPED)),
        refused=Exists(entries.filter(status=WatchStatus.DROPPED)) | Exists(hidden),
    ).exclude(opened_at__isnull=False, taken=False, refused=False)
    columns = ("member", "anime", "place", "first_at", "model", "score", "taken", "refused")
    for who, what, place, at, model, score, taken, refused in told.values_list(*columns).iterator(
        CHUNK * 50
    ):
        day = at.timestamp() // DAY
        yield who, what, place, day, model or 0, score, bool(taken), bool(refused) and not taken
