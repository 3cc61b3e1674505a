"""From sums over a list to what can be said of a member, and what they said against it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.special import gammainc, gammaincinv, ndtr

from recommender.engine.interactions import EngineError, FloatArray, IntArray
from recommender.engine.taste_priors import Floats, Priors, differences
from recommender.engine.traits import Trait

# By trait: -2 (far less than you think) to 2 (far more).
Corrections = Mapping[Trait, int]
STRONGEST = 2
# A step of a correction, in points of score: more than members usually differ in a trait.
STEP = 0.5
# What a correction counts for beside the list: as much as the list itself and this precision more.
SAID = 16.0
# A point of correction, in spreads of the ranker's own best scores.
GAIN = 2.0
SPREAD_OF = 500
# 95 of 100: the interval that a claim must keep on one side.
TAIL = 0.025
NORMAL_TAIL = 1.959964
# Lines that a member's own noise is thought to have been seen in already.
NOISE_LINES = 10


@dataclass(frozen=True)
class Claim:
    """A sentence's worth: `facet` "score" (strength in points) or "watch" (times as often as others).

    `direction`: 1 for more, -1 for less. `certainty`: probability of that direction, 0..1.
    """

    kind: str
    name: str
    facet: str
    direction: int
    strength: float
    certainty: float
    titles: int


@dataclass(frozen=True)
class Taste:
    """One member's taste; columns of shape (traits,).

    `titles`: lines of the list with the trait. `scored`: those of them with a score. `learned`,
    `mean`, `deviation`: points by which they score the trait's titles above the rest of their list,
    compared with what others give: from the list alone, with the corrections, and its standard
    deviation. `lift`, `lift_low`, `lift_high`: how often they watch it, as a multiple of how often
    others do, and its 95 % interval. `steps`: the corrections, int8.
    """

    names: Sequence[Trait]
    titles: IntArray
    scored: IntArray
    learned: Floats
    mean: Floats
    deviation: Floats
    lift: Floats
    lift_low: Floats
    lift_high: Floats
    more_often: Floats
    steps: npt.NDArray[np.int8]

    @property
    def low(self) -> Floats:
        return self.mean - NORMAL_TAIL * self.deviation

    @property
    def high(self) -> Floats:
        return self.mean + NORMAL_TAIL * self.deviation

    @property
    def shifts(self) -> Floats:
        """Points by which the corrections moved each trait; 0 where there is none."""
        return self.mean - self.learned

    def claims(self) -> list[Claim]:
        """What the list makes certain enough to be said, the surest first.

        That is where an interval leaves out no difference. Of a trait that the member corrected only
        the watching is told: of its scores they have told themselves.
        """
        sure = ndtr(self.mean / self.deviation)
        scores = [
            self._score_claim(n, float(sure[n]))
            for n in np.flatnonzero(self.clear_scores & (self.steps == 0)).tolist()
        ]
        watches = [self._watch_claim(n) for n in np.flatnonzero(self.clear_watching).tolist()]
        return sorted([*scores, *watches], key=lambda claim: (-claim.certainty, -claim.titles))

    @property
    def clear_scores(self) -> npt.NDArray[np.bool_]:
        return (self.low > 0) | (self.high < 0)

    @property
    def clear_watching(self) -> npt.NDArray[np.bool_]:
        return (self.lift_low > 1) | (self.lift_high < 1)

    def _score_claim(self, n: int, sure: float) -> Claim:
        up = self.mean[n] > 0
        strength = abs(float(self.mean[n]))
        certainty = sure if up else 1 - sure
        return Claim(
            *self.names[n], "score", 1 if up else -1, strength, certainty, int(self.titles[n])
        )

    def _watch_claim(self, n: int) -> Claim:
        up = self.lift[n] > 1
        certainty = float(self.more_often[n] if up else 1 - self.more_often[n])
        strength = float(self.lift[n])
        return Claim(
            *self.names[n], "watch", 1 if up else -1, strength, certainty, int(self.titles[n])
        )

    # --- in the ranking

    def adjustment(self, traits: sp.csr_matrix) -> FloatArray:
        """Points that the corrections add to each title: Σ shift of its traits, shape (k,).

        `traits`: which traits each title has, CSR, shape (k, traits). All zero without corrections;
        grows with each of them for every title that has the trait.
        """
        return np.asarray(traits @ self.shifts, np.float32)

    def ranking_terms(self, traits: sp.csr_matrix, scores: FloatArray) -> dict[Trait, FloatArray]:
        """What each correction adds to a ranker's `scores` (shape (k,)), in their own units.

        A title with the trait gets GAIN · shift · spread of the best scores, others 0; the terms of
        a title add up to its whole correction. Empty without corrections.
        """
        corrected = np.flatnonzero(self.steps)
        unit = GAIN * score_spread(scores) if len(corrected) else 0.0
        columns = traits[:, corrected].toarray() * (unit * self.shifts[corrected])
        return {
            self.names[n]: columns[:, place].astype(np.float32)
            for place, n in enumerate(corrected.tolist())
        }


def score_spread(scores: FloatArray) -> float:
    """Standard deviation of the best SPREAD_OF scores: what a place on the page is worth."""
    finite = scores[np.isfinite(scores)]
    if len(finite) < 2:
        return 0.0
    best = np.partition(finite, -SPREAD_OF)[-SPREAD_OF:] if len(finite) > SPREAD_OF else finite
    return float(best.std())


def read_taste(
    names: Sequence[Trait],
    priors: Priors,
    shares: FloatArray,
    *,
    scored: IntArray,
    residuals: Floats,
    watched: IntArray,
    totals: Floats,
    corrections: Corrections,
) -> Taste:
    """The posteriors. Residuals in points; `totals`: scored lines, Σ residual, watched, Σ residual².

    Score effect of a trait, prior N(0, spread): with d̂ and its variance (`differences`), precision
    p = 1/spread + 1/var, mean = d̂ / (var · p). Watching, prior Gamma(a, a): Gamma(a + n, a + N ·
    share). A correction of v steps is an observation of mean + v · STEP with precision p + SAID.
    """
    lines, total, seen, squares = (float(value) for value in totals)
    noise = _own_noise(priors, lines, total, squares)
    difference, variance = differences(scored, residuals, lines, total, noise, priors.level)
    spreads = np.array([priors.spreads[kind] for kind, _ in names], np.float64)
    precision = 1 / spreads + 1 / variance
    learned = difference / variance / precision
    steps = _steps(names, corrections)
    said = np.where(steps != 0, precision + SAID, 0.0)
    shape = np.array([priors.shapes[kind] for kind, _ in names], np.float64)
    alpha, beta = shape + watched, shape + seen * np.asarray(shares, np.float64)
    return Taste(
        names=names,
        titles=np.maximum(watched, scored),
        scored=scored.copy(),
        learned=learned,
        mean=learned + steps * STEP * said / (precision + said),
        deviation=1 / np.sqrt(precision + said),
        lift=alpha / beta,
        lift_low=gammaincinv(alpha, TAIL) / beta,
        lift_high=gammaincinv(alpha, 1 - TAIL) / beta,
        more_often=1 - gammainc(alpha, beta),
        steps=steps,
    )


def _own_noise(priors: Priors, lines: float, total: float, squares: float) -> float:
    """The member's own variance about their level, shrunk to everybody's (scaled inverse χ²)."""
    own = max(squares - total**2 / (lines + priors.noise / priors.level), 0.0)
    return (NOISE_LINES * priors.noise + own) / (NOISE_LINES + lines)


def _steps(names: Sequence[Trait], corrections: Corrections) -> npt.NDArray[np.int8]:
    """The corrections in the order of the traits; those of traits no longer known are passed over."""
    if any(abs(step) > STRONGEST for step in corrections.values()):
        raise EngineError(f"a correction lies between -{STRONGEST} and {STRONGEST}")
    return np.array([corrections.get(trait, 0) for trait in names], np.int8)
