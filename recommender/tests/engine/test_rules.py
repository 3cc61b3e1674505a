"""What may be in a list at all: series order and franchises."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from recommender.engine.interactions import Vocabulary
from recommender.engine.rules import Relations, at_most_each, in_series_order, seasons

NO_EDGES = np.empty((0, 2), np.int64)


def test_a_title_waits_for_all_that_comes_before_it() -> None:
    before = np.array([[2, 1], [3, 1], [3, 2]])
    allowed = np.array([2, 3, 4])
    assert in_series_order(allowed, before, np.array([1])).tolist() == [2, 4]
    assert in_series_order(allowed, before, np.array([1, 2])).tolist() == [2, 3, 4]
    assert in_series_order(allowed, NO_EDGES, np.array([], np.int64)).tolist() == [2, 3, 4]


def test_the_best_of_each_franchise_keep_their_places() -> None:
    ranked = [7, 7, 3, 7, 3, 9]
    assert at_most_each(ranked, 1).tolist() == [True, False, True, False, False, True]
    assert at_most_each(ranked, 2).tolist() == [True, True, True, False, True, True]
    assert at_most_each(ranked, 0).all()


def test_what_is_in_the_list_already_counts() -> None:
    assert at_most_each([7, 3, 7], 2, taken=[7]).tolist() == [True, True, False]
    assert at_most_each([7, 3], 1, taken=[7, 3]).tolist() == [False, False]


def test_titles_of_no_known_franchise_do_not_crowd_each_other_out() -> None:
    assert at_most_each([-1, -1, -1], 1).all()


@given(
    labels=st.lists(st.integers(-1, 5), max_size=40),
    most=st.integers(0, 4),
    taken=st.lists(st.integers(0, 5), max_size=6),
)
def test_no_franchise_ever_has_more_than_its_places(
    labels: list[int], most: int, taken: list[int]
) -> None:
    kept = at_most_each(labels, most, taken)
    listed = [*taken, *np.array(labels, np.int64)[kept].tolist()]
    for label in set(labels) - {-1} if most else ():
        open_places = max(most, taken.count(label))
        assert listed.count(label) <= open_places
        # Nor fewer than it could have.
        assert listed.count(label) == min(open_places, taken.count(label) + labels.count(label))


def test_a_season_waits_for_the_one_before_it_where_names_are_all_there_is() -> None:
    titles = [
        (1, "tv", "Hill"),
        (2, "movie", "Hill Movie"),
        (3, "tv", "Hill 2nd Season"),
        (4, "tv", "HILL 2nd season"),
        (5, "ona", "Hill 3"),
        (6, "tv", "Hill: The Long Way"),
        (7, "tv", "Hill III"),
        (8, "tv", "K"),
        (9, "tv", "K 2"),
    ]
    assert seasons(titles).tolist() == [[3, 1], [7, 3]]
    assert seasons([]).shape == (0, 2)


def test_of_nothing_nothing_is_known() -> None:
    nothing = Relations(Vocabulary([]), NO_EDGES, np.empty(0, np.int64), np.empty(0, np.float32))
    assert nothing.franchises_of([5]).tolist() == [-1]
    assert np.isnan(nothing.members_of([5])).all()
