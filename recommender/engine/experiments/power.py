"""How many members an experiment needs, for one look at the end and for looks all along.

Sources: Cohen, Statistical Power Analysis, 1988 (one look); Armitage, McPherson and Rowe, Repeated
Significance Tests on Accumulating Data, 1969 (the recursion over looks).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtri

from recommender.engine.experiments.estimates import LEVEL
from recommender.engine.experiments.moments import Floats
from recommender.engine.experiments.sequential import reach
from recommender.engine.interactions import EngineError

POINTS = 401
POWER = 0.8
# Looking all along never costs more than this many times the members of one look.
MOST = 20.0


@dataclass(frozen=True)
class Plan:
    """Two variants: `shares` of the members, `variances` of what is measured, and the difference to be found."""

    effect: float
    variances: tuple[float, float]
    shares: tuple[float, float] = (0.5, 0.5)
    level: float = LEVEL

    def __post_init__(self) -> None:
        if not self.effect or min(self.variances) <= 0 or min(self.shares) <= 0:
            raise EngineError("a plan needs an effect, spreads and shares that are not 0")

    @classmethod
    def of_rates(cls, base: float, lift: float, shares: tuple[float, float] = (0.5, 0.5)) -> Plan:
        """A rate of `base` that becomes base · (1 + lift)."""
        better = base * (1 + lift)
        if not 0 < base < 1 or not 0 < better < 1:
            raise EngineError("a rate lies between 0 and 1, also with the lift")
        return cls(better - base, (base * (1 - base), better * (1 - better)), shares)

    @property
    def spread(self) -> float:
        """n · V, with V the squared standard error of the difference with n members in both together."""
        return sum(v / share for v, share in zip(self.variances, self.shares, strict=True))


def members_at_once(plan: Plan, power: float = POWER) -> int:
    """n = (z_(1-α/2) + z_power)² · spread / effect², looked at once, when all are there."""
    z = ndtri((1 + plan.level) / 2) + ndtri(power)
    return int(np.ceil(z * z * plan.spread / plan.effect**2))


def members_looked_at(plan: Plan, looks: int, power: float = POWER) -> int:
    """As many as the sequential test needs to find the effect at one of `looks` even looks, τ = |effect|."""
    least = members_at_once(plan, power)

    def short_of(times: float) -> float:
        return power_of(plan, times * least, looks) - power

    return int(np.ceil(least * brentq(short_of, 0.5, MOST, xtol=1e-4)))


def power_of(plan: Plan, members: float, looks: int, effect: float | None = None) -> float:
    """How likely the sequential test finds `effect`, the plan's own if none is given, by the last look.

    The score S_k = d_k / V_k grows by N(effect · Δ, Δ) with Δ = 1 / (looks · V_last); the density of
    those who have not crossed ±reach / V is carried from look to look on a grid.
    """
    true = plan.effect if effect is None else effect
    step = members / plan.spread / looks
    # One extra before the first look: everybody stands at 0.
    inside, density, weights = np.zeros(1), np.ones(1), np.ones(1)
    for look in range(1, looks + 1):
        information = look * step
        bound = float(reach(1 / information, abs(plan.effect), plan.level)) * information
        grid = np.linspace(-bound, bound, POINTS)
        density = _moved(grid, inside, true * step, step) @ (density * weights)
        inside, weights = grid, _trapezoid(grid)
    return float(1 - np.clip(density @ weights, 0, 1))


def _moved(to: Floats, of: Floats, drift: float, variance: float) -> Floats:
    z = (to[:, None] - of[None, :] - drift) / np.sqrt(variance)
    found: Floats = np.exp(-0.5 * z * z) / np.sqrt(2 * np.pi * variance)
    return found


def _trapezoid(grid: Floats) -> Floats:
    weights = np.full(len(grid), grid[1] - grid[0])
    weights[[0, -1]] /= 2
    return weights
