"""How an experiment moves from a draft to a decision, and what has to be right before it does."""

from django.db import transaction
from django.utils import timezone

from catalog.models import CatalogueVersion
from recommender.engine.experiments.assignment import check_shares
from recommender.engine.experiments.power import Plan, members_looked_at
from recommender.engine.interactions import EngineError
from recommender.models import (
    Experiment,
    ExperimentChange,
    ExperimentKind,
    ExperimentState,
    Variant,
)

ALLOWED = {
    ExperimentState.RUNNING: {ExperimentState.DRAFT},
    ExperimentState.STOPPED: {ExperimentState.RUNNING},
    ExperimentState.DECIDED: {ExperimentState.STOPPED},
}
# Where a lift would bring the rate over this, the calculator has nothing to say.
HIGHEST = 0.9999


class MayNotMove(ValueError):
    """The sentence says why."""


@transaction.atomic
def start(experiment: Experiment, *, by: str, said: str = "") -> Experiment:
    """Members are dealt to it from now on; what it asks can no longer be changed."""
    locked = _locked(experiment, ExperimentState.RUNNING)
    variants = list(locked.variants.all())
    if problem := why_not(locked, variants):
        raise MayNotMove(problem)
    locked.members_needed = members_needed(locked, variants)
    locked.started_at = timezone.now()
    if locked.kind == ExperimentKind.BANDIT:
        shares = [one.share for one in variants]
        locked.epochs.create(number=0, began_at=locked.started_at, shares=shares)
    return _moved(locked, ExperimentState.RUNNING, by, said)


@transaction.atomic
def stop(experiment: Experiment, *, by: str, said: str = "") -> Experiment:
    """Nobody is shown its variants any more; what was shown is counted until its window is over."""
    locked = _locked(experiment, ExperimentState.STOPPED)
    locked.stopped_at = timezone.now()
    return _moved(locked, ExperimentState.STOPPED, by, said)


@transaction.atomic
def decide(
    experiment: Experiment, *, by: str, winner: Variant | None, said: str = ""
) -> Experiment:
    """What was learned of it; None where no variant is better than what everybody has."""
    locked = _locked(experiment, ExperimentState.DECIDED)
    if winner is not None and winner.experiment_id != locked.pk:
        raise MayNotMove("That variant belongs to another experiment.")
    locked.winner = winner
    return _moved(locked, ExperimentState.DECIDED, by, said)


def why_not(experiment: Experiment, variants: list[Variant], *, beside_others: bool = True) -> str:
    """Why it cannot start; empty where it can. `beside_others`: those that run now count."""
    try:
        check_shares([one.share for one in variants])
        for one in variants:
            one.as_dials(), one.as_rules()
        part = experiment.part
    except (EngineError, TypeError) as error:
        return f"It cannot start: {error}."
    if experiment.kind == ExperimentKind.INTERLEAVING and len(variants) != 2:
        return "Interleaving compares two variants, no more and no fewer."
    if sorted(one.position for one in variants) != list(range(len(variants))):
        return "Positions of variants begin at 0 and leave none out."
    if not beside_others:
        return ""
    others = Experiment.objects.running().filter(layer=experiment.layer_id)
    for other in others.exclude(pk=experiment.pk):
        if part.overlaps(other.part):
            return f"Its slice of the layer overlaps that of {other}, which runs."
    return ""


def members_needed(experiment: Experiment, variants: list[Variant]) -> int | None:
    """In all variants together, so that the smallest of them can be told from the first.

    None where the lift would leave nobody who does not do it, and where shares are no comparison of
    members: of interleaving each sees both, of a bandit shares move.
    """
    if experiment.kind != ExperimentKind.AB:
        return None
    base, better = experiment.base_rate, experiment.base_rate * (1 + experiment.wanted_lift)
    if better > HIGHEST:
        return None
    shares = [one.share for one in variants]
    smallest = min((share for share in shares[1:] if share > 0), default=0.0)
    if not shares[0] or not smallest:
        return None
    plan = Plan.of_rates(base, experiment.wanted_lift, (shares[0], smallest))
    return members_looked_at(plan, experiment.days)


def _locked(experiment: Experiment, to: ExperimentState) -> Experiment:
    locked = Experiment.objects.select_for_update(of=("self",)).get(pk=experiment.pk)
    if locked.state not in ALLOWED[to]:
        raise MayNotMove(
            f"{locked} is {locked.get_state_display().lower()}: "
            f"it cannot become {to.label.lower()}."
        )
    if to == ExperimentState.RUNNING:
        # Two that start at once in one layer: the second sees the first.
        type(locked.layer).objects.select_for_update().get(pk=locked.layer_id)
    return locked


def _moved(experiment: Experiment, to: ExperimentState, by: str, said: str) -> Experiment:
    experiment.state = to
    experiment.save()
    ExperimentChange.objects.create(experiment=experiment, by=by, state=to, said=said)
    # What processes hold, and whatever was answered before, is of before.
    CatalogueVersion.advance()
    return experiment
