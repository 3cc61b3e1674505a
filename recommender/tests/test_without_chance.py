"""What a variant would have come to without chance, from what it showed by chance."""

import uuid
from datetime import timedelta

import numpy as np
import pytest
from django.test import Client
from django.utils import timezone

from ratings.models import User
from recommender.experiments import analysing, telling
from recommender.models import Experiment, Exposure, Metric, Outcome
from recommender.tests.trials import USUAL, run, show

pytestmark = pytest.mark.django_db
SHARE, PLACES, OPEN = 0.4, 10, 200


def played(number: int) -> Experiment:
    """Simulated: of titles that would have stood there anyway 3 of 10 are taken up, of others 1 of 20."""
    made = run("chance", USUAL, {"dials": {"exploration": SHARE}})
    rng, now = np.random.default_rng(8), timezone.now()
    members = User.objects.bulk_create(
        User(username=f"simulated-{n}", password="!") for n in range(number)
    )
    for member in members:
        anyway = rng.random(PLACES) >= SHARE
        done = rng.random(PLACES) < np.where(anyway, 0.3, 0.05)
        listing = uuid.uuid4()
        Exposure.objects.bulk_create(
            Exposure(
                experiment=made.pk, variant=1, member=member, listing=listing, position=place, length=PLACES,
                anime=place + 1, score=1.0, shown_at=now - timedelta(hours=1),
                propensity=(1 - SHARE) * anyway[place] + SHARE / OPEN,
            )
            for place in range(PLACES)
        )  # fmt: skip
        Outcome.objects.bulk_create(
            Outcome(experiment=made.pk, variant=1, member=member, anime=int(place) + 1,
                    kind=Metric.TAKEN_UP, at=now)
            for place in np.flatnonzero(done)
        )  # fmt: skip
    return made


def test_it_finds_what_the_list_would_have_come_to() -> None:
    made = played(300)
    (told,) = analysing.report(made).without_chance
    error = told.estimate.snips.variance**0.5
    assert told.variant.name == "v1"
    # 0.6 · 0.3 + 0.4 · 0.05
    assert told.seen == pytest.approx(0.2, abs=0.02)
    assert abs(told.estimate.snips.value - 0.3) < 3 * error < 0.06
    assert abs(told.estimate.ips.value - 0.3) < 0.06
    assert "without chance" in telling.as_text(analysing.report(made))


def test_a_variant_without_chance_and_one_that_showed_nothing_have_none() -> None:
    made = run("chance", {"dials": {"exploration": SHARE}}, USUAL)
    show(made, User.objects.create_user("one"), 1, timezone.now(), [1, 2])
    assert analysing.report(made).without_chance == ()


def test_staff_read_it(client: Client) -> None:
    client.force_login(User.objects.create_superuser("mara"))
    made = played(60)
    assert "would have been taken up" in client.get(f"/staff/experiments/{made.name}/").text
