"""Two variants in one list: what members are shown, and which they prefer."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from catalog.models import Anime, CatalogueVersion
from ratings.models import Scope, User
from ratings.tests.keys import key_of
from recommender.experiments import analysing, attributing, exposing
from recommender.experiments.reading import sentences
from recommender.experiments.trials import trial_of
from recommender.models import Experiment, ExperimentKind, Exposure, TrainedModel
from recommender.tests.trials import USUAL, run

pytestmark = pytest.mark.django_db
N = 8


def begun() -> Experiment:
    popularity = TrainedModel.objects.get(role="popularity")
    return run("both", USUAL, {"model": popularity}, kind=ExperimentKind.INTERLEAVING)


def listed(member: User, query: str = "") -> list[int]:
    key = key_of(member, scope=Scope.READ, name=f"phone {timezone.now()}")
    answer = Client().get(
        f"/api/v1/recommend?top_n={N}{query}", headers={"authorization": f"Bearer {key}"}
    )
    return [one["anime"]["mal_id"] for one in answer.json()["results"]]


def test_a_list_is_made_of_both_and_stays_while_the_member_s_does(trained: list[User]) -> None:
    one = trained[0]
    usual = listed(one)
    made = begun()
    both = listed(one)
    assert listed(one) == both
    assert len(both) == len(set(both)) == N
    exposing.spool.empty()
    rows = Exposure.objects.filter(experiment=made.pk).order_by("pk")[:N]
    assert [row.anime for row in rows] == both
    of_the_first = [row.anime for row in rows if row.variant == 0]
    assert of_the_first
    assert [pk for pk in usual if pk in of_the_first] == of_the_first
    assert {row.variant for row in rows} == {0, 1}


def test_the_page_shows_the_same_list_with_the_reasons_of_each(
    trained: list[User], client: Client
) -> None:
    begun()
    client.force_login(trained[0])
    cards = client.get("/for-you/").context["cards"]
    assert cards
    first = cards[0]["anime"].pk
    assert client.get(f"/for-you/why/{first}/").context["is_shown"]


def test_an_experiment_of_another_layer_goes_on_in_both(trained: list[User]) -> None:
    made = begun()
    other = run("page", {"dials": {"popularity": 0.1}, "share": 1.0}, {"share": 0.0}, layer="page")
    trial = trial_of(trained[0], CatalogueVersion.now())
    assert [side.parts[-1].experiment for side in trial.sides()] == [other.pk, other.pk]
    listed(trained[0])
    exposing.spool.empty()
    assert set(Exposure.objects.values_list("experiment", flat=True)) == {made.pk, other.pk}


def play(made: Experiment, members: list[User], variant: int) -> analysing.Report:
    """Each member takes up the first title that `variant` put on their list."""
    for one in members:
        listed(one)
    exposing.spool.empty()
    for one in members:
        row = Exposure.objects.filter(member=one, variant=variant).order_by("position")[0]
        one.rate(Anime.objects.get(pk=row.anime), score=9)
    attributing.attribute(made)
    return analysing.report(made)


def test_thirty_members_are_enough_to_find_a_preference(trained: list[User]) -> None:
    found = play(begun(), trained[:30], variant=1)
    assert found.preference
    assert (found.preference.first, found.preference.second) == (0, 30)
    assert found.preference.is_found
    assert sentences(found) == [
        "Members prefer v1: 30 of them took up more of its titles, 0 more of v0's, 0 as many of both. "
        "That is no chance, whenever you look."
    ]


def test_a_few_members_are_no_proof(trained: list[User]) -> None:
    found = play(begun(), trained[:4], variant=0)
    assert found.preference
    assert not found.preference.is_found
    assert sentences(found)[0].startswith("4 members took up more of v0's titles, 0 more of v1's")


def test_who_took_up_nothing_prefers_neither(trained: list[User]) -> None:
    made = begun()
    told: Any = play(made, trained[:5], variant=0).preference
    listed(trained[7])
    exposing.spool.empty()
    found: Any = analysing.report(made).preference
    assert (found.first, found.neither) == (told.first, told.neither + 1)
