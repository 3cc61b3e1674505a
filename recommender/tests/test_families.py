"""Families as they are written and read again."""

from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.etl.changes import catalogue_changed
from catalog.models import (
    Anime,
    AnimeGenre,
    AnimeRelation,
    CatalogueVersion,
    FamilyPart,
    Genre,
)
from recommender import datasets, families
from recommender.engine import families as engine
from recommender.families import Rebuilt, rebuild

pytestmark = pytest.mark.django_db

FIRST = 9_000_000
NAMES = ("Harbour", "Lantern", "Kettle", "Meadow", "Orchard", "Pilgrim", "Quarry", "Saddle")


def add(number: int, name: str = "", **facts: Any) -> Anime:
    made = {"title": name or NAMES[number], "type": "tv", "status": "finished", **facts}
    return Anime.objects.create(mal_id=FIRST + number, **made)


def relate(one: int, kind: str, other: int) -> None:
    AnimeRelation.objects.create(anime_id=FIRST + one, kind=kind, to_mal_id=FIRST + other)


def rows(*fields: str) -> dict[int, Any]:
    return {row[0] - FIRST: row[1:] for row in FamilyPart.objects.values_list("anime_id", *fields)}


def test_each_described_title_has_a_place_in_its_series_and_franchise() -> None:
    for number in range(4):
        add(number, aired_from=date(2000 + number, 1, 1))
    add(4, is_stub=True)
    relate(0, "sequel", 1)
    relate(2, "summary", 3)
    relate(1, "spin_off", 2)
    rebuild()
    first, third = FIRST, FIRST + 2
    assert rows("series", "franchise", "place", "is_extra", "is_series_face") == {
        0: (first, first, 0, False, True),
        1: (first, first, 1, False, False),
        2: (third, first, 0, False, True),
        3: (third, first, 1, True, False),
    }
    assert FamilyPart.objects.get(is_franchise_face=True).pk == first


def test_a_stub_joins_and_has_no_row_itself() -> None:
    for number in (0, 1, 2):
        add(number, is_stub=number == 1)
    relate(0, "sequel", 1)
    relate(2, "prequel", 1)
    rebuild()
    assert rows("series", "place") == {0: (FIRST, 0), 2: (FIRST, 1)}


def test_titles_without_a_relation_are_placed_by_their_names() -> None:
    sea = Genre.objects.create(name="Sea")
    for number, name in enumerate(("Harbour Lights", "Harbour Lights II", "Harbour Lights Zero x")):
        AnimeGenre.objects.create(anime=add(number, name, year=2000 + number), genre=sea)
    add(3, "Kettle")
    assert rebuild().from_names == 3
    assert rows("series", "franchise", "place", "from_names") == {
        0: (FIRST, FIRST, 0, True),
        1: (FIRST, FIRST, 1, True),
        2: (FIRST + 2, FIRST, 0, True),
        3: (FIRST + 3, FIRST + 3, 0, False),
    }


def test_only_what_differs_is_written() -> None:
    for number in range(6):
        add(number)
    relate(0, "sequel", 1)
    assert rebuild().written == 6
    with CaptureQueriesContext(connection) as queries:
        again = rebuild()
    assert (again.written, again.removed) == (0, 0)
    assert not [q for q in queries if q["sql"].split()[0] in ("INSERT", "UPDATE", "DELETE")]
    relate(4, "sequel", 5)
    # The first of a series stands as it stood alone.
    assert rebuild().written == 1
    AnimeRelation.objects.all().delete()
    Anime.objects.filter(pk=FIRST + 3).update(is_stub=True)
    last = rebuild()
    assert (last.written, last.removed) == (2, 1)
    assert rows("series") == {n: (FIRST + n,) for n in (0, 1, 2, 4, 5)}


def test_a_face_may_pass_from_one_title_to_another() -> None:
    for number in (0, 1):
        add(number, aired_from=date(2000 + number, 1, 1))
    relate(0, "sequel", 1)
    rebuild()
    assert rows("is_series_face", "is_franchise_face") == {0: (True, True), 1: (False, False)}
    Anime.objects.filter(pk=FIRST).update(is_adult=True)
    assert rebuild().written == 2
    assert rows("is_series_face", "is_franchise_face") == {0: (False, False), 1: (True, True)}


@pytest.mark.parametrize(
    ("facts", "order"),
    [
        ({"aired_from": date(2010, 1, 1), "aired_from_precision": "year"}, [1, 0]),
        ({"aired_from": date(2010, 1, 1), "aired_from_precision": "day"}, [0, 1]),
        ({"year": 2010}, [1, 0]),
        ({"status": "upcoming"}, [1, 0]),
        ({}, [1, 0]),
    ],
    ids=str,
)
def test_a_day_counts_for_as_much_as_is_known_of_it(
    facts: dict[str, Any], order: list[int]
) -> None:
    add(0, **facts)
    add(1, aired_from=date(2010, 4, 1), aired_from_precision="day")
    relate(1, "sequel", 0)
    rebuild()
    places = {number: place for number, (place,) in rows("place").items()}
    assert sorted(places, key=places.__getitem__) == order


def test_what_is_too_large_is_told(monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
    monkeypatch.setitem(engine.families.__kwdefaults__, "cap", 2)
    for number in range(3):
        add(number)
    relate(0, "sequel", 1)
    relate(1, "spin_off", 2)
    rebuilt = rebuild()
    assert rebuilt.refused == 1
    assert "1 joins would have made" in str(rebuilt)
    assert "1 joins would have made" in caplog.text


def test_who_reads_first_and_writes_last_writes_nothing_old(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for number in range(3):
        add(number)
    work_out, meanwhile = families.work_out, [2, 1]

    def read_while_others_write() -> Any:
        found = work_out()
        if meanwhile:
            # Another one reads what has come since, and has written it before this one does.
            relate(0, "sequel", meanwhile.pop())
            rebuild()
        return found

    monkeypatch.setattr(families, "work_out", read_while_others_write)
    rebuild()
    assert set(rows("series").values()) == {(FIRST,)}


def test_the_command_says_what_there_is_now() -> None:
    for number in range(3):
        add(number)
    relate(0, "sequel", 1)
    said = StringIO()
    call_command("families", stdout=said)
    assert said.getvalue() == (
        "2 series and 2 franchises of 3 titles, 0 of them joined by their names; "
        "3 rows written, 0 removed.\n"
    )
    assert FamilyPart.objects.count() == 3


def test_an_empty_catalogue_has_no_families() -> None:
    assert rebuild() == Rebuilt(0, 0, 0, 0, 0, 0, 0)


def test_rules_go_by_what_is_written_and_work_it_out_as_long_as_nothing_is() -> None:
    for number in range(3):
        add(number)
    relate(0, "side_story", 1)
    assert datasets.read_relations().franchises.tolist() == [FIRST, FIRST, FIRST + 2]
    families.rebuild()
    FamilyPart.objects.filter(pk=FIRST + 2).update(franchise=FIRST, is_franchise_face=False)
    assert datasets.read_relations().franchises.tolist() == [FIRST] * 3
    # Of a title that came since, nothing is known yet.
    add(3)
    assert datasets.read_relations().franchises.tolist() == [*[FIRST] * 3, FIRST + 3]


def test_a_season_waits_for_the_one_before_it_also_where_only_names_tell() -> None:
    for number, name in enumerate(("Hill", "Hill 2nd Season", "Hill 3rd Season", "Hill Special")):
        add(number, name, type="special" if number == 3 else "tv", year=2000 + number)
    rebuild()
    assert datasets.read_before().tolist() == [[FIRST + 1, FIRST], [FIRST + 2, FIRST + 1]]
    # What cannot be recommended itself would hold the others back for ever.
    Anime.objects.filter(pk=FIRST + 1).update(is_adult=True)
    assert datasets.read_before().tolist() == [[FIRST + 2, FIRST]]
    # Where edges tell how they stand, names are not asked.
    relate(0, "other", 2)
    rebuild()
    assert datasets.read_before().tolist() == []


def test_the_version_of_the_catalogue_changes_with_families_alone_and_with_loads() -> None:
    seen = [CatalogueVersion.now()]
    add(0)
    add(1)
    rebuild()
    seen.append(CatalogueVersion.now())
    rebuild()
    assert CatalogueVersion.now() == seen[-1]
    relate(0, "sequel", 1)
    catalogue_changed()
    seen.append(CatalogueVersion.now())
    assert len(set(seen)) == 3
    assert FamilyPart.objects.get(pk=FIRST + 1).series == FIRST
