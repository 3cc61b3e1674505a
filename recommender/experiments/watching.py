"""What the worker's clock does for experiments: collect, attribute, stop what does harm, forget what is old."""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from recommender import impressions, partitions
from recommender.experiments import analysing, attributing, bandits, exposing, states
from recommender.experiments.analysing import Report
from recommender.experiments.reading import sentences
from recommender.models import Experiment, ExperimentKind, ExperimentState

log = logging.getLogger(__name__)


def look_after() -> None:
    now = timezone.now()
    partitions.make_ahead(now)
    exposing.spool.empty()
    counting = Q(state=ExperimentState.RUNNING) | Q(
        state=ExperimentState.STOPPED, stopped_at__gte=now - timedelta(days=91)
    )
    for experiment in Experiment.objects.filter(counting):
        try:
            _look_after(experiment, now)
        except Exception:
            # The others are looked after all the same, and this one within the hour again.
            log.exception("Experiment %s could not be looked after", experiment)
    partitions.prune(now - timedelta(days=settings.EXPOSURES_DAYS))
    impressions.forget(now - timedelta(days=settings.EXPOSURES_DAYS))


def _look_after(experiment: Experiment, now: datetime) -> None:
    attributing.adopt(experiment)
    attributing.attribute(experiment, now)
    if experiment.state != ExperimentState.RUNNING or stop_if_it_does_harm(experiment):
        return
    if experiment.kind == ExperimentKind.BANDIT:
        bandits.next_epoch(experiment, now)


def report_now(experiment: Experiment) -> Report:
    """What came of it up to this moment; of what is decided, as it was."""
    if experiment.state != ExperimentState.DECIDED:
        exposing.spool.empty()
        attributing.attribute(experiment)
    return analysing.report(experiment)


def stop_if_it_does_harm(experiment: Experiment) -> bool:
    """Where a guardrail is known to be broken, or shares have gone wrong; whoever looks is told why."""
    found = analysing.report(experiment)
    if not found.broken and not found.is_mismatch:
        return False
    why = " ".join(sentences(found))
    try:
        states.stop(experiment, by="", said=why)
    except states.MayNotMove:
        # Somebody was quicker.
        return False
    log.warning("Experiment %s was stopped: %s", experiment, why)
    return True
