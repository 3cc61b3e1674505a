"""GET /api/v1/list and what changes it; `Idempotency-Key`; tokens by the API."""

import json
from typing import Any

import pytest
from django.test import Client

from catalog.models import Anime
from ratings.models import KeptAnswer, Scope, User
from ratings.tests.keys import key_of

pytestmark = pytest.mark.django_db

V1 = "/api/v1"
FIRST = 9_000_000
ONCE = "Idempotency-Key"


@pytest.fixture
def titles(db: None) -> list[Anime]:
    made = [
        Anime(mal_id=FIRST + n, title=f"Story {n}", episodes=12, search_text=f"story {n}")
        for n in range(8)
    ]
    return Anime.objects.bulk_create(made)


@pytest.fixture
def ines(titles: list[Anime]) -> User:
    ines = User.objects.create(username="ines")
    for n, anime in enumerate(titles[:5]):
        ines.rate(anime, score=None if n == 4 else 10 - n)
    return ines


@pytest.fixture
def api(client: Client, ines: User) -> Client:
    client.force_login(ines)
    return client


def send(client: Client, method: str, path: str, body: Any = None, **more: Any) -> Any:
    raw = b"" if body is None else json.dumps(body).encode()
    return client.generic(method, f"{V1}/{path}", raw, "application/json", **more)


def told(client: Client, asked: str = "") -> list[int]:
    found, address = [], f"{V1}/list?page_size=2&{asked}"
    while address:
        page = client.get(address).json()
        found += [entry["anime_id"] - FIRST for entry in page["results"]]
        address = page["next"]
    return found


# Reading


def test_a_list_is_told_page_by_page_in_any_order(api: Client) -> None:
    assert told(api) == [4, 3, 2, 1, 0]
    assert told(api, "sort=-changed") == [0, 1, 2, 3, 4]
    assert told(api, "sort=score") == [0, 1, 2, 3, 4]
    assert told(api, "sort=-score") == [3, 2, 1, 0, 4]
    for order in ("title", "status", "episodes", "year", "mean", "apart"):
        assert sorted(told(api, f"sort={order}")) == [0, 1, 2, 3, 4]


def test_it_is_narrowed_as_the_page_is(api: Client) -> None:
    assert told(api, "score_min=8&score_max=9") == [2, 1]
    assert told(api, "unscored=true") == [4]
    assert told(api, "q=story%203") == [3]
    assert told(api, "status=dropped") == []


def test_a_public_list_is_shown_to_everybody_and_a_private_one_to_nobody(
    client: Client, ines: User
) -> None:
    address = f"{V1}/list?user_id={ines.pk}"
    assert client.get(address).status_code == 403
    User.objects.filter(pk=ines.pk).update(is_public=True)
    assert len(client.get(address).json()["results"]) == 5
    assert client.get(f"{V1}/list").status_code == 401


def test_a_line_is_told_with_its_title(api: Client) -> None:
    entry = api.get(f"{V1}/list/{FIRST}").json()
    assert entry["anime"]["title"] == "Story 0"
    assert entry["score"] == 10
    assert api.get(f"{V1}/list/{FIRST + 6}").status_code == 404


def test_a_list_that_has_not_changed_is_not_sent_again(
    api: Client, ines: User, titles: list[Anime]
) -> None:
    first = api.get(f"{V1}/list")
    same = api.get(f"{V1}/list", headers={"if-none-match": first["ETag"]})
    assert same.status_code == 304
    ines.rate(titles[0], score=1)
    assert api.get(f"{V1}/list", headers={"if-none-match": first["ETag"]}).status_code == 200


# Writing


def test_put_writes_the_whole_line(api: Client, ines: User) -> None:
    said = {"score": 8, "status": "watching", "watched_episodes": 3, "started": "2020-03"}
    first = send(api, "PUT", f"list/{FIRST + 6}", said)
    assert first.status_code == 201
    assert first.json()["started"] == "2020-03"
    again = send(api, "PUT", f"list/{FIRST + 6}", {"score": 9})
    assert again.status_code == 200
    entry = ines.list_entries.get(anime_id=FIRST + 6)
    assert (entry.score, entry.status, entry.watched_episodes) == (9, "completed", None)
    assert entry.started_on is None


def test_patch_changes_what_is_said_alone(api: Client, ines: User) -> None:
    send(api, "PATCH", f"list/{FIRST}", {"watched_episodes": 5, "finished": "2021-02-03"})
    entry = ines.list_entries.get(anime_id=FIRST)
    assert (entry.score, entry.watched_episodes) == (10, 5)
    send(api, "PATCH", f"list/{FIRST}", {"counts": False})
    entry.refresh_from_db()
    assert (entry.counts, entry.watched_episodes, entry.finished_precision) == (False, 5, "day")
    assert send(api, "PATCH", f"list/{FIRST + 7}", {"score": 5}).status_code == 404


def test_a_score_completes_what_was_planned(api: Client, ines: User) -> None:
    send(api, "PUT", f"list/{FIRST + 6}", {"status": "planned"})
    assert send(api, "PATCH", f"list/{FIRST + 6}", {"score": 7}).json()["status"] == "completed"


def test_delete_takes_it_off(api: Client, ines: User) -> None:
    version = ines.list_version
    assert send(api, "DELETE", f"list/{FIRST}").status_code == 204
    assert send(api, "DELETE", f"list/{FIRST}").status_code == 404
    ines.refresh_from_db()
    assert ines.list_version == version + 1
    assert ines.list_entries.count() == 4


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"score": 11}, "score"),
        ({"score": True}, "score"),
        ({"status": "lost"}, "status"),
        ({"watched_episodes": 13}, "watched_episodes"),
        ({"watched_episodes": 10**30}, "watched_episodes"),
        ({"started": "2020-13"}, "started"),
        ({"started": "yesterday"}, "started"),
        ({"started": "2020-02-02", "finished": "2020-02-01"}, "finished"),
        ({"counts": "yes"}, "counts"),
        ({"counts": 1}, "counts"),
        ({"rewatches": -1}, "rewatches"),
        ({"notes": "x"}, "notes"),
    ],
)
def test_what_cannot_be_is_named_and_nothing_is_written(
    api: Client, ines: User, said: dict[str, Any], field: str
) -> None:
    before = list(ines.list_entries.values())
    for method, path in (("PUT", f"list/{FIRST + 6}"), ("PATCH", f"list/{FIRST}")):
        answer = send(api, method, path, said)
        assert answer.status_code == 400
        assert list(answer.json()["fields"]) == [field]
    assert list(ines.list_entries.values()) == before


def test_many_lines_at_once(api: Client, ines: User) -> None:
    body = {
        "entries": [
            {"anime_id": FIRST + 5, "score": 6},
            {"anime_id": FIRST, "status": "dropped"},
        ],
        "remove": [FIRST + 1, FIRST + 7],
    }
    answer = send(api, "POST", "list/bulk", body)
    assert answer.json() == {"added": 1, "changed": 1, "removed": 1}
    lines = {e.anime_id - FIRST: (e.score, e.status) for e in ines.list_entries.all()}
    assert lines[0] == (10, "dropped")
    assert lines[5] == (6, "completed")
    assert 1 not in lines


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"entries": [], "remove": []}, 400),
        ({"entries": [{"anime_id": FIRST, "score": 5}, {"anime_id": 8_888_888, "score": 5}]}, 404),
        ({"entries": [{"anime_id": FIRST, "score": 5}, {"anime_id": FIRST}]}, 400),
        ({"entries": [{"anime_id": FIRST, "score": 5}], "remove": [FIRST]}, 400),
        ({"entries": [{"anime_id": FIRST, "score": 5}, {"score": 5}]}, 400),
        ({"entries": [{"anime_id": FIRST, "score": 5, "watched_episodes": 99}]}, 400),
        ({"entries": {"anime_id": FIRST}}, 400),
        ({"remove": [FIRST + n for n in range(501)]}, 400),
        ([], 400),
    ],
)
def test_of_many_lines_all_are_written_or_none(
    api: Client, ines: User, body: Any, status: int
) -> None:
    before = list(ines.list_entries.order_by("pk").values())
    assert send(api, "POST", "list/bulk", body).status_code == status
    assert list(ines.list_entries.order_by("pk").values()) == before


def test_many_lines_cost_as_many_questions_as_one(
    api: Client, django_assert_max_num_queries: Any
) -> None:
    made = [Anime(mal_id=FIRST + 100 + n, title=f"T{n}") for n in range(300)]
    Anime.objects.bulk_create(made)
    entries = [{"anime_id": anime.pk, "score": 5} for anime in made]
    with django_assert_max_num_queries(16):
        assert send(api, "POST", "list/bulk", {"entries": entries}).json()["added"] == 300


# Once


def test_what_is_sent_again_under_its_key_is_done_once(api: Client, ines: User) -> None:
    headers = {ONCE: "k-1"}
    path, body = f"list/{FIRST + 6}", {"score": 8}
    first = send(api, "PUT", path, body, headers=headers)
    ines.refresh_from_db()
    version = ines.list_version
    again = send(api, "PUT", path, body, headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert again["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first
    ines.refresh_from_db()
    assert ines.list_version == version


def test_the_order_of_names_in_a_body_does_not_matter(api: Client) -> None:
    headers = {ONCE: "k-2"}
    send(api, "PATCH", f"list/{FIRST}", {"score": 8, "rewatches": 1}, headers=headers)
    again = send(api, "PATCH", f"list/{FIRST}", {"rewatches": 1, "score": 8}, headers=headers)
    assert again["Idempotency-Replayed"] == "true"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [("PUT", f"list/{FIRST + 6}", {"score": 7}), ("PUT", f"list/{FIRST + 5}", {"score": 8}),
     ("DELETE", f"list/{FIRST + 6}", None), ("POST", "rate", {"anime_id": FIRST, "score": 8})],
)  # fmt: skip
def test_a_key_that_was_used_for_something_else_is_refused(
    api: Client, method: str, path: str, body: Any
) -> None:
    headers = {ONCE: "k-3"}
    send(api, "PUT", f"list/{FIRST + 6}", {"score": 8}, headers=headers)
    answer = send(api, method, path, body, headers=headers)
    assert answer.status_code == 422
    assert answer.json()["code"] == "key_reused"
    assert api.get(f"{V1}/list/{FIRST + 6}").json()["score"] == 8


def test_what_failed_may_be_sent_again_under_its_key(api: Client) -> None:
    headers = {ONCE: "k-4"}
    assert send(api, "PUT", f"list/{FIRST}", {"score": 99}, headers=headers).status_code == 400
    assert send(api, "PUT", f"list/{FIRST}", {"score": 9}, headers=headers).status_code == 200


def test_the_keys_of_two_members_are_two(api: Client, client: Client, ines: User) -> None:
    headers = {ONCE: "k-5"}
    send(api, "PUT", f"list/{FIRST + 6}", {"score": 8}, headers=headers)
    client.force_login(User.objects.create(username="tom"))
    answer = send(client, "PUT", f"list/{FIRST + 6}", {"score": 3}, headers=headers)
    assert answer.json()["score"] == 3


@pytest.mark.parametrize("key", ["", "x" * 101, "caf\u00e9", "a\tb"])
def test_a_key_that_is_none_is_refused(api: Client, key: str) -> None:
    answer = send(api, "PUT", f"list/{FIRST}", {"score": 9}, headers={ONCE: key})
    assert answer.status_code == 400
    assert "Idempotency-Key" in answer.json()["detail"]


def test_nothing_is_kept_longer_than_a_day(api: Client) -> None:
    send(api, "PUT", f"list/{FIRST}", {"score": 9}, headers={ONCE: "k-6"})
    assert KeptAnswer.forget_old() == 0
    KeptAnswer.objects.update(made_at="2020-01-01T00:00:00Z")
    assert KeptAnswer.forget_old() == 1


# Who, and by which token


def test_me_tells_who_asks_and_with_what(client: Client, ines: User) -> None:
    assert client.get(f"{V1}/me").status_code == 401
    headers = {"Authorization": f"Bearer {key_of(ines, scope=Scope.READ)}"}
    me = client.get(f"{V1}/me", headers=headers).json()
    assert (me["user_id"], me["name"], me["token"]["scope"]) == (ines.pk, "ines", "read")


def test_a_token_that_may_read_writes_nothing(client: Client, ines: User) -> None:
    headers = {"Authorization": f"Bearer {key_of(ines, scope=Scope.READ)}"}
    assert client.get(f"{V1}/list", headers=headers).status_code == 200
    for method, path, body in (
        ("PUT", f"list/{FIRST}", {"score": 1}),
        ("DELETE", f"list/{FIRST}", None),
        ("POST", "list/bulk", {"remove": [FIRST]}),
        ("DELETE", "tokens/1", None),
    ):
        assert send(client, method, path, body, headers=headers).status_code == 403
    assert ines.list_entries.count() == 5


def test_a_session_makes_a_token_and_shows_its_key_once(api: Client, ines: User) -> None:
    made = send(api, "POST", "tokens", {"name": "phone", "scope": "write"})
    assert made.status_code == 201
    key = made.json()["key"]
    (listed,) = api.get(f"{V1}/tokens").json()["results"]
    assert "key" not in listed
    assert key not in json.dumps(listed)
    fresh = Client()
    headers = {"Authorization": f"Bearer {key}"}
    assert fresh.get(f"{V1}/me", headers=headers).json()["token"]["name"] == "phone"
    assert send(fresh, "DELETE", f"tokens/{listed['id']}", headers=headers).status_code == 204
    assert fresh.get(f"{V1}/me", headers=headers).status_code == 401


def test_no_token_makes_another_and_no_guest_makes_one(client: Client, ines: User) -> None:
    headers = {"Authorization": f"Bearer {key_of(ines)}"}
    body = {"name": "second"}
    assert send(client, "POST", "tokens", body, headers=headers).status_code == 403
    client.force_login(User.objects.create(username="guest:1", origin="guest"))
    assert send(client, "POST", "tokens", body).status_code == 403


def test_a_name_that_is_taken_is_named(api: Client, ines: User) -> None:
    key_of(ines, name="phone")
    answer = send(api, "POST", "tokens", {"name": "phone"})
    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == ["name"]


def test_another_s_token_is_not_there(api: Client) -> None:
    tom = User.objects.create(username="tom")
    key_of(tom)
    assert send(api, "DELETE", f"tokens/{tom.tokens.get().pk}").status_code == 404
    assert tom.tokens.count() == 1


def test_the_token_s_member_sees_titles_as_they_like_them(
    client: Client, ines: User, titles: list[Anime]
) -> None:
    User.objects.filter(pk=ines.pk).update(wants_adult=True)
    Anime.objects.filter(pk=FIRST).update(is_adult=True)
    headers = {"Authorization": f"Bearer {key_of(ines)}"}
    assert client.get(f"{V1}/list/{FIRST}", headers=headers).status_code == 200
    User.objects.filter(pk=ines.pk).update(wants_adult=False)
    assert client.get(f"{V1}/list/{FIRST}", headers=headers).status_code == 404
