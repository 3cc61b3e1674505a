"""One ranking for a few, by hand."""

import numpy as np
import pytest

from recommender.engine.interactions import EngineError
from recommender.engine.together import least_misery, places_in

EVERYBODY = np.ones((2, 3), bool)


def test_places_count_from_one_and_the_unnamed_share_the_last() -> None:
    assert places_in([30, 10, 20], [10, 20, 30, 40, 50]).tolist() == [2, 3, 1, 4, 4]


def test_an_empty_ranking_puts_everything_first() -> None:
    assert places_in([], [10, 20]).tolist() == [1, 1]


def test_what_one_can_not_bear_loses_to_what_both_can() -> None:
    # 7: first for one, last for the other. 8: second for both. 9: last and first.
    order = least_misery([[1, 2, 3], [3, 2, 1]], [7, 8, 9], EVERYBODY)
    assert order.tolist() == [1, 0, 2]


def test_among_equal_worst_places_the_mean_decides_and_then_the_id() -> None:
    order = least_misery([[3, 1, 3], [1, 3, 3]], [9, 8, 7], EVERYBODY)
    assert order.tolist() == [1, 0, 2]


def test_who_has_seen_a_title_has_no_say_on_it() -> None:
    votes = np.array([[True, True, True], [True, True, False]])
    order = least_misery([[3, 2, 1], [1, 2, 99]], [7, 8, 9], votes)
    assert order.tolist() == [2, 1, 0]


def test_what_nobody_has_a_say_on_comes_last() -> None:
    votes = np.array([[False, True, True], [False, True, True]])
    assert least_misery([[1, 2, 3], [1, 2, 3]], [7, 8, 9], votes).tolist() == [1, 2, 0]


def test_of_one_member_it_is_their_own_ranking() -> None:
    places = places_in([5, 3, 4], [3, 4, 5])
    order = least_misery([places], [3, 4, 5], np.ones((1, 3), bool))
    assert order.tolist() == [2, 0, 1]


def test_no_members_worst_place_is_beaten_by_any_other_order() -> None:
    rng = np.random.default_rng(1)
    for _ in range(30):
        places = np.array([rng.permutation(12) + 1 for _ in range(3)])
        order = least_misery(places, np.arange(12), np.ones((3, 12), bool))
        worst = places.max(axis=0)[order]
        assert (np.diff(worst) >= 0).all()


def test_a_row_too_few_is_refused() -> None:
    with pytest.raises(EngineError):
        least_misery([[1, 2]], [7, 8, 9], EVERYBODY)
