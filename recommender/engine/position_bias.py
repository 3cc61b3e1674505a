"""How far down a list members look, and what was passed over therefore says.

Source: the position-based model, Craswell et al., WSDM 2008; fitted by expectation maximisation as in
Wang et al., Position Bias Estimation for Unbiased Learning to Rank in Personal Search, WSDM 2018.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recommender.engine.interactions import EngineError, FloatArray, IntArray, Mask

Floats = npt.NDArray[np.float64]
# Places behind are looked at like the last of these.
PLACES = 40
# The usual curve, 1/√(place from 1), counts as so many titles shown at each place.
WORTH = 10.0
# What is known of a cell before: that it is like all the others, as so many titles shown.
CELL_WORTH = 20.0
STEPS, NEAR_ENOUGH = 5000, 1e-8
CELLS_A_MODEL = 10


def usual(places: npt.ArrayLike) -> Floats:
    """θ before anything is known, for places from 0, shape as given."""
    found: Floats = 1 / np.sqrt(1 + np.asarray(places, np.float64))
    return found


@dataclass(frozen=True)
class PositionBias:
    """`looked`: θ, the chance that a place is looked at, shape (PLACES,); 1 at the first.

    Only ratios of θ can be known, so that of the first place is the unit. `wanted`: γ of each cell.
    """

    looked: Floats
    wanted: Floats

    @classmethod
    def of(cls, places: IntArray, cells: IntArray, taken: Mask) -> PositionBias:
        """P(taken) = θ_place · γ_cell, by EM; `places` from 0, `cells` from 0, shapes (n,).

        Titles of one cell would be wanted alike, were they looked at: that is what tells a place's part
        from a title's. θ has the usual curve as prior, worth WORTH titles at each place.
        """
        if not len(places) == len(cells) == len(taken) > 0:
            raise EngineError(
                "places, cells and what was taken need one length, and a title at least"
            )
        # Alike are all titles of one cell at one place: tables of (cells, PLACES) are all it takes.
        size = (int(cells.max()) + 1, PLACES)
        flat = cells * PLACES + _pooled(places)
        shown = np.bincount(flat, minlength=size[0] * PLACES).reshape(size).astype(np.float64)
        hits = np.bincount(flat, taken, size[0] * PLACES).reshape(size)
        missed = shown - hits
        level = (hits.sum() + 0.5) / (shown.sum() + 1.0)
        prior = usual(np.arange(PLACES))
        mean = float((shown.sum(axis=0) @ prior) / shown.sum())
        looked, wanted = prior, np.full(size[0], min(0.9, level / mean))
        for _ in range(STEPS):
            theta, gamma = looked[None], wanted[:, None]
            neither = np.maximum(1 - theta * gamma, 1e-12)
            # Of what was not taken: looked at all the same, and wanted all the same.
            seen = hits + missed * theta * (1 - gamma) / neither
            liked = hits + missed * gamma * (1 - theta) / neither
            before = looked
            looked = (seen.sum(axis=0) + WORTH * prior) / (shown.sum(axis=0) + WORTH)
            wanted = (liked.sum(axis=1) + CELL_WORTH * level) / (shown.sum(axis=1) + CELL_WORTH)
            unit = looked[0]
            looked, wanted = (looked / unit).clip(1e-6, 1), (wanted * unit).clip(1e-9, 1 - 1e-9)
            if np.abs(looked - before).max() < NEAR_ENOUGH:
                break
        return cls(looked, wanted)

    def weights(self, places: IntArray, cells: IntArray, taken: Mask) -> FloatArray:
        """P(looked at | what was done), shape (n,): 1 for what was taken, else θ(1 − γ) / (1 − θγ).

        Titles weighted so are as many that were looked at, of which the taken are those wanted.
        """
        theta, gamma = self.looked[_pooled(places)], self.wanted[cells]
        passed_over = theta * (1 - gamma) / (1 - theta * gamma)
        return np.where(taken, 1.0, passed_over).astype(np.float32)


def _pooled(places: IntArray) -> IntArray:
    found: IntArray = np.minimum(places, PLACES - 1)
    return found


def cells_of(models: IntArray, scores: FloatArray) -> IntArray:
    """Titles that one model scored about alike: tenths of each model's scores, numbered from 0."""
    found = np.zeros(len(models), np.int64)
    first = 0
    for model in np.unique(models):
        mine = models == model
        edges = np.unique(np.quantile(scores[mine], np.linspace(0, 1, CELLS_A_MODEL + 1)[1:-1]))
        found[mine] = first + np.searchsorted(edges, scores[mine], side="right")
        first += len(edges) + 1
    return found
