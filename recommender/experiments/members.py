"""Everybody who was shown something in an experiment, as columns: what a report is made of."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from django.db.models import Count, Min, Sum

from ratings.models import UserAnimeRating
from recommender.engine.experiments.moments import Floats, Moments
from recommender.models import UNIT, Experiment, Exposure, Metric, Outcome

Ints = npt.NDArray[np.int64]
NEVER = np.iinfo(np.int64).max
# What was known of a member before the experiment: how much they rated in so many days.
BEFORE = timedelta(days=28)


@dataclass(frozen=True)
class Members:
    """One row for each member: shape (n,) all. Strangers have numbers below 0.

    `days`: on which day of the experiment they were first shown something, from 0. `titles`: how many they
    were shown. `did`: on which day they first did it, NEVER if not. `taken`: how many titles they took up.
    `mixed`: how many were shown two variants, and are left out.
    """

    ids: Ints
    variants: Ints
    days: Ints
    titles: Ints
    before: Ints
    taken: Ints
    did: dict[str, Ints]
    mixed: int = 0

    @classmethod
    def of(cls, experiment: Experiment) -> Self:
        start = experiment.started_at
        told = Exposure.objects.filter(experiment=experiment.pk, position=0).order_by()
        rows = told.annotate(unit=UNIT).values("unit", "variant")
        rows = rows.annotate(first=Min("shown_at"), shown=Sum("length"))
        table = _table(
            (member, variant, (first - start).days, shown)
            for member, variant, first, shown in rows.values_list(
                "unit", "variant", "first", "shown"
            ).iterator(chunk_size=10_000)
        )
        ids, counts = np.unique(table[:, 0], return_counts=True)
        table = table[np.isin(table[:, 0], ids[counts == 1])]
        table = table[np.argsort(table[:, 0])]
        whose = table[:, 0]
        did, taken = _outcomes(experiment, whose)
        before = _before(experiment, whose)
        return cls(
            whose, table[:, 1], table[:, 2], table[:, 3], before, taken, did,
            mixed=int((counts > 1).sum()),
        )  # fmt: skip

    def __len__(self) -> int:
        return len(self.ids)

    def only(self, mask: npt.NDArray[np.bool_]) -> Self:
        names = ("ids", "variants", "days", "titles", "before", "taken")
        kept = {name: getattr(self, name)[mask] for name in names}
        return replace(self, **kept, did={name: own[mask] for name, own in self.did.items()})

    def moments(self, variant: int, metric: str) -> Moments:
        """Of the members of a variant: did it (0 or 1), what was known before, taken up, shown."""
        of = self.variants == variant
        did = self.did[metric][of] != NEVER
        return Moments.of(did, self.before[of], self.taken[of], self.titles[of])

    def by_day(self, variant: int, metric: str, days: int) -> tuple[Floats, Floats]:
        """How many members there were after each day, and how many of them had done it."""
        of = self.variants == variant
        first = self.days[of]
        done = np.maximum(self.did[metric][of], first)
        there = np.bincount(first[first < days], minlength=days).cumsum()
        had = np.bincount(done[done < days], minlength=days).cumsum()
        return there.astype(np.float64), had.astype(np.float64)


def _outcomes(experiment: Experiment, whose: Ints) -> tuple[dict[str, Ints], Ints]:
    did = {metric: np.full(len(whose), NEVER) for metric in Metric.values}
    taken = np.zeros(len(whose), np.int64)
    told = Outcome.objects.filter(experiment=experiment.pk).order_by()
    rows = told.values("kind", "member").annotate(first=Min("at"), titles=Count("pk"))
    start = experiment.started_at
    for kind, member, first, titles in rows.values_list(
        "kind", "member", "first", "titles"
    ).iterator(chunk_size=10_000):
        at = np.searchsorted(whose, member)
        if at < len(whose) and whose[at] == member:
            did[kind][at] = (first - start).days
            if kind == Metric.TAKEN_UP:
                taken[at] = titles
    return did, taken


def _before(experiment: Experiment, whose: Ints) -> Ints:
    start = experiment.started_at
    assert start  # noqa: S101 - only what has started has members
    lines = UserAnimeRating.objects.filter(rated_at__lt=start, rated_at__gte=start - BEFORE)
    rows = lines.order_by().values("user").annotate(number=Count("pk"))
    found = _table(rows.values_list("user", "number").iterator(chunk_size=10_000), columns=2)
    before = np.zeros(len(whose), np.int64)
    at = np.searchsorted(whose, found[:, 0]).clip(max=max(len(whose) - 1, 0))
    if len(whose):
        is_ours = whose[at] == found[:, 0]
        before[at[is_ours]] = found[is_ours, 1]
    return before


def _table(rows: Any, columns: int = 4) -> Ints:
    return np.array(list(rows), np.int64).reshape(-1, columns)
