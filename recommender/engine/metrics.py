"""How good a ranked list is. Pure functions of one member's list; arithmetic by hand tests them.

`hits`: bool, shape (k,), whether the item at each rank was held out. `held_out`: how many were.
Source: Järvelin & Kekäläinen 2002 for NDCG; Manning et al., Introduction to IR, for the rest.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Hits = npt.NDArray[np.bool_]


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


def rmse(predicted: npt.NDArray[np.float64], given: npt.NDArray[np.float64]) -> float:
    """Root of the mean squared error, in score points (1..10)."""
    return float(np.sqrt(np.mean((predicted - given) ** 2))) if len(given) else float("nan")


def mae(predicted: npt.NDArray[np.float64], given: npt.NDArray[np.float64]) -> float:
    """Mean absolute error, in score points (1..10)."""
    return float(np.mean(np.abs(predicted - given))) if len(given) else float("nan")
