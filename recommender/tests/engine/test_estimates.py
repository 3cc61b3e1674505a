"""Differences and how certain they are, against scipy and by hand."""

import numpy as np
import pytest
from scipy import stats

from recommender.engine.experiments.estimates import (
    Arm,
    adjusted,
    difference,
    lift,
    mean,
    ratio,
)
from recommender.engine.experiments.moments import Moments
from recommender.engine.interactions import EngineError

RNG = np.random.default_rng(7)
FEW, MANY = RNG.normal(3.0, 2.0, 12), RNG.normal(3.6, 0.7, 480)


def test_sums_add_up_to_those_of_all() -> None:
    table = RNG.normal(size=(50, 3))
    parts = Moments.of(*table[:20].T) + Moments.of(*table[20:].T)
    np.testing.assert_allclose(parts.covariance, np.cov(table.T), atol=1e-12)
    np.testing.assert_allclose(parts.means, table.mean(axis=0), atol=1e-12)
    np.testing.assert_allclose(parts.keep(2, 0).covariance[0, 1], np.cov(table.T)[2, 0])


@pytest.mark.parametrize("level", [0.9, 0.95, 0.99])
@pytest.mark.parametrize(("one", "other"), [(FEW, MANY), (MANY, FEW), (FEW, FEW + 1)])
def test_a_difference_of_means_is_scipy_s_welch(one, other, level: float) -> None:
    found = difference(mean(Moments.of(one)), mean(Moments.of(other)), level)
    theirs = stats.ttest_ind(other, one, equal_var=False)
    interval = theirs.confidence_interval(level)
    assert found.p == pytest.approx(theirs.pvalue, rel=1e-6)
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high), abs=1e-6)


def test_a_rate_is_the_mean_of_zeros_and_ones() -> None:
    liked, seen = np.repeat([0, 1], [70, 30]), np.repeat([0, 1], [55, 45])
    found = difference(mean(Moments.of(liked)), mean(Moments.of(seen)))
    assert found.value == pytest.approx(0.15)
    assert found.variance == pytest.approx(0.3 * 0.7 / 99 + 0.45 * 0.55 / 99)
    assert found.p == pytest.approx(stats.ttest_ind(seen, liked, equal_var=False).pvalue, rel=1e-6)


def test_a_ratio_s_error_counts_members_and_not_impressions() -> None:
    """The delta method is the spread of y - r·x over members; checked against many samples drawn anew."""
    shown = RNG.integers(1, 40, 4000)
    taken = RNG.binomial(shown, RNG.beta(2, 8, 4000))
    found = ratio(Moments.of(taken, shown))
    assert found.value == pytest.approx(taken.sum() / shown.sum())
    line = taken - found.value * shown
    assert found.variance == pytest.approx(line.var(ddof=1) / 4000 / shown.mean() ** 2, rel=1e-9)
    drawn = RNG.integers(0, 4000, (2000, 4000))
    again = taken[drawn].sum(axis=1) / shown[drawn].sum(axis=1)
    assert np.sqrt(found.variance) == pytest.approx(again.std(), rel=0.08)
    as_if_independent = found.value * (1 - found.value) / shown.sum()
    assert found.variance > 1.5 * as_if_independent


def test_what_was_known_before_makes_the_interval_narrower_and_moves_no_truth() -> None:
    before = RNG.gamma(2, 2, 3000)
    after = before + RNG.normal(0, 1, 3000)
    control, treatment = (
        Moments.of(after[:1500], before[:1500]),
        Moments.of(after[1500:] + 0.2, before[1500:]),
    )
    plain = difference(mean(control), mean(treatment))
    found = difference(*adjusted([control, treatment]))
    assert found.variance < 0.25 * plain.variance
    assert found.low < 0.2 < found.high
    # θ is the slope within the variants, as a regression with a variant's own level has it.
    design = np.column_stack([np.ones(3000), np.repeat([0.0, 1.0], 1500), before])
    slope = np.linalg.lstsq(design, np.append(after[:1500], after[1500:] + 0.2), rcond=None)[0]
    assert found.value == pytest.approx(slope[1], abs=1e-6)


def test_what_tells_nothing_changes_nothing() -> None:
    known = np.full(len(FEW), 3.0)
    (found,) = adjusted([Moments.of(FEW, known)])
    assert found == mean(Moments.of(FEW))


def test_a_lift_is_told_with_both_errors() -> None:
    control, treatment = Arm(100, 0.2, 0.0016), Arm(100, 0.25, 0.0019)
    found = lift(control, treatment)
    assert found.value == pytest.approx(0.25)
    assert found.variance == pytest.approx(0.0019 / 0.04 + 0.25**2 * 0.0016 / 0.2**4)
    with pytest.raises(EngineError):
        lift(Arm(10, 0.0, 0.0), treatment)


def test_figures_without_any_spread_are_told_as_they_are() -> None:
    same = mean(Moments.of(np.zeros(5)))
    assert difference(same, same).p == 1.0
    found = difference(same, mean(Moments.of(np.ones(5))))
    assert (found.low, found.value, found.high, found.p) == (1, 1, 1, 0)


@pytest.mark.parametrize("figures", [[], [1.0]])
def test_who_has_too_few_members_is_told_so(figures: list[float]) -> None:
    with pytest.raises(EngineError):
        mean(Moments.of(np.array(figures)))
