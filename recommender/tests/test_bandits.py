"""A bandit: members go where it looks best, an epoch at a time."""

from datetime import datetime, timedelta

import numpy as np
import pytest
from django.utils import timezone

from catalog.models import CatalogueVersion
from ratings.models import User
from recommender.experiments import analysing, bandits
from recommender.experiments.reading import sentences
from recommender.experiments.trials import trial_of
from recommender.models import Epoch, Experiment, ExperimentKind, Metric, Outcome
from recommender.tests.trials import RARE, USUAL, run, show

pytestmark = pytest.mark.django_db
MEMBERS = 200


@pytest.fixture
def members(db: None) -> list[User]:
    return User.objects.bulk_create(
        User(username=f"simulated-{n}", password="!") for n in range(MEMBERS)
    )


def begun(days: int = 30) -> Experiment:
    made = run("where-it-is-best", USUAL, RARE, kind=ExperimentKind.BANDIT, window_days=7)
    began = timezone.now() - timedelta(days=days)
    Experiment.objects.filter(pk=made.pk).update(started_at=began)
    Epoch.objects.update(began_at=began)
    made.refresh_from_db()
    return made


def where(members: list[User]) -> list[int]:
    version = CatalogueVersion.now()
    return [trial_of(one, version).parts[0].treatment.position for one in members]


def play(made: Experiment, members: list[User], at: datetime, rates: tuple[float, float]) -> None:
    rng = np.random.default_rng(3)
    for one, variant in zip(members, where(members), strict=True):
        show(made, one, variant, at, [1, 2])
        if rng.random() < rates[variant]:
            Outcome.objects.get_or_create(
                experiment=made.pk, member=one, anime=int(rng.integers(1, 10**6)), kind=Metric.TAKEN_UP,
                defaults={"variant": variant, "at": at + timedelta(hours=1)},
            )  # fmt: skip


def test_members_stay_within_an_epoch_and_move_with_the_next(members: list[User]) -> None:
    made = begun(days=8)
    first = where(members)
    assert where(members) == first
    assert 60 < sum(first) < 140
    play(made, members, made.started_at + timedelta(days=1), (0.1, 0.5))
    following = bandits.next_epoch(made, timezone.now())
    assert following
    assert following.shares[1] > 0.9
    assert min(following.shares) >= bandits.LEAST_SHARE
    then = where(members)
    assert then != first
    assert sum(then) > 150


def test_an_epoch_has_its_window_and_enough_members(members: list[User]) -> None:
    made = begun(days=8)
    assert bandits.next_epoch(made, timezone.now()) is None
    play(made, members, made.started_at + timedelta(days=1), (0.2, 0.2))
    assert bandits.next_epoch(made, made.started_at + timedelta(days=6)) is None
    assert bandits.next_epoch(made, timezone.now())
    assert bandits.next_epoch(made, timezone.now()) is None


def test_epochs_are_compared_within_themselves(members: list[User]) -> None:
    made = begun(days=25)
    for week in range(3):
        at = made.started_at + timedelta(days=7 * week, hours=5)
        play(made, members, at, (0.1, 0.5))
        if week < 2:
            bandits.next_epoch(made, made.started_at + timedelta(days=7 * (week + 1)))
    told = analysing.report(made)
    assert told.bandit
    assert [epoch.number for epoch in told.bandit.epochs] == [0, 1, 2]
    assert [sum(epoch.members) for epoch in told.bandit.epochs] == [MEMBERS] * 3
    ((variant, estimate),) = told.bandit.differences
    assert variant.name == "v1"
    assert 0.2 < estimate.low < 0.4 < estimate.high
    assert not told.is_mismatch
    assert told.bandit.chances[1] > 0.99
    assert sentences(told)[0].startswith("v1 is the best of them with a chance of 100%, and gets 9")


def test_what_is_worse_the_more_there_is_of_it_goes_the_other_way(members: list[User]) -> None:
    made = begun(days=8)
    Experiment.objects.update(metric=Metric.TAKEN_UP)
    play(made, members, made.started_at + timedelta(days=1), (0.1, 0.5))
    Experiment.objects.update(metric=Metric.DISLIKED)
    Outcome.objects.update(kind=Metric.DISLIKED)
    made.refresh_from_db()
    following = bandits.next_epoch(made, timezone.now())
    assert following
    assert following.shares[0] > 0.9
