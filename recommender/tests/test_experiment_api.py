"""Experiments over the API: what a program of the staff may draft, move and read."""

from typing import Any

import pytest
from django.test import Client

from ratings.models import Scope, User
from ratings.tests.keys import key_of
from recommender.models import Experiment, ExperimentKind, Layer, TrainedModel
from recommender.tests.trials import RARE, USUAL, draft, run

pytestmark = pytest.mark.django_db
PATH = "/api/v1/experiments"
A, B = {"name": "a", "share": 0.5}, {"name": "b", "share": 0.5}
ASKED: dict[str, Any] = {
    "name": "new",
    "hypothesis": "Better.",
    "layer": "ranking",
    "variants": [A, B],
}


@pytest.fixture
def staff(db: None) -> Client:
    key = key_of(User.objects.create_superuser("mara"), scope=Scope.WRITE)
    return Client(headers={"authorization": f"Bearer {key}"})


def post(staff: Client, body: Any, path: str = PATH, **headers: str) -> Any:
    return staff.post(path, body, content_type="application/json", headers=headers)


def test_a_draft_has_what_was_asked_and_the_rest_as_usual(staff: Client) -> None:
    variants = [A, {**B, "dials": {"popularity": -0.5}, "rules": {"fatigue": 2}}]
    answer = post(staff, {**ASKED, "layer": "fresh", "variants": variants})
    assert answer.status_code == 201
    told = answer.json()
    assert told["variants"][1] == {
        "name": "b", "share": 0.5, "model": None, "dials": {"popularity": -0.5}, "rules": {"fatigue": 2},
    }  # fmt: skip
    assert (told["state"], told["metric"], told["days"]) == ("draft", "taken_up", 28)
    assert Layer.objects.filter(name="fresh").exists()
    assert staff.get(f"{PATH}/new").json()["report"] is None


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"name": "two words"}, "name"),
        ({"name": "x" * 61}, "name"),
        ({"hypothesis": ""}, "hypothesis"),
        ({"surprise": 1}, "surprise"),
        ({"kind": "abc"}, "kind"),
        ({"kind": "interleaving", "variants": [A, B, {"name": "c", "share": 0}]}, "variants"),
        ({"variants": [A]}, "variants"),
        ({"variants": [A, {**B, "share": 0.6}]}, "variants"),
        ({"variants": [A, {**B, "name": "a"}]}, "variants"),
        ({"variants": [A, {**B, "model": 999_999}]}, "variants"),
        ({"variants": [A, {**B, "model": True}]}, "variants"),
        ({"variants": [A, {**B, "dials": {"popularity": 7}}]}, "variants"),
        ({"variants": [A, {**B, "dials": {"loudness": 1}}]}, "variants"),
        ({"variants": [A, {**B, "rules": {"fatigue": -1}}]}, "variants"),
        ({"variants": [A, {**B, "rules": {"fatigue": True}}]}, "variants"),
        ({"variants": [A, {**B, "rules": {"series_order": 3}}]}, "variants"),
        ({"variants": [A, {**B, "rules": {"luck": 1}}]}, "variants"),
        ({"variants": [A, {**B, "share": "0.5"}]}, "variants"),
        ({"slice_start": 0.5, "slice_end": 0.5}, "slice_end"),
        ({"least_watched": 9, "most_watched": 3}, "most_watched"),
        ({"guardrails": ["happiness"]}, "guardrails"),
        ({"base_rate": 0}, "base_rate"),
        ({"days": 0}, "days"),
        ({"days": 1.5}, "days"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_made(
    staff: Client, more: dict[str, Any], field: str
) -> None:
    answer = post(staff, {**ASKED, **more})
    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == [field]
    assert not Experiment.objects.exists()


def test_a_draft_that_is_sent_again_is_made_once(staff: Client) -> None:
    for _ in range(2):
        assert post(staff, ASKED, **{"Idempotency-Key": "draft-1"}).status_code == 201
    assert Experiment.objects.count() == 1
    assert post(staff, ASKED).json()["fields"] == {"name": ["There is one of this name."]}


def test_one_that_there_is_not_is_not_found(staff: Client) -> None:
    for name in ("nothing", "x" * 200, "%00"):
        assert staff.get(f"{PATH}/{name}").status_code == 404
    assert post(staff, {"to": "running"}, f"{PATH}/nothing").status_code == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"to": "draft"}, "to"),
        ({"to": "stopped"}, "to"),
        ({}, "to"),
        ({"to": "running", "x": 1}, "x"),
    ],
)
def test_a_move_that_cannot_be_made_is_refused(
    staff: Client, body: dict[str, Any], field: str
) -> None:
    made = draft()
    answer = post(staff, body, f"{PATH}/{made.name}")
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])
    made.refresh_from_db()
    assert made.is_draft


def test_the_winner_must_be_one_of_its_variants(staff: Client) -> None:
    made = run()
    post(staff, {"to": "stopped"}, f"{PATH}/{made.name}")
    wrong = post(staff, {"to": "decided", "winner": "v9"}, f"{PATH}/{made.name}")
    assert wrong.json()["fields"] == {"winner": ["There is no variant v9."]}
    right = post(staff, {"to": "decided"}, f"{PATH}/{made.name}").json()
    assert (right["state"], right["winner"]) == ("decided", None)


@pytest.mark.parametrize("kind", ExperimentKind.values)
def test_every_kind_has_a_report_before_anybody_came(
    trained: list[User], staff: Client, kind: str
) -> None:
    popularity = {"model": TrainedModel.objects.get(role="popularity")}
    made = run("early", popularity, RARE if kind != "interleaving" else USUAL, kind=kind)
    told = staff.get(f"{PATH}/{made.name}").json()["report"]
    assert told["says"] == ["Nobody was shown anything yet."]
    assert (told["bandit"] is None) == (kind != "bandit")


def test_the_newest_come_first_a_page_at_a_time(staff: Client) -> None:
    for n in range(5):
        draft(f"number-{n}")
    first = staff.get(f"{PATH}?page_size=3").json()
    assert [one["name"] for one in first["results"]] == ["number-4", "number-3", "number-2"]
    rest = staff.get(first["next"]).json()
    assert [one["name"] for one in rest["results"]] == ["number-1", "number-0"]
    assert rest["next"] is None
