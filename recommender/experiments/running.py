"""The experiments that run, as every process holds them until the catalogue's version says otherwise."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from recommender.engine.experiments.assignment import Slice, chosen, place_of
from recommender.models import Experiment, ExperimentKind, TrainedModel, Variant


@dataclass(frozen=True)
class Treatment:
    """What the members of one variant are shown; `dials` and `rules` are those that it sets itself."""

    pk: int
    position: int
    name: str
    share: float
    model: TrainedModel | None
    dials: tuple[tuple[str, float], ...]
    rules: tuple[tuple[str, Any], ...]

    @classmethod
    def of(cls, variant: Variant) -> "Treatment":
        variant.as_dials(), variant.as_rules()
        dials, rules = (tuple(sorted(set_.items())) for set_ in (variant.dials, variant.rules))
        told = (variant.pk, variant.position, variant.name, variant.share, variant.model)
        return cls(*told, dials, rules)


@dataclass(frozen=True)
class Running:
    """`experiment` is as it was read; nobody saves it."""

    experiment: Experiment
    layer_salt: str
    part: Slice
    treatments: tuple[Treatment, ...]
    # By which members are dealt to variants: of a bandit those of its epoch.
    salt: str
    shares: tuple[float, ...]

    @classmethod
    def of(cls, experiment: Experiment) -> "Running":
        treatments = tuple(map(Treatment.of, experiment.variants.all()))
        salt, shares = experiment.salt, tuple(one.share for one in treatments)
        if experiment.kind == ExperimentKind.BANDIT:
            epoch = max(experiment.epochs.all(), key=lambda one: one.number)
            salt, shares = f"{salt}:{epoch.number}", tuple(epoch.shares)
        return cls(experiment, experiment.layer.salt, experiment.part, treatments, salt, shares)

    def treatments_of(self, subject: str) -> tuple[Treatment, ...]:
        """By the layer whether it is theirs at all, then by its own salt which; of interleaving both."""
        if not self.part.holds(place_of(self.layer_salt, subject)):
            return ()
        if self.experiment.kind == ExperimentKind.INTERLEAVING:
            return self.treatments
        return (self.treatments[chosen(place_of(self.salt, subject), self.shares)],)


@lru_cache(maxsize=2)
def running(version: int) -> tuple[Running, ...]:
    """`version`: the catalogue's, which every start and stop advances."""
    rows = Experiment.objects.running().select_related("layer").order_by("pk")
    return tuple(map(Running.of, rows.prefetch_related("variants__model", "epochs")))
