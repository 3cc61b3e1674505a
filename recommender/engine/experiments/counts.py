"""Tests of counts that may be looked at every day: do the shares hold, and which of two is preferred.

Sources: Lindon and Malek, Anytime-Valid Inference for Multinomial Count Data, NeurIPS 2022;
Fabijan et al., Diagnosing Sample Ratio Mismatch, KDD 2019.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc, gammaln

from recommender.engine.interactions import EngineError

# How firmly the prior holds to the shares that were set.
FIRMNESS = 100.0
# A mismatch is looked for every day, in every experiment; nobody should be alarmed for nothing.
ALARM = 0.001


def chi_square(counts: npt.ArrayLike, shares: Sequence[float]) -> float:
    """p of Pearson's test of `counts` against `shares`, for one look decided beforehand."""
    seen, expected = _both(counts, shares)
    expected = expected * seen.sum()
    statistic = float(((seen - expected) ** 2 / expected).sum())
    return float(chdtrc(len(seen) - 1, statistic))


def log_mismatch(counts: npt.ArrayLike, shares: Sequence[float]) -> float:
    """log of the Bayes factor against `shares`, an e-value: never above log(1/α) with more than α.

    Π Γ(a_i + n_i)/Γ(a_i) · Γ(Σa)/Γ(Σa + n) / Π share_i^n_i, with a_i = FIRMNESS · share_i.
    """
    seen, wanted = _both(counts, shares)
    a, n = FIRMNESS * wanted, float(seen.sum())
    grown = gammaln(a + seen).sum() - gammaln(a).sum() + gammaln(FIRMNESS) - gammaln(FIRMNESS + n)
    return float(grown - (seen * np.log(wanted)).sum())


def is_mismatch(counts: npt.ArrayLike, shares: Sequence[float]) -> bool:
    return log_mismatch(counts, shares) > -math.log(ALARM)


def log_preference(first: int, second: int) -> float:
    """log of the e-value against "each is preferred as often": exact, for however few members.

    Members who prefer neither do not count. Beta(1, 1) over how often the first is preferred:
    B(first + 1, second + 1) · 2^(first + second).
    """
    if first < 0 or second < 0:
        raise EngineError("counts are not below 0")
    whole = first + second
    beta = gammaln(first + 1) + gammaln(second + 1) - gammaln(whole + 2)
    return float(beta + whole * np.log(2))


def _both(
    counts: npt.ArrayLike, shares: Sequence[float]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Without variants that get nobody; whoever is in one all the same is an error of the caller."""
    seen, wanted = np.asarray(counts, np.float64), np.asarray(shares, np.float64)
    if seen.shape != wanted.shape or (seen[wanted <= 0] > 0).any() or (seen < 0).any():
        raise EngineError("each count needs a share")
    open_ = wanted > 0
    return seen[open_], wanted[open_] / wanted[open_].sum()
