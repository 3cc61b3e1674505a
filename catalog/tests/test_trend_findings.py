"""The sentences above the charts, against arithmetic done by hand."""

from collections import Counter
from datetime import date
from itertools import pairwise
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.trends import drawing, findings
from catalog.trends.counting import against_the_first
from catalog.trends.wishes import Wish

# 1980s: 40 titles, of them 20 + 4 = 24 original: 60 %. 2010s: 50 titles, 5 + 7 = 12 original: 24 %.
ORIGINAL = {("Original", 1981): 20, ("Original", 1989): 4, ("Original", 2010): 5, ("Original", 2019): 7}  # fmt: skip
MANGA = {("Manga", 1981): 10, ("Manga", 1989): 6, ("Manga", 2010): 25, ("Manga", 2019): 13}
BOTH = ORIGINAL | MANGA
TOTALS = {1981: 30, 1989: 10, 2010: 30, 2019: 20}
CALL = {"Original": "Original stories", "Manga": "Manga adaptations"}.__getitem__


def words(sentence: str) -> str:
    return sentence.replace("\u00a0", " ")


def test_the_greatest_change_from_the_first_decade_to_the_last_is_told() -> None:
    # Manga: 16 of 40 is 40 %, 38 of 50 is 76 %: as great a change, and the greater share now.
    said = words(findings.of_change(BOTH, TOTALS, call=CALL))
    assert said == "Manga adaptations rose from 40 % of titles in the 1980s to 76 % in the 2010s."
    said = words(findings.of_change(ORIGINAL, TOTALS, call=CALL))
    assert said == "Original stories fell from 60 % of titles in the 1980s to 24 % in the 2010s."


def test_a_decade_with_few_titles_is_not_compared() -> None:
    few = {("Original", 1995): 29}
    said = findings.of_change(ORIGINAL | few, TOTALS | {1995: 29}, call=CALL)
    assert said == findings.of_change(ORIGINAL, TOTALS, call=CALL)
    assert findings.of_change(few, {1995: 29}) == "Too few titles to say."
    assert findings.of_change({}, {}) == "Too few titles to say."


def test_of_one_decade_the_commonest_is_told() -> None:
    said = words(
        findings.of_change({("Comedy", 1993): 9, ("Drama", 1999): 21}, {1993: 15, 1999: 15})
    )
    assert said == "Drama: 70 % of titles of the 1990s, more than any other."


def test_shares_that_stay_are_not_said_to_move() -> None:
    same = {("Comedy", 1990): 300, ("Comedy", 2000): 301}
    assert "hardly changed" in findings.of_change(same, {1990: 1000, 2000: 1000})


def test_a_decade_that_the_wish_cuts_is_named_by_its_years() -> None:
    said = words(findings.of_change(ORIGINAL, TOTALS, when=Wish(year_min=1989, year_max=2010).when))
    assert "in 1989 " in said
    assert said.endswith("in 2010.")
    assert Wish(year_min=1985).when(1980) == "1985 to 1989"
    assert Wish(year_min=1985).when(1990) == "the 1990s"


def test_the_fullest_year_is_told_with_what_most_of_it_was() -> None:
    counts = {("TV", 2016): 30, ("Movie", 2016): 10, ("TV", 2017): 5}
    said = findings.of_output(counts, {2016: 40, 2017: 5}, call=lambda name: f"{name} series")
    assert words(said) == "2016 has the most titles, 40; 75 % of them are TV series."


def test_the_middle_title_of_a_decade_speaks_for_it() -> None:
    old, new = [*range(1, 32)], [1000, 2000, 3000] * 10 + [2000]
    said = findings.of_popularity({1985: old, 2011: new})
    assert said == (
        "Half of the titles of the 2010s have 2,000 members or more; of the 1980s, 16 or more."
    )
    assert (median(old), median(new)) == (16, 2000)


def test_the_middle_half_of_scores_is_told() -> None:
    # 40 scores, 5.0 to 8.9: places 10 and 29 of 0 to 39; ten of them from 8.0.
    scores = [5 + n / 10 for n in range(40)]
    said = words(findings.of_scores(scores))
    assert said == "Half of all titles score between 6.0 and 7.9; 25 % reach 8."
    assert "none reaches 8" in findings.of_scores([6.0] * 30)
    assert findings.of_scores([9.0]) == "Too few titles to say."


def test_the_busiest_studio_and_the_best_loved_are_told() -> None:
    rows = [("Kite", 12, 7.0), ("Lantern", 9, 7.256), ("Paper", 3, None)]
    assert findings.of_studios(rows) == (
        "Kite made the most, 12 titles; of the 3 with most, Lantern scores best: 7.26 on average."
    )
    assert "they score best too: 8.00" in findings.of_studios([("Kite", 2, 8.0), ("Paper", 1, 5.0)])
    assert findings.of_studios([("Kite", 1, None), ("Paper", 1, None)]) == (
        "Kite made the most, 1 title."
    )


def test_growth_counts_the_same_titles_on_both_days() -> None:
    monday, tuesday, friday = date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 6)
    days = {
        monday: {1: 100, 2: 300},
        # One of them was not looked at; another came anew, and is held against nothing.
        tuesday: {1: 110, 3: 9000},
        friday: {1: 120, 2: 360},
    }
    found = against_the_first(days, enough=2)
    assert found == [(monday, 100, 2), (tuesday, pytest.approx(110), 1), (friday, 120, 2)]
    assert words(findings.of_growth(found)) == (
        "The most watched titles have 20 % more members than on 2 March 2026."
    )
    assert findings.of_growth(found[:1]) == "Too few days to say."


def test_days_before_one_with_enough_titles_are_passed_over() -> None:
    few, many = date(2026, 1, 1), date(2026, 1, 2)
    found = against_the_first({few: {1: 5}, many: {1: 6, 2: 6}}, enough=2)
    assert [day for day, _, _ in found] == [many]


NAMES = st.sampled_from(["Comedy", "Drama", "Sci-Fi"])
YEARS = st.integers(1900, 2100)


@given(st.dictionaries(st.tuples(NAMES, YEARS), st.integers(0, 500), max_size=40))
def test_a_sentence_comes_of_any_numbers(counts: dict[tuple[str, int], int]) -> None:
    totals = Counter[int]()
    for (_, year), n in counts.items():
        totals[year] += n
    for said in (findings.of_change(counts, totals), findings.of_output(counts, totals)):
        assert said.endswith(".")
        assert "nan" not in said


@given(st.lists(st.tuples(st.text(max_size=30), st.floats(0, 100)), max_size=8))
def test_names_beside_lines_never_lie_on_each_other(ends: list[tuple[str, float]]) -> None:
    heights = [height for _, height in drawing.apart(ends, 100)]
    assert all(above - below > 7.7 for below, above in pairwise(heights))
    assert max(heights, default=0) <= 100
