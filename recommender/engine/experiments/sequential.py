"""A test that may be looked at every day: its promise holds whenever it is stopped.

Sources: Robbins, Statistical Methods Related to the Law of the Iterated Logarithm, 1970; Johari,
Koomen, Pekelis and Walsh, Always Valid Inference, Operations Research 2022 (mSPRT).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from recommender.engine.experiments.estimates import LEVEL
from recommender.engine.experiments.moments import Floats
from recommender.engine.interactions import EngineError

# Below so many members in a variant a mean is not yet normal, and nothing is said.
LEAST = 25


@dataclass(frozen=True)
class Look:
    """What may be said at one look: p and the interval, each no wider than at the looks before."""

    value: float
    low: float
    high: float
    p: float


def log_ratio(value: Floats | float, variance: Floats | float, tau: float) -> Floats:
    """log Λ of the mixture sequential probability ratio test of "no difference".

    Λ = √(V / (V + τ²)) · exp(τ²·d² / (2V(V + τ²))), for a difference d with squared standard error V
    and alternatives N(0, τ²). τ: about as large as the effect that is looked for.
    """
    V, d = np.asarray(variance, np.float64), np.asarray(value, np.float64)
    if not tau > 0 or not (V > 0).all():
        raise EngineError("the sequential test needs a spread and an effect to look for")
    both = V + tau * tau
    found: Floats = 0.5 * np.log(V / both) + tau * tau * d * d / (2 * V * both)
    return found


def reach(variance: Floats | float, tau: float, level: float = LEVEL) -> Floats:
    """How far the interval of one look goes to either side: where Λ of the difference comes to 1/α."""
    V = np.asarray(variance, np.float64)
    both = V + tau * tau
    told = -2 * np.log1p(-level) + np.log(both / V)
    found: Floats = np.sqrt(V * both / (tau * tau) * told)
    return found


def looks(
    differences: Iterable[tuple[float, float]], tau: float, level: float = LEVEL
) -> list[Look]:
    """Each of `differences`, (value, squared standard error), as it may be reported at its time.

    p_k = min(p_(k-1), 1/Λ_k); intervals are cut with those before, and are those of the last look
    alone where nothing would be left (the effect has changed meanwhile).
    """
    p, low, high = 1.0, -np.inf, np.inf
    found = []
    for value, variance in differences:
        p = min(p, float(np.exp(-log_ratio(value, variance, tau))))
        own = float(reach(variance, tau, level))
        low, high = max(low, value - own), min(high, value + own)
        if low > high:
            low, high = value - own, value + own
        found.append(Look(value, low, high, p))
    return found
