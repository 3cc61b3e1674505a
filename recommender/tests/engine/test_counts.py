"""Counts that are looked at every day, and many comparisons at once."""

import numpy as np
import pytest
from scipy import stats

from recommender.engine.experiments.counts import (
    chi_square,
    is_mismatch,
    log_mismatch,
    log_preference,
)
from recommender.engine.experiments.many import benjamini_hochberg, holm
from recommender.engine.interactions import EngineError


@pytest.mark.parametrize(
    ("counts", "shares"), [([5100, 4900], (0.5, 0.5)), ([10, 20, 70], (0.1, 0.3, 0.6))]
)
def test_one_look_at_the_shares_is_scipy_s(counts: list[int], shares: tuple[float, ...]) -> None:
    theirs = stats.chisquare(counts, np.array(shares) * sum(counts)).pvalue
    assert chi_square(counts, shares) == pytest.approx(theirs, rel=1e-9)


def test_a_mismatch_is_found_and_chance_is_none_however_often_it_is_looked_at() -> None:
    rng = np.random.default_rng(5)
    fair = rng.multinomial(100, [0.5, 0.5], (2000, 60)).cumsum(axis=1)
    alarms = [any(is_mismatch(day, (0.5, 0.5)) for day in days[::5]) for days in fair]
    assert np.mean(alarms) < 0.005
    assert is_mismatch([5400, 4600], (0.5, 0.5))
    assert not is_mismatch([54, 46], (0.5, 0.5))


def test_the_factor_is_what_its_definition_says() -> None:
    """Two variants: the likelihood under Beta(50, 50) over that under one half, by integration."""
    at = np.linspace(0, 1, 200_001)[1:-1]
    mixed = stats.binom.pmf(30, 50, at) * stats.beta.pdf(at, 50, 50)
    whole = np.trapezoid(mixed, at) / stats.binom.pmf(30, 50, 0.5)
    assert log_mismatch([30, 20], (0.5, 0.5)) == pytest.approx(np.log(whole), abs=1e-6)


def test_a_variant_that_gets_nobody_is_left_out_and_one_that_gets_somebody_is_not() -> None:
    assert chi_square([50, 50, 0], (0.5, 0.5, 0.0)) == 1
    with pytest.raises(EngineError):
        chi_square([50, 50, 1], (0.5, 0.5, 0.0))
    with pytest.raises(EngineError):
        chi_square([50], (0.5, 0.5))


def test_a_preference_of_few_members_is_judged_exactly() -> None:
    """Thirty fair coins, looked at after each: over 1/α in no more than α of all ways they may fall."""
    state = {(0, 0): 1.0}
    crossed = 0.0
    for _ in range(30):
        following: dict[tuple[int, int], float] = {}
        for (first, second), chance in state.items():
            for then in ((first + 1, second), (first, second + 1)):
                if log_preference(*then) >= np.log(20):
                    crossed += chance / 2
                else:
                    following[then] = following.get(then, 0) + chance / 2
        state = following
    assert 0 < crossed <= 0.05
    assert log_preference(14, 1) > np.log(20)
    assert log_preference(0, 0) == 0


@pytest.mark.parametrize("p", [[0.01, 0.04, 0.03, 0.5], [0.2], [0.001, 0.001], [1.0, 0.0]])
def test_many_comparisons(p: list[float]) -> None:
    np.testing.assert_allclose(benjamini_hochberg(p), stats.false_discovery_control(p), atol=1e-12)
    order = np.argsort(p)
    by_hand, most = np.empty(len(p)), 0.0
    for step, at in enumerate(order):
        most = max(most, min(1.0, p[at] * (len(p) - step)))
        by_hand[at] = most
    np.testing.assert_allclose(holm(p), by_hand)


def test_none_at_all_is_no_error() -> None:
    assert len(holm([])) == len(benjamini_hochberg([])) == 0
