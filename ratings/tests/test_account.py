"""What a member is shown, and what they decide about it; their address, and a forgotten password."""

import re

import pytest
from django.core import mail, signing
from django.test import Client
from django.urls import reverse

from catalog.models import Anime
from ratings import addresses, tasks
from ratings.models import Origin, User
from ratings.tests.guests import PASSWORD, sign_up

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nothing_cached")]

ACCOUNT, PREFERENCES, EMAIL, RESET = (
    reverse(f"ratings:{name}") for name in ("account", "preferences", "email", "reset")
)
ADDRESS = "ines@quay.example"
PLAIN = {"title_language": "english", "time_zone": ""}


@pytest.fixture(autouse=True)
def quick_passwords(settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def at_work(transactional_db: None):
    """The worker's work is done where it is asked for."""
    tasks.write_reset.app.conf.task_always_eager = True
    yield
    tasks.write_reset.app.conf.task_always_eager = False


@pytest.fixture
def ines() -> User:
    return User.objects.create_user("ines", password=PASSWORD)


@pytest.fixture
def page(client: Client, ines: User) -> Client:
    client.force_login(ines)
    return client


def prefer(page: Client, **said: str):
    return page.post(PREFERENCES, {**PLAIN, **said})


def give(page: Client, address: str = ADDRESS, password: str = PASSWORD):
    return page.post(EMAIL, {"email": address, "password": password})


def link() -> str:
    """The address in the last letter."""
    return re.search(r"https?://[^/]+(/\S+)", mail.outbox[-1].body).group(1)


def confirmed(ines: User, address: str = ADDRESS) -> User:
    ines.email = ines.confirmed_email = address
    ines.save()
    return ines


# Names


@pytest.fixture
def named(catalogue: list[Anime]) -> Anime:
    Anime.objects.filter(pk=catalogue[0].pk).update(title_japanese="港の灯")
    Anime.objects.refresh_search_text()
    return catalogue[0]


@pytest.mark.parametrize(
    ("language", "name"),
    [("english", "Harbour Lights"), ("romaji", "Minato no Akari"), ("japanese", "港の灯")],
)
def test_titles_are_called_as_the_member_prefers_everywhere(
    page: Client, ines: User, named: Anime, language: str, name: str
) -> None:
    ines.rate(named, score=8)
    assert prefer(page, title_language=language)["Location"] == ACCOUNT
    names = {"Harbour Lights", "Minato no Akari", "港の灯"}
    pages = ("/", "/anime/", "/anime/?q=minato", "/my-list/", "/seasons/2014/spring/")
    for address in pages:
        content = page.get(address).text.partition('id="content"')[2]
        assert name in content, address
        assert not [other for other in names - {name} if f">{other}<" in content], address
    assert f"<h1>{name}" in page.get(named.get_absolute_url()).text


def test_the_list_is_sorted_by_the_names_that_are_shown(
    page: Client, ines: User, catalogue: list[Anime]
) -> None:
    for place in (0, 5, 6):
        ines.set_status(catalogue[place], "completed")
    by_name = {}
    for language in ("english", "romaji"):
        prefer(page, title_language=language)
        listed = page.get("/my-list/?sort=title").context["page"]
        by_name[language] = [entry.anime_id - catalogue[0].pk for entry in listed]
    # Harbour, Road, Sounds; Kaze, Machi, Minato
    assert by_name == {"english": [0, 6, 5], "romaji": [6, 5, 0]}


# Time zones


def test_hours_are_told_in_the_members_zone(page: Client, ines: User) -> None:
    prefer(page, time_zone="Pacific/Auckland")
    assert page.get("/following/").context["zone"] == "Pacific/Auckland"
    assert 'value="Pacific/Auckland" selected' in page.get(ACCOUNT).text


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../etc/passwd", "a\0b", "x" * 10_000])
def test_an_unknown_zone_is_refused_in_a_sentence(page: Client, ines: User, zone: str) -> None:
    answer = prefer(page, time_zone=zone)
    assert answer.status_code == 400
    assert "There is no such time zone." in answer.text
    ines.refresh_from_db()
    assert ines.time_zone == ""


def test_a_zone_from_elsewhere_stays_chosen(page: Client, ines: User) -> None:
    User.objects.update(time_zone="Etc/GMT+3")
    assert 'value="Etc/GMT+3" selected' in page.get(ACCOUNT).text
    prefer(page, time_zone="Etc/GMT+3", title_language="romaji")
    ines.refresh_from_db()
    assert (ines.time_zone, ines.title_language) == ("Etc/GMT+3", "romaji")


def test_an_unknown_language_is_refused(page: Client) -> None:
    assert prefer(page, title_language="klingon").status_code == 400


# Titles for adults


def shows(page: Client, anime: Anime) -> bool:
    return page.get(anime.get_absolute_url()).status_code == 200


def test_titles_for_adults_are_for_who_says_to_be_of_age(
    page: Client, ines: User, hidden_titles: list[Anime]
) -> None:
    title = hidden_titles[0]
    refused = prefer(page, wants_adult="on")
    assert refused.status_code == 400
    assert "18 or older: tick both boxes" in refused.text
    assert not shows(page, title)
    assert prefer(page, wants_adult="on", of_age="on")["Location"] == ACCOUNT
    assert shows(page, title)
    # Said once, it need not be said again for another change.
    assert prefer(page, wants_adult="on", title_language="romaji")["Location"] == ACCOUNT
    assert shows(page, title)
    prefer(page)
    assert not shows(page, title)


def test_to_be_of_age_alone_shows_nothing(page: Client, hidden_titles: list[Anime]) -> None:
    prefer(page, of_age="on")
    assert not shows(page, hidden_titles[0])


@pytest.mark.parametrize(("everybody", "on_request"), [(True, True), (False, False)])
def test_where_the_operator_decides_nobody_is_asked(
    settings, page: Client, ines: User, hidden_titles: list[Anime], everybody, on_request
) -> None:
    settings.SHOW_ADULT, settings.ADULT_ON_REQUEST = everybody, on_request
    assert "of_age" not in page.get(ACCOUNT).text
    prefer(page, wants_adult="on", of_age="on")
    ines.refresh_from_db()
    assert not ines.wants_adult
    assert shows(page, hidden_titles[0]) == everybody


def test_the_form_changes_nothing_else(page: Client, ines: User) -> None:
    prefer(page, is_public="on", is_staff="on", username="root", email=ADDRESS)
    ines.refresh_from_db()
    assert (ines.is_public, ines.is_staff, ines.username, ines.email) == (False, False, "ines", "")


# The address


def test_an_address_is_the_members_once_they_press_the_button_in_its_letter(
    page: Client, ines: User
) -> None:
    assert give(page)["Location"] == ACCOUNT
    assert "is not confirmed yet" in page.get(ACCOUNT).text
    (letter,) = mail.outbox
    assert letter.to == [ADDRESS]
    assert "ines on animerec gave this address" in letter.body
    anybody = Client()
    # What scans letters opens links, and presses no buttons.
    assert anybody.get(link()).status_code == 200
    ines.refresh_from_db()
    assert ines.confirmed_email == ""
    assert anybody.post(link())["Location"] == reverse("ratings:sign-in")
    ines.refresh_from_db()
    assert ines.confirmed_email == ADDRESS
    assert "is confirmed" in page.get(ACCOUNT).text
    assert "Confirmed already" in anybody.get(link()).text


def test_a_link_that_was_changed_or_is_of_another_kind_is_good_for_nothing(
    page: Client, ines: User
) -> None:
    give(page)
    good = link()
    foreign = signing.TimestampSigner(salt="else").sign_object([ines.pk, ADDRESS])
    tokens = [f"{good[:-2]}/", good.replace("confirm/", "confirm/x"), foreign, "x" * 5000, "%00", "a:b:c"]  # fmt: skip
    for token in tokens:
        path = token if token.startswith("/") else good.partition("confirm/")[0] + f"confirm/{token}/"  # fmt: skip
        for answer in (page.get(path), page.post(path)):
            assert answer.status_code == 404
    ines.refresh_from_db()
    assert ines.confirmed_email == ""


def test_a_link_is_good_for_three_days(page: Client, ines: User, monkeypatch) -> None:
    give(page)
    now = signing.time.time()
    monkeypatch.setattr(signing.time, "time", lambda: now + 3 * 24 * 3600 - 60)
    assert page.get(link()).status_code == 200
    monkeypatch.setattr(signing.time, "time", lambda: now + 3 * 24 * 3600 + 60)
    assert page.get(link()).status_code == 404
    assert page.post(link()).status_code == 404


def test_a_link_for_an_address_before_the_present_one_is_good_no_more(
    page: Client, ines: User
) -> None:
    give(page)
    first = link()
    give(page, "other@quay.example")
    assert page.post(first).status_code == 404
    page.post(link())
    ines.refresh_from_db()
    assert ines.confirmed_email == "other@quay.example"
    # Another address has to be shown anew, and until then nothing is sent to either.
    give(page, ADDRESS)
    ines.refresh_from_db()
    assert (ines.email, ines.confirmed_email) == (ADDRESS, "")


def test_only_who_knows_the_password_changes_the_address(page: Client, ines: User) -> None:
    answer = give(page, password="wrong")
    assert answer.status_code == 400
    assert "That is not your password." in answer.text
    assert not mail.outbox
    ines.refresh_from_db()
    assert ines.email == ""


@pytest.mark.parametrize("address", ["no address", "a\0@b.example", f"{'x' * 300}@b.example"])
def test_what_is_no_address_is_refused(page: Client, address: str) -> None:
    assert give(page, address).status_code == 400
    assert not mail.outbox


def test_an_address_is_taken_away(page: Client, ines: User) -> None:
    confirmed(ines)
    assert give(page, "")["Location"] == ACCOUNT
    ines.refresh_from_db()
    assert (ines.email, ines.confirmed_email) == ("", "")
    assert "No address of yours is kept." in page.get(ACCOUNT).text


def test_the_demonstration_takes_no_address(page: Client, ines: User) -> None:
    """Everybody may sign in as its member, and would take it over by a letter."""
    User.objects.update(origin=Origin.SIMULATED)
    assert give(page).status_code == 400
    assert not mail.outbox


def test_letters_to_an_address_are_few(page: Client, ines: User) -> None:
    for n in range(addresses.CONFIRMATIONS):
        give(page, f"{n}@quay.example")
    answer = give(page)
    assert answer.status_code == 429
    assert "Several letters went out" in answer.text
    assert len(mail.outbox) == addresses.CONFIRMATIONS


def test_signing_up_with_an_address_asks_it(client: Client) -> None:
    sign_up(client, "rosa", email="rosa@quay.example")
    assert mail.outbox[0].to == ["rosa@quay.example"]
    rosa = User.objects.get(username="rosa")
    assert (rosa.email, rosa.confirmed_email) == ("rosa@quay.example", "")


def test_signing_up_without_one_sends_nothing(client: Client) -> None:
    sign_up(client, "rosa")
    assert not mail.outbox


# A forgotten password


def test_a_new_password_is_chosen_by_a_letter(client: Client, ines: User) -> None:
    confirmed(ines)
    assert client.post(RESET, {"email": ADDRESS.upper()})["Location"] == "/password-reset/sent/"
    (letter,) = mail.outbox
    assert letter.to == [ADDRESS]
    assert "for ines on animerec" in letter.body
    first = link()
    form = client.get(first, follow=True)
    new = {"new_password1": "quay-on-the-lantern", "new_password2": "quay-on-the-lantern"}
    assert client.post(form.redirect_chain[-1][0], new)["Location"] == reverse("ratings:sign-in")
    ines.refresh_from_db()
    assert ines.check_password("quay-on-the-lantern")
    assert "This link is good no more" in Client().get(first, follow=True).text


def test_letters_go_to_confirmed_addresses_alone_and_the_answer_is_always_the_same(
    client: Client, ines: User
) -> None:
    User.objects.create_user("unsure", "unsure@quay.example", PASSWORD)
    nobody = User.objects.create(username="nobody")
    nobody.set_unusable_password()
    confirmed(nobody, "nobody@quay.example")
    closed = User.objects.create_user("closed", password=PASSWORD, is_active=False)
    confirmed(closed, "closed@quay.example")
    changed = confirmed(User.objects.create_user("changed", password=PASSWORD), "old@quay.example")
    User.objects.filter(pk=changed.pk).update(email="new@quay.example")
    confirmed(ines)
    answers = set()
    for name in ("unsure", "nobody", "closed", "old", "new", "stranger", "ines"):
        answer = client.post(RESET, {"email": f"{name}@quay.example"})
        answers.add((answer.status_code, answer["Location"]))
    assert len(answers) == 1
    assert [letter.to for letter in mail.outbox] == [[ADDRESS]]


def test_the_page_itself_looks_nobody_up(
    client: Client, ines: User, monkeypatch, django_assert_num_queries
) -> None:
    """So it takes as long for an address that is here as for any other."""
    confirmed(ines)
    asked = []
    monkeypatch.setattr(tasks.write_reset, "delay", asked.append)
    for address in (ADDRESS, "stranger@quay.example"):
        with django_assert_num_queries(0):
            client.post(RESET, {"email": address})
    assert asked == [ADDRESS, "stranger@quay.example"]


def test_nobody_is_flooded_with_letters(client: Client, ines: User) -> None:
    confirmed(ines)
    for _ in range(addresses.RESETS + 2):
        client.post(RESET, {"email": ADDRESS})
    assert len(mail.outbox) == addresses.RESETS


def test_where_no_worker_can_be_asked_it_is_said(client: Client, ines: User, monkeypatch) -> None:
    def gone(address: str) -> None:
        raise OSError

    monkeypatch.setattr(tasks.write_reset, "delay", gone)
    answer = client.post(RESET, {"email": ADDRESS})
    assert answer.status_code == 503
    assert "cannot send mail at the moment" in answer.text


@pytest.mark.parametrize("address", ["", "no address", "a\0@b.example"])
def test_what_is_no_address_is_said_to_be_none(client: Client, address: str) -> None:
    answer = client.post(RESET, {"email": address})
    assert answer.status_code == 200
    assert "field__error" in answer.text


@pytest.mark.parametrize("token", ["x/set-password", "MQ/x-y", "MQ/set-password"])
def test_a_link_that_nobody_sent_is_good_for_nothing(client: Client, token: str) -> None:
    assert "This link is good no more" in client.get(f"/password-reset/{token}/").text


def test_the_way_there_is_on_the_sign_in_page(client: Client) -> None:
    assert f'href="{RESET}"' in client.get(reverse("ratings:sign-in")).text
