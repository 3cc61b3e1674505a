"""For you: what it can be narrowed by, what comes next, what is new, what has changed."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from catalog.models import (
    Anime,
    AnimeGenre,
    AnimeStudio,
    CatalogueVersion,
    FamilyPart,
    Genre,
    Studio,
)
from ratings.models import User
from recommender import serving, visits
from recommender.continuing import next_titles
from recommender.models import ForYouVisit
from recommender.newest import new_titles
from recommender.tests.test_pages import (
    FOR_YOU,
    HIDDEN,
    HTMX,
    address,
    more_titles,
    queries_of,
    robots_fan,
    shown,
)
from recommender.tests.worlds import FIRST_ID, TITLES

__all__ = ["robots_fan"]
pytestmark = pytest.mark.django_db

ROBOT = FIRST_ID
CONTINUE, NEWEST = reverse("recommender:continue"), reverse("recommender:newest")


def title(n: int) -> Anime:
    return Anime.objects.get(pk=FIRST_ID + n)


@pytest.fixture
def varied(robots_fan: Client) -> Client:
    """Every title another: length, source, studio, state."""
    studio = Studio.objects.create(name="Lantern House")
    quiet = Genre.objects.create(name="Quiet")
    for anime in Anime.objects.all():
        n = anime.pk - FIRST_ID
        anime.episodes, anime.duration = n + 1, 60 * (n + 1)
        anime.mean_score, anime.members = 5 + n / 10, 1000 * (n + 1)
        anime.source = "manga" if n < 10 else "light_novel"
        anime.status = "airing" if n % 5 == 0 else "finished"
        anime.type = "movie" if n % 3 == 0 else "ova" if n % 3 == 1 else "tv"
        anime.save()
        if n < 6:
            AnimeStudio.objects.create(anime=anime, studio=studio)
        if n % 4 == 0:
            AnimeGenre.objects.create(anime=anime, genre=quiet)
    serving.forget_loaded()
    return robots_fan


@pytest.mark.parametrize(
    ("asked", "fits"),
    [
        ("genre=Mecha&genre=Quiet", lambda n: n % 4 == 0),
        ("genre=Mecha,Quiet", lambda n: n % 4 == 0),
        ("not_genre=Quiet", lambda n: n % 4),
        ("genre=Mecha&not_genre=Quiet", lambda n: n % 2 == 0 and n % 4),
        ("type=movie&type=ova", lambda n: n % 3 < 2),
        ("status=airing", lambda n: n % 5 == 0),
        ("source=light_novel", lambda n: n >= 10),
        ("studio=lantern+house", lambda n: n < 6),
        ("episodes_min=10&episodes_max=20", lambda n: 9 <= n <= 19),
        ("minutes_max=5", lambda n: n < 5),
        ("minutes_min=20", lambda n: n >= 19),
        ("score_min=7.5", lambda n: n >= 25),
        ("members_min=20000", lambda n: n >= 19),
        ("members_max=3000", lambda n: n < 3),
    ],
)
def test_each_filter_leaves_what_fits_and_the_page_says_how_to_take_it_away(
    varied: Client, asked: str, fits
) -> None:
    page = varied.get(f"{FOR_YOU}?{asked}&n=48")
    expected = {FIRST_ID + n for n in range(1, TITLES) if fits(n)}
    assert set(shown(page)) == expected
    assert page.text.count("(take away)") == len(asked.replace(",", "&").split("&"))


def test_taking_one_wish_away_leaves_the_others(varied: Client) -> None:
    page = varied.get(f"{FOR_YOU}?genre=Mecha&genre=Quiet&diversity=0.5&n=48").text
    assert 'href="/for-you/?genre=Quiet&amp;diversity=0.5"' in page
    assert 'href="/for-you/?genre=Mecha&amp;genre=Quiet"' in page
    assert (
        'href="/for-you/?genre=Mecha&amp;genre=Quiet&amp;diversity=0.5&amp;episodes_max=29"' in page
    )
    assert ">Varied<" in page


def test_a_narrow_filter_gets_all_that_there_is_however_far_down_it_stands(
    varied: Client,
) -> None:
    more_titles(150)
    last = Anime.objects.get(title="More 149")
    AnimeStudio.objects.create(anime=last, studio=Studio.objects.create(name="Paper Boat"))
    serving.forget_loaded()
    assert shown(varied.get(f"{FOR_YOU}?studio=Paper+Boat")) == [last.pk]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("genre=Mecha&genre=Opera", "There is no genre “Opera” here."),
        ("not_genre=<script>alert(1)</script>", "There is no genre “&lt;script&gt;"),
        ("source=telepathy", "There is no source material “telepathy” here."),
        ("studio=Nobody+At+All", "There is no studio “Nobody At All” here."),
        ("studio=%00", "Studio: Null characters are not allowed."),
        ("status=upcoming", "There is no status “upcoming” here."),
        ("year_min=99999", "From year: Ensure this value is less than or equal to 2100."),
        ("episodes_min=20&episodes_max=10", "Must not be less than 20."),
        ("members_min=99999999999999999999", "Members, at least: Ensure this value is less"),
        ("score_min=nan", "Mean score, at least: Enter a number."),
        ("minutes_max=-1", "Ensure this value is greater than or equal to 1."),
        ("genre=" + "x" * 10_000, "There is no genre “" + "x" * 40 + "…”"),
        ("genre=" + ",".join(f"g{n}" for n in range(3000)), "There is no genre “g0” here."),
        ("n=-1&popularity=1e999", "How well known: Enter a number."),
    ],
)
def test_what_makes_no_sense_is_named_and_the_rest_is_answered(
    varied: Client, asked: str, said: str
) -> None:
    page = varied.get(f"{FOR_YOU}?{asked}")
    assert page.status_code == 200
    assert said in page.text
    assert shown(page)
    assert len(page.text) < 200_000
    assert "<script>alert" not in page.text


def test_wishes_alone_do_not_hide_the_form(varied: Client) -> None:
    page = varied.get(f"{FOR_YOU}?genre=Mecha&source=manga&year_min=2000").text
    assert 'name="genre" value="Mecha" checked' in page
    assert '<option value="manga" selected>Manga</option>' in page


# Actions


def test_a_reason_may_be_given_after_hiding_and_pressing_again_keeps_it(
    robots_fan: Client, newcomer: User
) -> None:
    pk = FIRST_ID + 2
    answer = robots_fan.post(address("dismiss", pk), headers=HTMX).text
    assert "Not my genre" in answer
    answer = robots_fan.post(address("dismiss", pk), {"reason": "genre"}, headers=HTMX).text
    assert "(Not my genre)" in answer
    robots_fan.post(address("dismiss", pk), headers=HTMX)
    assert newcomer.feedback.get().reason == "genre"
    assert "Not my genre" in robots_fan.get(HIDDEN).text
    assert robots_fan.post(address("dismiss", pk), {"reason": "x\0"}).status_code == 404
    for _ in range(2):
        robots_fan.post(address("undo-dismiss", pk), headers=HTMX)
    assert not newcomer.feedback.exists()


# What comes next


def series(*numbers: int, extras: tuple[int, ...] = ()) -> None:
    """A family of the titles with these numbers, in this order."""
    own = FIRST_ID + numbers[0]
    FamilyPart.objects.filter(pk__in=[FIRST_ID + n for n in numbers]).delete()
    FamilyPart.objects.bulk_create(
        FamilyPart(
            anime_id=FIRST_ID + n, series=own, franchise=own, place=place, is_extra=n in extras
        )
        for place, n in enumerate(numbers)
    )


def nexts(member: User) -> list[tuple[int, int]]:
    return [(one.anime.pk - FIRST_ID, one.after.pk - FIRST_ID) for one in next_titles(member)]


def test_the_next_part_comes_after_the_last_one_seen_and_extras_are_no_parts(
    trained, newcomer: User
) -> None:
    series(2, 4, 6, 8, extras=(4,))
    assert nexts(newcomer) == []
    newcomer.rate(title(2), score=8)
    assert nexts(newcomer) == [(6, 2)]
    assert next_titles(newcomer)[0].predicted
    newcomer.set_status(title(6), "watching")
    found = next_titles(newcomer)[0]
    assert (found.anime.pk, found.is_finished) == (FIRST_ID + 8, False)
    newcomer.set_status(title(8), "planned")
    assert next_titles(newcomer)[0].is_planned
    newcomer.set_status(title(8), "completed")
    assert nexts(newcomer) == []


@pytest.mark.parametrize("status", ["dropped", "on_hold", "hidden"])
def test_nothing_follows_what_was_dropped_put_on_hold_or_hidden(
    trained, newcomer: User, status: str
) -> None:
    series(2, 4, 6)
    newcomer.rate(title(2), score=8)
    if status == "hidden":
        newcomer.dismiss(title(4))
    else:
        newcomer.set_status(title(4), status)
    assert nexts(newcomer) == []


def test_what_nobody_can_watch_yet_does_not_come_next(trained, newcomer: User) -> None:
    series(2, 4)
    newcomer.rate(title(2), score=8)
    Anime.objects.filter(pk=FIRST_ID + 4).update(status="upcoming")
    assert nexts(newcomer) == []


def test_the_page_of_next_seasons_says_what_each_follows(
    robots_fan: Client, newcomer: User
) -> None:
    series(0, 2, 4)
    page = robots_fan.get(CONTINUE).text
    assert "You finished Robot 0" in page
    assert "Predicted" in page
    fragment = robots_fan.get(CONTINUE, headers=HTMX).text
    assert "<html" not in fragment
    assert "Robot 2" in fragment
    newcomer.set_status(title(2), "dropped")
    assert "Nothing to continue" in robots_fan.get(CONTINUE).text


def test_the_queries_of_next_seasons_do_not_grow(robots_fan: Client, newcomer: User) -> None:
    series(0, 2)
    few = queries_of(robots_fan, CONTINUE)
    for n in (4, 8, 12):
        series(n, n + 2)
        newcomer.rate(title(n), score=9)
    assert queries_of(robots_fan, CONTINUE) == few <= 10


# What is new


def test_new_titles_are_of_the_newest_year_and_hardly_rated(
    robots_fan: Client, newcomer: User
) -> None:
    assert "Nothing new" in robots_fan.get(NEWEST).text
    newest = date(2019, 5, 1)
    Anime.objects.update(aired_from=newest)
    more_titles(3)
    for n, day in enumerate((newest, newest - timedelta(days=300), newest - timedelta(days=400))):
        Anime.objects.filter(title=f"More {n}").update(aired_from=day)
    serving.forget_loaded()
    found = new_titles(newcomer, top_n=10)
    assert {Anime.objects.get(pk=rec.anime_id).title for rec in found.found} == {"More 0", "More 1"}
    page = robots_fan.get(NEWEST).text
    assert "First shown between May 2018 and May 2019" in page
    assert ">New<" in page


def test_rails_are_shown_to_strangers_too(client: Client) -> None:
    for page in (CONTINUE, NEWEST):
        assert client.get(page).status_code == 200


# What has changed


def come_back(member: User, *, after: timedelta) -> None:
    ForYouVisit.objects.filter(pk=member.pk).update(seen_at=timezone.now() - after)


def test_who_comes_back_reads_what_is_new_since_then_and_why(
    robots_fan: Client, newcomer: User
) -> None:
    first = robots_fan.get(FOR_YOU)
    assert "new at the top" not in first.text
    come_back(newcomer, after=timedelta(days=3))
    for n in range(1, 12, 2):
        newcomer.rate(title(n), score=10)
    page = robots_fan.get(FOR_YOU)
    new = set(shown(page)) - set(shown(first))
    assert new
    assert page.context["news"].titles == new
    assert page.text.count('class="card__new"') == len(new)
    day = f"{timezone.localtime(timezone.now() - timedelta(days=3)):%A}"
    assert f"Since {day}: " in page.text
    assert "because you rated seven" in page.text
    # The visit goes on: the same is told again.
    assert robots_fan.get(FOR_YOU).context["news"].titles == new
    come_back(newcomer, after=timedelta(hours=2))
    assert robots_fan.get(FOR_YOU).context["news"] is None


def test_a_narrowed_page_and_a_mere_look_at_the_head_are_no_visits(
    robots_fan: Client, newcomer: User
) -> None:
    robots_fan.head(FOR_YOU)
    robots_fan.get(FOR_YOU, {"type": "tv"})
    robots_fan.get(FOR_YOU, {"n": "48"})
    assert not ForYouVisit.objects.exists()


def test_a_visit_that_goes_on_writes_nothing(robots_fan: Client) -> None:
    robots_fan.get(FOR_YOU)
    with CaptureQueriesContext(connection) as queries:
        robots_fan.get(FOR_YOU)
    assert not [one for one in queries if one["sql"].startswith(("INSERT", "UPDATE"))]


def test_of_two_tabs_that_begin_a_visit_one_does(robots_fan: Client, newcomer: User) -> None:
    robots_fan.get(FOR_YOU)
    come_back(newcomer, after=timedelta(hours=1))
    now = timezone.now()
    before = ForYouVisit.objects.get()
    visits.remember(newcomer, before, [1, 2], now)
    visits.remember(newcomer, before, [3, 4], now + timedelta(seconds=1))
    after = ForYouVisit.objects.get()
    assert (after.titles, after.before) == ([1, 2], before.titles)
    visits.remember(newcomer, None, [5], now)
    assert ForYouVisit.objects.get().titles == [1, 2]


def test_the_page_comes_though_the_visit_cannot_be_written(
    robots_fan: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object) -> None:
        raise DatabaseError("read only")

    monkeypatch.setattr(visits, "_remember", refuse)
    assert robots_fan.get(FOR_YOU).status_code == 200


# Budgets


def test_for_you_asks_twelve_queries_at_most_however_much_there_is_to_say(
    robots_fan: Client, newcomer: User, django_assert_max_num_queries
) -> None:
    robots_fan.get(FOR_YOU)
    come_back(newcomer, after=timedelta(days=3))
    for n in range(1, 12, 2):
        newcomer.rate(title(n), score=10)
    newcomer.leave_out(title(1))
    newcomer.muted_features.create(name="era")
    newcomer.dismiss(title(2))
    newcomer.touch_list()
    visits.remember(newcomer, ForYouVisit.objects.get(), [1], timezone.now())
    with django_assert_max_num_queries(12):
        robots_fan.get(FOR_YOU)
    with django_assert_max_num_queries(7):
        robots_fan.get(FOR_YOU)


def test_titles_are_read_anew_when_the_catalogue_changes(robots_fan: Client) -> None:
    robots_fan.get(FOR_YOU)
    more_titles(5)
    CatalogueVersion.advance()
    assert len(shown(robots_fan.get(FOR_YOU, {"n": "48"}))) == TITLES - 1 + 5


def test_a_title_that_a_curator_hides_is_gone_at_once(robots_fan: Client) -> None:
    first = shown(robots_fan.get(FOR_YOU))[0]
    Anime.objects.filter(pk=first).update(is_adult=True)
    assert first not in shown(robots_fan.get(FOR_YOU))
