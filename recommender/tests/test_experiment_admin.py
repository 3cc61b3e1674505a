"""Experiments as curators draft them and staff move them on."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ratings.models import User
from recommender.models import Experiment, ExperimentKind, Layer
from recommender.tests.trials import draft, run, show, stopped_with

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client: Client) -> User:
    made = User.objects.create_superuser("mara")
    client.force_login(made)
    return made


def filled(*names: str, **more: Any) -> dict[str, Any]:
    told: dict[str, Any] = {
        "name": "rare-first", "hypothesis": "More to find.", "kind": "ab", "layer": Layer.objects.get().pk,
        "slice_start": 0, "slice_end": 1, "audience": "everybody", "least_watched": 0, "metric": "taken_up",
        "guardrails": ["disliked"], "base_rate": 0.2, "wanted_lift": 0.1, "days": 14, "window_days": 7,
        "variants-TOTAL_FORMS": len(names), "variants-INITIAL_FORMS": 0,
        "changes-TOTAL_FORMS": 0, "changes-INITIAL_FORMS": 0,
    }  # fmt: skip
    for place, name in enumerate(names):
        told |= {f"variants-{place}-{key}": value for key, value in
                 {"name": name, "share": 0.5, "model": "", "dials": "{}"}.items()}  # fmt: skip
    return told | more


def test_a_draft_is_made_with_its_variants_in_order(client: Client, staff: User) -> None:
    address = reverse("admin:recommender_experiment_add")
    assert client.get(address).status_code == 200
    said = filled("as-it-is", "rare", **{"variants-1-dials": '{"popularity": -0.5}'})
    answer = client.post(address, said)
    assert answer.status_code == 302, answer.context["errors"]
    made = Experiment.objects.get()
    assert list(made.variants.values_list("position", "name", "dials")) == [
        (0, "as-it-is", {}), (1, "rare", {"popularity": -0.5}),
    ]  # fmt: skip
    assert made.guardrails == ["disliked"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"variants-1-dials": '{"loudness": 1}'}, "These are no dials"),
        ({"variants-1-dials": "[1]"}, "These are no dials"),
        ({"variants-1-dials": "{"}, "valid JSON"),
        ({"slice_start": 0.9, "slice_end": 0.1}, "slice"),
        ({"guardrails": ["happiness"]}, "not one of the available"),
        ({"base_rate": 2}, "less than or equal"),
        ({"variants-1-share": "nan"}, "number"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    client: Client, staff: User, wrong: dict[str, Any], said: str
) -> None:
    page = client.post(reverse("admin:recommender_experiment_add"), filled("a", "b", **wrong))
    assert page.status_code == 200
    assert said in page.text
    assert not Experiment.objects.exists()


def test_what_runs_is_changed_by_nobody(client: Client, staff: User) -> None:
    made = run()
    address = reverse("admin:recommender_experiment_change", args=[made.pk])
    assert client.get(address).status_code == 200
    assert client.post(address, filled("x", "y", name="other")).status_code == 403
    assert (
        client.post(reverse("admin:recommender_experiment_delete", args=[made.pk])).status_code
        == 403
    )
    made.refresh_from_db()
    assert made.name == "rare-first"


def page_of(client: Client, made: Experiment) -> Any:
    return client.get(reverse("staff-experiment", args=[made.name]))


def move(client: Client, made: Experiment, verb: str, **said: str) -> str:
    answer = client.post(
        reverse("staff-experiment-move", args=[made.name, verb]), said, follow=True
    )
    made.refresh_from_db()
    return answer.text


def test_staff_move_it_on_and_the_log_says_so(client: Client, staff: User) -> None:
    made = draft()
    assert "Start" in page_of(client, made).text
    move(client, made, "start")
    assert "Nobody was shown anything yet." in page_of(client, made).text
    move(client, made, "stop", said="<b>Enough</b>\0")
    assert (
        client.post(f"/staff/experiments/{made.name}/decide/", {"winner": "\0"}).status_code == 404
    )
    assert "&lt;b&gt;Enough&lt;/b&gt;" in page_of(client, made).text
    move(client, made, "decide", winner="v1")
    assert made.winner
    assert made.winner.name == "v1"
    told = [entry.get_change_message() for entry in LogEntry.objects.order_by("pk")]
    assert told == ["Experiment: start.", "Experiment: stop.", "Experiment: decide."]


def test_a_move_that_cannot_be_made_is_refused_in_words(client: Client, staff: User) -> None:
    made = draft()
    assert "it cannot become stopped" in move(client, made, "stop")
    assert client.post(f"/staff/experiments/{made.name}/explode/").status_code == 404
    assert client.get("/staff/experiments/nothing/").status_code == 404


def test_the_page_says_shows_and_tells_what_came_of_it(client: Client, staff: User) -> None:
    members = User.objects.bulk_create(
        User(username=f"simulated-{n}", password="!") for n in range(80)
    )
    page = page_of(client, stopped_with(members))
    assert page.context["charts"][0].rows
    assert "v1 is better" in page.text
    assert "as for everybody" in page.text


@pytest.mark.parametrize("kind", ExperimentKind.values)
def test_every_kind_has_its_page(client: Client, staff: User, kind: str) -> None:
    made = run(kind=kind)
    members = [User.objects.create_user(f"simulated-{n}") for n in range(4)]
    for n, member in enumerate(members):
        show(made, member, n % 2, timezone.now(), [1, 2])
    page = page_of(client, made)
    assert page.status_code == 200
    assert ("Epochs" in page.text) == (kind == ExperimentKind.BANDIT)
    if kind == ExperimentKind.BANDIT:
        assert "50%: 0 of 2" in page.text
