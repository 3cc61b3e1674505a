"""A title's own page: what is linked to, and how it became known."""

import json
import re
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from catalog.charts import Chart, Link, csv_answer, plain
from catalog.models import Anime, AnimeSnapshot, TitleSynonym

pytestmark = pytest.mark.django_db

BAD = '<img src=x onerror=alert(1)>"</script><b>'
FIRST_DAY = date(2026, 5, 3)


@pytest.fixture
def anime(catalogue: list[Anime]) -> Anime:
    return catalogue[0]


def tell(anime: Anime, *days: tuple[int | None, float | None]) -> None:
    """A snapshot a day: members and score."""
    for place, (members, score) in enumerate(days):
        day = FIRST_DAY + timedelta(days=place)
        AnimeSnapshot.objects.create(anime=anime, taken_on=day, members=members, score=score)


def page_of(client: Client, anime: Anime) -> str:
    return client.get(anime.get_absolute_url()).text


def chart_of(client: Client, anime: Anime) -> Chart | None:
    return client.get(anime.get_absolute_url()).context["popularity"]


# What others see of a link


def test_a_link_to_it_shows_its_title_its_story_and_where_it_is(
    client: Client, anime: Anime
) -> None:
    Anime.objects.filter(pk=anime.pk).update(synopsis='A keeper "waits".\nLong.')
    page = page_of(client, anime)
    address = f"http://testserver/anime/{anime.pk}/"
    assert f'<link rel="canonical" href="{address}">' in page
    assert f'<meta property="og:url" content="{address}">' in page
    assert '<meta property="og:title" content="Harbour Lights">' in page
    assert '<meta property="og:type" content="video.tv_show">' in page
    assert 'og:description" content="A keeper &quot;waits&quot;.' in page
    # It has no image of its own: the site's stands for it.
    assert 'og:image" content="http://127.0.0.1:8000/static/img/social' in page


def test_a_link_shows_an_image_only_from_an_allowed_host(
    client: Client, anime: Anime, settings
) -> None:
    settings.IMAGE_HOSTS = ["covers.example"]
    for host, is_shown in (("covers.example", True), ("elsewhere.example", False)):
        Anime.objects.filter(pk=anime.pk).update(image_url=f"https://{host}/1.jpg")
        assert (f'og:image" content="https://{host}/1.jpg' in page_of(client, anime)) is is_shown


def test_what_a_source_wrote_is_never_markup(client: Client, anime: Anime) -> None:
    Anime.objects.filter(pk=anime.pk).update(title=BAD, title_english=BAD, synopsis=BAD)
    TitleSynonym.objects.create(anime=anime, name=BAD)
    tell(anime, (1, 5.0), (2, 5.0))
    page = page_of(client, anime)
    assert "<img src=x" not in page
    assert page.count("</script>") == page.count("<script")


# Titles of which there is much to say, or little


def test_forty_other_names_are_folded_away(client: Client, anime: Anime) -> None:
    for number in range(40):
        TitleSynonym.objects.create(anime=anime, name=f"Lights {number:02}")
    page = page_of(client, anime)
    assert "36 more names" in page
    assert page.index("Lights 03") < page.index("<details") < page.index("Lights 04")


def test_a_title_of_which_nothing_is_known_has_no_empty_parts(client: Client) -> None:
    bare = Anime.objects.create(mal_id=9_000_050, title="Untold")
    page = page_of(client, bare).partition("<footer")[0]
    assert "No synopsis yet" in page
    for part in ('class="tags"', 'class="numbers"', 'class="lead"', "<dt>"):
        assert part not in page


def test_a_title_to_come_says_so_where_one_looks_first(client: Client, anime: Anime) -> None:
    Anime.objects.filter(pk=anime.pk).update(status="upcoming", mean_score=None, members=None)
    numbers = re.search(r'class="numbers".*?</ul>', page_of(client, anime), re.S)
    assert numbers
    assert "Not yet aired" in numbers[0]


# How it became known


def test_two_days_make_a_line_with_what_changed(client: Client, anime: Anime) -> None:
    tell(anime, (12_000, 8.05), (None, None), (12_400, 8.12))
    chart = chart_of(client, anime)
    assert chart is not None
    assert chart.finding == (
        "On 12,400 lists, 400 more than on 3 May 2026; the score went from 8.05 to 8.12."
    )
    assert [list(row[:3]) for row in chart.rows] == [
        ["2026-05-03", 12_000, 8.05],
        ["2026-05-05", 12_400, 8.12],
    ]
    assert chart.figure["data"][0]["y"] == [12_000, 12_400]


@pytest.mark.parametrize(
    ("days", "finding"),
    [
        ([(9, None), (7, None)], "On 7 lists, 2 fewer than on 3 May 2026."),
        ([(7, 8.0), (7, 8.0)], "On 7 lists, as many as on 3 May 2026; the score stayed 8.00."),
        ([(None, 7.0), (None, 7.5)], "the score went from 7.00 to 7.50."),
        ([(1, None), (None, 7.5)], "On 1 list."),
    ],
)
def test_the_finding_says_no_more_than_is_known(
    client: Client, anime: Anime, days: list, finding: str
) -> None:
    tell(anime, *days)
    chart = chart_of(client, anime)
    assert chart is not None
    assert chart.finding.lower() == finding.lower()


def test_one_day_is_no_line_and_the_page_says_so(client: Client, anime: Anime) -> None:
    tell(anime, (12_000, 8.05))
    assert chart_of(client, anime) is None
    assert "on 12,000 lists on 3 May 2026" in page_of(client, anime)


def test_of_many_days_the_figure_keeps_the_newest_and_the_table_all(
    client: Client, anime: Anime
) -> None:
    tell(anime, *((1000 + day, None) for day in range(900)))
    chart = chart_of(client, anime)
    assert chart is not None
    assert len(chart.rows) == 900
    assert len(chart.figure["data"][0]["y"]) <= 400
    assert chart.figure["data"][0]["y"][-1] == 1899
    csv = client.get(reverse("catalog:popularity-csv", args=[anime.pk])).text
    assert csv.count("\n") == 901


@pytest.mark.parametrize("mal_id", [1, 0, 9_000_101, 9_000_102, 2**31, 2**63, 10**30])
def test_unknown_and_hidden_titles_have_no_page_and_no_file(
    client: Client, hidden_titles: list[Anime], mal_id: int
) -> None:
    for name in ("catalog:anime", "catalog:popularity-csv"):
        assert client.get(reverse(name, args=[mal_id])).status_code == 404


def test_the_page_keeps_to_its_queries(
    as_keen: Client, anime: Anime, django_assert_max_num_queries
) -> None:
    tell(anime, *((day, 8.0) for day in range(30)))
    with django_assert_max_num_queries(12):
        as_keen.get(anime.get_absolute_url())


# Cells that lead somewhere


def test_a_cell_may_be_a_link_and_is_its_text_in_the_file(client: Client) -> None:
    from django.template.loader import render_to_string

    rows = [[Link(BAD, "/anime/1/"), 3]]
    chart = Chart(id="x", finding="F", figure={"data": [BAD]}, columns=("Title", "No."), rows=rows)
    page = render_to_string("includes/_chart.html", {"chart": chart})
    assert '<th scope="row"><a href="/anime/1/">&lt;img src=x' in page
    assert "<td>3</td>" in page
    told = re.search(r'<script id="x-figure"[^>]*>(.*?)</script>', page, re.S)
    assert told
    assert json.loads(told[1])["data"] == [BAD]
    assert "'=1" in csv_answer("x", ["a"], [[Link("=1", "/")]]).text


def test_text_in_a_figure_is_no_markup() -> None:
    assert plain("<b>&amp;") == "&lt;b&gt;&amp;amp;"
