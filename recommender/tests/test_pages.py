"""What a member sees of their recommendations, and what they answer to them."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from catalog.models import Anime, AnimeStudio, CatalogueVersion, Studio
from ratings.models import User
from recommender import serving
from recommender.tests.worlds import FIRST_ID, is_robot

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
FOR_YOU = reverse("recommender:for-you")
HIDDEN = reverse("recommender:hidden")
ROBOT, TEA = FIRST_ID, FIRST_ID + 1


def address(name: str, mal_id: int = ROBOT) -> str:
    return reverse(f"recommender:{name}", args=[mal_id])


def shown(page) -> list[int]:
    return [card["anime"].pk for card in page.context["cards"]]


@pytest.fixture
def robots_fan(trained: list[User], newcomer: User, client: Client) -> Client:
    """Gave one robot an 8, and looks at the recommendations."""
    newcomer.rate(Anime.objects.get(pk=ROBOT), score=8)
    client.force_login(newcomer)
    return client


def more_titles(count: int) -> None:
    Anime.objects.bulk_create(
        Anime(mal_id=FIRST_ID + 1000 + n, title=f"More {n}", type="tv", status="finished")
        for n in range(count)
    )


# For you


def test_a_stranger_sees_what_is_popular_and_becomes_nobody(
    trained: list[User], client: Client, newcomer: User
) -> None:
    before = User.objects.count()
    answer = client.get(FOR_YOU)
    shown = [card["anime"].pk for card in answer.context["cards"]]
    assert shown == [one.anime_id for one in serving.recommend(newcomer, top_n=len(shown))]
    assert "Popular with members" in answer.text
    assert "Seen it" in answer.text
    assert User.objects.count() == before


def test_a_strangers_page_takes_few_queries(
    trained: list[User], client: Client, django_assert_max_num_queries
) -> None:
    # What the process holds of the catalogue is read once.
    serving.recommend(trained[0], top_n=1)
    with django_assert_max_num_queries(12):
        client.get(FOR_YOU)


def test_home_of_a_member_takes_few_queries(
    robots_fan: Client, newcomer: User, django_assert_max_num_queries
) -> None:
    newcomer.set_status(Anime.objects.get(pk=FIRST_ID + 8), "planned")
    serving.forget_loaded()
    # What the process holds of the catalogue is read once.
    serving.recommend(User.objects.get(username="cooperunion-0"), top_n=1)
    with django_assert_max_num_queries(12):
        answer = robots_fan.get("/")
    assert [shelf.name for shelf in answer.context["shelves"]][:2] == ["For you", "Go on watching"]


def test_each_card_has_its_reason_its_prediction_and_its_share(robots_fan: Client) -> None:
    page = robots_fan.get(FOR_YOU)
    first = page.context["cards"][0]
    assert is_robot(first["anime"].pk)
    assert "You gave <b>Robot 0</b> an 8" in page.text
    assert f"{first['recommendation'].predicted_score:.1f}" in page.text
    assert f'value="{first["percent"]}"' in page.text


def test_two_titles_are_named_in_one_sentence(robots_fan: Client, newcomer: User) -> None:
    for robot in Anime.objects.filter(pk__in=range(FIRST_ID + 2, FIRST_ID + 12, 2)):
        newcomer.rate(robot, score=9)
    page = robots_fan.get(FOR_YOU).text
    assert re.search(r"You gave <b>Robot \d</b> an? \d and <b>Robot \d</b> an? \d\s*</p>", page)


def test_a_title_without_a_score_is_named_as_watched(robots_fan: Client, newcomer: User) -> None:
    newcomer.rate(Anime.objects.get(pk=ROBOT), score=None)
    assert "You watched <b>Robot 0</b>" in robots_fan.get(FOR_YOU).text


def test_the_share_is_that_of_the_reasons_that_are_named(robots_fan: Client) -> None:
    first = robots_fan.get(FOR_YOU).context["cards"][0]
    named = [*first["gave"], *first["watched"], *first["features"]]
    assert 1 <= len(named) <= 2
    assert first["percent"] == round(100 * sum(cause.share for cause in named))


def test_the_page_says_from_how_many_titles_and_which_model(robots_fan: Client) -> None:
    page = robots_fan.get(FOR_YOU).text
    assert "From 1 title on your list" in page
    assert "Rate four more" in page
    assert "the model “ease”, trained on" in page


def test_a_newcomer_reads_what_to_do_first_and_that_these_are_merely_popular(
    trained: list[User], as_newcomer: Client
) -> None:
    page = as_newcomer.get(FOR_YOU)
    assert "Rate five titles you know" in page.text
    assert "Popular with members" in page.text
    assert "You gave" not in page.text
    assert len(shown(page)) == 24


def test_before_any_training_the_page_owns_up_to_popularity(world, as_newcomer: Client) -> None:
    page = as_newcomer.get(FOR_YOU)
    assert shown(page)[:3] == [FIRST_ID, FIRST_ID + 1, FIRST_ID + 2]
    assert "No model is trained yet" in page.text


def test_on_an_empty_site_the_page_is_not_an_error(as_newcomer: Client) -> None:
    page = as_newcomer.get(FOR_YOU)
    assert page.status_code == 200
    assert "No title is left to recommend" in page.text


def test_a_new_score_changes_the_page(robots_fan: Client, newcomer: User) -> None:
    before = shown(robots_fan.get(FOR_YOU))
    robots_fan.post(reverse("ratings:rate", args=[TEA]), {"score": "10"})
    newcomer.refresh_from_db()
    assert shown(robots_fan.get(FOR_YOU)) != before


@pytest.mark.parametrize(
    ("asked", "fits"),
    [
        ({"genre": "Slice of Life"}, lambda anime: not is_robot(anime.pk)),
        ({"type": "movie"}, lambda anime: anime.type == "movie"),
        ({"year_min": "2010"}, lambda anime: anime.year >= 2010),
        ({"year_max": "2009"}, lambda anime: anime.year <= 2009),
        ({"year_min": "2004", "year_max": "2009"}, lambda anime: 2004 <= anime.year <= 2009),
    ],
)
def test_wishes_narrow_the_titles_and_the_page_stays_full(
    robots_fan: Client, asked: dict, fits
) -> None:
    for anime in Anime.objects.all():
        anime.year = 2000 + (anime.pk - FIRST_ID) % 20
        anime.type = "movie" if anime.pk % 3 == 0 else "tv"
        anime.save()
    page = robots_fan.get(FOR_YOU, asked)
    expected = [anime.pk for anime in Anime.objects.exclude(pk=ROBOT) if fits(anime)]
    assert sorted(shown(page)) == sorted(expected)
    assert "All titles" in page.text


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"type": "opera"}, "There is no type “opera” here"),
        ({"genre": "Opera"}, "There is no genre “Opera” here"),
        ({"year_min": "x"}, "Enter a whole number"),
        ({"year_min": "99999999999999999999"}, "less than or equal to 2100"),
        ({"year_min": "2010", "year_max": "2000"}, "Must not be before the first year"),
        ({"genre": "\0"}, "There is no genre “” here"),
    ],
)
def test_a_wish_that_makes_no_sense_is_named_and_left_out(
    robots_fan: Client, asked: dict, said: str
) -> None:
    Anime.objects.update(year=2012)
    page = robots_fan.get(FOR_YOU, asked)
    assert page.status_code == 200
    assert said in page.text
    assert len(shown(page)) > 0


def test_wishes_that_nothing_fits_say_so(robots_fan: Client) -> None:
    assert "No title fits all of that" in robots_fan.get(FOR_YOU, {"year_min": "2090"}).text


@pytest.mark.parametrize(
    ("asked", "count"),
    [("", 24), ("48", 48), ("120", 120), ("121", 24), ("7", 24), ("x", 24), ("-24", 24)],
)
def test_more_is_shown_by_the_dozen_up_to_a_bound(
    robots_fan: Client, asked: str, count: int
) -> None:
    more_titles(150)
    page = robots_fan.get(FOR_YOU, {"n": asked, "type": "tv"})
    assert len(shown(page)) == count
    assert ("Show more" in page.text) is (count < 120)
    assert count == 120 or f"?type=tv&amp;n={count + 24}" in page.text


def test_nothing_more_is_offered_when_all_is_shown(robots_fan: Client) -> None:
    page = robots_fan.get(FOR_YOU, {"n": "48"})
    assert len(shown(page)) == 29
    assert "Show more" not in page.text


# Dials

RESULTS = {**HTMX, "HX-Target": "results"}
TURNED = {"popularity": "-1", "diversity": "0.5", "exploration": "0.25", "per_franchise": "1"}


def test_the_dials_stand_where_the_address_says(robots_fan: Client) -> None:
    page = robots_fan.get(FOR_YOU, TURNED).text
    assert re.search(r'<input type="range" name="popularity" value="-1(\.0)?"', page)
    assert re.search(r'<input type="range" name="diversity" value="0\.5"', page)
    assert '<option value="1" selected>One</option>' in page
    neutral = robots_fan.get(FOR_YOU).text
    assert re.search(r'<input type="range" name="popularity" value="0"', neutral)
    assert '<option value="0" selected>Any number</option>' in neutral


def test_dials_change_the_page_and_neutral_ones_do_not(robots_fan: Client) -> None:
    plain = shown(robots_fan.get(FOR_YOU))
    assert shown(robots_fan.get(FOR_YOU, dict.fromkeys(TURNED, "0"))) == plain
    assert shown(robots_fan.get(FOR_YOU, dict.fromkeys(TURNED, ""))) == plain
    turned = robots_fan.get(FOR_YOU, {"popularity": "-1"})
    assert shown(turned) != plain
    assert "every dial at rest" in turned.text


def test_more_of_the_same_keeps_the_dials(robots_fan: Client) -> None:
    more_titles(100)
    page = robots_fan.get(FOR_YOU, {"popularity": "-0.5", "diversity": "0", "type": "tv"}).text
    assert 'href="?type=tv&amp;popularity=-0.5&amp;n=48"' in page


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"popularity": "2"}, "How well known: Ensure this value is less than or equal to 1"),
        ({"popularity": "nan"}, "How well known: Enter a number"),
        ({"diversity": "x"}, "How varied: Enter a number"),
        ({"exploration": "-1"}, "Surprises: Ensure this value is greater than or equal to 0"),
        ({"per_franchise": "99"}, "Of one franchise: Select a valid choice"),
    ],
)
def test_a_dial_that_makes_no_sense_is_named_and_left_at_rest(
    robots_fan: Client, asked: dict, said: str
) -> None:
    page = robots_fan.get(FOR_YOU, asked)
    assert page.status_code == 200
    assert said in page.text
    assert shown(page) == shown(robots_fan.get(FOR_YOU))


def test_htmx_gets_the_results_alone(robots_fan: Client) -> None:
    answer = robots_fan.get(FOR_YOU, TURNED, headers=RESULTS)
    assert "<html" not in answer.text
    assert 'id="cards"' in answer.text
    assert "HX-Target" in answer["Vary"]
    # Going back asks for the whole page.
    back = {**HTMX, "HX-History-Restore-Request": "true"}
    assert "<html" in robots_fan.get(FOR_YOU, TURNED, headers=back).text


def test_a_page_with_surprises_says_so(robots_fan: Client) -> None:
    assert "left to chance" in robots_fan.get(FOR_YOU, {"exploration": "0.25"}).text
    assert "left to chance" not in robots_fan.get(FOR_YOU).text


# Not interested


def test_not_interested_hides_the_card_and_undo_brings_it_back(robots_fan: Client) -> None:
    title = shown(robots_fan.get(FOR_YOU))[0]
    gone = robots_fan.post(address("dismiss", title), headers=HTMX).text
    assert "Hidden: Robot" in gone
    assert "Undo" in gone
    assert "<html" not in gone
    assert title not in shown(robots_fan.get(FOR_YOU))
    back = robots_fan.post(address("undo-dismiss", title), headers=HTMX).text
    assert "You gave" in back
    assert f'id="card-{title}"' in back
    assert shown(robots_fan.get(FOR_YOU))[0] == title


def test_a_card_comes_back_even_where_the_title_is_not_recommended_now(
    robots_fan: Client,
) -> None:
    answer = robots_fan.post(address("undo-dismiss", ROBOT), headers=HTMX)
    assert answer.status_code == 200
    assert "Robot 0" in answer.text


def test_without_htmx_a_message_says_what_was_hidden_and_where_it_went(
    robots_fan: Client,
) -> None:
    here = f"{FOR_YOU}?type=tv"
    answer = robots_fan.post(address("dismiss", TEA), {"next": here})
    assert answer["Location"] == here
    page = robots_fan.get(here)
    assert "Hidden: Tea 1." in page.text
    assert f'href="{HIDDEN}"' in page.text
    assert "Tea 1" in robots_fan.get(HIDDEN).text
    assert robots_fan.post(address("undo-dismiss", TEA))["Location"] == FOR_YOU
    assert "You have hidden nothing" in robots_fan.get(HIDDEN).text


def test_nobody_is_sent_to_another_site(robots_fan: Client) -> None:
    for name in ("dismiss", "undo-dismiss"):
        answer = robots_fan.post(address(name, TEA), {"next": "//evil.example/"})
        assert answer["Location"] == FOR_YOU


def test_pressing_twice_is_as_good_as_once(robots_fan: Client, newcomer: User) -> None:
    for name, count in (("dismiss", 1), ("undo-dismiss", 0)):
        for _ in range(2):
            assert robots_fan.post(address(name, TEA)).status_code == 302
        assert newcomer.feedback.count() == count


@pytest.mark.parametrize("name", ["dismiss", "undo-dismiss"])
def test_hiding_takes_a_button_and_a_title_that_is_shown(
    client: Client, newcomer: User, hidden_titles: list[Anime], name: str
) -> None:
    for mal_id in (1, 9_000_101, 9_000_102, 10**30):
        client.force_login(newcomer)
        assert client.post(address(name, mal_id)).status_code == 404
        assert client.get(address(name, mal_id)).status_code == 405
        client.logout()
        assert client.get(address(name, mal_id)).status_code == 405
        assert client.post(address(name, mal_id)).status_code == 404
    assert not newcomer.feedback.exists()


def test_a_stranger_who_presses_not_interested_is_heard(
    client: Client, catalogue: list[Anime]
) -> None:
    answer = client.post(address("dismiss", catalogue[0].pk), headers=HTMX)
    assert "Hidden: Harbour Lights" in answer.text
    assert catalogue[0].feedback.get().user.is_guest


# Similar titles


def test_similar_titles_say_what_they_share(trained: list[User], client: Client) -> None:
    studio = Studio.objects.create(name="Lantern House")
    for n in range(0, 30, 2):
        AnimeStudio.objects.create(anime_id=FIRST_ID + n, studio=studio)
    page = client.get(address("similar"), headers=HTMX)
    assert len(shown(page)) == 12
    assert all(map(is_robot, shown(page)))
    assert "Both: Mecha; studio Lantern House" in page.text
    assert "<html" not in page.text
    assert "HX-Request" in page["Vary"]


def test_without_htmx_similar_titles_are_a_whole_page(trained: list[User], client: Client) -> None:
    page = client.get(address("similar")).text
    assert "<html" in page
    assert "Similar to" in page


def test_before_any_training_nothing_similar_is_known(world, client: Client) -> None:
    assert "Nothing similar is known yet" in client.get(address("similar"), headers=HTMX).text


@pytest.mark.parametrize("mal_id", [1, 9_000_101, 9_000_102, 10**30])
def test_unknown_and_hidden_titles_have_no_similar_ones(
    client: Client, hidden_titles: list[Anime], mal_id: int
) -> None:
    assert client.get(address("similar", mal_id)).status_code == 404


# Budgets


def queries_of(client: Client, page: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(page).status_code == 200
    return len(queries)


def test_the_number_of_queries_of_for_you_does_not_grow(robots_fan: Client) -> None:
    # session, member, catalogue's version, models, list, what was said by hand, names of causes,
    # titles, the member's numbers; favourites are among what was said
    queries_of(robots_fan, f"{FOR_YOU}?n=48")  # relations are read once in a process
    few = queries_of(robots_fan, f"{FOR_YOU}?n=72")
    more_titles(100)
    CatalogueVersion.advance()
    queries_of(robots_fan, f"{FOR_YOU}?n=96")
    # One more looks for titles that the model does not know.
    assert [few, queries_of(robots_fan, f"{FOR_YOU}?n=120")] == [7, 8]


def test_the_dials_ask_no_further_queries(robots_fan: Client) -> None:
    queries_of(robots_fan, f"{FOR_YOU}?type=tv")
    turned = "?popularity=-1&diversity=1&exploration=0.5&per_franchise=1"
    assert queries_of(robots_fan, FOR_YOU + turned) <= 10


def test_the_number_of_queries_of_similar_does_not_grow(
    trained: list[User], client: Client
) -> None:
    # The title, models, the catalogue's version, cards (2): the rest is kept.
    client.get(address("similar"))
    few = queries_of(client, address("similar"))
    Anime.objects.filter(pk__gt=FIRST_ID + 3).update(is_stub=True)
    assert [few, queries_of(client, address("similar"))] == [5, 5]


def test_the_number_of_queries_of_hidden_does_not_grow(
    trained: list[User], newcomer: User, as_newcomer: Client
) -> None:
    numbers = []
    for n in (0, 1, 2, 3):
        newcomer.dismiss(Anime.objects.get(pk=FIRST_ID + n))
        numbers.append(queries_of(as_newcomer, HIDDEN))
    assert len(set(numbers)) == 1
