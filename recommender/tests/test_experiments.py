"""An experiment's states, who takes part, and what they are shown."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db.models import ProtectedError
from django.test import Client

from catalog.models import Anime, CatalogueVersion
from ratings.models import AccessToken, Origin, Scope, User
from ratings.tests.keys import key_of
from recommender.experiments import exposing, states
from recommender.experiments.states import MayNotMove
from recommender.experiments.trials import Trial, trial_of
from recommender.models import Experiment, ExperimentState, Exposure, Layer, TrainedModel, Variant
from recommender.tests.trials import RARE, USUAL, draft, run
from recommender.tests.worlds import FIRST_ID, train_all

pytestmark = pytest.mark.django_db


def part_of(member: User) -> Trial:
    return trial_of(member, CatalogueVersion.now())


def variants_of(members: list[User]) -> list[int]:
    return [part.treatment.position for one in members for part in part_of(one).parts]


# States


def test_it_goes_from_a_draft_to_a_decision_and_says_who_moved_it() -> None:
    made = run()
    assert made.members_needed
    states.stop(made, by="boss", said="Enough members.")
    winner = made.variants.get(position=1)
    states.decide(made, by="other", winner=winner, said="Rare titles it is.")
    made.refresh_from_db()
    assert (made.state, made.winner) == (ExperimentState.DECIDED, winner)
    told = list(made.changes.values_list("state", "by", "said"))
    assert told == [
        ("running", "boss", ""), ("stopped", "boss", "Enough members."),
        ("decided", "other", "Rare titles it is."),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "move"),
    [("draft", states.stop), ("running", states.start), ("stopped", states.start),
     ("stopped", states.stop), ("decided", states.start)],
)  # fmt: skip
def test_it_makes_no_other_moves(before: str, move: Any) -> None:
    made = run()
    Experiment.objects.filter(pk=made.pk).update(state=before)
    with pytest.raises(MayNotMove, match="it cannot become"):
        move(made, by="boss")
    assert made.changes.count() == 1


@pytest.mark.parametrize(
    ("variants", "more", "said"),
    [
        ((USUAL,), {}, "two variants"),
        ((USUAL, {**RARE, "share": 0.7}), {}, "sum to 1"),
        ((USUAL, {"dials": {"loudness": 1}}), {}, "loudness"),
        ((USUAL, {"dials": {"popularity": -7}}), {}, "popularity"),
        ((USUAL, {"dials": ["popularity"]}), {}, "names and numbers"),
        ((USUAL, {"rules": {"luck": 1}}), {}, "luck"),
        ((USUAL, {"rules": {"fatigue": -1}}), {}, "fatigue lies between"),
        ((USUAL, {"rules": {"fatigue": "much"}}), {}, "fatigue lies between"),
        ((USUAL, {"rules": {"series_order": 1}}), {}, "true or false"),
        ((USUAL, {"rules": 7}), {}, "names and values"),
        ((USUAL, {"position": 2}), {}, "Positions"),
        ((USUAL, RARE, USUAL), {"kind": "interleaving"}, "two variants, no more"),
    ],
)
def test_what_is_not_right_does_not_start(variants: Any, more: Any, said: str) -> None:
    with pytest.raises(MayNotMove, match=said):
        run("wrong", *variants, **more)
    assert Experiment.objects.get().is_draft


def test_the_same_members_are_not_dealt_twice_in_one_layer() -> None:
    run("first", slice_end=0.5)
    with pytest.raises(MayNotMove, match="overlaps that of first"):
        run("second", slice_start=0.4)
    run("third", slice_start=0.5)
    run("elsewhere", layer="page")


def test_a_winner_of_another_experiment_is_none() -> None:
    made, other = run(), run("other", layer="page")
    states.stop(made, by="boss")
    with pytest.raises(MayNotMove, match="another experiment"):
        states.decide(made, by="boss", winner=other.variants.get(position=0))


def test_a_draft_that_is_nonsense_is_refused_in_words() -> None:
    made = draft()
    made.guardrails = ["happiness"]
    with pytest.raises(ValidationError, match="A list of these"):
        made.full_clean()
    made.guardrails, made.slice_start = ["disliked"], 1.0
    with pytest.raises(ValidationError, match="slice"):
        made.full_clean()
    rare = made.variants.get(position=1)
    rare.dials = {"popularity": True}
    with pytest.raises(ValidationError, match="no dials"):
        rare.full_clean()
    rare.dials, rare.rules = {}, {"fatigue": 9}
    with pytest.raises(ValidationError, match="no rules"):
        rare.full_clean()


# Who takes part


def test_a_member_stays_where_they_are_and_variants_get_their_shares(world: list[User]) -> None:
    assert not part_of(world[0])
    run()
    first = variants_of(world)
    assert variants_of(world) == first
    assert len(first) == len(world)
    assert 15 <= sum(first) <= 45


def test_a_member_is_in_one_experiment_of_a_layer_and_in_others_of_other_layers(
    world: list[User],
) -> None:
    first, second = run("first", slice_end=0.5), run("second", slice_start=0.5)
    page = run("page", layer="page")
    found = [{part.experiment for part in part_of(one).parts} for one in world]
    assert {frozenset(one) for one in found} == {
        frozenset((first.pk, page.pk)),
        frozenset((second.pk, page.pk)),
    }


def test_who_opted_out_is_shown_what_everybody_was(world: list[User]) -> None:
    run()
    User.objects.filter(pk=world[0].pk).update(takes_part=False)
    assert not part_of(world[0])
    assert part_of(world[1])


@pytest.mark.parametrize(
    ("audience", "accounts", "guests"),
    [("everybody", True, True), ("accounts", True, False), ("guests", False, True)],
)
def test_it_is_for_its_audience(
    newcomer: User, audience: str, accounts: bool, guests: bool
) -> None:
    guest = User.objects.create_user("guest-1", origin=Origin.GUEST)
    run(audience=audience)
    assert (bool(part_of(newcomer)), bool(part_of(guest))) == (accounts, guests)


def test_the_length_of_a_list_counts_as_it_was_at_the_start(
    world: list[User], newcomer: User
) -> None:
    """Whoever rates in the experiment does not fall out of it."""
    run(most_watched=2)
    assert part_of(newcomer)
    assert not part_of(world[0])
    for n in range(5):
        newcomer.rate(Anime.objects.get(pk=FIRST_ID + n), score=8)
    assert part_of(newcomer)


def test_it_ends_for_everybody_when_it_is_stopped(world: list[User]) -> None:
    made = run()
    states.stop(made, by="boss")
    assert not any(part_of(one) for one in world)


# What they are shown


def in_variant(members: list[User], position: int) -> User:
    return next(one for one in members if part_of(one).parts[0].treatment.position == position)


def titles(member: User, query: str = "top_n=5") -> list[int]:
    AccessToken.objects.filter(member=member).delete()
    key = key_of(member, scope=Scope.READ)
    answer = Client().get(f"/api/v1/recommend?{query}", headers={"authorization": f"Bearer {key}"})
    return [one["anime"]["mal_id"] for one in answer.json()["results"]]


def test_a_variant_s_dials_are_those_of_its_members_alone(trained: list[User]) -> None:
    usual = {one.pk: titles(one) for one in trained[:12]}
    rare = {one.pk: titles(one, "top_n=5&popularity=-1") for one in trained[:12]}
    run()
    for one in trained[:12]:
        is_rare = variants_of([one]) == [1]
        assert titles(one) == (rare if is_rare else usual)[one.pk]
        assert titles(one, "top_n=5&explain=full") == titles(one)


def test_a_dial_that_the_member_turns_is_theirs(trained: list[User]) -> None:
    one = trained[0]
    popular = titles(one, "top_n=5&popularity=1")
    run()
    assert titles(in_variant(trained, 1), "top_n=5&popularity=0.5")
    assert titles(one, "top_n=5&popularity=1") == popular


def test_a_variant_may_be_answered_by_any_published_model(trained: list[User]) -> None:
    train_all("ease")
    old = TrainedModel.objects.filter(role="ease", is_active=False).get()
    popularity = TrainedModel.objects.get(role="popularity")
    run("models", {"model": popularity}, {"model": old})
    one = in_variant(trained, 0)
    key = key_of(one, scope=Scope.READ)
    answer = Client().get("/api/v1/recommend", headers={"authorization": f"Bearer {key}"}).json()
    assert answer["model"]["kind"] == "popularity"
    assert part_of(in_variant(trained, 1)).ranker == old


def test_others_see_a_public_list_as_everybody_would(trained: list[User]) -> None:
    """What somebody else is shown of a list is no treatment of its member."""
    path = f"/api/v1/recommend?top_n=5&user_id={trained[0].pk}"
    before = Client().get(path).json()["results"]
    run("all", {**RARE, "share": 1.0}, {"share": 0.0})
    assert Client().get(path).json()["results"] == before


def test_the_page_and_its_reasons_are_of_the_variant(trained: list[User], client: Client) -> None:
    one = trained[0]
    client.force_login(one)
    run("all", {**RARE, "share": 1.0}, {"share": 0.0})
    rare = titles(one, "top_n=20&popularity=-1")
    page = client.get("/for-you/?n=20")
    assert [card["anime"].pk for card in page.context["cards"]][:10] == rare[:10]
    assert client.get(f"/for-you/why/{rare[0]}/").context["is_shown"]


def test_a_layer_with_an_experiment_and_a_model_of_a_variant_stay(trained: list[User]) -> None:
    made = run("models", {"model": TrainedModel.objects.get(role="popularity")}, USUAL)
    with pytest.raises(ProtectedError):
        Layer.objects.get().delete()
    with pytest.raises(ProtectedError):
        TrainedModel.objects.get(role="popularity").delete()
    made.delete()
    assert not Variant.objects.exists()


def test_staff_look_at_a_variant_and_nothing_is_counted(
    trained: list[User], client: Client
) -> None:
    """Also of a draft; whoever is not of the staff sees their own list."""
    made = draft("later", USUAL, {"model": TrainedModel.objects.get(role="popularity")})
    rare = made.variants.get(position=1)
    one = trained[0]
    client.force_login(one)
    usual = [card["anime"].pk for card in client.get("/for-you/").context["cards"]]

    def seen(number: object) -> list[int]:
        page = client.get(f"/for-you/?preview={number}")
        return [card["anime"].pk for card in page.context["cards"]]

    assert seen(rare.pk) == usual
    User.objects.filter(pk=one.pk).update(is_staff=True)
    assert seen(rare.pk) != usual
    assert "Nothing of it is counted." in client.get(f"/for-you/?preview={rare.pk}").text
    for wrong in ("", "x", "-1", "9" * 40, 2**31):
        assert seen(wrong) == usual
    exposing.spool.empty()
    assert not Exposure.objects.exists()


def test_a_guest_who_signs_up_stays_in_their_variant(trained: list[User]) -> None:
    """They become the account; nothing has to be carried over."""
    run("first", layer="one")
    run("second", layer="two")
    client = Client()
    client.post(f"/anime/{FIRST_ID}/rate/", {"score": 9})
    guest = User.objects.get(origin=Origin.GUEST)
    before = part_of(guest)
    password = "quite a long one, 17 tea"
    said = {"username": "ines", "password1": password, "password2": password}
    assert client.post("/sign-up/", said).status_code == 302
    account = User.objects.get(username="ines")
    assert account.pk == guest.pk
    assert before
    assert part_of(account) == before
