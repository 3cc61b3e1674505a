"""The test that may be looked at every day, and how many members it needs."""

import numpy as np
import pytest
from scipy import stats

from recommender.engine.experiments.power import Plan, members_at_once, members_looked_at, power_of
from recommender.engine.experiments.sequential import (
    TIMES,
    WEIGHTS,
    log_ratio,
    log_ratio_of,
    looks,
    reach,
)
from recommender.engine.interactions import EngineError


def test_the_ratio_is_the_mixture_of_likelihoods() -> None:
    """By integrating over the alternatives, N(0, τ²), as its definition says."""
    value, variance, tau = 0.8, 0.16, 0.5
    at = np.linspace(-8, 8, 200_001)
    mixed = stats.norm.pdf(value, at, np.sqrt(variance)) * stats.norm.pdf(at, 0, tau)
    whole = np.trapezoid(mixed, at) / stats.norm.pdf(value, 0, np.sqrt(variance))
    assert float(log_ratio_of(value, variance, tau)) == pytest.approx(np.log(whole), abs=1e-6)


def test_it_is_a_mean_over_effects_of_several_sizes() -> None:
    whole = sum(
        weight * np.exp(log_ratio_of(0.3, 0.02, times * 0.05))
        for times, weight in zip(TIMES, WEIGHTS, strict=True)
    )
    assert float(log_ratio(0.3, 0.02, 0.05)) == pytest.approx(np.log(whole), rel=1e-12)
    assert sum(WEIGHTS) == pytest.approx(1)


def test_an_effect_far_larger_than_was_looked_for_is_found_with_few_members() -> None:
    """44 points between two variants of thirty members, where one point was wanted."""
    assert log_ratio(0.44, 0.0139, 0.01) > np.log(20)
    assert log_ratio_of(0.44, 0.0139, 0.01) < 0.1


@pytest.mark.parametrize("variance", [1e-6, 0.01, 3.0])
def test_an_interval_ends_where_the_test_would_reject(variance: float) -> None:
    far = float(reach(variance, 0.1))
    assert float(log_ratio(far, variance, 0.1)) == pytest.approx(np.log(20), rel=1e-9)


def test_what_was_said_is_not_taken_back() -> None:
    told = looks([(0.5, 0.01), (0.1, 0.008), (0.3, 0.002)], effect=0.3)
    assert [look.p for look in told] == sorted((look.p for look in told), reverse=True)
    lows, highs = [look.low for look in told], [look.high for look in told]
    assert lows == sorted(lows)
    assert highs == sorted(highs, reverse=True)


def test_an_effect_that_changed_is_told_as_it_is_now() -> None:
    told = looks([(1.0, 0.0001), (-1.0, 0.0001)], effect=0.5)
    assert told[-1].low < -1.0 < told[-1].high < 0


def test_peeking_daily_does_no_harm_here_and_much_with_the_usual_test() -> None:
    """Sums of nothing but chance, looked at forty times."""
    rng = np.random.default_rng(20)
    n = 50 * np.arange(1, 41)
    steps = rng.normal(0, np.sqrt(50), (3000, 40)).cumsum(axis=1)
    value, variance = steps / n, 1 / n
    sequential = (log_ratio(value, np.broadcast_to(variance, value.shape), 0.1) >= np.log(20)).any(
        1
    )
    naive = (np.abs(value) > 1.96 * np.sqrt(variance)).any(1)
    assert sequential.mean() <= 0.05
    assert naive.mean() > 0.2


@pytest.mark.parametrize(("value", "variance", "tau"), [(0.1, 0.0, 0.1), (0.1, 1.0, 0.0)])
def test_nothing_is_said_of_figures_without_spread(
    value: float, variance: float, tau: float
) -> None:
    with pytest.raises(EngineError):
        log_ratio(value, variance, tau)


# How many members


def test_one_look_needs_what_the_books_say() -> None:
    plan = Plan.of_rates(0.1, 0.2)
    assert plan.effect == pytest.approx(0.02)
    z = stats.norm.ppf(0.975) + stats.norm.ppf(0.8)
    own = z**2 * (0.1 * 0.9 + 0.12 * 0.88) / 0.02**2
    assert members_at_once(plan) == pytest.approx(2 * own, abs=1)


def test_a_smaller_share_needs_more_members() -> None:
    even, uneven = Plan(1.0, (4.0, 4.0)), Plan(1.0, (4.0, 4.0), (0.9, 0.1))
    assert members_at_once(uneven) > 2 * members_at_once(even)
    assert members_looked_at(even, 28) > members_at_once(even)


def test_the_power_promised_is_that_of_experiments_played_through() -> None:
    plan = Plan(0.2, (1.0, 1.0))
    members, days = members_looked_at(plan, 20), 20
    rng = np.random.default_rng(3)
    step = members / plan.spread / days
    score = rng.normal(0.2 * step, np.sqrt(step), (20_000, days)).cumsum(axis=1)
    information = step * np.arange(1, days + 1)
    crossed = np.abs(score / information) > reach(1 / information, 0.2)
    assert crossed.any(axis=1).mean() == pytest.approx(0.8, abs=0.012)
    assert power_of(plan, members, days, effect=0.0) < 0.05


@pytest.mark.parametrize(
    "wrong",
    [lambda: Plan(0.0, (1, 1)), lambda: Plan(1.0, (0, 1)), lambda: Plan.of_rates(0.9, 0.2),
     lambda: Plan.of_rates(0.0, 0.2)],
)  # fmt: skip
def test_a_plan_that_is_none_is_refused(wrong) -> None:
    with pytest.raises(EngineError):
        wrong()
