"""Who a member is as a viewer, where they belong and how they score: the rest of the page of their taste."""

import re
from datetime import date

import numpy as np
import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from catalog.models import Anime
from ratings.models import Origin, User, UserAnimeRating
from recommender import datasets, habits, portrait
from recommender.engine.atlas import Atlas, AtlasConfig
from recommender.engine.clustering import ClusterConfig, Clusters
from recommender.engine.taste import TasteModel
from recommender.own_lines import OwnLine, read_lines
from recommender.tests.test_taste import publish
from recommender.tests.worlds import FIRST_ID, is_robot
from recommender.whereabouts import HEIGHT, WIDTH, picture

pytestmark = pytest.mark.django_db

TASTE = reverse("recommender:taste")
SMALL_MAP = AtlasConfig(fewest_watchers=1, steps=60, perplexity=5)
TWO_GROUPS = ClusterConfig(fewest=2, most=3)


def line(**known) -> OwnLine:
    plain = {
        "anime_id": 1,
        "score": None,
        "status": "completed",
        "watched_episodes": None,
        "finished_on": None,
        "mean": None,
        "episodes": None,
        "year": None,
        "aired_from": None,
    }
    return OwnLine(**{**plain, **known})


@pytest.fixture
def fan(world: list[User], newcomer: User) -> User:
    """Gave twelve robots nines and tens, two teas a three."""
    Anime.objects.update(mean_score=7.0)
    for n in range(12):
        newcomer.rate(Anime.objects.get(pk=FIRST_ID + 2 * n), score=9 + n % 2)
    for n in (1, 3):
        newcomer.rate(Anime.objects.get(pk=FIRST_ID + n), score=3)
    return newcomer


@pytest.fixture
def served(fan: User, client: Client) -> Client:
    """Taste, groups and a map are trained, and the fan looks."""
    publish(TasteModel())
    publish(Clusters(config=TWO_GROUPS))
    publish(Atlas(config=SMALL_MAP))
    client.force_login(fan)
    return client


# Who they are


def test_an_empty_list_makes_no_portrait() -> None:
    assert portrait.sentences([]) == []
    assert portrait.sentences([line(status="planned", year=2001)]) == []


def test_years_are_told_by_their_ends_and_their_middle_half() -> None:
    lines = [line(year=year) for year in (1990, 2000, 2002, 2004, 2020)]
    assert portrait.sentences(lines)[0] == (
        "You have seen 5 titles, from 1990 to 2020; the middle half of them is from 2000 to 2004."
    )


def test_of_few_titles_only_their_number_is_told() -> None:
    assert portrait.sentences([line(year=1990, score=1, mean=9.0)]) == ["You have seen 1 title."]


@pytest.mark.parametrize(
    ("scores", "said"),
    [
        ([5, 6, 5, 6, 5, 6], "You are much stricter than others: your scores are 5.5 on average, 1.5 below"),
        ([8, 7, 8, 7, 8, 8], "You are kinder than others: your scores are 7.7 on average, 0.7 above"),
        ([7, 7, 7, 7, 7, 7], "Your scores are 7.0 on average, about what others give"),
        # A point below on average, but so unsteadily that it may be chance.
        ([1, 10, 2, 9, 4, 10], "Your scores are 6.0 on average, about what others give"),
    ],
)  # fmt: skip
def test_how_strict_they_are_is_said_only_when_it_is_no_chance(
    scores: list[int], said: str
) -> None:
    assert portrait.sentences([line(score=score, mean=7.0) for score in scores])[1].startswith(said)


def test_how_far_they_finish() -> None:
    done = [line() for _ in range(8)]
    dropped = [line(status="dropped", watched_episodes=n, episodes=12) for n in (2, 3, 3, 4, 6)]
    assert portrait.sentences(done)[1] == "You have dropped nothing of what you began and ended."
    assert portrait.sentences([*done, *dropped[:1]])[1] == (
        "You drop 11 % of what you end, and see the rest through."
    )
    assert portrait.sentences([*done, *dropped])[1] == (
        "You drop 38 % of what you end, half of that before 25 % of the episodes."
    )


def test_the_page_begins_with_who_they_are_and_how_sure_that_is(served: Client) -> None:
    text = served.get(TASTE).text
    assert "You have seen 14 titles." in text
    assert re.search(
        r"Less than others you watch <b>Slice of Life</b> <span[^>]*>\(0\.\d times\)</span>", text
    )
    assert re.search(r"Each of that is at least \d\d(\.\d)? % sure", text)
    assert text.index("You have seen") < text.index("What was learned")


# Where they belong


def test_the_group_is_named_with_its_size_its_words_and_how_like_it_the_list_is(
    served: Client,
) -> None:
    page = served.get(TASTE)
    found = page.context["belonging"]
    assert "Mecha" in found.own.name
    percents = [near.percent for near in found.groups]
    assert percents == sorted(percents, reverse=True)
    assert found.groups[0].is_own
    assert [near.is_neighbour for near in found.groups] == [False, True]
    assert found.neighbours[0].name in page.text
    assert f"({found.own.size} members)" in page.text


def test_what_the_group_watches_and_they_have_not_is_put_forward(served: Client, fan: User) -> None:
    hidden, planned = (Anime.objects.get(pk=FIRST_ID + n) for n in (24, 26))
    fan.dismiss(hidden)
    fan.set_status(planned, "planned")
    assert [anime.pk for anime in served.get(TASTE).context["unseen"]] == [FIRST_ID + 28]


def test_without_groups_or_a_map_the_page_says_so(fan: User, client: Client) -> None:
    client.force_login(fan)
    text = client.get(TASTE).text
    assert "Members have not been grouped here yet" in text
    assert "No map has been drawn here yet" in text


def test_a_list_of_titles_that_the_groups_do_not_know_is_told_so(
    world, newcomer: User, client: Client
) -> None:
    publish(Clusters(config=TWO_GROUPS))
    publish(Atlas(config=SMALL_MAP))
    newcomer.rate(Anime.objects.create(mal_id=9_700_000, title="Alone", type="tv"), score=9)
    client.force_login(newcomer)
    text = client.get(TASTE).text
    assert "names no title yet by which members are grouped" in text
    assert "None of your titles is on the map yet" in text


# On the map


def test_own_titles_are_lit_and_the_ring_is_the_middle_of_what_they_liked(
    served: Client, fan: User
) -> None:
    page = served.get(TASTE)
    where = page.context["where"]
    assert (where.number_seen, where.number_liked) == (14, 12)
    assert set(where.near) | set(where.far) <= {FIRST_ID + 2 * n for n in range(12)}
    assert not set(where.near) & set(where.far)
    assert f'd="{where.liked}"' in page.text
    assert "12 that you liked are lit" in page.text
    assert "style=" not in page.text


def test_the_centre_is_the_mean_of_the_liked_places() -> None:
    atlas = Atlas()
    ids = np.arange(100, 300)
    atlas.vocabulary = type(atlas.vocabulary)(ids)
    grid = np.stack([np.arange(200) % 20, np.arange(200) // 20], axis=1).astype(np.float32)
    atlas.coordinates, atlas.watched = grid, np.ones(200, bool)
    corners = [100, 119, 280, 299]
    found = picture(atlas, [line(anime_id=pk, score=9) for pk in corners])
    assert found is not None
    assert found.centre == (WIDTH // 2, HEIGHT // 2)
    assert found.seen == ""
    assert found.liked.count("M") == 4
    # Up on the map is up in the picture: the first title lies low and left.
    assert found.liked.startswith(f"M14 {HEIGHT - 14}h0")


def test_the_picture_is_bounded_however_large_the_map_and_the_list() -> None:
    atlas = Atlas()
    ids = np.arange(1, 30_001)
    rng = np.random.default_rng(1)
    atlas.vocabulary = type(atlas.vocabulary)(ids)
    atlas.coordinates = rng.normal(size=(30_000, 2)).astype(np.float32)
    found = picture(atlas, [line(anime_id=int(pk), score=8) for pk in ids[:9000]])
    assert found is not None
    assert found.background.count("M") <= 1500
    assert found.liked.count("M") <= 1500
    assert len(found.background) + len(found.liked) < 40_000


# How they score


def test_scores_stand_beside_those_of_real_others(fan: User, client: Client) -> None:
    simulated = User.objects.create(username="drawn", origin=Origin.SIMULATED, external_id=1)
    UserAnimeRating.objects.bulk_create(
        UserAnimeRating(user=simulated, anime=anime, score=1) for anime in Anime.objects.all()
    )
    client.force_login(fan)
    page = client.get(TASTE)
    chart = page.context["habits"].scores
    assert chart.columns == ["Score", "Your titles", "You, %", "Others, %"]
    mine = {row[0]: row[1] for row in chart.rows}
    assert (mine[3], mine[9], mine[10]) == (2, 6, 6)
    assert sum(row[3] for row in chart.rows) == pytest.approx(100, abs=0.6)
    # Nobody real gives a 1.
    assert chart.rows[0][3] == 0
    assert "The mean of your 14 scores is 8.6" in page.text


def test_where_all_others_are_simulated_nobody_is_compared_with(
    world, fan: User, client: Client
) -> None:
    User.objects.exclude(pk=fan.pk).update(origin=Origin.SIMULATED)
    User.objects.filter(pk=fan.pk).update(origin=Origin.SIMULATED, external_id=900)
    client.force_login(fan)
    page = client.get(TASTE)
    assert page.context["habits"].is_alone
    assert "simulated members do not count" in page.text
    assert page.context["habits"].scores.columns == ["Score", "Your titles", "You, %"]
    assert "This list is simulated" in page.text


def test_titles_scored_furthest_from_others_are_named_on_either_side(
    fan: User, client: Client
) -> None:
    client.force_login(fan)
    page = client.get(TASTE)
    assert len(page.context["above"]) == 5
    assert {entry.score for _, entry in page.context["above"]} == {10}
    assert [anime.pk for anime, _ in page.context["below"]] == [FIRST_ID + 1, FIRST_ID + 3]
    assert "You think more of" in page.text


def test_episodes_are_counted_by_the_year_a_title_was_finished() -> None:
    lines = [
        *(line(finished_on=date(2019, 5, 1), episodes=12) for _ in range(3)),
        *(line(finished_on=date(2021, 5, 1), watched_episodes=30, episodes=99) for _ in range(2)),
        line(finished_on=date(2021, 5, 1), status="dropped", episodes=50),
        line(episodes=1000),
    ]
    chart = habits.habits_of(lines).years
    assert chart is not None
    assert list(chart.rows) == [[2019, 36, 3], [2020, 0, 0], [2021, 60, 2]]
    assert chart.finding == "You saw most in 2021: 60 episodes of the titles you finished."
    assert habits.habits_of(lines[:4]).years is None


def test_what_became_of_what_was_begun_is_told_in_shares() -> None:
    lines = [
        line(),
        line(),
        line(status="dropped"),
        line(status="watching"),
        line(status="planned"),
    ]
    assert habits.habits_of(lines).ended == [
        ("Completed", 2, 50),
        ("Watching", 1, 25),
        ("Dropped", 1, 25),
    ]


@pytest.mark.parametrize("lines", [0, 1])
def test_a_list_of_nothing_or_one_score_has_its_page(
    world, newcomer: User, client: Client, lines: int
) -> None:
    publish(Clusters(config=TWO_GROUPS))
    publish(Atlas(config=SMALL_MAP))
    for anime in Anime.objects.all()[:lines]:
        newcomer.rate(anime, score=7)
    client.force_login(newcomer)
    page = client.get(TASTE)
    assert page.status_code == 200
    said = "You have seen 1 title." if lines else "Nothing is known of you yet"
    assert said in page.text
    assert "data-chart" not in page.text


def test_titles_for_adults_are_in_no_part_of_the_page(served: Client, fan: User) -> None:
    adult = Anime.objects.get(pk=FIRST_ID + 22)
    Anime.objects.filter(pk=adult.pk).update(is_adult=True, title="Behind the Curtain")
    assert adult.pk not in [entry.anime_id for entry in read_lines(fan)]
    assert "Behind the Curtain" not in served.get(TASTE).text


def test_the_page_asks_few_questions_with_nothing_kept(
    served: Client, fan: User, django_assert_max_num_queries
) -> None:
    served.get(TASTE)
    cache.clear()
    with django_assert_max_num_queries(12):
        served.get(TASTE)
    for anime in Anime.objects.all():
        fan.rate(anime, score=7 if is_robot(anime.pk) else 10)
    cache.clear()
    with django_assert_max_num_queries(12):
        served.get(TASTE)


@pytest.mark.parametrize("asked", ["\0", "x" * 10_000, "<script>", "genre\0"])
def test_an_address_edited_by_hand_shows_the_page_as_it_is(served: Client, asked: str) -> None:
    page = served.get(TASTE, {"all": asked})
    assert page.status_code == 200
    assert "<script>" not in page.text.replace("<script src", "").replace(
        '<script id="scores-figure" type="application/json">', ""
    )


def test_groups_keep_no_member(served: Client) -> None:
    assert datasets.read_interactions().member_ids.size > 0
    assert "cooperunion-" not in served.get(TASTE).text
