"""A bandit over variants: members go where it looks best, by how likely it is the best.

Sources: Thompson 1933; Zhang, Janson and Murphy, Inference for Batched Bandits, NeurIPS 2020.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.special import betainc, betaincinv, ndtr, ndtri

from recommender.engine.experiments.estimates import LEVEL, Estimate
from recommender.engine.experiments.moments import Floats
from recommender.engine.interactions import EngineError

QUANTILES = 2048


def chance_of_best(successes: npt.ArrayLike, members: npt.ArrayLike) -> Floats:
    """How likely each variant has the highest rate, from Beta(1, 1) each; shape (variants,), sums to 1.

    E over the variant's own rate of Π F_other(rate), at the middles of QUANTILES even parts of it.
    """
    won, n = np.asarray(successes, np.float64), np.asarray(members, np.float64)
    if won.shape != n.shape or (won < 0).any() or (won > n).any():
        raise EngineError("no variant has more successes than members")
    a, b = 1 + won, 1 + n - won
    middles = (np.arange(QUANTILES) + 0.5) / QUANTILES
    found = np.empty(len(n))
    for variant in range(len(n)):
        rates = betaincinv(a[variant], b[variant], middles)
        others = [k for k in range(len(n)) if k != variant]
        found[variant] = np.prod([betainc(a[k], b[k], rates) for k in others], axis=0).mean()
    whole: Floats = found / found.sum()
    return whole


def shares_of(successes: npt.ArrayLike, members: npt.ArrayLike, least: float) -> Floats:
    """The shares of the next epoch: the chance of being best, and `least` for each at least.

    With nobody left out, each epoch's difference stays an honest one.
    """
    chance = chance_of_best(successes, members)
    if not 0 < least <= 1 / len(chance):
        raise EngineError("the least share lies above 0 and leaves room for all variants")
    shares: Floats = least + (1 - least * len(chance)) * chance
    return shares


def batched(epochs: Sequence[tuple[float, float]], level: float = LEVEL) -> Estimate:
    """The difference over epochs whose shares were set by what the epochs before had shown.

    Of each epoch (d_e, V_e), compared within itself. Over all members together, means are biased: who
    had bad luck early gets few members later. Σ (d_e - δ)/√V_e over √T is N(0, 1), whatever set the
    shares; δ is where it is 0.
    """
    given = np.asarray(epochs, np.float64).reshape(-1, 2)
    if not len(given) or (given[:, 1] <= 0).any():
        raise EngineError("each epoch needs a difference with a spread")
    errors = np.sqrt(given[:, 1])
    weight = float((1 / errors).sum())
    value = float((given[:, 0] / errors).sum()) / weight
    error = float(np.sqrt(len(given))) / weight
    far = float(ndtri((1 + level) / 2)) * error
    p = 2 * float(ndtr(-abs(value) / error))
    return Estimate(value, error**2, value - far, value + far, p)
