"""What a variant that leaves places to chance would have come to without: nobody has to be shown it first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from django.db.models import Exists, OuterRef, Sum
from django.db.models.functions import Abs, Mod

from recommender.engine.experiments.off_policy import OffPolicy, off_policy
from recommender.engine.interactions import EngineError
from recommender.models import UNIT, Experiment, Exposure, Outcome, Variant

# About so many; more make the estimate no better that anybody would notice.
MOST = 500_000
# With a share ε <= 0.5 of chance a title that would have stood there anyway had 1 - ε at least.
ANYWAY = 0.5


@dataclass(frozen=True)
class WithoutChance:
    """Titles taken up of those shown: `seen` as it was, `estimate` as it would have been."""

    variant: Variant
    seen: float
    estimate: OffPolicy


def without_chance(experiment: Experiment, variants: Sequence[Variant]) -> Iterator[WithoutChance]:
    """Of each variant that explores; place by place, given the titles above it."""
    for variant in variants:
        if variant.as_dials().exploration:
            rows = _shown(experiment, variant)
            try:
                yield _estimated(variant, rows)
            except EngineError:
                # Nothing was shown, or nothing that would have been there anyway.
                continue


def _estimated(variant: Variant, rows: "list[tuple[int, float, bool]]") -> WithoutChance:
    table = np.array(rows, np.float64).reshape(-1, 3)
    members, logged, done = table.T
    estimate = off_policy(done, logged, (logged > ANYWAY).astype(np.float64), members)
    return WithoutChance(variant, float(done.mean()), estimate)


def _shown(experiment: Experiment, variant: Variant) -> "list[tuple[int, float, bool]]":
    did = Outcome.objects.filter(
        experiment=experiment.pk, kind=experiment.metric, member=OuterRef("member"),
        anime=OuterRef("anime"), at__gte=OuterRef("shown_at"),
    )  # fmt: skip
    shown = Exposure.objects.filter(experiment=experiment.pk, variant=variant.position).order_by()
    number = shown.filter(position=0).aggregate(number=Sum("length"))["number"] or 0
    # Whole members, because theirs are no independent ones: each of so many.
    some = (
        shown.annotate(unit=UNIT).annotate(part=Mod(Abs("unit"), 1 + number // MOST)).filter(part=0)
    )
    return list(some.annotate(done=Exists(did)).values_list("unit", "propensity", "done"))
