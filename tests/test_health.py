"""What watches over the site is told."""

import pytest
from django.core.cache import cache
from django.db import OperationalError, connection
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from recommender.models import TrainedModel


@pytest.mark.django_db
def test_healthz_touches_nothing(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.django_db
def test_readyz_is_fine_with_no_model_and_says_so(client: Client, settings: Settings) -> None:
    settings.REDIS_URL = ""
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ok",
        "database": "ok",
        "cache": "not used",
        "model": "none trained: popularity answers",
    }
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.django_db
def test_readyz_names_the_model_that_ranks(client: Client) -> None:
    TrainedModel.objects.create(
        kind="ease", role="ease", is_active=True, artifact="ease-1", data_fingerprint="f"
    )
    assert client.get("/readyz").json()["model"].startswith("ease of ")


@pytest.mark.django_db
def test_readyz_answers_503_when_the_cache_does_not_keep_what_it_is_given(
    client: Client, settings: Settings
) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    settings.CACHES = {
        "default": {
            "BACKEND": "django_redis.cache.RedisCache",
            "LOCATION": settings.REDIS_URL,
            "OPTIONS": {"IGNORE_EXCEPTIONS": True, "SOCKET_CONNECT_TIMEOUT": 0.5},
        }
    }
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["cache"]) == (503, "down")


@pytest.mark.django_db
def test_readyz_writes_to_the_cache_and_reads_back(client: Client, settings: Settings) -> None:
    settings.REDIS_URL = settings.REDIS_URL or "the memory of this process plays Redis"
    cache.set("probe", 1, 5)
    assert client.get("/readyz").json()["cache"] == "ok"


@pytest.mark.django_db
def test_readyz_answers_503_when_the_database_is_gone(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone() -> None:
        raise OperationalError("the server closed the connection")

    monkeypatch.setattr(connection, "cursor", gone)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert (answer.json()["database"], answer.json()["model"]) == ("down", "unknown")
