"""What staff are told of cache, queue, workers and disk, also where these are gone."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from animerec.celery import app
from animerec.staff import system
from catalog.etl.fetching import shared
from ratings.models import User
from recommender.tasks import train_models
from tests.test_staff import text

pytestmark = pytest.mark.django_db


@pytest.fixture
def chief(client: Client) -> Client:
    client.force_login(User.objects.create(username="chief", is_staff=True, is_superuser=True))
    return client


def test_the_machine_tells_of_itself(chief: Client, settings: Any, tmp_path: Path) -> None:
    settings.ARTIFACTS_DIR = tmp_path
    (tmp_path / "ease").mkdir()
    (tmp_path / "ease" / "a.npy").write_bytes(b"x" * 2048)
    page = text(chief.get(reverse("staff-system")))
    assert "2.0 KB in 1 file" in page
    assert ("PostgreSQL" if connection.vendor == "postgresql" else "SQLite") in page
    assert system.tables()
    settings.ARTIFACTS_DIR = tmp_path / "nowhere"
    assert system.disk_facts()[0].value.endswith("in 0 files")


@pytest.fixture
def other_redis(settings: Any) -> Iterator[Any]:
    yield settings
    shared.shared_redis.cache_clear()


def test_a_cache_that_does_not_answer_is_said(other_redis: Any) -> None:
    other_redis.REDIS_URL = "redis://127.0.0.1:9/0"
    shared.shared_redis.cache_clear()
    assert system.cache_facts()[0].is_bad
    other_redis.REDIS_URL = ""
    shared.shared_redis.cache_clear()
    assert "In each process" in system.cache_facts()[0].value


@pytest.fixture
def broker(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Asks another queue than that of the settings."""
    # Celery heeds the environment before whatever is configured.
    monkeypatch.delenv("CELERY_BROKER_URL", raising=False)
    before = app.conf.broker_url, app.conf.broker_transport_options

    def use(address: str, **options: Any) -> None:
        settings.CELERY_BROKER_URL = app.conf.broker_url = address
        app.conf.broker_transport_options = options

    yield use
    app.conf.broker_url, app.conf.broker_transport_options = before


def test_tasks_that_wait_are_counted(broker: Callable[..., None], tmp_path: Path) -> None:
    folder = str(tmp_path)
    broker("filesystem://", data_folder_in=folder, data_folder_out=folder, control_folder=folder)
    assert [fact.value for fact in system.queue_facts()] == ["a folder on disk", "0"]
    with app.connection_for_write() as link:
        for run in (1, 2):
            train_models.apply_async([run], connection=link)
    assert system.queue_facts()[1].value == "2"


@pytest.mark.parametrize("address", ["redis://127.0.0.1:9/0", "amqp://127.0.0.1:9//"])
def test_a_queue_that_does_not_answer_is_said_and_soon(
    chief: Client, broker: Callable[..., None], address: str
) -> None:
    broker(address)
    begun = timezone.now()
    assert "it does not answer" in text(chief.get(reverse("staff-system")))
    assert "nobody can be asked" in text(chief.get(reverse("staff-workers")))
    assert timezone.now() - begun < timedelta(seconds=8)


def test_without_workers_none_answers(chief: Client, broker: Callable[..., None]) -> None:
    broker("memory://")
    fragment = chief.get(reverse("staff-workers"), headers={"HX-Request": "true"})
    assert "None answered" in text(fragment)
    assert "<html" not in text(fragment)


def test_the_pages_load_no_training_libraries() -> None:
    code = (
        "import django, sys; django.setup(); import animerec.urls; "
        "print(sorted({'pandas', 'sklearn', 'surprise', 'lightgbm', 'plotly'} & sys.modules.keys()))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "animerec.settings"},
    )  # fmt: skip
    assert answer.stdout.strip() == "[]", answer.stderr
