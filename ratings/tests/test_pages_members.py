"""Signing up, in and out; the account."""

import pytest
from django.test import Client
from django.urls import reverse

from ratings.models import Origin, User

pytestmark = pytest.mark.django_db

SIGN_UP, SIGN_IN, SIGN_OUT = (
    reverse(f"ratings:{name}") for name in ("sign-up", "sign-in", "sign-out")
)
ACCOUNT, MY_LIST = reverse("ratings:account"), reverse("ratings:my-list")
FOR_YOU, QUIZ = reverse("recommender:for-you"), reverse("recommender:quiz")
PASSWORD = "lantern-on-the-quay"
ELSEWHERE = [
    "https://evil.example/",
    "//evil.example/",
    "///evil.example",
    "/\\evil.example",
    "javascript:alert(1)",
    "http:///evil.example",
    "\x08//evil.example",
    "home",
    "httpd",
    "anime/20/",
]


@pytest.fixture(autouse=True)
def quick_passwords(settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def ines() -> User:
    return User.objects.create_user("ines", password=PASSWORD)


def sign_up(client: Client, name: str = "ines", again: str = PASSWORD, **more: str):
    data = {"username": name, "password1": PASSWORD, "password2": again, **more}
    return client.post(SIGN_UP, data)


def signed_in(client: Client) -> str | None:
    user = client.get(reverse("home")).wsgi_request.user
    return user.get_username() or None


def test_who_signs_up_is_signed_in_at_once_and_led_to_the_quiz(client: Client) -> None:
    answer = sign_up(client)
    assert answer.status_code == 302
    assert answer["Location"] == QUIZ
    assert signed_in(client) == "ines"


def test_a_new_member_is_private(client: Client) -> None:
    sign_up(client)
    assert not User.objects.get(username="ines").is_public


def test_the_page_one_came_from_is_kept_through_sign_up_and_sign_in(
    client: Client, ines: User
) -> None:
    assert f'name="next" value="{MY_LIST}"' in client.get(f"{SIGN_UP}?next={MY_LIST}").text
    assert f"?next={MY_LIST}" in client.get(f"{SIGN_UP}?next={MY_LIST}").text
    assert sign_up(client, "other", next=MY_LIST)["Location"] == MY_LIST
    client.logout()
    data = {"username": "ines", "password": PASSWORD, "next": MY_LIST}
    assert client.post(SIGN_IN, data)["Location"] == MY_LIST


@pytest.mark.parametrize("address", ELSEWHERE)
def test_nobody_is_sent_to_another_site(client: Client, ines: User, address: str) -> None:
    assert sign_up(client, "other", next=address)["Location"] == QUIZ
    client.logout()
    data = {"username": "ines", "password": PASSWORD, "next": address}
    assert client.post(SIGN_IN, data)["Location"] == FOR_YOU
    assert address not in client.get(SIGN_UP, {"next": address}).text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"username": ""}, "This field is required"),
        ({"username": "taken"}, "Somebody has this name already"),
        ({"username": "TAKEN"}, "Somebody has this name already"),
        ({"username": "two words"}, "Enter a valid username"),
        ({"username": "a\0b"}, "Null characters are not allowed"),
        ({"username": "x" * 151}, "at most 150 characters"),
        ({"password2": "something-else"}, "The two passwords differ"),
        ({"password1": "12345678", "password2": "12345678"}, "too common"),
        ({"password1": "short", "password2": "short"}, "too short"),
    ],
)
def test_a_sign_up_that_cannot_be_says_why(client: Client, fields: dict, said: str) -> None:
    User.objects.create(username="taken")
    data = {"username": "ines", "password1": PASSWORD, "password2": PASSWORD, **fields}
    answer = client.post(SIGN_UP, data)
    assert answer.status_code == 200
    assert said in answer.text
    assert User.objects.count() == 1
    assert PASSWORD not in answer.text


def test_a_wrong_password_says_so_and_not_which_of_both_is_wrong(
    client: Client, ines: User
) -> None:
    for name in ("ines", "nobody"):
        answer = client.post(SIGN_IN, {"username": name, "password": "wrong"})
        assert "do not go together" in answer.text
    assert signed_in(client) is None


def test_who_is_signed_in_needs_no_sign_in_page(client: Client, ines: User) -> None:
    client.force_login(ines)
    assert client.get(f"{SIGN_IN}?next={MY_LIST}")["Location"] == MY_LIST
    assert client.get(f"{SIGN_UP}?next={MY_LIST}")["Location"] == MY_LIST


def test_signing_out_takes_a_button_not_a_link(client: Client, ines: User) -> None:
    client.force_login(ines)
    assert client.get(SIGN_OUT).status_code == 405
    assert signed_in(client) == "ines"
    assert client.post(SIGN_OUT)["Location"] == reverse("home")
    assert signed_in(client) is None


@pytest.mark.parametrize("name", ["account", "delete", "export-json", "password"])
def test_a_guest_is_sent_to_sign_in_and_back(client: Client, name: str) -> None:
    address = reverse(f"ratings:{name}")
    assert client.get(address)["Location"] == f"{SIGN_IN}?next={address}"


def test_a_simulated_member_without_a_password_cannot_sign_in(client: Client) -> None:
    member = User(username="sim-1", origin=Origin.SIMULATED)
    member.set_unusable_password()
    member.save()
    for password in ("", member.password):
        client.post(SIGN_IN, {"username": "sim-1", "password": password})
    assert signed_in(client) is None


# The account


def test_a_list_is_made_public_and_private_again(as_casual: Client, casual: User) -> None:
    for data, public in (({"is_public": "on"}, True), ({}, False)):
        assert as_casual.post(ACCOUNT, data)["Location"] == ACCOUNT
        casual.refresh_from_db()
        assert casual.is_public is public
    assert "Your list is now private." in as_casual.get(ACCOUNT).text


def test_the_account_form_changes_nothing_else(as_casual: Client, casual: User) -> None:
    as_casual.post(ACCOUNT, {"is_public": "on", "is_staff": "on", "username": "root"})
    casual.refresh_from_db()
    assert (casual.username, casual.is_staff) == ("casual", False)


def test_the_account_page_is_kept_by_no_cache(as_casual: Client) -> None:
    assert "no-store" in as_casual.get(ACCOUNT)["Cache-Control"]


def test_a_password_is_changed_by_who_knows_the_old_one(client: Client, ines: User) -> None:
    client.force_login(ines)
    page = reverse("ratings:password")
    new = {"new_password1": "quay-on-the-lantern", "new_password2": "quay-on-the-lantern"}
    refused = client.post(page, {"old_password": "wrong", **new})
    assert refused.status_code == 200
    assert "That is not your present password." in refused.text
    assert client.post(page, {"old_password": PASSWORD, **new})["Location"] == ACCOUNT
    ines.refresh_from_db()
    assert ines.check_password("quay-on-the-lantern")
    assert signed_in(client) == "ines"
