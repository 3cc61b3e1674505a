"""Somebody without an account rates, comes back, signs up, signs in, or never returns."""

import re
from datetime import timedelta

import pytest
from django.conf import settings as site
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalog.models import Anime, RunState
from ratings import guests
from ratings.guests.merging import Taken
from ratings.importing.lists import applying, running
from ratings.models import AccessToken, ListImport, ListImportLine, Origin, User
from ratings.tests.guests import PASSWORD, SIGN_IN, SIGN_UP, guest_of, idle, rate, sign_in, sign_up
from ratings.tests.keys import key_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nothing_cached")]

HTMX = {"HX-Request": "true"}
FOR_YOU, QUIZ = reverse("recommender:for-you"), reverse("recommender:quiz")


@pytest.fixture(autouse=True)
def quick_passwords(settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def ines() -> User:
    return User.objects.create_user("ines", password=PASSWORD)


@pytest.fixture
def guest(client: Client, catalogue: list[Anime]) -> User:
    rate(client, catalogue[0])
    return guest_of(client)


# Arriving


PAGES = ["/", "/for-you/", "/for-you/hidden/", "/quiz/", "/my-list/", "/taste/", "/following/", "/import/", "/seasons/", "/sign-up/"]  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
def test_a_look_makes_nobody_a_guest(client: Client, catalogue: list[Anime], page: str) -> None:
    assert client.get(page).status_code == 200
    assert not User.objects.exists()
    assert site.SESSION_COOKIE_NAME not in client.cookies


def test_the_first_score_makes_a_guest_whose_list_it_is(
    client: Client, catalogue: list[Anime]
) -> None:
    assert rate(client, catalogue[0]).status_code == 302
    guest = guest_of(client)
    assert not guest.has_usable_password()
    rate(client, catalogue[1])
    assert guest.list_entries.count() == 2
    assert User.objects.count() == 1
    assert "Harbour Lights" in client.get("/my-list/").text


def test_a_guest_has_no_name_that_anybody_sees_or_can_take(client: Client, guest: User) -> None:
    assert guest.display_name == "Guest"
    for page in ("/", "/my-list/", "/for-you/", "/quiz/", "/sign-up/"):
        assert guest.username not in client.get(page).text
    assert "Enter a valid username" in sign_up(Client(), "guest:ines").text
    sign_in(Client(), guest.username, password=guest.password)
    assert Session.objects.count() == 1


def test_a_guest_is_told_how_to_keep_the_list(client: Client, guest: User) -> None:
    page = client.get("/my-list/").text
    assert "to keep your list" in page
    assert f'href="{SIGN_UP}"' in page
    assert "Sign out" not in page


def test_the_other_forms_of_the_page_still_work(catalogue: list[Anime]) -> None:
    """With scripts the page stays, with the tokens it was made with."""
    client = Client(enforce_csrf_checks=True)
    page = client.get("/for-you/").text
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page).group(1)
    for anime in catalogue[:3]:
        data = {"score": 8, "csrfmiddlewaretoken": token}
        address = reverse("ratings:rate", args=[anime.pk])
        assert client.post(address, data, headers=HTMX).status_code == 200
    assert guest_of(client).list_entries.count() == 3


def test_without_a_csrf_token_nobody_is_made(catalogue: list[Anime]) -> None:
    client = Client(enforce_csrf_checks=True)
    assert rate(client, catalogue[0]).status_code == 403
    assert not User.objects.exists()


def test_two_first_answers_at_once_are_one_guests(catalogue: list[Anime]) -> None:
    """Neither request knows of the session that the other begins."""
    first, second = Client(enforce_csrf_checks=True), Client(enforce_csrf_checks=True)
    page = first.get("/for-you/").text
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page).group(1)
    second.cookies[site.CSRF_COOKIE_NAME] = first.cookies[site.CSRF_COOKIE_NAME].value
    for client, anime in ((first, catalogue[0]), (second, catalogue[1])):
        address = reverse("ratings:rate", args=[anime.pk])
        client.post(address, {"score": 8, "csrfmiddlewaretoken": token})
    assert guest_of(first) == guest_of(second)
    assert guest_of(first).list_entries.count() == 2


def test_the_browser_of_an_earlier_guest_is_not_taken_for_them(catalogue: list[Anime]) -> None:
    client = Client(enforce_csrf_checks=True)
    page = client.get("/for-you/").text
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page).group(1)
    for anime in catalogue[:2]:
        address = reverse("ratings:rate", args=[anime.pk])
        client.post(address, {"score": 8, "csrfmiddlewaretoken": token})
        del client.cookies[site.SESSION_COOKIE_NAME]
        User.objects.update(date_joined=timezone.now() - timedelta(minutes=2))
    assert User.objects.count() == 2


def test_after_an_ended_session_a_new_guest_begins(
    client: Client, guest: User, catalogue: list[Anime]
) -> None:
    Session.objects.all().delete()
    rate(client, catalogue[1])
    assert guest_of(client) != guest


def test_the_session_of_a_guest_who_was_deleted_is_a_strangers(
    client: Client, guest: User, catalogue: list[Anime]
) -> None:
    guest.delete()
    assert client.get("/my-list/").status_code == 200
    rate(client, catalogue[1])
    assert guest_of(client).list_entries.count() == 1


def test_a_session_that_somebody_else_has_fixed_is_not_kept(catalogue: list[Anime]) -> None:
    attacker = Client()
    attacker.session["anything"] = 1
    fixed = attacker.session
    fixed.save()
    victim = Client()
    victim.cookies[site.SESSION_COOKIE_NAME] = fixed.session_key
    rate(victim, catalogue[0])
    assert victim.cookies[site.SESSION_COOKIE_NAME].value != fixed.session_key


def test_a_guest_is_remembered_for_thirty_days_from_the_last_visit(
    client: Client, guest: User
) -> None:
    assert client.session.get_expiry_age() > 29 * 24 * 3600
    idle(guest, 2)
    client.get("/my-list/")
    guest.refresh_from_db()
    assert timezone.now() - guest.last_login < timedelta(minutes=1)
    assert client.cookies[site.SESSION_COOKIE_NAME]["max-age"] > 29 * 24 * 3600


# Too many


def test_one_address_makes_so_many_guests_an_hour(settings, catalogue: list[Anime]) -> None:
    settings.GUESTS_PER_HOUR = 2
    for _ in range(2):
        assert rate(Client(), catalogue[0]).status_code == 302
    answer = rate(Client(), catalogue[0])
    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 3600
    assert "Too many guests at once" in answer.text
    assert rate(Client(), catalogue[0], REMOTE_ADDR="198.51.100.7").status_code == 302
    assert User.objects.count() == 3


def test_a_guest_who_is_here_already_goes_on_all_the_same(
    settings, client: Client, guest: User, catalogue: list[Anime]
) -> None:
    settings.GUESTS_PER_HOUR = 1
    assert rate(client, catalogue[1]).status_code == 302


def test_with_scripts_the_page_says_it(settings, catalogue: list[Anime]) -> None:
    settings.GUESTS_PER_HOUR = 0
    client = Client()
    answer = rate(client, catalogue[0], headers=HTMX)
    assert (answer.status_code, answer.text) == (429, "<!doctype html>")
    assert "Too many new guests" in client.get("/for-you/").text


def test_a_network_of_one_household_counts_as_one(settings, catalogue: list[Anime]) -> None:
    settings.GUESTS_PER_HOUR = 1
    assert rate(Client(), catalogue[0], REMOTE_ADDR="2001:db8:1:2::a").status_code == 302
    assert rate(Client(), catalogue[0], REMOTE_ADDR="2001:db8:1:2::b").status_code == 429
    assert rate(Client(), catalogue[0], REMOTE_ADDR="2001:db8:1:3::a").status_code == 302


def test_only_a_proxy_of_ours_is_believed(settings, catalogue: list[Anime]) -> None:
    settings.GUESTS_PER_HOUR = 1
    told = {"HTTP_X_FORWARDED_FOR": "203.0.113.1, 203.0.113.2"}
    rate(Client(), catalogue[0], **told)
    assert rate(Client(), catalogue[0], HTTP_X_FORWARDED_FOR="203.0.113.9").status_code == 429
    settings.BEHIND_PROXY = True
    assert rate(Client(), catalogue[0], **told).status_code == 302
    assert rate(Client(), catalogue[0], HTTP_X_FORWARDED_FOR="1.2.3.4, 203.0.113.2").status_code == 429  # fmt: skip


# What takes an account


@pytest.mark.parametrize("name", ["account", "delete", "password", "export-json", "export-xml"])
def test_a_guest_signs_up_for_what_takes_an_account(client: Client, guest: User, name: str) -> None:
    address = reverse(f"ratings:{name}")
    answer = client.get(address)
    assert answer["Location"] == f"{SIGN_UP}?next={address}"
    page = client.get(answer["Location"]).text
    assert "That takes an account." in page
    assert "Your list of 1 title is kept" in page


@pytest.mark.parametrize("name", ["make-token", "renew-feed", "preferences", "email", "delete", "password"])  # fmt: skip
def test_a_guest_may_make_no_token_nor_feed(client: Client, guest: User, name: str) -> None:
    assert client.post(reverse(f"ratings:{name}"))["Location"].startswith(SIGN_UP)
    guest.refresh_from_db()
    assert (guest.tokens.count(), guest.calendar_generation) == (0, 0)


def test_a_guests_list_is_shown_to_nobody(client: Client, guest: User, curator: User) -> None:
    User.objects.filter(pk=guest.pk).update(is_public=True)
    page = reverse("ratings:member-list", args=[guest.pk])
    assert client.get(page).status_code == 404
    client.force_login(curator)
    assert client.get(page).status_code == 404
    assert client.get(f"/api/v1/recommend?user_id={guest.pk}").status_code == 404


def test_guests_are_not_among_the_members_that_curators_see(guest: User, ines: User) -> None:
    root = User.objects.create_superuser("root", password=PASSWORD)
    admin = Client()
    admin.force_login(root)
    members = reverse("admin:ratings_user_changelist")
    assert guest.username not in admin.get(members).text
    assert guest.username in admin.get(members, {"origin__exact": "guest"}).text
    assert admin.get(reverse("admin:ratings_user_change", args=[guest.pk])).status_code == 200


# Signing up


def test_signing_up_makes_the_guest_the_account(
    client: Client, guest: User, catalogue: list[Anime]
) -> None:
    before = client.session.session_key
    assert sign_up(client)["Location"] == QUIZ
    ines = User.objects.get()
    assert (ines.pk, ines.username, ines.origin) == (guest.pk, "ines", Origin.SIGNED_UP)
    assert ines.check_password(PASSWORD)
    assert ines.list_entries.get().score == 8
    assert client.session.session_key != before
    assert not Session.objects.filter(pk=before).exists()
    assert client.get("/account/").status_code == 200


def test_who_has_five_titles_goes_to_for_you(client: Client, catalogue: list[Anime]) -> None:
    for anime in catalogue[:5]:
        rate(client, anime)
    assert sign_up(client)["Location"] == FOR_YOU


def test_the_page_one_came_from_comes_first(client: Client, guest: User) -> None:
    assert sign_up(client, next="/taste/")["Location"] == "/taste/"


def test_a_sign_up_that_cannot_be_leaves_the_guest_as_they_are(
    client: Client, guest: User, ines: User
) -> None:
    answer = sign_up(client, "ines", password2="another-lantern")
    assert "Somebody has this name already." in answer.text
    guest.refresh_from_db()
    assert (guest.is_guest, guest.has_usable_password()) == (True, False)
    assert guest.username not in answer.text


def test_pressing_sign_up_twice_is_as_good_as_once(client: Client, guest: User) -> None:
    again = Client()
    again.cookies[site.SESSION_COOKIE_NAME] = client.cookies[site.SESSION_COOKIE_NAME].value
    sign_up(client)
    assert sign_up(again)["Location"] == QUIZ
    assert User.objects.get().pk == guest.pk
    assert again.get("/account/").status_code == 200


def test_a_stranger_too_may_press_it_twice(client: Client) -> None:
    for browser in (client, Client()):
        assert sign_up(browser)["Location"] == QUIZ
    assert User.objects.count() == 1


def test_a_taken_name_is_not_opened_by_another_password(client: Client, ines: User) -> None:
    answer = sign_up(client, password1="another-lantern", password2="another-lantern")
    assert "Somebody has this name already." in answer.text
    assert "_auth_user_id" not in client.session


def test_what_is_rated_in_another_window_meanwhile_is_kept(
    client: Client, guest: User, catalogue: list[Anime]
) -> None:
    stale = User.objects.get(pk=guest.pk)
    guest.rate(catalogue[1], score=7)
    stale.username = "ines"
    stale.set_password(PASSWORD)
    version = User.objects.get(pk=guest.pk).list_version
    assert guests.settle(stale)
    assert User.objects.get().list_version == version
    assert not guests.settle(stale)


# Signing in


def test_signing_in_brings_what_the_account_does_not_have(
    client: Client, guest: User, ines: User, catalogue: list[Anime]
) -> None:
    rate(client, catalogue[1], 3)
    guest.dismiss(catalogue[2])
    guest.dismiss(catalogue[3])
    guest.follow(catalogue[4])
    ines.rate(catalogue[1], score=9)
    ines.rate(catalogue[3], score=9)
    version = ines.list_version
    before = client.session.session_key
    assert sign_in(client)["Location"] == FOR_YOU
    ines.refresh_from_db()
    given = dict(ines.list_entries.values_list("anime", "score"))
    assert given == {catalogue[0].pk: 8, catalogue[1].pk: 9, catalogue[3].pk: 9}
    # What is on the account's list was not dismissed by it.
    assert [one.anime for one in ines.feedback.all()] == [catalogue[2]]
    assert [one.anime for one in ines.follows.all()] == [catalogue[4]]
    assert ines.list_version > version
    assert User.objects.get() == ines
    assert not Session.objects.filter(pk=before).exists()
    page = client.get("/my-list/").text
    assert "1 title you rated as a guest is on your list now." in page
    assert "1 title you rated as a guest was on your list already and stays as it was." in page


def test_the_words_are_those_of_the_number() -> None:
    assert Taken(7, 0).sentence == "7 titles you rated as a guest are on your list now."
    assert "2 titles you rated as a guest were on your list already" in Taken(0, 2).sentence
    assert Taken(0, 0).sentence == ""


def test_a_wrong_password_leaves_the_guest_alone(client: Client, guest: User, ines: User) -> None:
    assert sign_in(client, password="wrong").status_code == 200
    assert guest_of(client) == guest


def test_an_account_finds_its_sign_in_page_closed_and_a_guest_open(
    client: Client, guest: User, ines: User
) -> None:
    assert "What you rated as a guest comes along" in client.get(SIGN_IN).text
    client.force_login(ines)
    assert client.get(SIGN_IN)["Location"] == FOR_YOU


def test_a_window_of_the_guest_that_is_still_open_acts_for_the_account(
    client: Client, guest: User, ines: User, catalogue: list[Anime]
) -> None:
    sign_in(client)
    rate(client, catalogue[5], 6)
    assert ines.list_entries.get(anime=catalogue[5]).score == 6
    assert User.objects.count() == 1


def test_an_import_that_is_running_writes_to_the_account(
    client: Client, guest: User, ines: User, catalogue: list[Anime]
) -> None:
    run = ListImport.objects.create(user=guest, source="table", subject="list", state=RunState.QUEUED)  # fmt: skip
    ListImportLine.objects.create(
        list_import=run, number=1, mal_id=catalogue[6].pk, status="completed", score=9, fate="new"
    )
    applying.start(run, "theirs")
    sign_in(client)
    running.carry_out(run.pk)
    run.refresh_from_db()
    assert (run.user, run.state) == (ines, RunState.DONE)
    assert ines.list_entries.get(anime=catalogue[6]).score == 9


def test_rights_and_tokens_never_change_hands(client: Client, guest: User, ines: User) -> None:
    key_of(guest)
    sign_in(client)
    assert not AccessToken.objects.exists()
