"""Metrics against arithmetic done by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.engine import metrics


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
