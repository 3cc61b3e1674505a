"""What a list is narrowed by and put in order by, and what stands above it."""

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import Anime
from ratings.models import User, UserAnimeRating

pytestmark = pytest.mark.django_db

MY_LIST = reverse("ratings:my-list")


@pytest.fixture(autouse=True)
def _searchable(catalogue: list[Anime]) -> None:
    Anime.objects.refresh_search_text()


def shown(client: Client, **asked: object) -> list[str]:
    return [entry.anime.title for entry in client.get(MY_LIST, asked).context["listing"].page]


@pytest.mark.parametrize(
    ("asked", "titles"),
    [
        ({"q": "akari"}, ["Minato no Akari"]),
        ({"q": "HARBOUR lights"}, ["Minato no Akari"]),
        ({"q": "zzz"}, []),
        ({"genre": "Mystery"}, ["Minato no Akari", "Hoshi no Eki"]),
        ({"type": "movie"}, ["Ame no Arubamu", "Kaze no Michi"]),
        ({"year_min": 2016}, ["Ame no Arubamu", "Machi no Oto", "Kaze no Michi"]),
        ({"year_min": 2010, "year_max": 2016}, ["Minato no Akari", "Ame no Arubamu"]),
        ({"score_min": 9}, ["Minato no Akari", "Ame no Arubamu"]),
        ({"score_max": 4, "score_min": 4}, ["Kaze no Michi"]),
        ({"genre": "Mystery", "score_min": 8}, ["Minato no Akari"]),
    ],
)
def test_the_list_is_narrowed(as_keen: Client, asked: dict, titles: list[str]) -> None:
    # What was changed first comes last.
    found = UserAnimeRating.objects.order_by("anime_id")
    for place, entry in enumerate(found):
        found.filter(pk=entry.pk).update(rated_at=f"2026-01-{28 - place} 12:00Z")
    assert shown(as_keen, **asked) == titles


def test_only_what_has_no_score_is_found(as_casual: Client) -> None:
    assert shown(as_casual, unscored="1") == ["Yuki no Tabi"]


def test_a_title_without_a_year_is_found_by_its_first_day(
    as_casual: Client, catalogue: list[Anime]
) -> None:
    Anime.objects.filter(pk=catalogue[3].pk).update(year=None, aired_from="1987-05-01")
    assert shown(as_casual, year_max=1990) == ["Yuki no Tabi"]


@pytest.mark.parametrize(
    ("sort", "first"),
    [
        ("year", "Machi no Oto"), ("-year", "Kikai no Niwa"), ("-title", "Machi no Oto"),
        ("-score", "Kaze no Michi"), ("mean", "Kaze no Michi"), ("-mean", "Minato no Akari"),
        ("apart", "Minato no Akari"), ("-apart", "Kaze no Michi"), ("episodes", "Yuki no Tabi"),
    ],
)  # fmt: skip
def test_the_list_is_put_in_order_either_way(
    as_keen: Client, keen: User, catalogue: list[Anime], sort: str, first: str
) -> None:
    for place, anime in enumerate(catalogue):
        Anime.objects.filter(pk=anime.pk).update(mean_score=6 + place / 10)
    keen.set_watched(catalogue[3], 20)
    assert shown(as_keen, sort=sort)[0] == first


def test_what_has_no_value_comes_last_either_way(as_casual: Client) -> None:
    for sort in ("score", "-score"):
        assert shown(as_casual, sort=sort)[-1] == "Yuki no Tabi"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"genre": "Nonsense"}, "There is no such genre."),
        ({"type": "film"}, "There is no such type."),
        ({"status": "asleep"}, "There is no such status."),
        ({"sort": "password"}, "There is no such order."),
        ({"year_min": "99999"}, "A year from 1900 to 2100, please."),
        ({"year_max": "NaN"}, "A year from 1900 to 2100, please."),
        ({"score_min": "11"}, "A score is a whole number from 1 to 10."),
        ({"score_max": "9" * 5000}, "A score is a whole number from 1 to 10."),
        ({"q": "x" * 10_000}, "A name of at most 100 letters, please."),
    ],
)
def test_a_wish_that_makes_no_sense_is_named_and_the_rest_is_answered(
    as_casual: Client, asked: dict, said: str
) -> None:
    page = as_casual.get(MY_LIST, {**asked, "score_max": 8} if "score_max" not in asked else asked)
    assert page.status_code == 200
    assert said in page.text
    assert len(page.content) < 60_000


@pytest.mark.parametrize("page", ["-1", "0", "99999999999", "x", "\0", "9" * 5000])
def test_a_page_that_is_not_there_is_another_one(as_casual: Client, page: str) -> None:
    assert len(shown(as_casual, page=page)) == 2


def test_a_nul_is_in_no_name(as_casual: Client) -> None:
    for name in ("q", "genre", "status", "year_min", "unscored"):
        assert as_casual.get(MY_LIST, {name: "a\0"}).status_code == 200


def test_names_of_titles_and_members_are_text(
    as_casual: Client, casual: User, catalogue: list[Anime]
) -> None:
    Anime.objects.filter(pk=catalogue[0].pk).update(title_english='"><script>alert(1)</script>')
    User.objects.filter(pk=casual.pk).update(username="<b>casual</b>", is_public=True)
    own = as_casual.get(MY_LIST, {"q": "<script>alert(2)</script>"})
    public = as_casual.get(reverse("ratings:member-list", args=[casual.pk]))
    for page in (own, as_casual.get(MY_LIST), public):
        assert "<script>alert" not in page.text
        assert "<b>casual" not in page.text


def test_the_list_in_numbers(as_casual: Client, casual: User, catalogue: list[Anime]) -> None:
    Anime.objects.update(duration=24 * 60)
    casual.set_watched(catalogue[2], 10)
    tally = as_casual.get(MY_LIST).context["listing"].tally
    # Twelve of what is completed, though nobody counted them, and ten of another.
    assert (tally.titles, tally.episodes, tally.mean) == (3, 22, 8)
    assert tally.days == pytest.approx(22 * 24 * 60 / 86_400)
    UserAnimeRating.objects.filter(anime=catalogue[0]).update(rewatches=2)
    assert as_casual.get(MY_LIST).context["listing"].tally.episodes == 46


def test_no_number_of_episodes_is_too_large_to_add_up(as_casual: Client) -> None:
    most = 2_147_483_647
    Anime.objects.update(duration=most, episodes=most)
    UserAnimeRating.objects.update(watched_episodes=most, rewatches=32_767)
    assert as_casual.get(MY_LIST).status_code == 200


def test_the_numbers_are_those_of_what_is_found(as_casual: Client) -> None:
    listing = as_casual.get(MY_LIST, {"status": "planned", "q": "yuki"}).context["listing"]
    assert (listing.tally.titles, listing.tally.mean) == (1, None)
    assert listing.tabs[0][2] == 1


def test_a_column_leads_to_the_other_way_round(as_casual: Client) -> None:
    listing = as_casual.get(MY_LIST, {"sort": "score", "q": "a", "page": 2}).context["listing"]
    column = listing.columns["score"]
    assert (column["now"], column["link"]) == ("descending", "?q=a&sort=-score")


def test_htmx_gets_the_list_alone(as_casual: Client) -> None:
    part = as_casual.get(
        MY_LIST, {"q": "yuki"}, headers={"HX-Request": "true", "HX-Target": "list"}
    )
    assert part.text.lstrip().startswith('<div id="list">')
    assert "<html" not in part.text


def test_others_are_read_with_the_same_filters(client: Client, keen: User) -> None:
    page = client.get(reverse("ratings:member-list", args=[keen.pk]), {"score_min": 9})
    assert sorted(entry.score for entry in page.context["listing"].page) == [9, 10]


def test_only_keys_that_work_are_on_the_sheet(as_casual: Client) -> None:
    assert "One more episode" in as_casual.get(MY_LIST).text
    assert "One more episode" not in as_casual.get(reverse("catalog:browse")).text


def test_every_address_stays_within_the_budget(
    as_keen: Client, catalogue: list[Anime], django_assert_max_num_queries
) -> None:
    Anime.objects.update(status="airing")
    asked = {"q": "o", "genre": "Mystery", "type": "tv", "year_min": 1990, "score_min": 2, "sort": "apart", "status": "completed"}  # fmt: skip
    with django_assert_max_num_queries(8):
        assert len(as_keen.get(MY_LIST, asked).context["listing"].page) == 1
