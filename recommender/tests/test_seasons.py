"""The pages of seasons: what is there, in whose order, and what stands beside it."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
import vobject
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalog.models import Anime
from catalog.seasons import YEARS_AHEAD, SeasonOfYear
from ratings.models import User
from recommender import seasons, serving
from recommender.seasons import SHELF, SHELF_OF_SERIES, SeasonPage
from recommender.tests.worlds import FIRST_ID, is_robot, make_sequel, train_all

pytestmark = pytest.mark.django_db

SEASONS = reverse("recommender:seasons")
NEW = 9_500_000
THIS = SeasonOfYear.now()


def page_of(season: SeasonOfYear, ending: str = "/") -> str:
    return f"/seasons/{season.year}/{season.name}{ending}"


def add(number: int = 1, season: SeasonOfYear | None = THIS, **facts: object) -> list[Anime]:
    """Titles that nobody has rated."""
    taken = Anime.objects.filter(pk__gte=NEW).count()
    when = {"season": season.name, "year": season.year} if season else {}
    facts = {"type": "tv", "status": "airing", **when, **facts}
    ids = range(NEW + taken, NEW + taken + number)
    return Anime.objects.bulk_create(
        Anime(**{"mal_id": pk, "title": f"New {pk - NEW}", **facts}) for pk in ids
    )


def shelves(answer) -> dict[str, list[str]]:
    return {
        shelf.id: [card["anime"].title for card in cards]
        for shelf, cards in answer.context["shelves"]
    }


@pytest.fixture
def robots_fan(trained: list[User], newcomer: User, client: Client) -> Client:
    newcomer.rate(Anime.objects.get(pk=FIRST_ID), score=9)
    client.force_login(newcomer)
    return client


# What is there


def test_the_current_season_is_the_one_it_is_in_japan(client: Client) -> None:
    add(2)
    answer = client.get(SEASONS)
    assert f"<title>{THIS} · animerec" in answer.text
    assert shelves(answer) == {"tv": ["New 0", "New 1"]}


def test_types_stand_apart(client: Client) -> None:
    for kind in ("tv", "movie", "ova", "ona", "special", "music", "pv"):
        add(title=kind, type=kind)
    assert shelves(client.get(SEASONS)) == {
        "tv": ["tv"],
        "movies": ["movie"],
        "other": ["ova", "ona", "special"],
    }


def test_a_coming_season_shows_what_has_not_begun(client: Client) -> None:
    add(season=THIS.next, status="upcoming", title="Announced")
    assert shelves(client.get(page_of(THIS.next))) == {"tv": ["Announced"]}


def test_a_movie_is_in_the_season_of_its_first_day_where_that_is_known_well_enough(
    client: Client,
) -> None:
    for precision in ("day", "month", "year"):
        add(
            season=None, type="movie", title=precision, status="finished",
            aired_from=date(2019, 7, 1), aired_from_precision=precision,
        )  # fmt: skip
    assert shelves(client.get("/seasons/2019/summer/")) == {"movies": ["day", "month"]}


def test_shows_from_before_stand_apart(client: Client) -> None:
    past, start = SeasonOfYear(2020, 1), date(2020, 4, 1)
    old = {"season": past.previous, "status": "finished", "aired_from": date(2020, 1, 8)}
    add(season=past, title="begins", status="finished", aired_from=start)
    add(**old, title="goes on", aired_to=date(2020, 6, 20))
    add(**old, title="ended in its last days", aired_to=date(2020, 4, 3))
    add(**old, title="a movie", type="movie", aired_to=date(2020, 6, 20))
    add(season=None, title="runs to this day", aired_from=date(1999, 10, 20))
    add(
        season=None,
        title="ended, nobody knows when",
        status="finished",
        aired_from=start.replace(year=2001),
    )
    assert shelves(client.get(page_of(past))) == {
        "tv": ["begins"],
        "continuing": ["goes on", "runs to this day"],
    }


def test_of_a_season_to_come_only_what_is_known_to_go_on_is_told(client: Client) -> None:
    begun = {"season": THIS, "aired_from": THIS.first_day}
    add(**begun, title="half a year", aired_to=THIS.next.last_day)
    add(**begun, title="nobody knows", aired_to=None)
    assert shelves(client.get(page_of(THIS.next))) == {"continuing": ["half a year"]}


def test_hidden_and_denied_titles_are_left_out(client: Client) -> None:
    add(title="adult", is_adult=True)
    add(title="stub", is_stub=True)
    add(title="gone", gone_on=date(2026, 1, 1))
    assert shelves(client.get(SEASONS)) == {}


def test_a_season_with_nothing_in_it_says_so(client: Client) -> None:
    answer = client.get("/seasons/1931/winter/")
    assert answer.status_code == 200
    assert "Nothing is known of this season" in answer.text


@pytest.mark.parametrize(
    "address",
    [
        "/seasons/99999/spring/",
        "/seasons/0/spring/",
        "/seasons/1899/fall/",
        f"/seasons/{THIS.year + YEARS_AHEAD + 1}/winter/",
        f"/seasons/{'9' * 400}/spring/",
        "/seasons/2020/autumn/",
        "/seasons/2020/Spring/",
        "/seasons/2020/%00/",
        "/seasons/99999/spring.ics",
        "/seasons/2020/autumn.ics",
    ],
)
def test_a_season_that_cannot_be_is_a_clear_page(client: Client, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 404
    assert "There is no such season" in answer.text
    assert f'href="{SEASONS}"' in answer.text


@pytest.mark.parametrize("address", ["/seasons/-5/spring/", "/seasons/x/spring/", "/seasons/2020/"])
def test_what_is_no_year_is_no_page(client: Client, address: str) -> None:
    assert client.get(address).status_code == 404


def test_the_seasons_before_and_after_and_every_year_are_linked(
    client: Client, nothing_cached: None
) -> None:
    add(season=SeasonOfYear(1963, 0), status="finished")
    page = client.get("/seasons/2020/winter/").text
    assert 'rel="prev" href="/seasons/2019/fall/"' in page
    assert 'rel="next" href="/seasons/2020/spring/"' in page
    assert 'href="/seasons/1963/winter/"' in page
    assert 'href="/seasons/1962/winter/"' not in page
    assert f'href="/seasons/{THIS.year + 1}/winter/"' in page


def test_at_either_end_nothing_leads_further(client: Client) -> None:
    assert 'rel="prev"' not in client.get("/seasons/1900/winter/").text
    assert 'rel="next"' not in client.get(f"/seasons/{THIS.year + YEARS_AHEAD}/fall/").text


def test_a_year_of_nonsense_does_not_make_a_list_of_years_without_end(nothing_cached: None) -> None:
    add(year=32_000)
    add(aired_from=date(1, 1, 1))
    found = seasons.years(timezone.now())
    assert found[0][0] == THIS.year + YEARS_AHEAD
    assert found[-1][-1] == 1900


# In whose order


@pytest.fixture
def four(db) -> None:
    add(title="b", members=10, mean_score=7.0, aired_from=date(2026, 1, 3))
    add(title="D", members=40, mean_score=6.0, aired_from=None)
    add(title="a", members=None, mean_score=9.0, aired_from=date(2026, 1, 2))
    add(title="C", members=20, mean_score=None, aired_from=date(2026, 1, 1))


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("members", "DCba"),
        ("score", "abDC"),
        ("date", "CabD"),
        ("title", "abCD"),
        ("", "DCba"),
        ("nonsense", "DCba"),
        ("for-you", "DCba"),
        ("\0", "DCba"),
    ],
)
def test_guests_choose_among_four_orders(client: Client, four: None, sort: str, order: str) -> None:
    answer = client.get(SEASONS, {"sort": sort})
    assert "".join(shelves(answer)["tv"]) == order
    known = sort in ("", "members", "score", "date", "title")
    assert ("There is no such order" in answer.text) is not known


@pytest.mark.parametrize("ranker", ["ease", "hybrid"])
def test_a_member_sees_first_what_they_would_like_though_nobody_has_rated_it(
    robots_fan: Client, trained: list[User], ranker: str
) -> None:
    tea, robots = "a quiet garden with tea", "pilots in robots at war"
    add(3, status="upcoming", title="Tea to come", synopsis=tea, members=40)
    add(3, status="upcoming", title="Robots to come", synopsis=robots, members=30)
    train_all("content", ranker)
    serving.forget_loaded()
    answer = robots_fan.get(SEASONS)
    assert shelves(answer)["tv"] == ["Robots to come"] * 3 + ["Tea to come"] * 3
    assert "You gave <b>Robot 0</b> a 9" in answer.text


def test_rated_titles_of_a_past_season_are_ranked_with_score_and_reason(
    robots_fan: Client,
) -> None:
    Anime.objects.update(season="spring", year=2015)
    answer = robots_fan.get("/seasons/2015/spring/", {"all": "tv"})
    cards = answer.context["shelves"][0][1]
    assert cards[0]["entry"] is not None  # what is on the list comes first
    assert is_robot(cards[1]["anime"].pk)
    assert cards[1]["predicted"]
    assert len(cards) == 30


def test_the_order_is_that_of_the_recommendations(robots_fan: Client, newcomer: User) -> None:
    Anime.objects.update(season="spring", year=2015)
    page = SeasonPage(SeasonOfYear(2015, 1), newcomer, timezone.now(), whole="tv")
    ranked = serving.recommend(newcomer, top_n=50)
    assert [title.pk for title in page.shelves[0].titles][1:] == [one.anime_id for one in ranked]


def test_what_waits_for_an_unseen_part_and_what_was_hidden_come_last_and_say_why(
    robots_fan: Client, newcomer: User
) -> None:
    make_sequel(FIRST_ID + 4, FIRST_ID + 2)
    newcomer.dismiss(Anime.objects.get(pk=FIRST_ID + 6))
    newcomer.set_status(Anime.objects.get(pk=FIRST_ID + 8), "dropped")
    newcomer.set_status(Anime.objects.get(pk=FIRST_ID + 10), "watching")
    Anime.objects.update(season="spring", year=2015)
    serving.forget_loaded()
    cards = robots_fan.get("/seasons/2015/spring/", {"all": "tv"}).context["shelves"][0][1]
    ids = [card["anime"].pk - FIRST_ID for card in cards]
    assert ids[:2] == [10, 0]
    assert ids[-3:] == [2, 6, 8]
    assert [card["why_last"] for card in cards[-3:]] == [
        "Comes after one you have not seen",
        "Hidden",
        "",
    ]


def test_other_orders_keep_scores_and_reasons(robots_fan: Client) -> None:
    Anime.objects.update(season="spring", year=2015)
    answer = robots_fan.get("/seasons/2015/spring/?sort=title")
    titles = shelves(answer)["tv"]
    assert titles == sorted(titles, key=str.casefold)
    assert "You gave <b>Robot 0</b> a 9" in answer.text


def test_before_any_training_a_member_with_a_list_sees_a_season_too(
    world: list[User], newcomer: User, client: Client
) -> None:
    newcomer.rate(Anime.objects.get(pk=FIRST_ID), score=9)
    client.force_login(newcomer)
    add(2)
    assert len(shelves(client.get(SEASONS))["tv"]) == 2


def test_a_member_without_a_list_is_asked_for_one(as_newcomer: Client) -> None:
    add()
    page = as_newcomer.get(SEASONS).text
    assert "Rate a few titles you know" in page
    assert "?sort=for-you" not in page


# Beside a title


def test_a_card_counts_down_and_can_be_followed(as_newcomer: Client, newcomer: User) -> None:
    start = timezone.now() + timedelta(days=3)
    add(
        aired_from=start.date() - timedelta(days=7), aired_from_precision="day",
        broadcast_day=start.weekday(), broadcast_time=time(start.hour), broadcast_zone="UTC",
    )  # fmt: skip
    page = as_newcomer.get(SEASONS).text
    assert "Episode 2 in 3 days" in page
    assert f"/anime/{NEW}/follow/" in page
    newcomer.follow(Anime.objects.get(pk=NEW))
    assert f"/anime/{NEW}/unfollow/" in as_newcomer.get(SEASONS).text


def content_of(page: str) -> str:
    """Without the frame, which has forms and a sheet of keys of its own."""
    return page.partition('id="content"')[2].partition("</main>")[0]


def test_what_has_not_begun_says_when_and_cannot_have_been_seen(as_newcomer: Client) -> None:
    for precision in ("day", "month", "year"):
        add(
            season=THIS.next,
            status="upcoming",
            aired_from=THIS.next.first_day,
            aired_from_precision=precision,
        )
    page = content_of(as_newcomer.get(page_of(THIS.next)).text)
    day = THIS.next.first_day
    assert f"Begins 1 {day:%B} {day.year}" in page
    assert f"Begins {day:%B} {day.year}" in page
    assert page.count("Begins") == 2
    assert "Seen it" not in page.partition("<footer")[0]
    assert page.count("+ Plan") == 3


def test_a_stranger_may_plan_and_follow_and_is_led_to_the_quiz(client: Client) -> None:
    (title,) = add(status="upcoming")
    page = client.get(SEASONS).text
    for name in ("ratings:status", "ratings:follow"):
        assert f'action="{reverse(name, args=[title.pk])}"' in page
    assert f'href="{reverse("recommender:quiz")}"' in page


@pytest.mark.parametrize("number", [3, 60])
def test_the_page_takes_as_many_queries_for_many_titles_as_for_few(
    robots_fan: Client, number: int, django_assert_max_num_queries
) -> None:
    add(number)
    # Four of them read how titles stand to each other, which a process then holds.
    with django_assert_max_num_queries(22):
        robots_fan.get(SEASONS)


@pytest.mark.parametrize("number", [3, 60])
def test_for_a_guest_it_takes_two(
    client: Client, number: int, nothing_cached: None, django_assert_max_num_queries
) -> None:
    add(number)
    with django_assert_max_num_queries(2):
        client.get(SEASONS)


def test_of_many_titles_the_first_are_shown_until_all_are_asked_for(client: Client) -> None:
    add(60)
    add(2, type="movie")
    add(13, type="ova")
    answer = client.get(SEASONS, {"sort": "title"})
    assert [len(titles) for titles in shelves(answer).values()] == [SHELF_OF_SERIES, 2, SHELF]
    assert 'href="?sort=title&amp;all=tv#shelf-tv"' in answer.text
    assert "all=movies" not in answer.text
    assert len(shelves(client.get(SEASONS, {"all": "tv"}))["tv"]) == 60
    assert len(shelves(client.get(SEASONS, {"all": "nonsense"}))["tv"]) == SHELF_OF_SERIES


def test_the_seasons_are_linked_everywhere_and_from_home(client: Client) -> None:
    add(5)
    home = client.get("/")
    assert f'href="{SEASONS}"' in home.text
    shelf = home.context["shelves"][0]
    assert (shelf.name, shelf.more) == (f"This season: {THIS}", SEASONS)


# The calendar


def test_the_calendar_of_a_season_has_what_begins_in_it(
    client: Client, django_assert_max_num_queries
) -> None:
    known = {"aired_from": THIS.first_day, "aired_from_precision": "day"}
    on = {"broadcast_day": THIS.first_day.weekday(), "broadcast_time": time(23, 30)}
    add(title="Weekly", **known, **on, broadcast_zone="Asia/Tokyo")
    add(title="A day", **known)
    add(title="Unknown")
    add(title="Before", season=THIS.previous, aired_from=THIS.previous.first_day)
    with django_assert_max_num_queries(1):
        answer = client.get(page_of(THIS, ".ics"))
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer["Cache-Control"] == "public, max-age=3600"
    found = vobject.readOne(answer.text).contents["vevent"]
    assert [event.summary.value for event in found] == ["Weekly", "A day"]
    assert found[0].rrule.value.startswith("FREQ=WEEKLY")
    assert found[1].dtstart.value == THIS.first_day


def test_the_page_links_it(client: Client) -> None:
    add()
    assert f'href="{page_of(THIS, ".ics")}"' in client.get(SEASONS).text


def test_a_calendar_of_nothing_is_one_all_the_same(client: Client) -> None:
    assert "BEGIN:VCALENDAR" in client.get("/seasons/1931/winter.ics").text


def test_what_should_have_begun_in_japan_is_not_said_to_begin(db) -> None:
    (title,) = add(status="upcoming", aired_from=date(2027, 1, 9), aired_from_precision="day")
    there_it_is_the_9th = datetime(2027, 1, 9, 14, 59, tzinfo=UTC)
    assert SeasonPage(THIS, None, there_it_is_the_9th).note(title) == "Begins 9 January 2027"
    a_minute_later = there_it_is_the_9th + timedelta(minutes=1)
    assert SeasonPage(THIS, None, a_minute_later).note(title) == ""
