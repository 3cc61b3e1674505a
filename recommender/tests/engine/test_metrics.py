"""Metrics against arithmetic done by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.engine import metrics
from recommender.engine.interactions import EngineError


def hits(*ones: int) -> np.ndarray:
    return np.array(ones, bool)


def test_recall_is_what_was_found_of_what_could_be() -> None:
    assert metrics.recall(hits(1, 0, 1, 0), 3) == pytest.approx(2 / 3)
    assert metrics.recall(hits(1, 1), 10) == 1


def test_ndcg_discounts_by_rank() -> None:
    best = 1 + 1 / math.log2(3)
    assert metrics.ndcg(hits(0, 1, 1), 2) == pytest.approx((1 / math.log2(3) + 0.5) / best)
    assert metrics.ndcg(hits(1, 1, 0), 2) == 1


def test_average_precision_is_the_mean_precision_at_each_hit() -> None:
    assert metrics.average_precision(hits(1, 0, 1), 2) == pytest.approx((1 + 2 / 3) / 2)


def test_nothing_held_out_counts_as_nothing() -> None:
    for metric in (metrics.recall, metrics.ndcg, metrics.average_precision):
        assert metric(hits(0, 0), 0) == 0


def test_coverage_counts_each_title_once() -> None:
    assert metrics.coverage(np.array([1, 1, 2]), 4) == 0.5


def test_errors_of_predicted_scores() -> None:
    predicted, given_ = np.array([8.0, 6.0]), np.array([7.0, 9.0])
    assert metrics.rmse(predicted, given_) == pytest.approx(math.sqrt(5))
    assert metrics.mae(predicted, given_) == 2


@given(st.lists(st.booleans(), min_size=1, max_size=50), st.integers(0, 20))
def test_every_metric_lies_between_0_and_1(found: list[bool], missed: int) -> None:
    for metric in (metrics.recall, metrics.ndcg, metrics.average_precision):
        assert 0 <= metric(np.array(found), sum(found) + missed) <= 1 + 1e-12


def test_novelty_is_the_information_of_having_watched() -> None:
    assert metrics.novelty([50, 25], 100) == pytest.approx((1 + 2) / 2)
    assert metrics.novelty([100], 100) == 0
    assert metrics.novelty([], 100) == 0


def test_what_nobody_watched_is_as_novel_as_what_one_did() -> None:
    assert metrics.novelty([0], 8) == metrics.novelty([1], 8) == 3
    assert metrics.novelty([0], 0) == 0


def test_diversity_is_the_mean_unlikeness_of_pairs() -> None:
    likeness = np.array([[1, 0.5, 0], [0.5, 1, 0.25], [0, 0.25, 1]])
    assert metrics.intra_list_diversity(likeness) == pytest.approx((0.5 + 1 + 0.75) / 3)


def test_pairs_of_which_nothing_is_known_are_left_out_of_diversity() -> None:
    likeness = np.array([[1, 0.5, np.nan], [0.5, 1, np.nan], [np.nan] * 3])
    assert metrics.intra_list_diversity(likeness) == 0.5
    assert math.isnan(metrics.intra_list_diversity(np.ones((1, 1))))


def test_an_interval_holds_the_mean_and_shrinks_with_more_members() -> None:
    rng = np.random.default_rng(0)
    few, many = rng.random(20), rng.random(2000)
    for values in (few, many):
        low, high = metrics.interval(values, 1)
        assert low < values.mean() < high
    width = [np.diff(metrics.interval(values, 1))[0] for values in (few, many)]
    assert width[1] < width[0] / 5
    assert metrics.interval(few, 1) == metrics.interval(few, 1)


def test_a_paired_ratio_knows_more_than_two_intervals() -> None:
    one = np.random.default_rng(0).random(200) + 0.1
    value, low, high = metrics.ratio(one * 1.1, one, 1)
    assert (value, low, high) == pytest.approx((1.1, 1.1, 1.1))


def test_a_ratio_over_nothing_is_no_number() -> None:
    for under in (np.zeros(5), np.empty(0)):
        assert all(map(math.isnan, metrics.ratio(np.ones(len(under)), under, 1)))
    with pytest.raises(EngineError, match="same members"):
        metrics.ratio(np.ones(3), np.ones(4), 1)
    assert all(map(math.isnan, metrics.interval(np.empty(0), 1)))
