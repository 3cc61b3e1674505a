"""POST /api/v1/rate."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.models import Anime
from ratings.models import User, UserAnimeRating
from ratings.tests.keys import key_of

pytestmark = pytest.mark.django_db

RATE = "/api/v1/rate"


@pytest.fixture
def ines(db: None) -> User:
    return User.objects.create(username="ines")


@pytest.fixture
def harbour(db: None) -> Anime:
    return Anime.objects.create(mal_id=9_000_001, title="Harbour Lights")


@pytest.fixture
def signed_in(client: Client, ines: User) -> Client:
    client.force_login(ines)
    return client


def rate(client: Client, body: Any, **more: Any) -> Any:
    return client.post(RATE, body, content_type="application/json", **more)


def test_a_first_score_makes_an_entry(signed_in: Client, ines: User, harbour: Anime) -> None:
    answer = rate(signed_in, {"anime_id": harbour.pk, "score": 9})
    assert answer.status_code == 201
    said = answer.json()
    assert said.pop("rated_at")
    assert said == {
        "anime_id": harbour.pk,
        "score": 9,
        "status": "completed",
        "watched_episodes": None,
        "started": None,
        "finished": None,
        "rewatches": 0,
        "counts": True,
    }
    assert ines.list_entries.get().score == 9
    assert "no-store" in answer["Cache-Control"]


def test_saying_it_twice_leaves_one_entry(signed_in: Client, ines: User, harbour: Anime) -> None:
    codes = [rate(signed_in, {"anime_id": harbour.pk, "score": 9}).status_code for _ in range(3)]
    assert codes == [201, 200, 200]
    assert ines.list_entries.count() == 1


def test_null_takes_a_score_back(signed_in: Client, ines: User, harbour: Anime) -> None:
    ines.rate(harbour, score=9)
    assert rate(signed_in, {"anime_id": harbour.pk, "score": None}).status_code == 200
    assert ines.list_entries.get().score is None


def test_score_and_status_are_set_together(signed_in: Client, ines: User, harbour: Anime) -> None:
    for status in ("dropped", "planned"):
        body = {"anime_id": harbour.pk, "score": 3, "status": status}
        assert rate(signed_in, body).json()["status"] == status
        entry = ines.list_entries.get()
        assert (entry.score, entry.status) == (3, status)


def test_a_status_alone_keeps_the_score(signed_in: Client, ines: User, harbour: Anime) -> None:
    ines.rate(harbour, score=9)
    rate(signed_in, {"anime_id": harbour.pk, "status": "watching"})
    entry = ines.list_entries.get()
    assert (entry.score, entry.status) == (9, "watching")


def test_a_new_score_makes_old_recommendations_old(
    signed_in: Client, ines: User, harbour: Anime
) -> None:
    rate(signed_in, {"anime_id": harbour.pk, "score": 9})
    assert User.objects.get(pk=ines.pk).list_version > ines.list_version


def test_a_token_signs_in(ines: User, harbour: Anime) -> None:
    body = {"anime_id": harbour.pk, "score": 9}
    answer = rate(Client(), body, headers={"authorization": f"Bearer {key_of(ines)}"})
    assert answer.status_code == 201


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "not_authenticated"),
        ({"authorization": "Token wrong"}, "authentication_failed"),
        ({"authorization": "Token"}, "authentication_failed"),
        ({"authorization": "Token \xff"}, "authentication_failed"),
        ({"authorization": "Bearer " + "x" * 5000}, "authentication_failed"),
        ({"authorization": "Bearer one two"}, "authentication_failed"),
        ({"authorization": "Basic aW5lczpsYW50ZXJu"}, "not_authenticated"),
    ],
)
def test_a_guest_is_told_how_to_sign_in(harbour: Anime, headers: dict[str, str], code: str) -> None:
    answer = rate(Client(), {"anime_id": harbour.pk, "score": 9}, headers=headers)
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer"
    assert answer.json()["code"] == code
    assert not UserAnimeRating.objects.exists()


def test_a_session_needs_its_csrf_token(ines: User, harbour: Anime) -> None:
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(ines)
    answer = rate(careful, {"anime_id": harbour.pk, "score": 9})
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")


@pytest.mark.parametrize("hidden", [{"is_stub": True}, {"is_adult": True}, None])
def test_a_title_that_is_not_shown_is_not_rated(
    signed_in: Client, hidden: dict[str, bool] | None
) -> None:
    if hidden is not None:
        Anime.objects.create(mal_id=9_000_002, title="Hidden", **hidden)
    answer = rate(signed_in, {"anime_id": 9_000_002, "score": 9})
    assert answer.status_code == 404
    assert list(answer.json()["fields"]) == ["anime_id"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"score": 0}, "score"),
        ({"score": 11}, "score"),
        ({"score": -1}, "score"),
        ({"score": 8.5}, "score"),
        ({"score": 8.0}, "score"),
        ({"score": "8"}, "score"),
        ({"score": True}, "score"),
        ({"score": [8]}, "score"),
        ({"score": {"$gt": 1}}, "score"),
        ({"score": 10**400}, "score"),
        ({"status": "finished"}, "status"),
        ({"status": None}, "status"),
        ({"status": ["completed"]}, "status"),
        ({"status": "\0"}, "status"),
        ({"status": "x" * 10_000}, "status"),
        ({"anime_id": 2**31}, "anime_id"),
        ({"anime_id": 2**63}, "anime_id"),
        ({"anime_id": 0}, "anime_id"),
        ({"anime_id": None}, "anime_id"),
        ({"anime_id": "9000001"}, "anime_id"),
        ({"scroe": 8}, "scroe"),
        ({"\ud800": 8}, "?"),
        ({"user_id": 1}, "user_id"),
    ],
)
def test_a_malformed_field_is_named(
    signed_in: Client, harbour: Anime, change: dict[str, Any], field: str
) -> None:
    answer = rate(signed_in, {"anime_id": harbour.pk, "score": 8, **change})
    assert answer.status_code == 400
    error = answer.json()
    assert (error["code"], list(error["fields"])) == ("invalid", [field])
    assert not UserAnimeRating.objects.exists()


@pytest.mark.parametrize(
    ("body", "fields"),
    [({}, {"anime_id"}), ({"score": 8}, {"anime_id"}), ({"anime_id": 9_000_001}, {"score"})],
)
def test_a_missing_field_is_named(
    signed_in: Client, body: dict[str, int], fields: set[str]
) -> None:
    answer = rate(signed_in, body)
    assert answer.status_code == 400
    assert set(answer.json()["fields"]) == fields


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"[1, 2]",
        b"null",
        b"7",
        b'"score"',
        b"\xff\xfe",
        b"[" * 60_000,
        b'{"score": NaN}',
        b'{"score": ' + b"9" * 5_000 + b"}",
    ],
)
def test_a_body_that_is_no_json_object_is_malformed(signed_in: Client, body: bytes) -> None:
    answer = signed_in.generic("POST", RATE, body, "application/json")
    assert answer.status_code == 400
    assert answer.json()["detail"]


def test_a_body_too_large_is_refused_unread(signed_in: Client) -> None:
    answer = signed_in.generic("POST", RATE, b" " * 100_000, "application/json")
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "nonsense"])
def test_only_json_is_read(signed_in: Client, kind: str) -> None:
    answer = signed_in.generic("POST", RATE, b"anime_id=1", kind)
    assert answer.status_code == 415
    assert answer.json()["code"] == "unsupported_media_type"


def test_a_foreign_charset_does_no_harm(signed_in: Client, harbour: Anime) -> None:
    for charset in ("utf-16", "zlib", "hex", "nonsense"):
        answer = signed_in.generic(
            "POST",
            RATE,
            b'{"anime_id": 9000001, "score": 8}',
            f"application/json; charset={charset}",
        )
        assert answer.status_code in (200, 201, 400)
        answer.json()


def test_rating_asks_as_many_queries_with_a_long_list_as_with_none(
    signed_in: Client, ines: User, harbour: Anime
) -> None:
    numbers = []
    for start in (9_000_100, 9_000_200):
        with CaptureQueriesContext(connection) as queries:
            rate(signed_in, {"anime_id": harbour.pk, "score": 9})
        numbers.append(len(queries))
        ines.list_entries.all().delete()
        for number in range(30):
            other = Anime.objects.create(mal_id=start + number, title=f"Other {number}")
            UserAnimeRating.objects.create(user=ines, anime=other)
    assert numbers[0] == numbers[1] <= 15
