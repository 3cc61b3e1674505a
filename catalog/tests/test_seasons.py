"""Which season a day is in, and which seasons there are."""

from datetime import UTC, date, datetime

import pytest

from catalog.seasons import YEARS_AHEAD, SeasonOfYear


@pytest.mark.parametrize(
    ("day", "label"),
    [
        (date(2026, 1, 1), "Winter 2026"),
        (date(2026, 3, 31), "Winter 2026"),
        (date(2026, 4, 1), "Spring 2026"),
        (date(2026, 9, 30), "Summer 2026"),
        (date(2026, 12, 31), "Fall 2026"),
    ],
)
def test_a_quarter_of_a_year_is_a_season(day: date, label: str) -> None:
    season = SeasonOfYear.of(day)
    assert season.label == label
    assert season.first_day <= day <= season.last_day


def test_a_season_begins_when_it_is_midnight_in_japan() -> None:
    before, after = (
        datetime(2026, 12, 31, 14, 59, tzinfo=UTC),
        datetime(2026, 12, 31, 15, tzinfo=UTC),
    )
    assert SeasonOfYear.now(before).label == "Fall 2026"
    assert SeasonOfYear.now(after).label == "Winter 2027"


def test_seasons_follow_each_other_across_the_new_year() -> None:
    fall = SeasonOfYear(2026, 3)
    assert fall.next.label == "Winter 2027"
    assert fall.next.previous == fall
    assert [season.name for season in fall.siblings] == ["winter", "spring", "summer", "fall"]
    assert fall.in_year(1999).label == "Fall 1999"


@pytest.mark.parametrize("year", [0, 1899, 99_999, 10**30])
def test_a_year_nobody_knows_of_has_no_seasons(year: int) -> None:
    assert SeasonOfYear.named(year, "spring") is None


@pytest.mark.parametrize("name", ["", "Spring", "autumn", "0", "\0"])
def test_there_are_four_names(name: str) -> None:
    assert SeasonOfYear.named(2020, name) is None


def test_some_years_ahead_are_known() -> None:
    this = SeasonOfYear.now()
    assert SeasonOfYear.named(this.year + YEARS_AHEAD, "fall")
    assert SeasonOfYear.named(this.year + YEARS_AHEAD + 1, "winter") is None
