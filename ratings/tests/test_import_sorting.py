"""What becomes of the lines of a file."""

import io

import pytest
from pytest_django import DjangoAssertNumQueries, Settings

from catalog.models import Anime
from ratings.importing.lists import previewing
from ratings.importing.lists.line import Line
from ratings.importing.lists.sorting import Sorter
from ratings.models import Fate, ListImport, User
from ratings.tests.exports import ALBUM, HARBOUR, MACHINES, MOON, SNOW, UNKNOWN, mal, mal_xml

pytestmark = pytest.mark.django_db


def preview(member: User, file: bytes, name: str = "list.xml") -> ListImport:
    return previewing.preview_file(member, io.BytesIO(file), name)


def fates(run: ListImport) -> dict[int | None, str]:
    return dict(run.lines.values_list("mal_id", "fate"))


@pytest.fixture
def named(catalogue: list[Anime]) -> list[Anime]:
    """The catalogue with its names made searchable."""
    Anime.objects.refresh_search_text()
    return catalogue


def test_each_line_has_its_fate(casual: User, hidden_titles: list[Anime]) -> None:
    # The cast gave the first title an 8 and plans the fourth.
    file = mal_xml(
        mal(HARBOUR, 8),
        mal(SNOW, 7),
        mal(ALBUM, 9),
        mal(UNKNOWN, 5),
        mal(9_000_101, 5),
        mal(9_000_102, 5),
        mal(MOON, 12),
    )
    run = preview(casual, file)
    assert fates(run) == {
        HARBOUR: Fate.SAME,
        SNOW: Fate.CHANGED,
        ALBUM: Fate.NEW,
        UNKNOWN: Fate.WAITING,
        9_000_101: Fate.ADULT,
        9_000_102: Fate.WAITING,
        MOON: Fate.INVALID,
    }
    assert run.counts == {"same": 1, "changed": 1, "new": 1, "waiting": 2, "adult": 1, "invalid": 1}
    assert run.total == 7
    assert casual.list_entries.count() == 2


def test_adult_titles_are_sorted_like_others_where_the_operator_shows_them(
    casual: User, hidden_titles: list[Anime], settings: Settings
) -> None:
    settings.SHOW_ADULT = True
    assert fates(preview(casual, mal_xml(mal(9_000_101, 5)))) == {9_000_101: Fate.NEW}


def test_what_the_file_leaves_open_is_no_change(casual: User) -> None:
    casual.list_entries.filter(anime=HARBOUR).update(watched_episodes=12, rewatches=2)
    assert fates(preview(casual, mal_xml(mal(HARBOUR, 0, "")))) == {HARBOUR: Fate.SAME}


def test_a_thousand_lines_take_as_many_queries_as_one(
    casual: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    file = mal_xml(*(mal(9_100_000 + number, 5) for number in range(1000)), mal(ALBUM, 5))
    with django_assert_max_num_queries(11):
        preview(casual, file)


def find(member: User, title: str, **more) -> tuple[str, int | None, tuple[int, ...]]:
    one = Sorter(member).sort([Line(number=1, title=title, **more)])[0]
    return one.fate, one.mal_id, one.candidates


@pytest.mark.parametrize(
    "title", ["Garden of Machines", "garden of machines", "KIKAI NO NIWA", "Kikai-no  niwa!"]
)
def test_a_title_is_found_by_any_of_its_names(
    newcomer: User, named: list[Anime], title: str
) -> None:
    assert find(newcomer, title) == (Fate.NEW, MACHINES, ())


def test_a_misspelt_title_is_asked_about(newcomer: User, named: list[Anime]) -> None:
    fate, mal_id, candidates = find(newcomer, "Gardn of Machines")
    assert (fate, mal_id, candidates[0]) == (Fate.DOUBTFUL, None, MACHINES)


def test_two_titles_of_one_name_are_asked_about_unless_the_file_tells_them_apart(
    newcomer: User, named: list[Anime]
) -> None:
    Anime.objects.create(mal_id=9_000_050, title="Kikai no Niwa", type="movie", year=2020, episodes=1)  # fmt: skip
    Anime.objects.refresh_search_text()
    assert find(newcomer, "Kikai no Niwa")[0] == Fate.DOUBTFUL
    assert set(find(newcomer, "Kikai no Niwa")[2]) == {MACHINES, 9_000_050}
    assert find(newcomer, "Kikai no Niwa", type="TV")[:2] == (Fate.NEW, MACHINES)
    assert find(newcomer, "Kikai no Niwa", year=2021)[:2] == (Fate.NEW, 9_000_050)
    assert find(newcomer, "Kikai no Niwa", watched_episodes=20)[:2] == (Fate.NEW, MACHINES)


@pytest.mark.parametrize(
    "told", [{"type": "Movie"}, {"year": 2012}, {"watched_episodes": 40}], ids=str
)
def test_a_title_that_cannot_be_the_one_by_what_the_file_tells_is_asked_about(
    newcomer: User, named: list[Anime], told: dict
) -> None:
    fate, mal_id, candidates = find(newcomer, "Garden of Machines", **told)
    assert (fate, mal_id, candidates) == (Fate.DOUBTFUL, None, (MACHINES,))


def test_a_name_like_no_other_waits(newcomer: User, named: list[Anime]) -> None:
    assert find(newcomer, "Zzyzx Qwrt") == (Fate.WAITING, None, ())
    assert find(newcomer, "!!!") == (Fate.WAITING, None, ())


def test_a_name_of_a_hidden_title_is_not_offered(
    newcomer: User, hidden_titles: list[Anime]
) -> None:
    Anime.objects.refresh_search_text()
    assert find(newcomer, "Behind the Curtain") == (Fate.ADULT, 9_000_101, ())
    assert 9_000_101 not in find(newcomer, "Behind the Curtian")[2]


def test_a_name_that_is_only_like_that_of_a_hidden_title_waits_for_its_own(
    newcomer: User, named: list[Anime], hidden_titles: list[Anime]
) -> None:
    hidden = hidden_titles[0]
    Anime.objects.refresh_search_text()
    assert find(newcomer, hidden.title) == (Fate.ADULT, hidden.pk, ())
    assert find(newcomer, f"{hidden.title} Forever") == (Fate.WAITING, None, ())


def test_an_id_and_a_name_for_one_title_count_once(newcomer: User, named: list[Anime]) -> None:
    lines = [Line(number=1, title="Kikai no Niwa", score=5), Line(number=2, mal_id=MACHINES)]
    first, second = Sorter(newcomer).sort(lines)
    assert (first.fate, second.fate) == (Fate.INVALID, Fate.NEW)
    assert "again as number 2" in first.reason


def test_previews_nobody_answered_are_forgotten(newcomer: User, catalogue: list[Anime]) -> None:
    from datetime import timedelta

    old = preview(newcomer, mal_xml(mal(ALBUM, 5)))
    ListImport.objects.update(started_at=old.started_at - timedelta(days=8))
    kept = [preview(newcomer, mal_xml(mal(ALBUM, 5))).pk for _ in range(7)]
    assert list(newcomer.imports.order_by("pk").values_list("pk", flat=True)) == kept[-5:]
