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
# Of the mixture: effects of how many times the one that is wanted, and how much each counts.
TIMES, WEIGHTS = (1, 2, 4, 8, 16, 32), (0.5, 0.1, 0.1, 0.1, 0.1, 0.1)
HALVINGS = 60


@dataclass(frozen=True)
class Look:
    """What may be said at one look: p and the interval, each no wider than at the looks before."""

    value: float
    low: float
    high: float
    p: float


def log_ratio_of(value: Floats | float, variance: Floats | float, tau: float) -> Floats:
    """log Λ of the mixture sequential probability ratio test of "no difference".

    Λ = √(V / (V + τ²)) · exp(τ²·d² / (2V(V + τ²))), for a difference d with squared standard error V
    and alternatives N(0, τ²).
    """
    V, d = np.asarray(variance, np.float64), np.asarray(value, np.float64)
    if not tau > 0 or not (V > 0).all():
        raise EngineError("the sequential test needs a spread and an effect to look for")
    both = V + tau * tau
    found: Floats = 0.5 * np.log(V / both) + tau * tau * d * d / (2 * V * both)
    return found


def log_ratio(value: Floats | float, variance: Floats | float, effect: float) -> Floats:
    """log of Σ w·Λ over τ = TIMES · effect, w = WEIGHTS.

    A mean of such ratios is one again. Half of it looks for the effect that is wanted; the rest for
    larger ones, which few members would otherwise never show.
    """
    parts = [
        np.log(weight) + log_ratio_of(value, variance, times * effect)
        for times, weight in zip(TIMES, WEIGHTS, strict=True)
    ]
    found: Floats = np.logaddexp.reduce(np.stack(np.broadcast_arrays(*parts)), axis=0)
    return found


def reach(variance: Floats | float, effect: float, level: float = LEVEL) -> Floats:
    """How far the interval of one look goes to either side: where the ratio comes to 1/α, by bisection."""
    V = np.asarray(variance, np.float64)
    low = np.zeros_like(V)
    # The part that looks for the effect alone would come there at a ratio of 1 / (α · its weight).
    both = V + effect * effect
    told = -2 * np.log((1 - level) * WEIGHTS[0]) + np.log(both / V)
    high = np.sqrt(V * both / (effect * effect) * told)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        is_over = log_ratio(middle, V, effect) >= -np.log1p(-level)
        low, high = np.where(is_over, low, middle), np.where(is_over, middle, high)
    found: Floats = high
    return found


def looks(
    differences: Iterable[tuple[float, float]], effect: float, level: float = LEVEL
) -> list[Look]:
    """Each of `differences`, (value, squared standard error), as it may be reported at its time.

    p_k = min(p_(k-1), 1/Λ_k); intervals are cut with those before, and are those of the last look
    alone where nothing would be left (the effect has changed meanwhile).
    """
    p, low, high = 1.0, -np.inf, np.inf
    found = []
    for value, variance in differences:
        p = min(p, float(np.exp(-log_ratio(value, variance, effect))))
        own = float(reach(variance, effect, level))
        low, high = max(low, value - own), min(high, value + own)
        if low > high:
            low, high = value - own, value + own
        found.append(Look(value, low, high, p))
    return found
