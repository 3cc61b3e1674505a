"""What came of an experiment: figures with their certainty, for a page, a command and the API alike."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from django.db.models import Count, Q
from django.utils import timezone

from recommender.engine.experiments import counts, many, sequential
from recommender.engine.experiments.estimates import (
    Arm,
    Estimate,
    adjusted,
    difference,
    mean,
    ratio,
)
from recommender.engine.experiments.interleaving import preferences
from recommender.engine.experiments.sequential import Look
from recommender.experiments import bandits
from recommender.experiments.bandits import Bandit
from recommender.experiments.members import Members
from recommender.experiments.without_chance import WithoutChance, without_chance
from recommender.models import UNIT, Experiment, ExperimentKind, Exposure, Outcome, Variant
from recommender.models.experiments import LESS_IS_BETTER

ALPHA = 0.05


@dataclass(frozen=True)
class Day:
    """What could be said after a day: `members` in both variants together."""

    day: int
    members: int
    look: Look


@dataclass(frozen=True)
class Compared:
    """One metric of one variant beside the first; differences are in parts of 1.

    `at_once`: the usual interval, right for one look decided beforehand. `known`: the same with what was known
    of members before (CUPED). `days`: what the sequential test could say each day; `p` is its last, made right
    for how many variants are compared.
    """

    metric: str
    variant: Variant
    control: Arm
    treatment: Arm
    at_once: Estimate
    known: Estimate
    days: tuple[Day, ...]
    p: float = 1.0

    @property
    def look(self) -> Look | None:
        return self.days[-1].look if self.days else None

    @property
    def is_found(self) -> bool:
        return self.p < ALPHA

    @property
    def is_better(self) -> bool:
        return (self.at_once.value > 0) != (self.metric in LESS_IS_BETTER)


@dataclass(frozen=True)
class Segment:
    name: str
    variant: Variant
    estimate: Estimate
    p: float


@dataclass(frozen=True)
class Preference:
    """Of an interleaving: members who took up more of the first's titles, of the second's, as many of both.

    `p`: 1 over the e-value, right at any look and for however few members.
    """

    first: int
    second: int
    neither: int
    p: float

    @property
    def is_found(self) -> bool:
        return self.p < ALPHA


@dataclass(frozen=True)
class Report:
    experiment: Experiment
    variants: tuple[Variant, ...]
    members: tuple[int, ...]
    mixed: int
    shares_p: float
    is_mismatch: bool
    primary: tuple[Compared, ...]
    guardrails: tuple[Compared, ...]
    per_title: tuple[tuple[Variant, Estimate], ...]
    segments: tuple[Segment, ...]
    without_chance: tuple[WithoutChance, ...] = ()
    preference: Preference | None = None
    bandit: Bandit | None = None

    @property
    def broken(self) -> list[Compared]:
        """Guardrails that a variant is known to make worse."""
        return [one for one in self.guardrails if one.is_found and not one.is_better]


def report(experiment: Experiment) -> Report:
    variants = tuple(experiment.variants.all())
    if experiment.kind == ExperimentKind.INTERLEAVING:
        return _interleaved(experiment, variants)
    if experiment.kind == ExperimentKind.BANDIT:
        return _of_a_bandit(experiment, variants)
    members = Members.of(experiment)
    seen = [int((members.variants == one.position).sum()) for one in variants]
    shares = [one.share for one in variants]
    effect = experiment.base_rate * experiment.wanted_lift
    primary = _compared(members, variants, [experiment.metric], effect)
    guardrails = _compared(members, variants, experiment.guardrails, effect)
    return Report(
        experiment=experiment,
        variants=variants,
        members=tuple(seen),
        mixed=members.mixed,
        shares_p=counts.chi_square(seen, shares) if sum(seen) else 1.0,
        is_mismatch=bool(sum(seen)) and counts.is_mismatch(seen, shares),
        primary=primary,
        guardrails=guardrails,
        per_title=tuple(_per_title(members, variants, experiment.metric)),
        segments=tuple(_segments(members, variants, experiment.metric)),
        without_chance=tuple(without_chance(experiment, variants)),
    )


def _interleaved(experiment: Experiment, variants: tuple[Variant, ...]) -> Report:
    """All members see both, so there are no shares and no differences between members."""
    shown = Exposure.objects.filter(experiment=experiment.pk, position=0).order_by()
    members = shown.annotate(unit=UNIT).values("unit").distinct().count()
    done = Outcome.objects.filter(experiment=experiment.pk, kind=experiment.metric).order_by()
    counted = done.values("member").annotate(
        first=Count("pk", filter=Q(variant=0)), second=Count("pk", filter=Q(variant=1))
    )
    credits_ = list(counted.values_list("first", "second"))
    first, second, both = preferences(credits_)
    p = min(1.0, math.exp(-counts.log_preference(first, second)))
    neither = members - len(credits_) + both
    return Report(
        experiment=experiment, variants=variants, members=(members,) * len(variants), mixed=0,
        shares_p=1.0, is_mismatch=False, primary=(), guardrails=(), per_title=(), segments=(),
        preference=Preference(first, second, neither, p),
    )  # fmt: skip


def _of_a_bandit(experiment: Experiment, variants: tuple[Variant, ...]) -> Report:
    """Members move between variants with the epochs, so they are compared within each."""
    told = bandits.read(experiment, variants)
    seen = tuple(
        sum(epoch.members[place] for epoch in told.epochs) for place in range(len(variants))
    )
    return Report(
        experiment=experiment, variants=variants, members=seen, mixed=0, shares_p=1.0,
        is_mismatch=any(epoch.is_mismatch for epoch in told.epochs), primary=(), guardrails=(),
        per_title=(), segments=(), bandit=told,
    )  # fmt: skip


def _compared(
    members: Members, variants: Sequence[Variant], metrics: Sequence[str], effect: float
) -> tuple[Compared, ...]:
    found = [
        one
        for metric in metrics
        for variant in variants[1:]
        if (one := _pair(members, variants[0], variant, metric, effect))
    ]
    p = many.holm([one.look.p if one.look else 1.0 for one in found])
    return tuple(
        Compared(**{**vars(one), "p": float(own)}) for one, own in zip(found, p, strict=True)
    )


def _pair(
    members: Members, control: Variant, variant: Variant, metric: str, effect: float
) -> Compared | None:
    """None while one of them has too few members for a spread."""
    sums = [members.moments(one.position, metric) for one in (control, variant)]
    if min(one.n for one in sums) < 2:
        return None
    before, after = (mean(one) for one in sums)
    known = adjusted(sums)
    return Compared(
        metric=metric,
        variant=variant,
        control=before,
        treatment=after,
        at_once=difference(before, after),
        known=difference(known[0], known[1]),
        days=tuple(_days(members, control, variant, metric, effect)),
    )


def _days(
    members: Members, control: Variant, variant: Variant, metric: str, effect: float
) -> Iterator[Day]:
    if not len(members):
        return
    last = int(members.days.max())
    done = members.did[metric]
    last = max(last, int(done[done <= 10_000].max(initial=0))) + 1
    (n, s), (m, t) = (members.by_day(one.position, metric, last) for one in (control, variant))
    enough = (n >= sequential.LEAST) & (m >= sequential.LEAST)
    told = []
    for day in np.flatnonzero(enough).tolist():
        a, b = s[day] / n[day], t[day] / m[day]
        variance = a * (1 - a) / (n[day] - 1) + b * (1 - b) / (m[day] - 1)
        if variance > 0:
            told.append((day, int(n[day] + m[day]), (float(b - a), float(variance))))
    looks = sequential.looks([pair for *_, pair in told], effect)
    for (day, number, _), look in zip(told, looks, strict=True):
        # Rates differ by 1 at most.
        within = replace(look, low=max(look.low, -1.0), high=min(look.high, 1.0))
        yield Day(day, number, within)


def _per_title(
    members: Members, variants: Sequence[Variant], metric: str
) -> Iterator[tuple[Variant, Estimate]]:
    """Titles taken up for each that was shown; the error is that of members, not of titles."""
    control = members.moments(variants[0].position, metric).keep(2, 3)
    for variant in variants[1:]:
        own = members.moments(variant.position, metric).keep(2, 3)
        if min(control.n, own.n) >= 2:
            yield variant, difference(ratio(control), ratio(own))


def _segments(members: Members, variants: Sequence[Variant], metric: str) -> Iterator[Segment]:
    """Looked at once, and made right for how many they are: a hint for the next experiment."""
    parts = {
        "rated nothing in the four weeks before": members.before == 0,
        "rated something in the four weeks before": members.before > 0,
    }
    found = []
    for name, mask in parts.items():
        some = members.only(mask)
        for variant in variants[1:]:
            sums = [some.moments(one.position, metric) for one in (variants[0], variant)]
            if min(one.n for one in sums) >= sequential.LEAST:
                found.append((name, variant, difference(mean(sums[0]), mean(sums[1]))))
    p = many.benjamini_hochberg([estimate.p for *_, estimate in found])
    for (name, variant, estimate), own in zip(found, p, strict=True):
        yield Segment(name, variant, estimate, float(own))


def days_run(experiment: Experiment) -> int:
    end = experiment.stopped_at or timezone.now()
    return (end - experiment.started_at).days if experiment.started_at else 0
