"""Fit, evaluate on held-out members, keep, serve."""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from catalog.queue import QUEUE_IS_GONE
from recommender import datasets, extras
from recommender.beating import beating
from recommender.engine import registry
from recommender.engine.artifacts import MANIFEST
from recommender.engine.atlas import Atlas
from recommender.engine.base import Fitted, ItemFeatures
from recommender.engine.clustering import Clusters
from recommender.engine.evaluation import Evaluation, evaluate
from recommender.engine.interactions import EngineError, Interactions
from recommender.engine.prior import Prior
from recommender.engine.quiz import QuizModel
from recommender.engine.splitting import HoldOut, hold_out_members
from recommender.engine.taste import TasteModel
from recommender.models import TrainedModel, TrainingRun
from recommender.models.training import KILLED

Report = Callable[[str, int], None]

DEFAULT_SEED = 20261123
# With fewer lists than this there is no taste to learn, and what is served now is better.
FEWEST_MEMBERS = 50
# An instance with fewer members learns from its own lists and from what is shipped.
PRIOR_BELOW = 1000
NO_QUEUE = "The task queue does not answer, so no training was begun. Try again later."
# Of fewer members none is held out to test the rest.
FEWEST_TO_TEST = 10


class TooLittleData(EngineError):
    """There are not enough members with lists to train on."""


def enqueue(kinds: Sequence[str] | None = None) -> TrainingRun:
    """Ask the worker for a training; the row tells how it goes, also where there is no queue to ask."""
    from recommender.tasks import train_models

    run = TrainingRun.objects.create(
        kinds=list(kinds or registry.KINDS), stage="Waiting for the worker"
    )

    def ask() -> None:
        try:
            train_models.delay(run.pk)
        except QUEUE_IS_GONE:
            # Nobody would ever take it up: it must not seem to wait.
            run.finish(error=NO_QUEUE)

    transaction.on_commit(ask)
    return run


def is_under_way() -> bool:
    """Whether a training waits or runs; of one whose worker was killed the row says so from now on."""
    TrainingRun.objects.note_the_dead()
    return TrainingRun.objects.under_way().exists()


def was_lost(run_id: int) -> None:
    """The process that trained is gone, and could not say so itself."""
    run = TrainingRun.objects.filter(pk=run_id, finished_at=None).first()
    if run is not None:
        run.finish(error=KILLED)


def train(
    run: TrainingRun,
    *,
    seed: int = DEFAULT_SEED,
    fewest_members: int = FEWEST_MEMBERS,
    evaluate: bool = True,
    activate: bool = True,
    on_progress: Report | None = None,
) -> list[TrainedModel]:
    """Train every kind that `run` names; on failure the run says why and nothing served changes."""

    def report(stage: str, percent: int) -> None:
        run.report(stage, percent)
        if on_progress is not None:
            on_progress(stage, percent)

    try:
        with beating(run):
            trained = _train_all(run, seed, fewest_members, evaluate, report)
    except Exception as problem:
        run.finish(error=str(problem) or type(problem).__name__)
        raise
    if activate:
        with transaction.atomic():
            for model in trained:
                model.activate()
    run.finish()
    return trained


def _train_all(
    run: TrainingRun, seed: int, fewest_members: int, evaluate: bool, report: Report
) -> list[TrainedModel]:
    report("Reading lists", 2)
    data = datasets.read_interactions()
    prior = shipped_prior() if len(data.member_ids) < PRIOR_BELOW else None
    kinds = _learnable(run.kinds, len(data.member_ids), fewest_members, prior)
    features = datasets.read_features()
    split = hold_out_members(data, seed=seed) if evaluate and _can_be_split(data) else None
    step = 95 // (2 * len(kinds))
    trained = []
    for number, kind in enumerate(kinds):
        done = 5 + 2 * number * step
        metrics = {}
        if split is not None and kind in registry.MODELS:
            report(f"Testing {kind} on members it has not seen", done)
            metrics = measure(kind, split, features, prior).as_dict()
        report(f"Fitting {kind} on everybody", done + step)
        model = fit(kind, data, features, prior)
        trained.append(keep(model, data, run=run, metrics=metrics, split=split))
    return trained


def _learnable(
    kinds: Sequence[str], members: int, fewest_members: int, prior: Prior | None
) -> list[str]:
    """Those of `kinds` that so many members are enough for; TooLittleData where that is none."""
    if members >= fewest_members:
        return list(kinds)
    found = [kind for kind in kinds if kind in registry.FOR_SMALL_INSTANCES]
    if members and prior is not None and found:
        return found
    raise TooLittleData(
        f"{members} members have a list; {fewest_members} are needed to learn from. "
        "Load a dataset first: manage.py load_dataset DIR"
    )


def _can_be_split(data: Interactions) -> bool:
    return len(data.member_ids) >= FEWEST_TO_TEST


def shipped_prior() -> Prior | None:
    """What the published set knows, for instances with few members; None where none is shipped."""
    return Prior.load(settings.PRIOR_DIR) if (settings.PRIOR_DIR / MANIFEST).exists() else None


def fit(kind: str, data: Interactions, features: ItemFeatures, prior: Prior | None) -> Fitted:
    """A fresh model of `kind`; a map and groups stay like those that are served now."""
    if kind in registry.MODELS:
        return registry.create(kind).fit(data, features, prior)
    cls = registry.EXTRAS[kind]
    row = extras.active_rows([cls]).get(kind)
    if issubclass(cls, Atlas):
        return Atlas().fit(data, features, extras.opened(Atlas, row))
    if issubclass(cls, Clusters):
        return Clusters().fit(data, features, extras.opened(Clusters, row))
    if issubclass(cls, TasteModel | QuizModel):
        return cls(config=cls.config_type()).fit(data, features)
    raise EngineError(f"nothing fits {kind}")


def measure(
    kind: str, split: HoldOut, features: ItemFeatures, prior: Prior | None = None
) -> Evaluation:
    """Fit a fresh model on the split's training members and evaluate it on the others."""
    began = time.perf_counter()
    model = registry.create(kind).fit(split.train, features, prior)
    seconds = time.perf_counter() - began
    ranks, predicts = kind in registry.RANKERS, kind in registry.SCORERS
    return evaluate(model, split, ranks=ranks, predicts=predicts, fit_seconds=seconds)


def keep(
    model: Fitted,
    data: Interactions,
    *,
    run: TrainingRun | None = None,
    metrics: dict[str, Any] | None = None,
    split: HoldOut | None = None,
) -> TrainedModel:
    """Write the artifact and its row, not yet served."""
    now = timezone.now()
    name = f"{model.kind}-{now:%Y%m%dT%H%M%S%f}"
    row = TrainedModel(
        kind=model.kind,
        role=model.kind,
        config=asdict(model.config),
        metrics=metrics or {},
        data_fingerprint=data.fingerprint(),
        artifact=name,
        provenance=f"{len(data):,} list entries of {len(data.member_ids):,} members",
        trained_at=now,
        run=run,
    )
    model.save(
        row.path,
        data_fingerprint=row.data_fingerprint,
        provenance=row.provenance,
        metrics=row.metrics,
        split=split.describe() if split else "",
        trained_at=now.isoformat(timespec="seconds"),
    )
    row.save()
    return row
