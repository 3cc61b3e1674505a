"""Keys of a member's programs: made, shown once, narrowed, seen in use, taken back."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection, models
from django.test import Client
from django.urls import reverse

from catalog.models import Anime
from ratings.models import AccessToken, Scope, User
from ratings.tests.keys import key_of
from ratings.token_form import MOST

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nothing_cached")]
ACCOUNT, MAKE = reverse("ratings:account"), reverse("ratings:make-token")


def revoke(token: AccessToken) -> str:
    return reverse("ratings:revoke-token", args=[token.pk])


def rate(key: str, anime: Anime):
    body = {"anime_id": anime.pk, "score": 7}
    headers = {"authorization": f"Bearer {key}"}
    return Client().post("/api/v1/rate", body, content_type="application/json", headers=headers)


def read(key: str, word: str = "Bearer"):
    return Client().get("/api/v1/quiz", headers={"authorization": f"{word} {key}"})


def made(client: Client, **said: str) -> str:
    client.post(MAKE, {"name": "phone", "scope": "write", **said})
    text = client.get(ACCOUNT).text
    return text.partition('<code class="token">anr_')[2].partition("<")[0]


def test_a_token_is_shown_once_works_and_is_kept_as_a_hash(
    as_casual: Client, catalogue: list[Anime]
) -> None:
    key = f"anr_{made(as_casual)}"
    assert len(key) > 40
    assert key not in as_casual.get(ACCOUNT).text
    assert rate(key, catalogue[1]).status_code == 201
    token = AccessToken.objects.get()
    assert token.digest == sha256(key.encode()).hexdigest()
    assert key not in str(AccessToken.objects.values_list())


def test_a_token_that_may_read_changes_nothing(casual: User, catalogue: list[Anime]) -> None:
    key = key_of(casual, scope=Scope.READ)
    before = casual.list_entries.count()
    answer = rate(key, catalogue[1])
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")
    assert answer.json()["detail"] == "This token may read, and change nothing."
    assert casual.list_entries.count() == before
    assert read(key).status_code == 200


def test_clients_of_before_send_another_word(casual: User) -> None:
    assert {read(key_of(casual), word).status_code for word in ("Token",)} == {200}


def test_a_token_that_is_taken_back_works_no_more(
    as_casual: Client, casual: User, catalogue: list[Anime]
) -> None:
    kept, gone = key_of(casual, name="kept"), key_of(casual, name="gone")
    answer = as_casual.post(revoke(casual.tokens.get(name="gone")), follow=True)
    assert "“gone” works no more." in answer.text
    assert (read(gone).status_code, read(kept).status_code) == (401, 200)


def test_of_another_member_none_is_taken_back(as_casual: Client, keen: User) -> None:
    key_of(keen)
    assert as_casual.post(revoke(keen.tokens.get())).status_code == 404
    assert keen.tokens.exists()


def test_the_token_of_who_is_gone_or_closed_works_no_more(casual: User, keen: User) -> None:
    keys = [key_of(casual), key_of(keen)]
    User.objects.filter(pk=keen.pk).update(is_active=False)
    casual.delete()
    assert [read(key).status_code for key in keys] == [401, 401]


def test_when_it_was_last_used_is_shown_and_seldom_written(as_casual: Client, casual: User) -> None:
    key = key_of(casual, name="watch")
    assert "never used" in as_casual.get(ACCOUNT).text
    read(key)
    token = casual.tokens.get()
    first = token.used_at
    assert first is not None
    assert "last used" in as_casual.get(ACCOUNT).text
    read(key)
    token.refresh_from_db()
    assert token.used_at == first
    AccessToken.objects.update(used_at=first - timedelta(minutes=2))
    read(key)
    token.refresh_from_db()
    assert token.used_at > first


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"name": ""}, "This field is required."),
        ({"name": "x" * 61}, "at most 60 characters"),
        ({"scope": "everything"}, "Select a valid choice."),
        ({"name": "phone"}, "You have a token of this name already."),
        ({"name": "a\0b"}, "Null characters are not allowed."),
    ],
)
def test_a_wrong_wish_is_refused_in_a_sentence(
    as_casual: Client, casual: User, said: dict[str, str], sentence: str
) -> None:
    key_of(casual, name="phone")
    answer = as_casual.post(MAKE, {"name": "new", "scope": "read", **said})
    assert answer.status_code == 400
    assert sentence in answer.text
    assert casual.tokens.count() == 1


def test_nobody_has_more_than_twenty(as_casual: Client, casual: User) -> None:
    for number in range(MOST):
        key_of(casual, name=f"program {number}")
    answer = as_casual.post(MAKE, {"name": "one more", "scope": "read"})
    assert (answer.status_code, "You have 20 tokens." in answer.text) == (400, True)
    assert casual.tokens.count() == MOST


def test_a_name_is_text_and_nothing_else(as_casual: Client, casual: User) -> None:
    key_of(casual, name="<b>bold</b>")
    assert "<b>bold</b>" not in as_casual.get(ACCOUNT).text


def test_neither_is_done_by_following_a_link(as_casual: Client, casual: User) -> None:
    key_of(casual)
    for address in (MAKE, revoke(casual.tokens.get())):
        assert as_casual.get(address).status_code == 405
    assert casual.tokens.count() == 1


def test_keys_of_before_go_on_working_and_are_kept_no_more(casual: User) -> None:
    long_ago = datetime(2025, 3, 1, 12, 30, tzinfo=UTC)
    move = import_module("ratings.migrations.0008_keys_of_before")
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE authtoken_token (key varchar(40), "
            f"created {models.DateTimeField().db_type(connection)}, user_id bigint)"
        )
        cursor.execute(
            "INSERT INTO authtoken_token VALUES (%s, %s, %s)",
            ["f00d" * 10, connection.ops.adapt_datetimefield_value(long_ago), casual.pk],
        )
    for _ in range(2):
        move.take_over(apps, SimpleNamespace(connection=connection))
    assert "authtoken_token" not in connection.introspection.table_names()
    token = casual.tokens.get()
    assert (token.name, token.scope, token.made_at) == ("API token", "write", long_ago)
    assert read("f00d" * 10, "Token").status_code == 200
