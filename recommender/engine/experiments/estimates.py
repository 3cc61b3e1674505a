"""How large a difference is and how certain: means, rates, ratios, and with what was known before.

Sources: Welch 1947 (unequal variances); Deng, Knoblich and Lu, Applying the Delta Method in Metric
Analytics, KDD 2018 (ratios); Deng, Xu, Kohavi and Walker, Improving the Sensitivity of Online
Controlled Experiments by Utilizing Pre-Experiment Data, WSDM 2013 (CUPED).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtr, stdtrit

from recommender.engine.experiments.moments import Moments
from recommender.engine.interactions import EngineError

LEVEL = 0.95
# As good as normal; of figures without spread the degrees of freedom are 0 / 0.
NORMAL = 1e9


@dataclass(frozen=True)
class Arm:
    """A variant's figure, with the squared standard error of it and the degrees of freedom of that."""

    n: int
    value: float
    variance: float
    freedom: float = NORMAL


@dataclass(frozen=True)
class Estimate:
    """`value`, the interval `low` to `high` at a level, and p of the two-sided test against 0."""

    value: float
    variance: float
    low: float
    high: float
    p: float

    @property
    def standard_error(self) -> float:
        return float(np.sqrt(self.variance))


def mean(sums: Moments, figure: int = 0) -> Arm:
    """Of one figure: x̄, s²/n with n - 1 degrees of freedom. A rate is the mean of zeros and ones."""
    return Arm(
        sums.n,
        float(sums.means[figure]),
        float(sums.covariance[figure, figure]) / sums.n,
        float(sums.n - 1),
    )


def ratio(sums: Moments, above: int = 0, below: int = 1) -> Arm:
    """Σy / Σx over members, who are the units: r = ȳ/x̄, variance (s_y² - 2r·s_xy + r²·s_x²) / (n·x̄²)."""
    y, x = sums.means[[above, below]]
    if x <= 0:
        raise EngineError("a ratio needs something to divide by")
    r, spread = float(y / x), sums.covariance
    own = spread[above, above] - 2 * r * spread[above, below] + r * r * spread[below, below]
    return Arm(sums.n, r, max(float(own), 0.0) / (sums.n * float(x) ** 2))


def adjusted(arms: Sequence[Moments], figure: int = 0, before: int = 1) -> list[Arm]:
    """Means of y - θ(x - x̄): CUPED, with x what was known of a member before the experiment began.

    θ = Σ s_xy / Σ s_x² within the variants, x̄ over all of them; 0 where x tells nothing.
    """
    inside = sum((one.covariance * (one.n - 1) for one in arms), np.zeros_like(arms[0].products))
    known = float(inside[before, before])
    theta = float(inside[figure, before]) / known if known > 0 else 0.0
    whole = float(sum(one.totals[before] for one in arms)) / sum(one.n for one in arms)
    found = []
    for one in arms:
        spread, means = one.covariance, one.means
        own = spread[figure, figure] - 2 * theta * spread[figure, before]
        own += theta * theta * spread[before, before]
        value = float(means[figure]) - theta * (float(means[before]) - whole)
        found.append(Arm(one.n, value, max(float(own), 0.0) / one.n, float(one.n - 1)))
    return found


def difference(control: Arm, treatment: Arm, level: float = LEVEL) -> Estimate:
    """treatment - control, by Welch's t with Satterthwaite's degrees of freedom."""
    value = treatment.value - control.value
    return _estimate(value, control, treatment, (1.0, 1.0), level)


def lift(control: Arm, treatment: Arm, level: float = LEVEL) -> Estimate:
    """treatment / control - 1, by the delta method; EngineError where the control has nothing."""
    if control.value <= 0:
        raise EngineError("a lift needs a control above 0")
    relation = treatment.value / control.value
    weights = ((relation / control.value) ** 2, 1 / control.value**2)
    return _estimate(relation - 1, control, treatment, weights, level)


def _estimate(
    value: float, control: Arm, treatment: Arm, weights: tuple[float, float], level: float
) -> Estimate:
    parts = (weights[0] * control.variance, weights[1] * treatment.variance)
    variance = sum(parts)
    below = parts[0] ** 2 / control.freedom + parts[1] ** 2 / treatment.freedom
    freedom = variance**2 / below if below > 0 else NORMAL
    error = float(np.sqrt(variance))
    if error == 0:
        return Estimate(value, 0.0, value, value, 1.0 if value == 0 else 0.0)
    reach = float(stdtrit(freedom, (1 + level) / 2)) * error
    p = 2 * float(stdtr(freedom, -abs(value) / error))
    return Estimate(value, variance, value - reach, value + reach, p)
