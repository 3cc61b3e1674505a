"""Experiments for tests."""

from typing import Any

from recommender.experiments import states
from recommender.models import Experiment, Layer, Variant

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
