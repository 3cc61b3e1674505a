"""My score and status of one title, and how they change."""

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import Anime
from ratings.models import User

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
VERBS = {
    "rate": {"score": "8"},
    "status": {"status": "planned"},
    "episodes": {"episodes": "1"},
    "forget": {},
}


def address(name: str, anime: Anime | int) -> str:
    return reverse(f"ratings:{name}", args=[anime.pk if isinstance(anime, Anime) else anime])


def test_the_fragment_says_what_i_gave(as_casual: Client, catalogue: list[Anime]) -> None:
    page = as_casual.get(address("mine", catalogue[0]), headers=HTMX).text
    assert "You gave it an <b>8</b>" in page
    assert '<option value="completed" selected>' in page
    assert "<html" not in page


def test_the_fragment_offers_ten_scores_for_a_title_not_on_the_list(
    as_casual: Client, catalogue: list[Anime]
) -> None:
    page = as_casual.get(address("mine", catalogue[1]), headers=HTMX).text
    assert "Not on your list" in page
    assert page.count('name="score"') == 10
    assert "Take off my list" not in page


def test_without_htmx_it_is_a_whole_page(as_casual: Client, catalogue: list[Anime]) -> None:
    page = as_casual.get(address("mine", catalogue[0])).text
    assert "<html" in page
    assert f'href="{catalogue[0].get_absolute_url()}"' in page


def test_a_guest_is_asked_to_sign_in_and_comes_back_to_the_title(
    client: Client, catalogue: list[Anime]
) -> None:
    page = client.get(address("mine", catalogue[0]), headers=HTMX).text
    assert f"{reverse('ratings:sign-in')}?next={catalogue[0].get_absolute_url()}" in page
    assert "<form" not in page


def test_a_score_is_answered_with_the_fragment(
    as_newcomer: Client, newcomer: User, catalogue: list[Anime]
) -> None:
    answer = as_newcomer.post(address("rate", catalogue[0]), {"score": "8"}, headers=HTMX)
    assert "You gave it an 8." in answer.text
    assert 'aria-pressed="true">8<' in answer.text
    assert "<html" not in answer.text
    assert newcomer.list_entries.get().score == 8


@pytest.mark.parametrize(
    ("verb", "data", "said"),
    [
        ("rate", {"score": "8"}, "You gave it an 8."),
        ("rate", {"score": ""}, "You took your score back."),
        ("status", {"status": "on_hold"}, "On your list: On hold."),
        ("forget", {}, "Taken off your list."),
    ],
)
def test_without_htmx_the_member_is_back_at_the_title_and_reads_what_happened(
    as_newcomer: Client, catalogue: list[Anime], verb: str, data: dict, said: str
) -> None:
    answer = as_newcomer.post(address(verb, catalogue[0]), data)
    assert answer.status_code == 302
    assert answer["Location"] == catalogue[0].get_absolute_url()
    after = as_newcomer.get(reverse("ratings:account")).text
    assert f"Harbour Lights: {said}" in after


def test_next_names_another_page_of_this_site_only(
    as_newcomer: Client, catalogue: list[Anime]
) -> None:
    title = catalogue[0]
    for asked, given in (
        ("/my-list/?status=planned", "/my-list/?status=planned"),
        ("//evil.example/", title.get_absolute_url()),
    ):
        answer = as_newcomer.post(address("rate", title), {"score": "8", "next": asked})
        assert answer["Location"] == given


@pytest.mark.parametrize(
    ("shape", "marker"),
    [("row", '<tr id="row-'), ("card", 'id="on-card-'), ("", "mine__"), ("../x", "mine__")],
)
def test_each_place_gets_its_own_part_back(
    as_newcomer: Client, catalogue: list[Anime], shape: str, marker: str
) -> None:
    data = {"status": "completed", "shape": shape}
    answer = as_newcomer.post(address("status", catalogue[0]), data, headers=HTMX)
    assert answer.status_code == 200
    assert marker in answer.text


def test_a_row_taken_off_the_list_is_gone_from_the_table(
    as_casual: Client, catalogue: list[Anime]
) -> None:
    answer = as_casual.post(address("forget", catalogue[0]), {"shape": "row"}, headers=HTMX)
    assert "<tr" not in answer.text
    assert "Taken off your list." in answer.text


def test_an_empty_score_takes_it_back(
    as_casual: Client, casual: User, catalogue: list[Anime]
) -> None:
    as_casual.post(address("rate", catalogue[0]), {"score": ""})
    assert casual.list_entries.get(anime=catalogue[0]).score is None


def test_taking_back_what_was_not_given_lists_nothing(
    as_newcomer: Client, newcomer: User, catalogue: list[Anime]
) -> None:
    as_newcomer.post(address("rate", catalogue[0]), {"score": ""})
    assert not newcomer.list_entries.exists()


def test_a_number_of_episodes_is_answered_in_words(
    as_newcomer: Client, newcomer: User, catalogue: list[Anime]
) -> None:
    answer = as_newcomer.post(address("episodes", catalogue[0]), {"episodes": "5"}, headers=HTMX)
    assert "You have seen 5 of 12 episodes." in answer.text
    entry = newcomer.list_entries.get()
    assert (entry.watched_episodes, entry.status) == (5, "watching")


def test_no_title_of_unknown_length_has_a_million_episodes(
    as_newcomer: Client, newcomer: User, catalogue: list[Anime]
) -> None:
    Anime.objects.update(episodes=None)
    answer = as_newcomer.post(address("episodes", catalogue[0]), {"episodes": "1000000000000"})
    assert answer.status_code == 400
    assert "No title has that many episodes." in answer.text
    assert not newcomer.list_entries.exists()


def test_pressing_twice_is_as_good_as_once(
    as_newcomer: Client, newcomer: User, catalogue: list[Anime]
) -> None:
    for verb, data in VERBS.items():
        codes = [as_newcomer.post(address(verb, catalogue[0]), data).status_code for _ in "12"]
        assert codes == [302, 302]
        assert newcomer.list_entries.count() == (verb != "forget")


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
@pytest.mark.parametrize(
    ("verb", "data", "said"),
    [
        *(
            ("rate", {"score": score}, "A score is a whole number from 1 to 10.")
            for score in ("0", "11", "-1", "x", "8.5", "1e1", "\0", "９" * 300)
        ),
        ("rate", {}, "No score was sent."),
        ("status", {"status": "sleeping"}, "There is no such status."),
        ("status", {"status": "\0"}, "There is no such status."),
        ("status", {}, "No status was sent."),
        ("episodes", {"episodes": "-1"}, "A number of episodes is not below 0."),
        ("episodes", {"episodes": "13"}, "It has 12 episodes."),
        ("episodes", {"episodes": "1000000000000"}, "It has 12 episodes."),
        *(
            ("episodes", {"episodes": number}, "A number of episodes is a whole number.")
            for number in ("abc", "1.5", "1e1", "\0", "9" * 5000)
        ),
        ("episodes", {}, "No number of episodes was sent."),
    ],
)
def test_what_makes_no_sense_is_refused_and_explained(
    as_newcomer: Client,
    newcomer: User,
    catalogue: list[Anime],
    headers: dict,
    verb: str,
    data: dict,
    said: str,
) -> None:
    answer = as_newcomer.post(address(verb, catalogue[0]), data, headers=headers)
    assert answer.status_code == 400
    assert said in answer.text
    assert ("<html" in answer.text) is not headers
    assert not newcomer.list_entries.exists()


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("mal_id", [1, 0, 9_000_101, 9_000_102, 2**31, 2**63, 10**30])
def test_unknown_and_hidden_titles_are_not_found(
    as_newcomer: Client, hidden_titles: list[Anime], verb: str, mal_id: int
) -> None:
    assert as_newcomer.post(address(verb, mal_id), VERBS[verb]).status_code == 404
    assert as_newcomer.get(address("mine", mal_id)).status_code == 404


@pytest.mark.parametrize("verb", VERBS)
def test_changes_take_a_button_not_a_link(
    as_newcomer: Client, catalogue: list[Anime], verb: str
) -> None:
    assert as_newcomer.get(address(verb, catalogue[0]), VERBS[verb]).status_code == 405


@pytest.mark.parametrize("verb", VERBS)
def test_a_guest_goes_to_sign_in_and_back_to_their_page(
    client: Client, catalogue: list[Anime], verb: str
) -> None:
    there = {**VERBS[verb], "next": "/anime/?page=2"}
    sign_in = f"{reverse('ratings:sign-in')}?next=/anime/%3Fpage%3D2"
    assert client.post(address(verb, catalogue[0]), there)["Location"] == sign_in


def test_a_guest_who_names_no_page_comes_back_to_the_title(
    client: Client, catalogue: list[Anime]
) -> None:
    title = catalogue[0].get_absolute_url()
    answer = client.post(address("rate", catalogue[0]), {"score": "8"})
    assert answer["Location"] == f"{reverse('ratings:sign-in')}?next={title}"


def test_a_guests_fragment_request_moves_the_whole_window_to_sign_in(
    client: Client, catalogue: list[Anime]
) -> None:
    here = {**HTMX, "HX-Current-URL": "http://testserver/anime/?q=rain"}
    answer = client.post(address("rate", catalogue[0]), {"score": "8"}, headers=here)
    assert answer.status_code == 200
    assert answer["HX-Redirect"] == f"{reverse('ratings:sign-in')}?next=/anime/%3Fq%3Drain"
    assert answer.content == b""


def test_a_post_without_its_csrf_token_is_refused(newcomer: User, catalogue: list[Anime]) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(newcomer)
    assert client.post(address("rate", catalogue[0]), {"score": "8"}).status_code == 403
