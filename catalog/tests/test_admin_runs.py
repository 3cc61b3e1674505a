"""Crawls in admin: watched, stopped, taken up again, begun."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from kombu import Connection

from catalog import tasks
from catalog.models import Anime, ImportRun, RunState
from catalog.models.runs import DEAD_AFTER

pytestmark = pytest.mark.django_db(transaction=True)
RUNS = reverse("admin:catalog_importrun_changelist")
START = reverse("admin:catalog_start_crawl")


@pytest.fixture
def chief(client: Client) -> Client:
    user = get_user_model().objects.create(username="chief", is_staff=True, is_superuser=True)
    client.force_login(user)
    return client


@pytest.fixture
def looker(client: Client) -> Client:
    user = get_user_model().objects.create(username="looker", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_importrun"))
    client.force_login(user)
    return client


@pytest.fixture
def eager(settings: Any) -> None:
    """The task runs where it is asked for."""
    from celery import current_app as app

    app.conf.task_always_eager = True
    yield
    app.conf.task_always_eager = False


def a_run(**said: Any) -> ImportRun:
    given = {"source": "jikan", "subject": "the whole catalogue", "options": {"full": True}}
    return ImportRun.objects.create(**{**given, "beat_at": timezone.now(), **said})


def page(client: Client, run: ImportRun) -> Any:
    return client.get(reverse("admin:catalog_importrun_change", args=[run.pk]))


def act(client: Client, action: str, *runs: ImportRun) -> str:
    chosen = {"action": action, "_selected_action": [run.pk for run in runs]}
    return client.post(RUNS, chosen, follow=True).content.decode()


def test_a_run_that_lives_shows_how_far_it_is_and_the_page_looks_again(chief: Client) -> None:
    run = a_run(total=200, counts={"read": 50, "loaded": 40, "notes": {"unknown word kept: x": 3}})
    shown = page(chief, run)
    text = shown.content.decode()
    assert '<progress max="200" value="50"' in text
    assert "read 50, loaded 40" in text
    assert "3 unknown word kept: x" in text
    assert "last sign of life" in text.lower()
    assert shown["Refresh"] == "3"
    assert chief.get(RUNS)["Refresh"] == "3"


def test_a_run_whose_worker_died_is_told_from_one_that_lives(chief: Client) -> None:
    run = a_run(beat_at=timezone.now() - 2 * DEAD_AFTER)
    shown = page(chief, run)
    assert "Its worker was killed" in shown.content.decode()
    assert "Refresh" not in shown


def test_a_run_is_cancelled_between_pages(chief: Client) -> None:
    run = a_run()
    assert "Asked 1" in act(chief, "cancel", run)
    run.refresh_from_db()
    assert (run.cancel_asked, run.state) == (True, "running")


def test_a_run_that_nobody_works_on_is_cancelled_at_once(chief: Client) -> None:
    waiting, dead = a_run(state=RunState.QUEUED), a_run(beat_at=timezone.now() - timedelta(days=1))
    act(chief, "cancel", waiting, dead)
    assert set(ImportRun.objects.values_list("state", flat=True)) == {"cancelled"}


def test_a_waiting_run_that_was_cancelled_is_not_begun_when_its_turn_comes(
    chief: Client, source: Any
) -> None:
    server = source(5)
    waiting = a_run(state=RunState.QUEUED)
    act(chief, "cancel", waiting)
    tasks.crawl(waiting.pk)
    waiting.refresh_from_db()
    assert (waiting.state, server.requests) == ("cancelled", [])


@pytest.fixture
def no_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody listens where the queue should be."""
    gone = Connection("redis://127.0.0.1:9/0")
    asked = partial(tasks.crawl.apply_async, connection=gone, retry=False)
    monkeypatch.setattr(tasks.crawl, "delay", lambda pk: asked([pk]))


@pytest.mark.usefixtures("no_queue")
def test_a_queue_that_does_not_answer_is_said_and_leaves_no_run_waiting(
    chief: Client, source: Any
) -> None:
    source(5)
    asked = {"source": "jikan", "wish": "the whole catalogue"}
    assert "task queue does not answer" in chief.post(START, asked, follow=True).content.decode()
    stopped = a_run(state=RunState.PARTIAL, source="mal")
    assert "task queue does not answer" in act(chief, "retry", stopped)
    assert not ImportRun.objects.filter(state=RunState.QUEUED).exists()


@pytest.mark.usefixtures("eager")
def test_a_run_that_stopped_is_taken_up_where_it_was(chief: Client, source: Any) -> None:
    source(30, page_size=10)
    run = a_run(state=RunState.PARTIAL, cursor="2", counts={"read": 10, "loaded": 10})
    assert "Asked 1" in act(chief, "retry", run)
    run.refresh_from_db()
    assert (run.counts["loaded"], Anime.objects.count()) == (30, 20)


def test_what_did_not_stop_or_is_no_crawl_is_not_taken_up(chief: Client) -> None:
    a_file = a_run(state=RunState.FAILED, options={}, source="mal2023", subject="anime.csv")
    said = act(chief, "retry", a_run(), a_run(state=RunState.DONE), a_file)
    assert "Only crawls that stopped can go on." in said
    assert not ImportRun.objects.filter(state=RunState.QUEUED).exists()


@pytest.mark.usefixtures("eager")
def test_a_crawl_is_begun_here(chief: Client, source: Any) -> None:
    source(30)
    assert b'value="Start"' in chief.get(RUNS).content
    chief.post(START, {"source": "jikan", "wish": "the whole catalogue"})
    assert ImportRun.objects.get().state == "done"
    assert Anime.objects.count() == 30


def test_none_is_begun_while_one_is_alive(chief: Client, source: Any) -> None:
    source(5)
    a_run()
    asked = {"source": "jikan", "wish": "the whole catalogue"}
    assert "being read already" in chief.post(START, asked, follow=True).content.decode()
    assert ImportRun.objects.count() == 1


@pytest.mark.parametrize(
    "asked", [{}, {"source": "x", "wish": "y"}, {"source": "jikan", "wish": ""}]
)
def test_a_start_that_names_nothing_begins_nothing(
    chief: Client, source: Any, asked: dict[str, str]
) -> None:
    source(5)
    assert "Choose a source" in chief.post(START, asked, follow=True).content.decode()
    assert not ImportRun.objects.exists()


def test_without_a_source_there_is_nothing_to_start(chief: Client, settings: Any) -> None:
    settings.JIKAN_BASE_URL = settings.MAL_CLIENT_ID = ""
    assert b'value="Start"' not in chief.get(RUNS).content


def test_who_may_only_look_neither_starts_nor_stops(looker: Client, source: Any) -> None:
    source(5)
    run = a_run()
    assert b'value="Start"' not in looker.get(RUNS).content
    assert looker.post(START, {"source": "jikan", "wish": "the whole catalogue"}).status_code == 403
    act(looker, "cancel", run)
    run.refresh_from_db()
    assert not run.cancel_asked
