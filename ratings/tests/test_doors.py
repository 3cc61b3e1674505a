"""Guessing passwords, filling the site with accounts and asking for letters end after a while."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from ratings.models import User
from ratings.tests.guests import PASSWORD, SIGN_IN, SIGN_UP, sign_in, sign_up

ADMIN, RESET = "/admin/login/", reverse("ratings:reset")
OTHER = "203.0.113.9"

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nothing_cached")]


@pytest.fixture(autouse=True)
def short_of_patience(settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.SIGN_IN_TRIES_PER_HOUR = settings.SIGN_UPS_PER_HOUR = settings.RESETS_PER_HOUR = 3


@pytest.fixture
def ines(db: None) -> User:
    return User.objects.create_superuser("ines", password=PASSWORD)


def guess(client: Client, name: str = "ines", door: str = SIGN_IN, address: str = "127.0.0.1"):
    return client.post(door, {"username": name, "password": "wrong"}, REMOTE_ADDR=address)


@pytest.mark.parametrize("door", [SIGN_IN, ADMIN])
def test_after_a_few_wrong_passwords_even_the_right_one_waits(
    client: Client, ines: User, door: str
) -> None:
    assert [guess(client, door=door).status_code for _ in range(4)] == [200, 200, 200, 429]
    right = client.post(door, {"username": "INES", "password": PASSWORD})
    assert right.status_code == 429
    assert 0 < int(right["Retry-After"]) <= 3600
    assert "Too many tries to sign in within this hour. Try again in" in right.text
    assert "_auth_user_id" not in client.session


def test_from_elsewhere_the_member_comes_in(client: Client, ines: User) -> None:
    for _ in range(5):
        guess(client)
    answer = client.post(SIGN_IN, {"username": "ines", "password": PASSWORD}, REMOTE_ADDR=OTHER)
    assert answer.status_code == 302


def test_both_doors_count_together(client: Client, ines: User) -> None:
    for door in (SIGN_IN, ADMIN, SIGN_IN):
        assert guess(client, door=door).status_code == 200
    assert guess(client, door=ADMIN).status_code == 429


def test_right_passwords_are_never_too_many(ines: User) -> None:
    assert {sign_in(Client()).status_code for _ in range(8)} == {302}


def test_one_address_may_not_try_every_name(client: Client, ines: User) -> None:
    found = [guess(client, name=f"somebody-{number}").status_code for number in range(16)]
    assert found == [200] * 15 + [429]
    assert guess(client, address=OTHER).status_code == 200


def test_many_addresses_may_not_try_one_name(client: Client, ines: User) -> None:
    found = [guess(client, address=f"203.0.113.{number}").status_code for number in range(31)]
    assert found == [200] * 30 + [429]


def test_an_unknown_name_is_answered_like_a_wrong_password(client: Client, ines: User) -> None:
    known, unknown = guess(client), guess(client, name="nobody")
    said = "This name and this password do not go together."
    assert said in known.text
    assert said in unknown.text
    assert [guess(client, name="nobody").status_code for _ in range(3)] == [200, 200, 429]


def test_accounts_are_not_made_by_the_dozen(client: Client) -> None:
    made = [sign_up(Client(), name=f"member-{number}").status_code for number in range(5)]
    assert made == [302, 302, 302, 429, 429]
    assert User.objects.count() == 3
    refused = sign_up(Client(), name="one-more")
    assert "Too many tries to sign up within this hour." in refused.text
    assert 'value="one-more"' in refused.text
    assert Client().get(SIGN_UP).status_code == 200


def test_letters_are_not_asked_for_by_the_dozen(client: Client) -> None:
    asked = [client.post(RESET, {"email": f"a{number}@b.example"}) for number in range(4)]
    assert [answer.status_code for answer in asked] == [302, 302, 302, 429]
    assert "Too many letters asked for within this hour." in asked[-1].text


@pytest.mark.django_db(transaction=True)
def test_tries_at_once_are_counted_one_by_one(settings) -> None:
    User.objects.create_user("ines", password=PASSWORD)

    def one(_: int) -> int:
        try:
            return guess(Client()).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(one, range(12)))
    assert sorted(found) == [200] * 3 + [429] * 9
