"""What was trained, how good it is, and how it compares with what was served before."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.utils import timezone

from recommender.models import TrainedModel, TrainingRun

RUNS = 20
# Enough for two of each role, also after weeks of nights.
MODELS = 400
AT_K = 20
# Name of the column, name in the metrics, whether more is better.
COLUMNS = [
    ("NDCG", "ndcg", True),
    ("Recall", "recall", True),
    ("Coverage", "coverage", True),
    ("RMSE", "rmse", False),
    ("MAE", "mae", False),
]


@dataclass(frozen=True)
class Measured:
    """One number of a model, and in words how it moved since the model before."""

    value: float | None
    change: str = ""


@dataclass
class Row:
    model: TrainedModel
    before: TrainedModel | None = None
    numbers: list[Measured] = field(default_factory=list)

    @property
    def is_old(self) -> bool:
        return self.model.trained_at < timezone.now() - timedelta(days=7)


def runs() -> list[TrainingRun]:
    """The newest; of one whose worker was killed it is written down first."""
    TrainingRun.objects.note_the_dead()
    return list(TrainingRun.objects.all()[:RUNS])


def is_going_on(some: Iterable[TrainingRun]) -> bool:
    ids = [run.pk for run in some]
    return TrainingRun.objects.under_way().filter(pk__in=ids).exists()


def leaderboard() -> list[Row]:
    """The models that are served, each beside the one before it in its role."""
    known = TrainedModel.objects.defer("config", "provenance").order_by("-trained_at")[:MODELS]
    by_role: dict[str, list[TrainedModel]] = {}
    for model in known:
        by_role.setdefault(model.role, []).append(model)
    # An active model that is older than all of those is served all the same.
    for model in TrainedModel.objects.active().defer("config", "provenance"):
        some = by_role.setdefault(model.role, [])
        if model not in some:
            some.append(model)
    return [row for models in by_role.values() for row in _row(models)]


def _row(models: list[TrainedModel]) -> Iterator[Row]:
    for place, model in enumerate(models):
        if model.is_active:
            before = next((other for other in models[place + 1 :]), None)
            yield Row(model, before, _compared(model.metrics, before.metrics if before else {}))


def _compared(now: dict[str, Any], then: dict[str, Any]) -> list[Measured]:
    return [
        Measured(value, _change(value, number_of(then, name), more_is_better))
        for _, name, more_is_better in COLUMNS
        for value in [number_of(now, name)]
    ]


def number_of(metrics: dict[str, Any], name: str) -> float | None:
    """At twenty titles where it depends on how many are recommended."""
    at: dict[str, Any] = next((row for row in metrics.get("at", []) if row.get("k") == AT_K), {})
    value = metrics.get(name, at.get(name))
    return float(value) if isinstance(value, int | float) else None


def _change(now: float | None, then: float | None, more_is_better: bool) -> str:
    if now is None or then is None:
        return ""
    difference = now - then
    if abs(difference) < 0.0005:
        return "as before"
    size = f"{difference:+.3f}".replace("-", "−")
    return f"{size}, {'better' if (difference > 0) == more_is_better else 'worse'}"
