"""POST /api/v1/recommend, and explain, feedback and taste."""

import json
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from catalog.models import Anime
from ratings.models import User
from recommender import serving
from recommender.tests.worlds import FIRST_ID, TITLES, is_robot, train_all

pytestmark = pytest.mark.django_db

V1 = "/api/v1"


@pytest.fixture
def api(trained: list[User], rater: User, client: Client) -> Client:
    return client


def send(client: Client, method: str, path: str, body: Any = None) -> Any:
    raw = b"" if body is None else json.dumps(body).encode()
    return client.generic(method, f"{V1}/{path}", raw, "application/json")


def listed(*ids: int, **more: Any) -> dict[str, Any]:
    return {"list": [{"anime_id": FIRST_ID + n, "score": 9} for n in ids], **more}


def found(answer: Any) -> list[int]:
    assert answer.status_code == 200, answer.content
    return [one["anime"]["mal_id"] for one in answer.json()["results"]]


# A list of nobody here


def test_somebody_else_s_list_is_recommended_for_without_an_account(
    trained: list[User], client: Client
) -> None:
    robots = found(send(client, "POST", "recommend?top_n=5", listed(0, 2, 4)))
    tea = found(send(client, "POST", "recommend?top_n=5", listed(1, 3, 5)))
    assert all(map(is_robot, robots))
    assert not any(map(is_robot, tea))
    assert not User.objects.filter(origin="guest").exists()


def test_it_is_what_a_member_of_that_list_would_get(
    trained: list[User], client: Client, newcomer: User
) -> None:
    for n, score in ((0, 9), (2, 7)):
        newcomer.rate(Anime.objects.get(pk=FIRST_ID + n), score=score)
    newcomer.dismiss(Anime.objects.get(pk=FIRST_ID + 4))
    body = {
        "list": [{"anime_id": FIRST_ID, "score": 9}, {"anime_id": FIRST_ID + 2, "score": 7}],
        "not_interested": [FIRST_ID + 4],
    }
    theirs = send(client, "POST", "recommend?explain=full", body).json()
    client.force_login(newcomer)
    assert theirs["results"][0] == client.get(f"{V1}/recommend?explain=full").json()["results"][0]
    assert theirs["results"] == client.get(f"{V1}/recommend?explain=full").json()["results"]


def test_two_lists_are_not_taken_for_one(trained: list[User], client: Client) -> None:
    first = found(send(client, "POST", "recommend", listed(0)))
    assert first != found(send(client, "POST", "recommend", listed(1)))
    assert first == found(send(client, "POST", "recommend", listed(0)))


def test_an_empty_list_and_titles_unknown_here_are_no_fault(
    trained: list[User], client: Client
) -> None:
    assert len(found(send(client, "POST", "recommend?top_n=3", {"list": []}))) == 3
    body = {"list": [{"anime_id": 8_888_888}], "not_interested": [8_888_889]}
    answer = send(client, "POST", "recommend?top_n=3", body)
    assert answer.json()["unknown"] == [8_888_888, 8_888_889]
    assert len(found(answer)) == 3


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "list"),
        ({"list": None}, "list"),
        ({"list": [{"score": 5}]}, "list"),
        ({"list": [{"anime_id": 1}, {"anime_id": 1}]}, "list"),
        ({"list": [{"anime_id": 1, "score": 0}]}, "list"),
        ({"list": [{"anime_id": 1, "note": "x"}]}, "list"),
        ({"list": [{"anime_id": n} for n in range(1, 1002)]}, "list"),
        ({"list": [], "not_interested": ["1"]}, "not_interested"),
        ({"list": [], "user_id": 1}, "user_id"),
    ],
)
def test_a_list_that_is_none_is_named(
    trained: list[User], client: Client, body: Any, field: str
) -> None:
    answer = send(client, "POST", "recommend", body)
    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == [field]


def test_a_session_needs_no_csrf_token_for_a_list_that_is_nobody_s(
    trained: list[User], newcomer: User
) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(newcomer)
    assert send(client, "POST", "recommend", {"list": []}).status_code == 200


# Why


def test_the_parts_of_an_explanation_add_up(api: Client, rater: User) -> None:
    told = api.get(f"{V1}/explain?anime_id={FIRST_ID + 6}").json()
    assert told["user_id"] == rater.pk
    assert not told["on_list"]
    parts = told["breakdown"]
    total = sum(cause["value"] for cause in parts["causes"]) + parts["remainder"]
    assert total == pytest.approx(told["score"], abs=1e-5)
    assert api.get(f"{V1}/explain?anime_id={FIRST_ID}").json()["on_list"]


def test_an_explanation_is_the_recommendation_s_own(api: Client) -> None:
    (first,) = api.get(f"{V1}/recommend?top_n=1&explain=full").json()["results"]
    told = api.get(f"{V1}/explain?anime_id={first['anime']['mal_id']}").json()
    assert told["breakdown"] == first["breakdown"]
    assert told["reason"] == first["reason"]


def test_who_may_hear_why(api: Client, trained: list[User]) -> None:
    shy = User.objects.create(username="shy")
    asked = f"{V1}/explain?anime_id={FIRST_ID}&user_id="
    assert api.get(f"{asked}{trained[0].pk}").status_code == 200
    assert api.get(f"{asked}{shy.pk}").status_code == 403
    assert Client().get(f"{V1}/explain?anime_id={FIRST_ID}").status_code == 401


@pytest.mark.parametrize("asked", ["8888888", "0", "x", ""])
def test_of_no_title_there_is_no_why(api: Client, asked: str) -> None:
    answer = api.get(f"{V1}/explain?anime_id={asked}")
    assert answer.status_code == (404 if asked == "8888888" else 400)
    assert list(answer.json()["fields"]) == ["anime_id"]


# Not interested


def test_what_is_not_wanted_is_kept_told_and_taken_back(api: Client, rater: User) -> None:
    first = found(api.get(f"{V1}/recommend?top_n=1"))[0]
    said = send(api, "PUT", f"feedback/{first}", {"reason": "length"})
    assert said.json()["reason"] == "length"
    assert send(api, "PUT", f"feedback/{first}", {}).json()["reason"] == ""
    assert first not in found(api.get(f"{V1}/recommend?top_n=100"))
    (row,) = api.get(f"{V1}/feedback").json()["results"]
    assert row["anime"]["mal_id"] == first
    for _ in range(2):
        assert send(api, "DELETE", f"feedback/{first}").status_code == 204
    assert found(api.get(f"{V1}/recommend?top_n=1")) == [first]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [("8888888", {}, 404), ("x", {}, 400), (str(FIRST_ID), {"reason": "moon"}, 400),
     (str(FIRST_ID), {"reason": None}, 400), (str(FIRST_ID), {"why": ""}, 400)],
)  # fmt: skip
def test_feedback_that_makes_no_sense(api: Client, path: str, body: Any, status: int) -> None:
    assert send(api, "PUT", f"feedback/{path}", body).status_code == status
    assert api.get(f"{V1}/feedback").json()["results"] == []


# Taste


def test_a_taste_is_told_and_corrected(world: list[User], rater: User, client: Client) -> None:
    assert client.get(f"{V1}/taste").json() == {
        "is_trained": False, "group": None, "claims": [], "traits": [],
    }  # fmt: skip
    train_all("ease", "taste")
    traits = {one["name"]: one for one in client.get(f"{V1}/taste").json()["traits"]}
    assert traits["Mecha"]["titles"] == 1
    assert traits["Mecha"]["points_low"] <= traits["Mecha"]["points"]
    body = {"kind": "genre", "name": "Mecha", "change": "less"}
    changed = send(client, "POST", "taste", body).json()["traits"]
    mecha = next(one for one in changed if one["name"] == "Mecha")
    assert mecha["correction"] == -1
    assert mecha["points"] < traits["Mecha"]["points"]
    unknown = send(client, "POST", "taste", {**body, "name": "Opera"})
    assert unknown.status_code == 404
    for wrong in ({**body, "kind": "mood"}, {**body, "change": "most"}, {**body, "name": "\0"}):
        assert send(client, "POST", "taste", wrong).status_code == 400


# What is kept


def test_only_one_works_out_what_many_ask_at_once(
    trained: list[User], newcomer: User, settings: Settings
) -> None:
    """The others wait for it; and who waits for somebody that gave up works it out alone."""
    from concurrent.futures import ThreadPoolExecutor
    from threading import Barrier

    from django.core.cache import cache

    from recommender.serving.keeping import kept

    begun, together = [], Barrier(8)

    def make() -> str:
        begun.append(1)
        import time

        time.sleep(0.2)
        return "made"

    def ask(_: int) -> str:
        together.wait()
        return kept("test", "stampede", make, seconds=60)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(8))) == ["made"] * 8
    assert len(begun) == 1
    cache.set("abandoned:making", 1, 0.1)
    assert kept("test", "abandoned", lambda: "mine", seconds=60) == "mine"


def test_a_new_rating_and_a_new_model_make_what_was_kept_old(api: Client, rater: User) -> None:
    before = api.get(f"{V1}/recommend?top_n={TITLES}")
    same = api.get(f"{V1}/recommend?top_n={TITLES}")
    assert before.content == same.content
    assert before["ETag"] == same["ETag"]
    first = found(before)[0]
    send(api, "POST", "rate", {"anime_id": first, "score": 10})
    assert first not in found(api.get(f"{V1}/recommend?top_n={TITLES}"))
    trained_at = before.json()["model"]["trained_at"]
    train_all("popularity", "content", "ease", "score_blend")
    serving.forget_loaded()
    assert api.get(f"{V1}/recommend").json()["model"]["trained_at"] > trained_at
