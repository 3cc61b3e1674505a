"""What the lists say beside a title: the member's own marks on its family, and everybody's scores."""

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import Anime, AnimeRelation, FamilyPart
from ratings.histogram import Scores, by_year, histogram, scores_of
from ratings.models import User, UserAnimeRating

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


def address(name: str, anime: Anime | int) -> str:
    return reverse(f"ratings:{name}", args=[anime.pk if isinstance(anime, Anime) else anime])


def get(client: Client, name: str, anime: Anime | int) -> str:
    return client.get(address(name, anime), headers=HTMX).text


# The family and the member


@pytest.fixture
def series(catalogue: list[Anime]) -> list[Anime]:
    """A series of four, an extra, and a relative of another family."""
    for place, anime in enumerate(catalogue[:5]):
        FamilyPart.objects.create(
            anime=anime, series=1, franchise=1, place=place, is_extra=place == 4
        )
    AnimeRelation.objects.create(anime=catalogue[0], kind="other", to_mal_id=catalogue[5].pk)
    return catalogue[:4]


def test_each_cover_gets_the_members_own_mark(
    as_newcomer: Client, newcomer: User, series: list[Anime], catalogue: list[Anime]
) -> None:
    newcomer.rate(series[0], score=9)
    newcomer.set_watched(series[2], 5)
    newcomer.set_status(catalogue[5], "planned")
    page = get(as_newcomer, "family", series[0])
    for title, status, words in (
        (series[0], "completed", "Completed · 9"),
        (series[2], "watching", "Watching · 5 of 26"),
        (catalogue[5], "planned", "Plan to watch"),
    ):
        mark = f'<p class="mark mark--{status}" id="mark-{title.pk}" hx-swap-oob="true">{words}</p>'
        assert mark in page
    # One that was taken off the list since loses its mark.
    assert f'<p class="mark" id="mark-{series[1].pk}" hx-swap-oob="true"></p>' in page
    assert "<html" not in page


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({}, "You have seen none of the 4 parts; it begins with Part 1: Harbour Lights"),
        ({0: "completed"}, "You have seen 1 of 4 parts; next is Part 2: Album of Rain"),
        ({0: "planned"}, "You have seen none of the 4 parts; it begins with Part 1"),
        ({2: "completed"}, "You have seen 1 of 4 parts; next is Part 4: Snow Journey"),
        ({3: "completed"}, "You have seen 1 of 4 parts; next is Part 1: Harbour Lights"),
        ({0: "completed", 1: "dropped"}, "You have seen 1 of 4 parts; next is Part 3"),
        ({0: "completed", 1: "watching"}, "You have seen 1 of 4 parts; you are watching Part 2"),
        (dict.fromkeys(range(4), "completed"), "You have seen all 4 parts."),
        (dict.fromkeys(range(4), "dropped"), "You have seen none of the 4 parts."),
    ],
)
def test_the_page_says_how_far_the_member_is_and_what_is_next(
    as_newcomer: Client, newcomer: User, series: list[Anime], said: dict[int, str], sentence: str
) -> None:
    for place, status in said.items():
        newcomer.set_status(series[place], status)
    page = get(as_newcomer, "family", series[1])
    words = " ".join(page.split('hx-swap="outerHTML">')[1].split("</p>")[0].split())
    for tag in ("</a>", *(f'<a href="{title.get_absolute_url()}">' for title in series)):
        words = words.replace(tag, "")
    assert words.startswith(sentence)


def test_a_part_that_is_not_out_is_told_as_such(
    as_newcomer: Client, newcomer: User, series: list[Anime]
) -> None:
    Anime.objects.filter(pk=series[1].pk).update(status="upcoming")
    newcomer.rate(series[0], score=9)
    assert "1 of 4 parts; Part 2 is not out yet:" in get(as_newcomer, "family", series[0])


def test_without_htmx_the_family_is_a_page_with_words(
    as_newcomer: Client, newcomer: User, series: list[Anime]
) -> None:
    newcomer.rate(series[0], score=9)
    page = as_newcomer.get(address("family", series[0])).text
    assert "<html" in page
    assert "<b>Completed · 9</b>" in page
    assert "<b>Not on your list</b>" in page


def test_a_visitor_is_told_what_the_marks_are_for(client: Client, series: list[Anime]) -> None:
    page = get(client, "family", series[0])
    assert "your own marks stand here" in page
    assert "mark--" not in page


def test_a_change_tells_the_rest_of_the_page(as_newcomer: Client, catalogue: list[Anime]) -> None:
    for verb, data in (("rate", {"score": "8"}), ("episodes", {"episodes": "1"}), ("forget", {})):
        answer = as_newcomer.post(address(verb, catalogue[0]), data, headers=HTMX)
        assert "list-changed" in answer["HX-Trigger"]


# The counter


def test_the_counter_offers_the_next_episode(
    as_newcomer: Client, newcomer: User, catalogue: list[Anime]
) -> None:
    newcomer.set_watched(catalogue[0], 5)
    page = get(as_newcomer, "mine", catalogue[0])
    assert 'name="episodes" value="6"' in page
    assert "Episodes seen of 12" in page
    newcomer.set_watched(catalogue[0], 12)
    assert 'id="mine-next"' not in get(as_newcomer, "mine", catalogue[0])


def test_who_completed_it_without_counting_has_seen_all(
    as_newcomer: Client, newcomer: User, catalogue: list[Anime]
) -> None:
    newcomer.set_status(catalogue[0], "completed")
    assert 'value="12"' in get(as_newcomer, "mine", catalogue[0])


def test_nobody_counts_a_film_or_what_is_not_out(
    as_newcomer: Client, catalogue: list[Anime]
) -> None:
    Anime.objects.filter(pk=catalogue[0].pk).update(status="upcoming")
    for title in catalogue[:2]:
        assert "mine-episodes" not in get(as_newcomer, "mine", title)


# Who gave what


def give(anime: Anime, *scores: int, origin: str = "mal2020") -> None:
    for number, score in enumerate(scores):
        member = User.objects.create(
            username=f"{origin}-{number}", origin=origin, external_id=number
        )
        UserAnimeRating.objects.create(user=member, anime=anime, score=score)


def test_the_finding_is_the_score_that_half_reach(client: Client, catalogue: list[Anime]) -> None:
    give(catalogue[0], 10, 9, 9, 8, 8, 5, 4, 1)
    page = get(client, "scores", catalogue[0])
    assert "62 % of 8 members give it 8 or more" in page
    assert "Scores of 8 members here, 6.75 on the mean." in page


@pytest.mark.parametrize(
    ("given", "finding"),
    [
        ([10] * 5, "All of 5 members give it a 10"),
        ([10, 10, 10, 1, 1], "60 % of 5 members give it a 10"),
        ([1] * 6, "All of 6 members give it 1 or more"),
    ],
)
def test_extreme_scores_are_told_exactly(
    catalogue: list[Anime], given: list[int], finding: str
) -> None:
    give(catalogue[0], *given)
    chart = histogram(catalogue[0], scores_of(catalogue[0]))
    assert chart is not None
    assert chart.finding == finding


def test_simulated_members_are_left_out_where_there_are_others(
    client: Client, catalogue: list[Anime]
) -> None:
    give(catalogue[0], 10, 10, 10, 10, 10)
    give(catalogue[0], 1, 1, origin="simulated")
    page = get(client, "scores", catalogue[0])
    assert "All of 5 members give it a 10" in page
    assert "2 simulated members are left out." in page


def test_where_all_are_simulated_it_is_said(client: Client, catalogue: list[Anime]) -> None:
    give(catalogue[0], 9, 9, 9, 9, 2, origin="simulated")
    assert "80 % of 5 simulated members give it 9 or more" in get(client, "scores", catalogue[0])


def test_guests_are_not_counted(catalogue: list[Anime]) -> None:
    give(catalogue[0], 9, 9, 9, 9, 2, origin="guest")
    assert scores_of(catalogue[0]) == Scores((0,) * 10, (0,) * 10)


def test_so_few_scores_that_one_could_tell_whose_are_only_counted(
    client: Client, catalogue: list[Anime]
) -> None:
    assert "Nobody here has given it a score yet." in get(client, "scores", catalogue[0])
    give(catalogue[0], 9, 2, 3)
    page = get(client, "scores", catalogue[0])
    assert "3 members here have given it a score" in page
    assert "json" not in page
    assert client.get(address("scores-csv", catalogue[0])).text.count("\n") == 1


def test_the_viewers_own_score_is_pointed_out(
    as_newcomer: Client, newcomer: User, catalogue: list[Anime]
) -> None:
    give(catalogue[0], 10, 9, 9, 8, 8)
    newcomer.rate(catalogue[0], score=8)
    assert "You gave it an 8." in get(as_newcomer, "scores", catalogue[0])


def test_the_table_is_a_file_too(client: Client, catalogue: list[Anime]) -> None:
    give(catalogue[0], 10, 9, 9, 8, 8)
    lines = client.get(address("scores-csv", catalogue[0])).text.split()
    assert lines[2] == "10,1,20.0"
    assert len(lines) == 12


def test_years_are_told_where_members_said_when(catalogue: list[Anime]) -> None:
    give(catalogue[0], 10, 9, 9, 8, 8)
    assert by_year(catalogue[0]) is None
    for entry, year in zip(
        UserAnimeRating.objects.order_by("pk"), (2023, 2025, 2025, 2025, 2026), strict=True
    ):
        entry.rated_at = datetime(year, 6, 1, tzinfo=UTC)
        entry.save()
    chart = by_year(catalogue[0])
    assert chart is not None
    assert chart.rows == [[2023, 1], [2024, 0], [2025, 3], [2026, 1]]
    assert chart.finding == "Most of its 5 list entries here were last changed in 2025"


# Everywhere


@pytest.mark.parametrize("name", ["family", "scores", "scores-csv"])
@pytest.mark.parametrize("mal_id", [1, 0, 9_000_101, 9_000_102, 2**31, 2**63, 10**30])
def test_unknown_and_hidden_titles_are_not_found(
    client: Client, hidden_titles: list[Anime], name: str, mal_id: int
) -> None:
    assert client.get(address(name, mal_id)).status_code == 404


@pytest.mark.parametrize("name", ["family", "scores", "mine"])
def test_each_part_keeps_to_its_queries(
    as_keen: Client, series: list[Anime], name: str, django_assert_max_num_queries
) -> None:
    with django_assert_max_num_queries(12):
        as_keen.get(address(name, series[0]), headers=HTMX)


def test_a_familys_names_are_never_markup(as_newcomer: Client, series: list[Anime]) -> None:
    Anime.objects.update(title_english="<img src=x onerror=alert(1)>")
    for headers in ({}, HTMX):
        assert (
            "<img src=x" not in as_newcomer.get(address("family", series[0]), headers=headers).text
        )
