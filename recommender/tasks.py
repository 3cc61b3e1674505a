"""What the worker does: doors to `training` and `experiments`."""

import logging

from celery import shared_task

from recommender import training
from recommender.engine import registry
from recommender.experiments import watching
from recommender.models import TrainingRun

log = logging.getLogger(__name__)


@shared_task(when_lost="recommender.training.was_lost")
def train_models(run_id: int) -> None:
    training.train(TrainingRun.objects.get(pk=run_id))


@shared_task
def train_nightly() -> None:
    """Train everything, unless there are too few members to learn from, or it is done already."""
    if training.is_under_way():
        log.info("No training tonight: another is under way")
        return
    run = TrainingRun.objects.create(kinds=list(registry.KINDS))
    try:
        training.train(run)
    except training.TooLittleData as reason:
        log.info("No training tonight: %s", reason)


@shared_task
def look_after_experiments() -> None:
    watching.look_after()
