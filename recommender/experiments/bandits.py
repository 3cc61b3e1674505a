"""A bandit over variants: epochs whose shares follow what the epochs before have shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from catalog.models import CatalogueVersion
from recommender.engine.experiments import counts
from recommender.engine.experiments.estimates import Estimate
from recommender.engine.experiments.sequential import LEAST
from recommender.engine.experiments.thompson import batched, chance_of_best, shares_of
from recommender.models import UNIT, Epoch, Experiment, Exposure, Outcome, Variant
from recommender.models.experiments import LESS_IS_BETTER

# So many members go to each variant at least: or a bad start would be its end.
LEAST_SHARE = 0.05


@dataclass(frozen=True)
class EpochTold:
    """Of each variant in order: its share, the members who were shown it, and how many of them did it."""

    number: int
    began_at: datetime
    shares: list[float]
    members: list[int]
    did: list[int]
    is_mismatch: bool


@dataclass(frozen=True)
class Bandit:
    """`chances`: how likely each variant is the best. `differences`: to the first, epochs joined; for one look."""

    epochs: list[EpochTold]
    chances: list[float]
    differences: list[tuple[Variant, Estimate]]


def read(experiment: Experiment, variants: Sequence[Variant]) -> Bandit:
    rows = list(experiment.epochs.all())
    ends = [row.began_at for row in rows[1:]] + [None]
    epochs = [_told(experiment, row, end) for row, end in zip(rows, ends, strict=True)]
    return Bandit(epochs, _chances(experiment, epochs), list(_differences(epochs, variants)))


def next_epoch(experiment: Experiment, now: datetime) -> Epoch | None:
    """Begin one when the last has had its window, and enough members; None where it goes on."""
    told = read(experiment, list(experiment.variants.all()))
    last = told.epochs[-1]
    if now - last.began_at < timedelta(days=experiment.window_days) or sum(last.members) < LEAST:
        return None
    won, seen = _totals(experiment, told.epochs)
    shares = shares_of(won, seen, min(LEAST_SHARE, 1 / len(seen)))
    try:
        with transaction.atomic():
            made = experiment.epochs.create(
                number=last.number + 1, began_at=now, shares=shares.tolist()
            )
            CatalogueVersion.advance()
    except IntegrityError:
        # Another worker was quicker.
        return None
    return made


def _told(experiment: Experiment, row: Epoch, end: datetime | None) -> EpochTold:
    """Members by what they were shown within the epoch, and did within it: for all variants alike."""
    shown = Exposure.objects.filter(
        experiment=experiment.pk, position=0, shown_at__gte=row.began_at
    )
    done = Outcome.objects.filter(
        experiment=experiment.pk, kind=experiment.metric, at__gte=row.began_at
    )
    if end:
        shown, done = shown.filter(shown_at__lt=end), done.filter(at__lt=end)
    where = dict(shown.annotate(unit=UNIT).order_by().values_list("unit", "variant").distinct())
    did = set(done.order_by().values_list("member", "variant").distinct())
    places = range(len(row.shares))
    members = [sum(variant == place for variant in where.values()) for place in places]
    found = [sum((member, place) in did for member, variant in where.items() if variant == place)
             for place in places]  # fmt: skip
    wrong = bool(sum(members)) and counts.is_mismatch(members, row.shares)
    return EpochTold(row.number, row.began_at, row.shares, members, found, wrong)


def _totals(experiment: Experiment, epochs: list[EpochTold]) -> tuple[list[int], list[int]]:
    seen = [sum(column) for column in zip(*(epoch.members for epoch in epochs), strict=True)]
    did = [sum(column) for column in zip(*(epoch.did for epoch in epochs), strict=True)]
    if experiment.metric in LESS_IS_BETTER:
        did = [n - d for n, d in zip(seen, did, strict=True)]
    return did, seen


def _chances(experiment: Experiment, epochs: list[EpochTold]) -> list[float]:
    chances: list[float] = chance_of_best(*_totals(experiment, epochs)).tolist()
    return chances


def _differences(
    epochs: list[EpochTold], variants: Sequence[Variant]
) -> "list[tuple[Variant, Estimate]]":
    found = []
    for place, variant in enumerate(variants[1:], start=1):
        pairs = [pair for epoch in epochs if (pair := _difference(epoch, place))]
        if pairs:
            found.append((variant, batched(pairs)))
    return found


def _difference(epoch: EpochTold, place: int) -> tuple[float, float] | None:
    """With half a member more on either side, so that an epoch in which all or nobody did has a spread."""
    rates, variance = [], 0.0
    for at in (0, place):
        n, did = epoch.members[at], epoch.did[at]
        if n < LEAST:
            return None
        rates.append(did / n)
        near = (did + 0.5) / (n + 1)
        variance += near * (1 - near) / n
    return rates[1] - rates[0], variance
