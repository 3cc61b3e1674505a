"""Kept answers of GET /recommend and /similar: the same as the API's own, and never old."""

import time
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from catalog.models import Anime, CatalogueVersion
from ratings.models import AccessToken, Scope, User
from ratings.tests.keys import key_of
from recommender import serving
from recommender.tests.worlds import FIRST_ID, train_all

pytestmark = pytest.mark.django_db

V1 = "/api/v1"


@pytest.fixture
def ines(trained: list[User], newcomer: User) -> User:
    newcomer.rate(Anime.objects.get(pk=FIRST_ID), score=9)
    return newcomer


@pytest.fixture
def token(ines: User) -> dict[str, str]:
    return {"authorization": f"Bearer {key_of(ines, scope=Scope.READ)}"}


def ask(headers: dict[str, str] | None = None, path: str = "recommend?top_n=5") -> Any:
    return Client().get(f"{V1}/{path}", headers=headers or {})


def test_a_kept_answer_is_the_one_that_was_made(token: dict[str, str]) -> None:
    made, again = ask(token), ask(token)
    assert made.status_code == again.status_code == 200
    assert again.content == made.content
    for name in ("Content-Type", "ETag", "Cache-Control"):
        assert sorted(again[name].split(", ")) == sorted(made[name].split(", "))
    same = ask({**token, "if-none-match": made["ETag"]})
    assert (same.status_code, same.content) == (304, b"")


def test_a_kept_answer_costs_one_short_question(token: dict[str, str]) -> None:
    """Whose token, which version of the list, which models and catalogue: all at once."""
    ask(token)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        ask(token)
    assert len(asked) == 1


def test_beside_redis_it_lies_in_the_process_too_and_is_as_new(
    ines: User, token: dict[str, str], settings: Settings
) -> None:
    settings.REDIS_URL = "redis://somewhere"
    before = ask(token)
    cache.clear()
    with CaptureQueriesContext(connection) as asked:
        assert ask(token).content == before.content
    assert len(asked) == 1
    ines.rate(Anime.objects.get(pk=FIRST_ID + 1), score=9)
    assert ask(token).content != before.content


def test_a_rating_makes_it_old_and_another_s_does_not(
    ines: User, token: dict[str, str], trained: list[User]
) -> None:
    before = ask(token)
    first = before.json()["results"][0]["anime"]["mal_id"]
    trained[0].rate(Anime.objects.get(pk=first), score=2)
    with CaptureQueriesContext(connection) as asked:
        assert ask(token).content == before.content
    assert len(asked) == 1
    ines.rate(Anime.objects.get(pk=first), score=9)
    assert first not in [one["anime"]["mal_id"] for one in ask(token).json()["results"]]


def test_an_activation_and_a_changed_catalogue_make_it_old(token: dict[str, str]) -> None:
    before = ask(token).json()["model"]["trained_at"]
    train_all("popularity", "content", "ease", "score_blend")
    serving.forget_loaded()
    assert ask(token).json()["model"]["trained_at"] > before
    CatalogueVersion.advance()
    with CaptureQueriesContext(connection) as asked:
        ask(token)
    assert len(asked) > 1


def test_each_question_and_each_asker_has_an_answer_of_their_own(
    ines: User, token: dict[str, str], trained: list[User]
) -> None:
    plain = ask(token).json()
    assert ask(token, "recommend?top_n=4").json()["results"] == plain["results"][:4]
    assert ask(token, "recommend?top_n=5&fields=rank").json()["results"][0] == {"rank": 1}
    other = ask(None, f"recommend?top_n=5&user_id={trained[0].pk}").json()
    assert other["user_id"] == trained[0].pk
    assert ask(token, f"recommend?top_n=5&user_id={trained[0].pk}").json() == other
    User.objects.filter(pk=ines.pk).update(title_language="japanese")
    Anime.objects.filter(pk=plain["results"][0]["anime"]["mal_id"]).update(title_japanese="海")
    assert ask(token).status_code == 200


def test_a_list_that_is_shown_no_more_is_told_no_more(trained: list[User]) -> None:
    path = f"recommend?user_id={trained[0].pk}"
    assert ask(None, path).status_code == 200
    User.objects.filter(pk=trained[0].pk).update(is_public=False)
    assert ask(None, path).status_code == 403


def test_a_token_taken_back_and_a_member_shut_out_are_answered_no_more(
    ines: User, token: dict[str, str]
) -> None:
    assert ask(token).status_code == 200
    User.objects.filter(pk=ines.pk).update(is_active=False)
    assert ask(token).status_code == 401
    User.objects.filter(pk=ines.pk).update(is_active=True)
    assert ask(token).status_code == 200
    AccessToken.objects.all().delete()
    assert ask(token).status_code == 401


@pytest.mark.parametrize(
    ("path", "status"),
    [("recommend", 401), ("recommend?user_id=x", 400), ("recommend?user_id=1&user_id=2", 400),
     ("recommend?user_id=", 400), ("recommend?user_id=99999999999999999999", 400),
     ("recommend?user_id=%D9%A1", 400), ("similar?anime_id=8888888", 404), ("similar", 400)],
)  # fmt: skip
def test_what_fails_is_never_kept(trained: list[User], path: str, status: int) -> None:
    for _ in range(2):
        assert ask(None, path).status_code == status


def test_when_it_was_used_last_is_noted(ines: User, token: dict[str, str]) -> None:
    ask(token)
    assert ines.tokens.get().used_at


def test_each_answer_is_counted_once(ines: User, token: dict[str, str], settings: Settings) -> None:
    settings.API_RATES = {"anon": "2/min", "user": "3/min"}
    assert [ask(token).status_code for _ in range(4)] == [200, 200, 200, 429]
    path = f"similar?anime_id={FIRST_ID}"
    assert [ask(None, path).status_code for _ in range(3)] == [200, 200, 429]


def test_with_redis_gone_it_is_made_each_time(token: dict[str, str], settings: Settings) -> None:
    before = ask(token).json()
    settings.CACHES = {
        "default": {
            "BACKEND": "django_redis.cache.RedisCache",
            # Nothing listens there.
            "LOCATION": "redis://127.0.0.1:1/0",
            "OPTIONS": {"IGNORE_EXCEPTIONS": True, "SOCKET_CONNECT_TIMEOUT": 0.5},
        }
    }
    settings.API_RATES = {"anon": "1/min", "user": "1/min"}
    began = time.monotonic()
    assert [ask(token).json() for _ in range(2)] == [before, before]
    # Nobody waits for another who could tell of nothing.
    assert time.monotonic() - began < 4


# What is made without the API's machinery says what the API says


@pytest.mark.parametrize(
    "question",
    ["", "?top_n=3", "?top_n=5&fields=rank,anime", "?genre=Mecha&popularity=0.5", "?per_franchise=1&diversity=0.3",
     "?explain=causes&top_n=1", "?explain=full&top_n=2"],
)  # fmt: skip
def test_it_is_the_api_s_own_answer_to_the_letter(token: dict[str, str], question: str) -> None:
    plain = ask(token, f"recommend{question}")
    # Asked so, the API answers by itself.
    whole = Client().get(
        f"{V1}/recommend{question}", headers={**token, "accept": "application/json, */*"}
    )
    assert plain.status_code == whole.status_code == 200, plain.content
    assert plain.content == whole.content
    assert plain["ETag"] == whole["ETag"]


@pytest.mark.parametrize(
    "question", ["?top_n=0", "?colour=red", "?top_n=1&top_n=2", "?genre=nothing"]
)
def test_what_is_wrong_the_api_says(token: dict[str, str], question: str) -> None:
    answer = ask(token, f"recommend{question}")
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"


def test_names_are_as_the_asker_likes_them(ines: User, token: dict[str, str]) -> None:
    Anime.objects.filter(pk=FIRST_ID).update(title_japanese="港", title_english="Harbour")
    CatalogueVersion.advance()
    ines.title_language = "japanese"
    ines.save()
    causes = [cause for one in ask(token).json()["results"] for cause in one["causes"]]
    assert "港" in [cause["label"] for cause in causes]


def test_a_title_hidden_by_an_import_is_gone_at_once(token: dict[str, str]) -> None:
    first = ask(token).json()["results"][0]["anime"]["mal_id"]
    Anime.objects.filter(pk=first).update(is_adult=True)
    CatalogueVersion.advance()
    assert first not in [one["anime"]["mal_id"] for one in ask(token).json()["results"]]
