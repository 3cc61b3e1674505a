"""Strangers in experiments: known by a cookie, counted from their second look, themselves when they sign up."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from catalog.models import CatalogueVersion
from ratings.guests import visitors
from ratings.models import Origin, User
from recommender.experiments import analysing, attributing, exposing, watching
from recommender.experiments.members import Members
from recommender.experiments.trials import trial_of
from recommender.models import Experiment, Exposure, Impression, Outcome
from recommender.tests.test_pages import FOR_YOU, shown
from recommender.tests.trials import RARE, USUAL, run
from recommender.tests.worlds import FIRST_ID

pytestmark = pytest.mark.django_db
COOKIE = visitors.COOKIE


def looked(client: Client, times: int = 2) -> Client:
    for _ in range(times):
        client.get(FOR_YOU)
    exposing.spool.empty()
    return client


def test_without_an_experiment_nobody_gets_a_cookie(trained: list[User], client: Client) -> None:
    assert COOKIE not in client.get(FOR_YOU).cookies
    run("accounts", audience="accounts")
    run("old-hands", layer="page", least_watched=3)
    assert COOKIE not in client.get(FOR_YOU).cookies


def test_who_comes_back_with_the_cookie_takes_part(trained: list[User], client: Client) -> None:
    run()
    first = client.get(FOR_YOU)
    cookie = first.cookies[COOKIE]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    exposing.spool.empty()
    assert not Exposure.objects.exists()
    again = client.get(FOR_YOU)
    assert COOKIE not in again.cookies
    exposing.spool.empty()
    told = Exposure.objects.order_by("position").values_list("member", "anime")
    assert list(told) == [(None, pk) for pk in shown(again)]
    (number,) = set(Exposure.objects.values_list("visitor", flat=True))
    assert number > 0
    # Their page tires nobody: there is nobody whom it could.
    assert not Impression.objects.exists()


def test_who_keeps_no_cookie_is_counted_nowhere(trained: list[User]) -> None:
    run()
    for _ in range(3):
        looked(Client(), times=1)
    assert not Exposure.objects.exists()


@pytest.mark.parametrize("value", ["", "17", "17:abc:def", "x" * 5000, "\x00", "-1"])
def test_a_cookie_of_ones_own_making_is_none(trained: list[User], value: str) -> None:
    run()
    client = Client()
    client.cookies[COOKIE] = value
    assert COOKIE in client.get(FOR_YOU).cookies
    exposing.spool.empty()
    assert not Exposure.objects.exists()


def test_variants_get_their_shares_of_strangers_and_each_sees_their_own(
    trained: list[User],
) -> None:
    made = run("rare-first", USUAL, RARE)
    version = CatalogueVersion.now()
    found = {n: trial_of(User(pk=0), version, n).parts for n in range(1, 201)}
    first = {n: parts[0].treatment.position for n, parts in found.items()}
    assert 70 <= sum(first.values()) <= 130
    assert {parts[0].experiment for parts in found.values()} == {made.pk}
    pages: dict[int, set[tuple[int, ...]]] = {}
    for _ in range(12):
        Exposure.objects.all().delete()
        client = looked(Client())
        mine = Exposure.objects.values_list("variant", flat=True).distinct().get()
        pages.setdefault(mine, set()).add(tuple(shown(client.get(FOR_YOU))))
        exposing.spool.empty()
    assert [len(pages[position]) for position in (0, 1)] == [1, 1]
    assert pages[0] != pages[1]


def test_a_stranger_who_rates_or_signs_up_stays_in_their_variant(trained: list[User]) -> None:
    run()
    password = "quite a long one, 17 tea"
    said = {"password1": password, "password2": password}
    version = CatalogueVersion.now()
    for n in range(8):
        Exposure.objects.all().delete()
        client = looked(Client())
        before = Exposure.objects.values_list("variant", flat=True).distinct().get()
        if n % 2:
            client.post(f"/anime/{FIRST_ID}/rate/", {"score": 9})
            guest = User.objects.get(origin=Origin.GUEST)
            assert trial_of(guest, version).parts[0].treatment.position == before
        client.post("/sign-up/", {"username": f"ines-{n}", **said})
        account = User.objects.get(username=f"ines-{n}")
        assert account.visitor
        assert trial_of(account, version).parts[0].treatment.position == before


def test_what_they_do_as_a_member_counts_for_what_they_saw_as_a_stranger(
    trained: list[User],
) -> None:
    made = run(metric="taken_up")
    client = looked(Client())
    looked(Client())
    first = Exposure.objects.exclude(member__isnull=False).order_by("shown_at", "position")[0]
    client.post(f"/anime/{first.anime}/rate/", {"score": 9})
    member = User.objects.get(origin=Origin.GUEST)
    watching.look_after()
    mine = Exposure.objects.filter(member=member)
    assert mine.count() > 5
    assert set(mine.values_list("visitor", flat=True)) == {member.visitor}
    assert Outcome.objects.get(kind="taken_up").member == member
    # The other stranger is still one, and both are counted once.
    found = Members.of(Experiment.objects.get(pk=made.pk))
    assert len(found) == 2
    assert found.ids.min() < 0 < found.ids.max()
    assert (found.taken.sum(), found.mixed) == (1, 0)


@pytest.mark.parametrize("kind", ["ab", "interleaving", "bandit"])
def test_every_kind_reports_of_strangers(trained: list[User], kind: str) -> None:
    made = run(kind=kind)
    for _ in range(4):
        looked(Client())
    made.refresh_from_db()
    Experiment.objects.filter(pk=made.pk).update(started_at=timezone.now() - timedelta(days=3))
    made.refresh_from_db()
    attributing.attribute(made)
    found = analysing.report(made)
    assert sum(found.members) == (8 if kind == "interleaving" else 4)


def test_without_chance_counts_strangers_too(trained: list[User]) -> None:
    made = run("chance", USUAL, {"dials": {"exploration": 0.5}})
    for _ in range(8):
        looked(Client())
    (told,) = analysing.report(made).without_chance
    assert (told.seen, told.estimate.snips.value) == (0, 0)
