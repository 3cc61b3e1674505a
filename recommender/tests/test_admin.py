"""What an operator does with models and trainings."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from kombu import Connection
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from ratings.models import User
from recommender.models import TrainedModel, TrainingRun
from recommender.tasks import train_models

pytestmark = pytest.mark.django_db

MODELS = reverse("admin:recommender_trainedmodel_changelist")
RUNS = reverse("admin:recommender_trainingrun_changelist")
TRAIN = reverse("admin:recommender_train")


MEASURED = {
    "kind": "ease",
    "at": [
        {"k": 10, "ndcg": 0.4, "recall": 0.2, "coverage": 0.1},
        {"k": 20, "ndcg": 0.5123, "recall": 0.31, "coverage": 0.12},
    ],
    "rmse": None,
    "mae": None,
}


@pytest.fixture
def chief(client: Client) -> Client:
    user = User.objects.create(username="chief", is_staff=True, is_superuser=True)
    client.force_login(user)
    return client


def a_model(number: int, **facts: Any) -> TrainedModel:
    facts = {"kind": "ease", "role": "ease", "metrics": MEASURED, **facts}
    return TrainedModel.objects.create(artifact=f"ease-{number}", data_fingerprint="f", **facts)


def serve(chief: Client, *models: TrainedModel) -> Any:
    data = {"action": "serve", "_selected_action": [model.pk for model in models]}
    return chief.post(MODELS, data, follow=True)


@pytest.fixture
def folder(tmp_path: Path, settings: Settings) -> Path:
    settings.ARTIFACTS_DIR = tmp_path
    return tmp_path


def test_the_chosen_model_is_served_instead_of_the_other(chief: Client, folder: Path) -> None:
    old, new = a_model(1, is_active=True), a_model(2)
    (folder / new.artifact).mkdir()
    assert b"served from now on" in serve(chief, new).content
    old.refresh_from_db()
    new.refresh_from_db()
    assert (old.is_active, new.is_active) == (False, True)


def test_a_model_whose_files_are_gone_is_not_served(chief: Client, folder: Path) -> None:
    model = a_model(1)
    assert b"cannot be served" in serve(chief, model).content
    model.refresh_from_db()
    assert not model.is_active


def test_two_models_at_once_are_declined(chief: Client, folder: Path) -> None:
    assert b"Choose one model" in serve(chief, a_model(1), a_model(2)).content


def test_models_show_their_quality_and_are_not_written_by_hand(chief: Client) -> None:
    model = a_model(1)
    a_model(2, kind="score_blend", role="score_blend", metrics={"at": [], "rmse": 1.25, "mae": 0.9})
    a_model(3, kind="content", role="content", metrics={})
    page = chief.get(MODELS).content.decode()
    assert "ndcg at 20 0.512, recall at 20 0.310, coverage at 20 0.120" in page
    assert "RMSE 1.250, MAE 0.900" in page
    assert "not measured" in page
    page = chief.get(reverse("admin:recommender_trainedmodel_change", args=[model.pk]))
    assert page.status_code == 200
    assert b'name="_save"' not in page.content
    assert chief.get(reverse("admin:recommender_trainedmodel_add")).status_code == 403


def test_training_starts_with_a_button(
    chief: Client,
    settings: Settings,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    settings.CELERY_TASK_ALWAYS_EAGER = True
    assert b"Train now" in chief.get(RUNS).content
    with django_capture_on_commit_callbacks() as callbacks:
        page = chief.post(TRAIN, follow=True)
    assert b"Training waits for the worker" in page.content
    assert TrainingRun.objects.get().state == "queued"
    assert len(callbacks) == 1


def test_a_queue_that_does_not_answer_is_said_and_leaves_no_training_waiting(
    chief: Client,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Nobody listens where the queue should be.
    asked = partial(
        train_models.apply_async, connection=Connection("redis://127.0.0.1:9/0"), retry=False
    )
    monkeypatch.setattr(train_models, "delay", lambda pk: asked([pk]))
    # As on the site, where nothing holds the question back until a test's end.
    monkeypatch.setattr(transaction, "on_commit", lambda ask: ask())
    page = chief.post(TRAIN, follow=True)
    assert page.status_code == 200
    assert "task queue does not answer" in page.content.decode()
    assert TrainingRun.objects.get().state == "failed"


def test_a_link_alone_starts_no_training(chief: Client) -> None:
    assert chief.get(TRAIN).status_code == 405
    assert not TrainingRun.objects.exists()


def test_staff_without_the_right_neither_see_nor_use_the_button(client: Client) -> None:
    from django.contrib.auth.models import Permission

    staff = User.objects.create(username="staff", is_staff=True)
    staff.user_permissions.set(Permission.objects.filter(codename="view_trainingrun"))
    client.force_login(staff)
    assert b"Train now" not in client.get(RUNS).content
    assert client.post(TRAIN).status_code == 403
    assert not TrainingRun.objects.exists()


def test_a_guest_is_sent_to_sign_in(client: Client) -> None:
    assert client.post(TRAIN).status_code == 302
    assert not TrainingRun.objects.exists()


def test_the_page_looks_again_only_while_something_trains(chief: Client) -> None:
    run = TrainingRun.objects.create(kinds=["ease"])
    run.report("Fitting ease", 40)
    page = chief.get(RUNS)
    assert b'<progress max="100" value="40"' in page.content
    one = reverse("admin:recommender_trainingrun_change", args=[run.pk])
    assert (page["Refresh"], chief.get(one)["Refresh"]) == ("3", "3")
    run.finish(error="12 members have a list; 50 are needed")
    assert "Refresh" not in chief.get(RUNS)
    assert "Refresh" not in chief.get(one)
    assert b"12 members have a list" in chief.get(one).content


@pytest.mark.parametrize(("address", "budget"), [(MODELS, 6), (RUNS, 5)])
def test_a_list_asks_as_many_queries_for_forty_rows_as_for_two(
    chief: Client, address: str, budget: int
) -> None:
    numbers = []
    for batch in (range(2), range(2, 40)):
        for number in batch:
            a_model(number, run=TrainingRun.objects.create(kinds=["ease"], state="done"))
        with CaptureQueriesContext(connection) as queries:
            assert chief.get(address).status_code == 200
        numbers.append(len(queries))
    assert numbers == [budget, budget]
