"""The pages of trends: what they count, how they are narrowed, and what they answer to nonsense."""

import csv
import io
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import plotly.graph_objects as go
import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from catalog.charts import Link
from catalog.models import (
    Anime,
    AnimeGenre,
    AnimeSnapshot,
    AnimeStudio,
    CatalogueVersion,
    Genre,
    GenreKind,
    Studio,
)
from catalog.templatetags.charts import table_rows
from catalog.trends import TRENDS, drawn
from catalog.trends.wishes import Wish

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nothing_cached")]

PAGES = ["/trends/", *(f"/trends/{slug}/" for slug in TRENDS)]
FIRST = 9_000_001


def add(number: int, **facts: Any) -> list[Anime]:
    have = Anime.objects.count()
    usual = {"type": "tv", "status": "finished", "title": "Lantern"}
    return Anime.objects.bulk_create(
        Anime(**{**usual, "mal_id": FIRST + n, **facts}) for n in range(have, have + number)
    )


def tag(titles: list[Anime], genre: str, kind: str = GenreKind.GENRE) -> None:
    named, _ = Genre.objects.get_or_create(name=genre, kind=kind)
    AnimeGenre.objects.bulk_create(AnimeGenre(anime=anime, genre=named) for anime in titles)


@pytest.fixture
def decades(db: None) -> None:
    """Forty titles of 1985, fifty of 2015: enough for every chart to say something."""
    old = add(
        40,
        year=1985,
        season="spring",
        source="Original",
        episodes=26,
        duration=1440,
        members=100,
        mean_score=6,
    )
    new = add(
        50,
        year=2015,
        season="fall",
        source="manga",
        episodes=12,
        duration=1440,
        members=5000,
        mean_score=8.25,
    )
    Anime.objects.filter(pk__in=[anime.pk for anime in new[:12]]).update(source="original")
    tag(old, "Drama")
    tag(old[:10] + new[:40], "Comedy")
    tag(new, "Action")
    kite, paper = (Studio.objects.create(name=name) for name in ("Kite", "Paper"))
    AnimeStudio.objects.bulk_create(AnimeStudio(anime=anime, studio=kite) for anime in old)
    AnimeStudio.objects.bulk_create(AnimeStudio(anime=anime, studio=paper) for anime in new[:30])
    for day, members in ((date(2026, 1, 1), 4000), (date(2026, 1, 2), 5000)):
        AnimeSnapshot.objects.bulk_create(AnimeSnapshot(anime=anime, taken_on=day, members=members) for anime in new)  # fmt: skip


def words(page: Any) -> str:
    return page.content.decode().replace("\u00a0", " ")


def rows(client: Client, address: str) -> list[dict[str, str]]:
    answer = client.get(address)
    assert answer["Content-Type"].startswith("text/csv")
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


# What is told


@pytest.mark.usefixtures("decades")
@pytest.mark.parametrize(
    ("slug", "said"),
    [
        # 0 of 40, and 50 - 12 = 38 of 50; original stories changed as much, but are fewer now.
        ("sources", "Manga adaptations rose from 0 % of titles in the 1980s to 76 % in the 2010s."),
        # Drama: 40 of 40, and none of 50; Action as much the other way, and more now.
        ("genres", "Action rose from 0 % of titles in the 1980s to 100 % in the 2010s."),
        ("length", "Titles of 2 to 13 episodes rose from 0 % of titles in the 1980s to 100 % in the 2010s."),
        ("types", "2015 has the most titles, 50; 100 % of them are TV series."),
        ("popularity", "Half of the titles of the 2010s have 5,000 members or more; of the 1980s, 100 or more."),
        # 40 of 6.00 and 50 of 8.25: 50 of 90 are 56 %.
        ("scores", "Half of all titles score between 6.0 and 8.2; 56 % reach 8."),
        ("studios", "Kite made the most, 40 titles; of the 2 with most, Paper scores best: 8.25 on average."),
        ("growth", "The most watched titles have 25 % more members than on 1 January 2026."),
    ],
)  # fmt: skip
def test_the_finding_is_the_heading(client: Client, slug: str, said: str) -> None:
    page = words(client.get(f"/trends/{slug}/"))
    assert f"<h1>{said}</h1>" in page
    assert said in words(client.get("/trends/"))


@pytest.mark.usefixtures("decades")
def test_a_trend_can_be_shared(client: Client) -> None:
    page = words(client.get("/trends/sources/?type=&year_min=1900&year_max=%22%3E%3Cscript"))
    assert 'og:url" content="http://testserver/trends/sources/?year_min=1900">' in page
    assert '<meta property="og:title" content="Manga adaptations rose from 0 %' in page
    assert '<meta property="og:description" content="Share of the titles' in page


def test_minutes_are_worked_out_from_seconds(client: Client) -> None:
    for seconds in (5 * 60, 329, 330, 15 * 60, 24 * 60, 30 * 60, 1830, 90 * 60):
        add(5, year=2000, duration=seconds)
    row = rows(client, "/trends/length.csv?by=minutes")[0]
    assert (row["Year"], row["Titles"]) == ("2000", "40")
    shares = [row[name] for name in ("up to 5 min, %", "6 to 15 min, %", "16 to 30 min, %", "over 30 min, %")]  # fmt: skip
    assert shares == ["25.0"] * 4


def test_a_title_without_a_season_belongs_to_the_month_it_began_in(client: Client) -> None:
    tag(add(6, aired_from=date(2001, 3, 31), aired_from_precision="day", type="movie"), "Drama")
    tag(add(5, year=2001, season="spring"), "Drama")
    # Of a bare year no season is known.
    tag(add(7, aired_from=date(2001, 1, 1), aired_from_precision="year"), "Drama")
    found = rows(client, "/trends/genres.csv?by=season&genre=Drama")
    assert [(row["Season"], row["Titles"], row["Drama, %"]) for row in found] == [
        ("Winter 2001", "6", "100.0"),
        ("Spring 2001", "5", "100.0"),
    ]


@pytest.mark.parametrize("by", ["year", "season"])
def test_no_share_is_more_than_all(client: Client, by: str) -> None:
    for month in range(1, 13):
        some = add(6, aired_from=date(1999, month, 15), aired_from_precision="day")
        tag(some, "Drama")
        tag(some[:3], "Comedy")
    found = rows(client, f"/trends/genres.csv?by={by}")
    assert {row["Drama, %"] for row in found} == {"100.0"}
    assert {row["Comedy, %"] for row in found} == {"50.0"}
    assert sum(int(row["Titles"]) for row in found) == 72
    figure = drawn(TRENDS["genres"], Wish(by="season")).figure
    assert max(max(trace["y"]) for trace in figure["data"]) == 100


@pytest.mark.usefixtures("decades")
def test_the_usual_genres_are_the_commonest_of_the_kind(client: Client) -> None:
    tag(list(Anime.objects.all()), "School", GenreKind.THEME)
    assert list(rows(client, "/trends/genres.csv")[0]) == ["Year", "Titles", "Action, %", "Comedy, %", "Drama, %"]  # fmt: skip
    assert list(rows(client, "/trends/genres.csv?genre=School")[0])[2:] == ["School, %"]


# Whom it counts


def test_titles_for_adults_count_for_those_alone_who_see_them(client: Client) -> None:
    add(5, year=2000, is_adult=True)
    add(6, year=2000)
    add(3, is_stub=True, year=2000)
    add(2, year=2000, status="upcoming")
    add(1, year=2000, gone_on=date(2026, 1, 1))
    assert rows(client, "/trends/types.csv")[0]["Titles"] == "6"
    client.force_login(get_user_model().objects.create(username="grown", wants_adult=True))
    assert rows(client, "/trends/types.csv")[0]["Titles"] == "11"
    client.logout()
    assert rows(client, "/trends/types.csv")[0]["Titles"] == "6"


def test_music_videos_count_among_the_types_alone(client: Client) -> None:
    add(6, year=2000, source="Original")
    add(5, year=2000, type="music", source="Other")
    assert rows(client, "/trends/sources.csv")[0]["Titles"] == "6"
    assert rows(client, "/trends/types.csv")[0]["Titles"] == "11"
    assert rows(client, "/trends/sources.csv?type=music")[0]["Titles"] == "5"


@pytest.mark.usefixtures("decades")
def test_a_change_of_the_catalogue_shows_at_once(client: Client) -> None:
    assert len(rows(client, "/trends/sources.csv")) == 2
    add(6, year=1999, source="Novel")
    assert len(rows(client, "/trends/sources.csv")) == 2
    CatalogueVersion.advance()
    assert len(rows(client, "/trends/sources.csv")) == 3


# Narrowing


@pytest.mark.usefixtures("decades")
def test_years_types_and_members_narrow_a_chart(client: Client) -> None:
    add(8, year=2015, type="movie", members=9000)
    assert [row["Year"] for row in rows(client, "/trends/popularity.csv?year_min=1990")] == ["2015"]
    assert [row["Year"] for row in rows(client, "/trends/popularity.csv?year_max=1990")] == ["1985"]
    assert rows(client, "/trends/popularity.csv?type=movie")[0]["Titles"] == "8"
    assert rows(client, "/trends/popularity.csv?members=6000")[0]["Titles"] == "8"
    assert [row["Studio"] for row in rows(client, "/trends/studios.csv?decade=2017")] == ["Paper"]


def test_sixty_years_are_shown_unless_more_are_asked_for(client: Client) -> None:
    for year in (1935, 1970, 2020):
        add(6, year=year, source="Manga")
    assert [row["Year"] for row in rows(client, "/trends/sources.csv")] == ["1970", "2020"]
    assert len(rows(client, "/trends/sources.csv?year_min=1900")) == 3


@pytest.mark.usefixtures("decades")
@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("year_min=99999", "From year: A year from 1900 to 2100, please."),
        ("year_min=1990&year_max=1980", "The last year is before the first."),
        ("type=opera", "There is no such type."),
        ("members=-1", "A number of members from 0 to 100,000,000, please."),
        ("members=99999999999999999999", "A number of members from 0 to"),
        ("members=%00x", "A number of members"),
        ("by=moon", "There is no such way to show it."),
        ("genre=Comedy&genre=Ikebana", "There is no genre “Ikebana”."),
        ("genre=%00x", "There is no genre “x”."),
        ("genre=" + "x" * 3000, "There is no genre “" + "x" * 40 + "”."),
    ],
)
def test_a_wish_that_makes_no_sense_is_named_and_the_rest_answered(
    client: Client, query: str, said: str
) -> None:
    answer = client.get(f"/trends/genres/?{query}&sort=none&page=-1")
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert answer.context["chart"].rows
    assert client.get(f"/trends/genres.csv?{query}").status_code == 200


@pytest.mark.usefixtures("decades")
def test_a_wrong_genre_leaves_the_others(client: Client) -> None:
    found = rows(client, "/trends/genres.csv?genre=Comedy&genre=Ikebana")
    assert list(found[0])[2:] == ["Comedy, %"]


def test_nine_genres_are_one_too_many(client: Client) -> None:
    titles = add(30, year=2000)
    for n in range(9):
        tag(titles, f"Genre {n}")
    query = "&".join(f"genre=Genre {n}" for n in range(9))
    page = client.get(f"/trends/genres/?{query}")
    assert "At most 8 genres" in page.content.decode()
    assert len(page.context["chart"].figure["data"]) == 8


def test_what_a_title_for_adults_is_called_stays_hidden(client: Client) -> None:
    tag(add(6, year=2000, is_adult=True), "Unmentioned", GenreKind.EXPLICIT)
    assert "Unmentioned" not in client.get("/trends/genres/").content.decode()
    page = client.get("/trends/genres/?genre=Unmentioned").content.decode()
    assert "There is no genre" in page


@pytest.mark.parametrize("address", ["/trends/money/", "/trends/money.csv", "/trends/..%2f/"])
def test_a_trend_that_there_is_not_is_not_found(client: Client, address: str) -> None:
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("address", [*PAGES, "/trends/genres.csv"])
def test_trends_are_only_looked_at(client: Client, address: str) -> None:
    assert client.post(address).status_code == 405


# Empty and small


@pytest.mark.parametrize("address", PAGES)
def test_an_empty_catalogue_has_sane_words(client: Client, address: str) -> None:
    page = client.get(address)
    assert page.status_code == 200
    assert "to say." in words(page) or "Nothing to tell yet" in words(page)


@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize("address", PAGES)
def test_a_tiny_catalogue_does_too(client: Client, address: str) -> None:
    assert client.get(address).status_code == 200


# Numbers as a file, figures, budgets


def test_no_name_becomes_a_formula_in_a_spreadsheet(client: Client) -> None:
    studio = Studio.objects.create(name='=HYPERLINK("http://evil")')
    AnimeStudio.objects.create(anime=add(1, year=2000)[0], studio=studio)
    assert rows(client, "/trends/studios.csv")[0]["Studio"] == "'" + studio.name


def test_a_name_is_text_and_no_markup(client: Client) -> None:
    name = "</script><b>Kite & Sons"
    AnimeStudio.objects.create(anime=add(1, year=2000)[0], studio=Studio.objects.create(name=name))
    page = client.get("/trends/studios/").content.decode()
    assert "<b>" not in page
    # Plotly reads marks of HTML too: they come to it as text.
    trace = drawn(TRENDS["studios"], Wish()).figure["data"][0]
    assert trace["y"] == ["&lt;/script&gt;&lt;b&gt;Kite &amp; Sons"]


def coloured(value: Any) -> Any:
    """With colours where the roles are, as `charts.js` does."""
    if isinstance(value, str) and value.startswith("@"):
        return "#123456"
    if isinstance(value, dict):
        return {name: coloured(one) for name, one in value.items()}
    return [coloured(one) for one in value] if isinstance(value, list) else value


@pytest.mark.usefixtures("decades")
@pytest.mark.parametrize("slug", TRENDS)
def test_plotly_knows_every_property_of_every_figure(slug: str) -> None:
    for way in ("", *(value for value, _ in TRENDS[slug].ways)):
        figure = drawn(TRENDS[slug], Wish(by=way)).figure
        assert go.Figure(coloured(figure)).data
        assert {trace["type"] for trace in figure["data"]} <= {"bar", "scatter", "pie"}


def test_the_judge_of_figures_refuses_what_it_does_not_know() -> None:
    with pytest.raises(ValueError, match="colour"):
        go.Figure({"data": [{"type": "bar", "colour": "red"}]})


@pytest.mark.usefixtures("decades")
@pytest.mark.parametrize("address", [*PAGES, "/trends/genres/?by=season", "/trends/genres.csv"])
def test_a_page_asks_at_most_twelve_questions(
    client: Client, address: str, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    client.force_login(get_user_model().objects.create(username="reader"))
    with django_assert_max_num_queries(12):
        client.get(address)
    # Known by now: the session, the member, the catalogue's version, and the genres to choose from.
    with django_assert_max_num_queries(4):
        client.get(address)


@pytest.mark.usefixtures("decades")
def test_questions_do_not_grow_with_rows(
    client: Client, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    for year in range(1960, 2020):
        tag(add(6, year=year, aired_from=date(year, 1, 1) + timedelta(days=5)), f"Genre {year}")
    with django_assert_max_num_queries(9):
        client.get("/trends/")


def test_the_table_beside_a_chart_escapes_what_sources_say():
    rows = [[Link("<b>", "/x?a=1&b=<"), "<script>", None, 1234.5], [Link("plain", ""), 0]]
    assert table_rows(rows) == (
        '<tr><th scope="row"><a href="/x?a=1&amp;b=&lt;">&lt;b&gt;</a></th>'
        "<td>&lt;script&gt;</td><td>–</td><td>1234.5</td></tr>"
        '<tr><th scope="row">plain</th><td>0</td></tr>'
    )
