"""GET and POST /api/v1/quiz."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.models import Anime
from ratings.models import User
from ratings.tests.keys import key_of
from recommender.models import FavouriteGenre, NotSeen
from recommender.tests.worlds import FIRST_ID, TITLES, is_robot, train_all

pytestmark = pytest.mark.django_db

QUIZ = "/api/v1/quiz"
ALL = list(range(FIRST_ID, FIRST_ID + TITLES))
TEA = "Slice of Life"


@pytest.fixture
def api(trained: list[User], as_newcomer: Client) -> Client:
    train_all("quiz")
    return as_newcomer


def post(client: Client, body: Any, address: str = QUIZ):
    return client.post(address, json.dumps(body), "application/json")


def asked(answer) -> list[int]:
    return [anime["mal_id"] for anime in answer.json()["questions"]]


def test_the_next_questions_come_with_what_was_said_so_far(api: Client, newcomer: User) -> None:
    newcomer.rate(Anime.objects.get(pk=ALL[0]), score=9)
    post(api, {"not_seen": [ALL[1]], "genres": [TEA]})
    answer = api.get(QUIZ, {"n": 7})
    assert answer.status_code == 200
    assert "private" in answer["Cache-Control"]
    body = answer.json()
    assert len(asked(answer)) == 7
    assert not {ALL[0], ALL[1]} & set(asked(answer))
    assert body["model"]["kind"] == "quiz"
    assert body["model"]["trained_at"]
    assert body["answered"] == {
        "titles": 1,
        "not_seen": [ALL[1]],
        "genres": [TEA],
        "ready": False,
    }
    assert body["genres"] == ["Mecha", TEA]


def test_before_any_training_the_most_watched_are_asked(world, as_newcomer: Client) -> None:
    answer = as_newcomer.get(QUIZ)
    assert asked(answer) == ALL[:5]
    assert answer.json()["model"] == {"kind": "popularity", "trained_at": None}


def test_what_is_not_seen_is_not_asked_until_that_is_undone(api: Client) -> None:
    before = asked(api.get(QUIZ, {"n": 20}))
    after = post(api, {"not_seen": before[:1]}, f"{QUIZ}?n=20")
    assert after.status_code == 200
    assert before[0] not in asked(after)
    undone = post(api, {"undo": before[:1]}, f"{QUIZ}?n=20")
    assert asked(undone) == before
    assert undone.json()["answered"]["not_seen"] == []


def test_a_score_goes_to_rate_and_is_counted_here(api: Client) -> None:
    for n, pk in enumerate(ALL[:5], 1):
        post(api, {"anime_id": pk, "score": 8}, "/api/v1/rate")
        answered = api.get(QUIZ).json()["answered"]
        assert [answered["titles"], answered["ready"]] == [n, n == 5]


def test_genres_take_the_place_of_those_before_and_count_at_once(
    api: Client, newcomer: User
) -> None:
    def first() -> dict[str, Any]:
        return api.get(f"/api/v1/recommend?user_id={newcomer.pk}").json()["results"][0]

    assert not is_robot(first()["anime"]["mal_id"])
    post(api, {"genres": ["Mecha", "Mecha"]})
    assert is_robot(first()["anime"]["mal_id"])
    assert first()["reason"].startswith("You like Mecha")
    assert first()["causes"][0]["feature"] == "favourite: Mecha"
    post(api, {"genres": [TEA]})
    assert not is_robot(first()["anime"]["mal_id"])
    assert first()["reason"].startswith(f"You like {TEA}")
    assert post(api, {"genres": []}).json()["answered"]["genres"] == []
    assert first()["reason"] == "Popular with members"


def test_a_token_is_enough(trained, newcomer: User, client: Client) -> None:
    headers = {"authorization": f"Bearer {key_of(newcomer)}"}
    body = json.dumps({"not_seen": [ALL[0]]})
    assert client.get(QUIZ, headers=headers).status_code == 200
    assert client.post(QUIZ, body, "application/json", headers=headers).status_code == 200


def test_guests_are_not_asked(client: Client) -> None:
    assert client.get(QUIZ).status_code == 401
    assert post(client, {"not_seen": [1]}).status_code == 401


def test_the_same_title_many_times_is_one_answer(api: Client) -> None:
    assert post(api, {"not_seen": [ALL[0]] * 150}).status_code == 200
    assert post(api, {"not_seen": [ALL[0]]}).status_code == 200
    assert NotSeen.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({}, 400, "not_seen"),
        ([], 400, None),
        ("not_seen", 400, None),
        (None, 400, None),
        ({"not_seen": 5}, 400, "not_seen"),
        ({"not_seen": {"a": 1}}, 400, "not_seen"),
        ({"not_seen": "9000000"}, 400, "not_seen"),
        ({"not_seen": ["9000000"]}, 400, "not_seen"),
        ({"not_seen": [True]}, 400, "not_seen"),
        ({"not_seen": [0]}, 400, "not_seen"),
        ({"not_seen": [2**31]}, 400, "not_seen"),
        ({"not_seen": [None]}, 400, "not_seen"),
        ({"not_seen": list(range(1, 1001))}, 400, "not_seen"),
        ({"not_seen": [1]}, 404, "not_seen"),
        ({"not_seen": [FIRST_ID, 1]}, 404, "not_seen"),
        ({"undo": [1]}, 404, "undo"),
        ({"undo": [FIRST_ID], "not_seen": [FIRST_ID]}, 400, "undo"),
        ({"genres": "Mecha"}, 400, "genres"),
        ({"genres": [1]}, 404, "genres"),
        ({"genres": [["Mecha"]]}, 400, "genres"),
        ({"genres": ["x" * 61]}, 400, "genres"),
        ({"genres": ["a\0b"]}, 400, "genres"),
        ({"genres": ["\ud800"]}, 400, "genres"),
        ({"genres": ["Opera"]}, 404, "genres"),
        ({"genres": ["Mecha", "Opera"], "not_seen": [FIRST_ID]}, 404, "genres"),
        ({"genres": ["Mecha"], "score": 5}, 400, "score"),
    ],
)
def test_a_hostile_answer_is_refused_with_the_field_and_keeps_nothing(
    api: Client, body: Any, status: int, field: str | None
) -> None:
    answer = post(api, body)
    assert answer.status_code == status
    problem = answer.json()
    assert problem["status"] == status
    assert field is None or field in problem["fields"]
    assert not NotSeen.objects.exists()
    assert not FavouriteGenre.objects.exists()


def test_hidden_titles_cannot_be_answered(api: Client) -> None:
    Anime.objects.filter(pk=ALL[0]).update(is_adult=True)
    assert post(api, {"not_seen": [ALL[0]]}).status_code == 404


@pytest.mark.parametrize("asked_for", ["n=0", "n=21", "n=x", "n=1&n=2", "m=1"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_number_that_makes_no_sense_is_named(api: Client, asked_for: str, method: str) -> None:
    body = json.dumps({"genres": ["Mecha"]})
    answer = api.generic(method, f"{QUIZ}?{asked_for}", body, "application/json")
    assert answer.status_code == 400
    assert set(answer.json()["fields"]) == {asked_for[0]}
    assert not FavouriteGenre.objects.exists()


def queries_of(client: Client, method: str, body: dict[str, Any]) -> int:
    with CaptureQueriesContext(connection) as queries:
        answer = client.generic(method, f"{QUIZ}?n=20", json.dumps(body), "application/json")
        assert answer.status_code == 200
    return len(queries)


def test_the_number_of_queries_does_not_grow(api: Client, newcomer: User) -> None:
    # session, member, own titles, not seen, the model, what may be asked, titles, favourites,
    # genres to choose from
    queries_of(api, "GET", {})
    few = queries_of(api, "GET", {})
    one = queries_of(api, "POST", {"not_seen": ALL[:1]})
    for pk in ALL[20:]:
        newcomer.rate(Anime.objects.get(pk=pk), score=8)
    many = queries_of(api, "POST", {"not_seen": ALL[:10]})
    assert [few, queries_of(api, "GET", {})] == [9, 9]
    assert one == many
