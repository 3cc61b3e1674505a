"""What the worker's clock does for experiments: collect, attribute, stop what does harm, forget what is old."""

import logging
from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from recommender import partitions
from recommender.experiments import analysing, attributing, bandits, exposing, states
from recommender.experiments.reading import sentences
from recommender.models import Experiment, ExperimentKind, ExperimentState

log = logging.getLogger(__name__)


def look_after() -> None:
    """Each part goes on where another fails for one experiment: tomorrow it is tried again."""
    now = timezone.now()
    partitions.make_ahead(now)
    exposing.spool.empty()
    counting = Q(state=ExperimentState.RUNNING) | Q(
        state=ExperimentState.STOPPED, stopped_at__gte=now - timedelta(days=91)
    )
    for experiment in Experiment.objects.filter(counting):
        attributing.attribute(experiment, now)
        goes_on = experiment.state == ExperimentState.RUNNING and not stop_if_it_does_harm(
            experiment
        )
        if goes_on and experiment.kind == ExperimentKind.BANDIT:
            bandits.next_epoch(experiment, now)
    partitions.prune(now - timedelta(days=settings.EXPOSURES_DAYS))


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
