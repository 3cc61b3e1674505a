"""Experiments for tests."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from ratings.models import User
from recommender.experiments import states
from recommender.models import Experiment, Exposure, Layer, Metric, Outcome, Variant

# What turns the popularity dial to its end shows other titles first, whoever the member is.
RARE: dict[str, Any] = {"dials": {"popularity": -1.0}}
USUAL: dict[str, Any] = {}


def draft(name: str = "rare-first", *variants: dict[str, Any], **more: Any) -> Experiment:
    layer, _ = Layer.objects.get_or_create(name=more.pop("layer", "ranking"))
    made = Experiment.objects.create(
        name=name, hypothesis="Members find more among what few know.", layer=layer, **more
    )
    for position, what in enumerate(variants or (USUAL, RARE)):
        told = {"position": position, "name": f"v{position}", "share": 1 / len(variants or (1, 1))}
        Variant.objects.create(experiment=made, **told | what)
    return made


def run(name: str = "rare-first", *variants: dict[str, Any], **more: Any) -> Experiment:
    return states.start(draft(name, *variants, **more), by="boss")


def show(
    experiment: Experiment, member: User, variant: int, at: datetime, animes: Sequence[int]
) -> None:
    listing = uuid.uuid4()
    Exposure.objects.bulk_create(
        Exposure(
            experiment=experiment.pk, variant=variant, member=member, listing=listing, position=place,
            length=len(animes), anime=anime, score=1.0, propensity=1.0, shown_at=at,
        )
        for place, anime in enumerate(animes)
    )  # fmt: skip


def stopped_with(members: list[User], days: int = 8) -> Experiment:
    """It ran for `days`; of the second variant more members took something up."""
    made = run("rare-first", guardrails=[Metric.DISLIKED])
    begin = timezone.now() - timedelta(days=days)
    for n, member in enumerate(members):
        at = begin + timedelta(days=n % (days - 2), hours=3)
        show(made, member, n % 2, at, [1, 2, 3])
        if n % 7 < 2 + 3 * (n % 2):
            Outcome.objects.create(
                experiment=made.pk, variant=n % 2, member=member, anime=1, kind=Metric.TAKEN_UP,
                at=at + timedelta(hours=1),
            )  # fmt: skip
    Experiment.objects.filter(pk=made.pk).update(started_at=begin)
    return states.stop(Experiment.objects.get(pk=made.pk), by="boss", said="Enough of it.")
