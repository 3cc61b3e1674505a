"""How good a ranked list is. Pure functions of one member's list; arithmetic by hand tests them.

`hits`: bool, shape (k,), whether the item at each rank was held out. `held_out`: how many were.
Sources: Järvelin & Kekäläinen, TOIS 2002, for NDCG; Manning et al., Introduction to Information
Retrieval, for recall and MAP; Vargas & Castells, RecSys 2011, for novelty and diversity; Efron &
Tibshirani, An Introduction to the Bootstrap, for intervals.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from recommender.engine.interactions import EngineError

Hits = npt.NDArray[np.bool_]
Values = npt.NDArray[np.float64]
# Resamplings of the members behind an interval.
BOOTSTRAP_ROUNDS = 1000


def recall(hits: Hits, held_out: int) -> float:
    """hits / min(k, held out): 1 is possible for every list length. 0 when nothing was held out."""
    possible = min(len(hits), held_out)
    return float(hits.sum()) / possible if possible else 0.0


def ndcg(hits: Hits, held_out: int) -> float:
    """Σ hit_r / log2(r+1) over the same sum for the best possible order."""
    discounts = 1 / np.log2(np.arange(2, len(hits) + 2))
    best = discounts[: min(len(hits), held_out)].sum()
    return float(discounts[hits].sum() / best) if best else 0.0


def average_precision(hits: Hits, held_out: int) -> float:
    """Mean of the precision at each hit, over min(k, held out). Its mean over members is MAP."""
    possible = min(len(hits), held_out)
    if not possible:
        return 0.0
    precision = np.cumsum(hits) / np.arange(1, len(hits) + 1)
    return float(precision[hits].sum() / possible)


def coverage(shown: npt.NDArray[np.int64], catalogue_size: int) -> float:
    """Distinct items shown to anybody / items that could have been."""
    return len(np.unique(shown)) / catalogue_size if catalogue_size else 0.0


def novelty(watchers: npt.ArrayLike, members: int) -> float:
    """Mean of -log2(watchers / members) over a list, in bits: 0 where everybody knows each title.

    `watchers`: how many of `members` watched each, shape (k,). What nobody watched counts as
    watched by one, so that it is finite. 0 for an empty list.
    """
    known = np.maximum(np.asarray(watchers, np.float64), 1)
    return float(-np.log2(known / max(members, 1)).mean()) if len(known) else 0.0


def intra_list_diversity(likeness: npt.ArrayLike) -> float:
    """Mean of 1 - likeness over the pairs of a list: 0 where all are alike, 1 where none are.

    `likeness`: symmetric, shape (k, k). NaN marks pairs of which nothing is known; they are left
    out. NaN where no pair is left.
    """
    pairs = np.asarray(likeness, np.float64)
    above = 1 - pairs[np.triu_indices(len(pairs), 1)]
    known = above[~np.isnan(above)]
    return float(known.mean()) if len(known) else float("nan")


# --- predicted scores


def rmse(predicted: npt.NDArray[np.float64], given: npt.NDArray[np.float64]) -> float:
    """Root of the mean squared error, in score points (1..10)."""
    return float(np.sqrt(np.mean((predicted - given) ** 2))) if len(given) else float("nan")


def mae(predicted: npt.NDArray[np.float64], given: npt.NDArray[np.float64]) -> float:
    """Mean absolute error, in score points (1..10)."""
    return float(np.mean(np.abs(predicted - given))) if len(given) else float("nan")


# --- how sure a mean over members is


def resampled_means(values: Values, seed: int, rounds: int = BOOTSTRAP_ROUNDS) -> Values:
    """Means of `rounds` resamplings of `values` (one for each member), shape (rounds,).

    Values of one length and seed are resampled alike, so that two such results are paired.
    """
    draws = np.random.default_rng(seed).integers(0, len(values), (rounds, len(values)))
    means: Values = values[draws].mean(axis=1)
    return means


def interval(values: Values, seed: int) -> tuple[float, float]:
    """95 % percentile bootstrap interval of the mean of `values`; NaN where there are none."""
    return _middle(resampled_means(values, seed)) if len(values) else (float("nan"),) * 2


def ratio(over: Values, under: Values, seed: int) -> tuple[float, float, float]:
    """mean(over) / mean(under) and its 95 % paired bootstrap interval: the same members in both.

    NaN where the mean below, resampled, is ever 0.
    """
    if len(over) != len(under):
        raise EngineError("a paired ratio needs the same members on both sides")
    below = resampled_means(under, seed) if len(under) else np.zeros(1)
    if not (below > 0).all():
        return (float("nan"),) * 3
    low, high = _middle(resampled_means(over, seed) / below)
    return float(over.mean() / under.mean()), low, high


def _middle(values: Values) -> tuple[float, float]:
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)
