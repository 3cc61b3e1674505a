"""Fit, evaluate on held-out members, keep, serve."""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from django.db import transaction
from django.utils import timezone

from recommender import datasets
from recommender.engine import registry
from recommender.engine.base import ItemFeatures, Recommender
from recommender.engine.evaluation import Evaluation, evaluate_ranker, evaluate_scorer
from recommender.engine.interactions import EngineError, Interactions
from recommender.engine.splitting import HoldOut, hold_out_members
from recommender.models import TrainedModel, TrainingRun

Report = Callable[[str, int], None]

DEFAULT_SEED = 20261123
# With fewer lists than this there is no taste to learn, and what is served now is better.
FEWEST_MEMBERS = 50


class TooLittleData(EngineError):
    """There are not enough members with lists to train on."""


def enqueue(kinds: Sequence[str] | None = None) -> TrainingRun:
    """Ask the worker for a training; the row tells how it goes."""
    from recommender.tasks import train_models

    run = TrainingRun.objects.create(
        kinds=list(kinds or registry.MODELS), stage="Waiting for the worker"
    )
    transaction.on_commit(lambda: train_models.delay(run.pk))
    return run


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
    if len(data.member_ids) < fewest_members:
        raise TooLittleData(
            f"{len(data.member_ids)} members have a list; {fewest_members} are needed to learn from. "
            "Load a dataset first: manage.py load_dataset DIR"
        )
    features = datasets.read_features()
    split = hold_out_members(data, seed=seed) if evaluate else None
    step = 95 // (2 * len(run.kinds))
    trained = []
    for number, kind in enumerate(run.kinds):
        done = 5 + 2 * number * step
        metrics = {}
        if split is not None:
            report(f"Testing {kind} on members it has not seen", done)
            metrics = measure(kind, split, features).as_dict()
        report(f"Fitting {kind} on everybody", done + step)
        model = registry.create(kind).fit(data, features)
        trained.append(keep(model, data, run=run, metrics=metrics, split=split))
    return trained


def measure(kind: str, split: HoldOut, features: ItemFeatures) -> Evaluation:
    """Fit a fresh model on the split's training members and evaluate it on the others."""
    began = time.perf_counter()
    model = registry.create(kind).fit(split.train, features)
    seconds = time.perf_counter() - began
    if kind == registry.SCORER:
        return evaluate_scorer(model, split, fit_seconds=seconds)
    return evaluate_ranker(model, split, fit_seconds=seconds)


def keep(
    model: Recommender,
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
