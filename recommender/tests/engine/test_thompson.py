"""The bandit over variants, and what may be said of its members."""

import numpy as np
import pytest
from scipy import stats

from recommender.engine.experiments.thompson import batched, chance_of_best, shares_of
from recommender.engine.interactions import EngineError


def test_the_chance_of_being_best_is_that_of_many_draws() -> None:
    won, n = [30, 45, 40], [400, 420, 390]
    drawn = stats.beta(np.array(won) + 1, np.array(n) - won + 1).rvs(
        (200_000, 3), random_state=np.random.default_rng(1)
    )
    share = np.bincount(drawn.argmax(axis=1)) / len(drawn)
    np.testing.assert_allclose(chance_of_best(won, n), share, atol=0.005)


def test_nothing_known_is_all_alike_and_millions_are_no_trouble() -> None:
    np.testing.assert_allclose(chance_of_best([0, 0, 0, 0], [0, 0, 0, 0]), 0.25, atol=1e-6)
    found = chance_of_best([100_000, 103_000], [1_000_000, 1_000_000])
    assert found[1] > 0.999


def test_nobody_is_left_without_members() -> None:
    shares = shares_of([1, 900], [1000, 1000], least=0.05)
    assert shares.sum() == pytest.approx(1)
    assert shares[0] == pytest.approx(0.05, abs=1e-6)
    for least in (0.0, 0.6):
        with pytest.raises(EngineError):
            shares_of([1, 1], [2, 2], least)


def play(rng: np.random.Generator, rates: tuple[float, float]) -> tuple[float, float, float]:
    """An experiment of five epochs: the naive difference, and the batched one's z against the truth."""
    won, n, epochs = np.zeros(2), np.zeros(2), []
    shares = np.array([0.5, 0.5])
    for _ in range(5):
        own = rng.multinomial(200, shares)
        liked = rng.binomial(own, rates)
        rate = (liked + 0.5) / (own + 1)
        epochs.append(
            (liked[1] / own[1] - liked[0] / own[0], float((rate * (1 - rate) / own).sum()))
        )
        won, n = won + liked, n + own
        shares = shares_of(won, n, least=0.1)
    told = batched(epochs)
    naive = won[1] / n[1] - won[0] / n[0]
    return naive, (told.value - (rates[1] - rates[0])) / told.standard_error, told.p


def test_the_interval_of_a_bandit_holds_and_the_naive_mean_is_biased() -> None:
    rng = np.random.default_rng(11)
    played = np.array([play(rng, (0.3, 0.3)) for _ in range(1500)])
    assert (np.abs(played[:, 1]) < 1.96).mean() == pytest.approx(0.95, abs=0.018)
    assert played[:, 1].mean() == pytest.approx(0, abs=0.08)


def test_what_cannot_be_compared_is_refused() -> None:
    for wrong in ([], [(0.1, 0.0)]):
        with pytest.raises(EngineError):
            batched(wrong)
    with pytest.raises(EngineError):
        chance_of_best([3], [2])
