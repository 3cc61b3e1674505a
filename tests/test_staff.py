"""The pages of staff: who sees them, whether their numbers are right, and what they say of what is gone."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any

import plotly.graph_objects as go
import pytest
from django.contrib.auth.models import Permission
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from kombu import Connection

from animerec.staff import numbers, training
from catalog.gaps import GAPS, counted
from catalog.models import (
    Absence,
    Anime,
    AnimeGenre,
    AnimeRelation,
    Genre,
    ImportRun,
    RunState,
    SourceRecord,
)
from catalog.tests.test_trends import coloured
from ratings.models import ListImport, Origin, User
from recommender.models import TrainedModel, TrainingRun
from recommender.tasks import train_models

pytestmark = pytest.mark.django_db

LOOK = ["staff", "staff-data", "staff-training", "staff-imports", "staff-system", "staff-workers"]
TRAIN = reverse("staff-train")


@pytest.fixture
def chief(client: Client) -> Client:
    client.force_login(User.objects.create(username="chief", is_staff=True, is_superuser=True))
    return client


@pytest.fixture
def clerk(client: Client, curator: User) -> Client:
    """Staff without any right beside that of being it."""
    client.force_login(curator)
    return client


def text(page: Any) -> str:
    return page.content.decode().replace("\u00a0", " ")


# Who sees them


@pytest.mark.parametrize("name", [*LOOK, "staff-train"])
def test_a_guest_is_sent_to_sign_in(client: Client, name: str) -> None:
    answer = client.post(TRAIN) if name == "staff-train" else client.get(reverse(name))
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("ratings:sign-in"))


@pytest.mark.parametrize("name", LOOK)
def test_a_fragment_sends_a_guest_s_whole_window_there(client: Client, name: str) -> None:
    answer = client.get(reverse(name), headers={"HX-Request": "true"})
    assert reverse("ratings:sign-in") in answer["HX-Redirect"]


@pytest.mark.parametrize("name", [*LOOK, "staff-train"])
def test_a_member_is_told_that_it_is_not_for_them(as_newcomer: Client, name: str) -> None:
    answer = as_newcomer.post(TRAIN) if name == "staff-train" else as_newcomer.get(reverse(name))
    assert answer.status_code == 403
    assert "those who look after the site" in text(answer)
    assert not TrainingRun.objects.exists()


@pytest.mark.parametrize("name", LOOK)
def test_staff_see_them_also_where_there_is_nothing(clerk: Client, name: str) -> None:
    page = clerk.get(reverse(name))
    assert page.status_code == 200
    assert "no-cache" in page["Cache-Control"]
    assert clerk.post(reverse(name)).status_code == 405
    assert clerk.get(reverse(name) + "?page=-1&gap=%00&x=" + "y" * 3000).status_code == 200


def test_the_way_there_is_shown_to_staff_alone(clerk: Client) -> None:
    assert f'href="{reverse("staff")}"' in text(clerk.get("/"))
    clerk.force_login(User.objects.create(username="member"))
    assert reverse("staff") not in text(clerk.get("/"))


@pytest.mark.usefixtures("catalogue", "nothing_cached")
def test_a_number_leads_to_the_titles_where_these_may_be_seen(clerk: Client, curator: User) -> None:
    assert "?gap=synopsis" not in text(clerk.get(reverse("staff-data")))
    curator.user_permissions.set(Permission.objects.filter(codename="view_anime"))
    assert "?gap=synopsis" in text(clerk.get(reverse("staff-data")))


# Data


@pytest.fixture
def gappy(catalogue: list[Anime]) -> dict[str, set[int]]:
    """Eight whole titles that were fetched just now; then what each gap is to find."""
    now = timezone.now()
    Anime.objects.update(synopsis="A town by the sea.")
    whole = {"synopsis": "A hill.", "members": 5, "year": 2001, "title": "Whole", "type": "tv"}

    def add(number: int, **facts: Any) -> int:
        anime = Anime.objects.create(
            mal_id=number, **{**whole, "title": f"Title {number}", **facts}
        )
        if not facts.get("is_stub"):
            AnimeGenre.objects.create(anime=anime, genre=Genre.objects.first())
        return anime.pk

    found = {
        "stub": {add(1, is_stub=True, title="", members=None, year=None, synopsis="")},
        "synopsis": {add(2, synopsis="")},
        "genres": {add(3)},
        "members": {add(4, members=None)},
        "year": {add(5, year=None)},
        "relations": {add(6)},
        "stale": {add(7)},
        "airing": {add(8, status="airing")},
        "twins": {add(9, title="Twice"), add(10, title="TWICE")},
        "denied": {add(11)},
        "gone": {add(12, gone_on=date(2026, 1, 1))},
    }
    AnimeGenre.objects.filter(anime=3).delete()
    # One known target, one unknown; of another year, and so no twin.
    AnimeRelation.objects.create(anime_id=2, to_mal_id=4, kind="sequel")
    AnimeRelation.objects.create(anime_id=6, to_mal_id=777, kind="sequel")
    add(13, title="Twice", year=1980)
    Absence.objects.create(source="jikan", mal_id=11, last_on=date(2026, 1, 1))
    Absence.objects.create(source="jikan", mal_id=999, last_on=date(2026, 1, 1))
    ages = {7: timedelta(days=200), 8: timedelta(days=8)}
    SourceRecord.objects.bulk_create(
        SourceRecord(anime=anime, source="jikan", fetched_at=now - ages.get(anime.pk, timedelta(days=2)))
        for anime in Anime.objects.filter(is_stub=False)
    )  # fmt: skip
    return found


@pytest.mark.parametrize("slug", GAPS)
def test_each_number_counts_what_its_link_lists(
    chief: Client, gappy: dict[str, set[int]], slug: str
) -> None:
    assert counted()[slug] == len(gappy[slug])
    listed = chief.get(reverse("admin:catalog_anime_changelist"), {"gap": slug}).context["cl"]
    assert {anime.pk for anime in listed.result_list} == gappy[slug]


@pytest.mark.parametrize("wrong", ["nonsense", "\x00", "stub' OR 1=1"])
def test_a_gap_that_there_is_not_narrows_nothing(chief: Client, wrong: str) -> None:
    answer = chief.get(reverse("admin:catalog_anime_changelist"), {"gap": wrong}, follow=True)
    assert answer.status_code == 200


# Numbers


def test_the_last_days_are_of_those_of_this_site(chief: Client, catalogue: list[Anime]) -> None:
    guest = User.objects.create(username="g", origin=Origin.GUEST)
    member = User.objects.create(username="m")
    old = User.objects.create(username="o", date_joined=timezone.now() - timedelta(days=40))
    simulated = User.objects.create(username="s", origin=Origin.SIMULATED)
    for who, titles in ((guest, 1), (member, 2), (old, 1), (simulated, 5)):
        for anime in catalogue[:titles]:
            who.rate(anime, score=7)
    rated, joined = numbers.last_days()
    # The chief and one member joined.
    assert rated.finding == "4 titles were rated in 30 days."
    assert joined.finding == "2 members joined and 1 guest came in 30 days."
    assert (len(rated.rows), joined.rows[0][1:]) == (30, [2, 1])
    page = text(chief.get(reverse("staff")))
    assert rated.finding in page
    assert [(one.name, one.value) for one in numbers.totals()] == [
        ("Titles", 8), ("Members", 3), ("Guests", 1), ("Members of datasets", 1), ("List entries", 9),
    ]  # fmt: skip


def test_plotly_knows_the_figures_of_staff() -> None:
    for chart in numbers.last_days():
        assert go.Figure(coloured(chart.figure)).data


# Training


def a_model(number: int, **facts: Any) -> TrainedModel:
    facts = {"kind": "ease", "role": "ease", "data_fingerprint": "f", **facts}
    return TrainedModel.objects.create(artifact=f"m-{number}", **facts)


def at_twenty(ndcg: float, **more: float) -> dict[str, Any]:
    return {"at": [{"k": 10, "ndcg": 0.9}, {"k": 20, "ndcg": ndcg, "recall": 0.3}], **more}


def test_a_served_model_stands_beside_the_one_before_it(chief: Client) -> None:
    now = timezone.now()
    a_model(1, metrics=at_twenty(0.1), trained_at=now - timedelta(days=9))
    a_model(2, metrics=at_twenty(0.25), trained_at=now - timedelta(days=8))
    a_model(3, metrics=at_twenty(0.24), is_active=True, trained_at=now - timedelta(hours=3))
    a_model(4, role="score", kind="svd", metrics={"rmse": 1.2}, is_active=True)
    a_model(5, role="quiz", kind="quiz", metrics={}, trained_at=now - timedelta(days=30), is_active=True)  # fmt: skip
    rows = {row.model.role: row for row in training.leaderboard()}
    ndcg, recall = rows["ease"].numbers[:2]
    assert (ndcg.value, ndcg.change) == (0.24, "−0.010, worse")
    assert recall.change == "as before"
    assert (rows["score"].before, rows["score"].numbers[3].value) == (None, 1.2)
    assert [rows[role].is_old for role in ("ease", "quiz")] == [False, True]
    page = text(chief.get(reverse("staff-training")))
    assert "3 hours" in page
    assert "−0.010, worse" in page


def test_what_is_waited_for_refreshes_and_what_is_over_does_not(chief: Client) -> None:
    page = reverse("staff-training")
    run = TrainingRun.objects.create(state="running", percent=40, stage="Fitting <ease>")
    whole = text(chief.get(page))
    assert 'hx-trigger="every 5s, live:work from:body"' in whole
    assert "Fitting &lt;ease&gt;" in whole
    fragment = chief.get(page, headers={"HX-Request": "true", "HX-Target": "staff-training"})
    assert "<h1>" not in text(fragment)
    assert 'value="40"' in text(fragment)
    run.finish(error="Too few members")
    assert "every 5s" not in text(chief.get(page))
    assert "Too few members" in text(chief.get(page))
    # Its worker is long gone: nothing more will be heard of it.
    TrainingRun.objects.create(state="running", started_at=timezone.now() - timedelta(days=2))
    assert "every 5s" not in text(chief.get(page))


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on the site, where no test's transaction holds the question to the worker back."""
    monkeypatch.setattr(transaction, "on_commit", lambda ask: ask())


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, at_once: None) -> list[int]:
    """What the worker is asked for."""
    asked: list[int] = []
    monkeypatch.setattr(train_models, "delay", asked.append)
    return asked


def test_a_training_is_begun_with_a_button_and_once(chief: Client, asked: list[int]) -> None:
    assert "Train now" in text(chief.get(reverse("staff-training")))
    assert "Training waits for the worker" in text(chief.post(TRAIN, follow=True))
    assert "waits or runs already" in text(chief.post(TRAIN, follow=True))
    assert asked == [TrainingRun.objects.get().pk]


def test_a_link_alone_begins_none(chief: Client) -> None:
    assert chief.get(TRAIN).status_code == 405
    assert not TrainingRun.objects.exists()


def test_staff_without_the_right_neither_see_nor_use_the_button(clerk: Client) -> None:
    assert "Train now" not in text(clerk.get(reverse("staff-training")))
    assert clerk.post(TRAIN).status_code == 403
    assert not TrainingRun.objects.exists()


@pytest.mark.usefixtures("at_once")
def test_a_queue_that_is_gone_is_said(chief: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = Connection("redis://127.0.0.1:9/0")
    ask = partial(train_models.apply_async, connection=gone, retry=False)
    monkeypatch.setattr(train_models, "delay", lambda pk: ask([pk]))
    page = text(chief.post(TRAIN, follow=True))
    assert "The task queue does not answer, so no training was begun." in page
    assert TrainingRun.objects.get().state == "failed"
    # So it may be asked for again.
    assert "waits or runs already" not in text(chief.post(TRAIN, follow=True))


# Imports


def test_imports_tell_how_they_went_but_not_whose_they_were(chief: Client, newcomer: User) -> None:
    ImportRun.objects.create(
        source="jikan", subject="spring 2026", state=RunState.FAILED,
        counts={"read": 1500, "rejected": {"year": 2, "title": 1}, "notes": {"x": 1}}, errors=["first", "<b>last</b>"],
    )  # fmt: skip
    lists = {"user": newcomer, "source": "mal", "subject": "diary-of-newcomer.xml"}
    ListImport.objects.create(state=RunState.DONE, counts={"written": 3}, **lists)
    ListImport.objects.create(state=RunState.QUEUED, **lists)
    page = text(chief.get(reverse("staff-imports")))
    assert "1,500 read, 3 rejected" in page
    assert "&lt;b&gt;last&lt;/b&gt;" in page
    assert "3 written" in page
    assert "diary-of-newcomer" not in page
    assert "every 5s" not in page
    run = ImportRun.objects.create(source="jikan", subject="x", state=RunState.RUNNING, beat_at=timezone.now())  # fmt: skip
    assert "every 5s" in text(chief.get(reverse("staff-imports")))
    ImportRun.objects.filter(pk=run.pk).update(beat_at=timezone.now() - timedelta(hours=1))
    page = text(chief.get(reverse("staff-imports")))
    assert "Its worker was killed" in page
    assert "every 5s" not in page


# Budgets


@pytest.mark.usefixtures("gappy")
@pytest.mark.parametrize("name", LOOK)
def test_a_page_asks_at_most_twelve_questions(
    chief: Client, name: str, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    for n in range(30):
        a_model(n, role=f"role {n % 3}", is_active=n < 3)
        TrainingRun.objects.create()
        ImportRun.objects.create(source="jikan", subject="x")
    with django_assert_max_num_queries(12):
        chief.get(reverse(name))
