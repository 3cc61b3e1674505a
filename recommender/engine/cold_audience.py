"""How many watchers a title may expect, from what is told of it and from its neighbours."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from recommender.engine.base import ItemFeatures
from recommender.engine.content import Content
from recommender.engine.interactions import FloatArray
from recommender.engine.nearest import SPARSE_PARTS

# Ridge, in units of one title for each column of spread 1.
RIDGE = 5.0

Float64 = npt.NDArray[np.float64]


def expected_watchers(
    features: ItemFeatures,
    content: Content,
    warm: npt.NDArray[np.intp],
    of_warm: sp.csr_matrix,
    of_cold: sp.csr_matrix,
    counts: FloatArray,
    *,
    use_statistics: bool,
) -> FloatArray:
    """exp(ridge regression of log(1 + watchers)), at most twice the most watched, shape (items,).

    Learned from the titles at `warm`, which have `counts` watchers. Columns: genre, studio, type,
    source, era, length; log(1 + watchers) of the nearest titles (`of_warm`, `of_cold`: neighbours
    among the warm of the warm and of all others), weighted by nearness and of the nearest of all;
    with `use_statistics` the catalogue's own members and mean score, where it has them.
    """
    size = len(features)
    logs = np.log1p(counts.astype(np.float64))
    others = np.setdiff1d(np.arange(size), warm)
    around = np.empty((size, 3))
    around[warm], around[others] = _around(of_warm, logs), _around(of_cold, logs)
    columns = [_told(content, features), around]
    if use_statistics:
        columns.append(_statistics(features))
    found = _ridge(np.hstack(columns), warm, logs)
    most = np.log(2 * (1 + float(counts.max(initial=0))))
    return np.exp(np.clip(found, 0, most)).astype(np.float32)


def _told(content: Content, features: ItemFeatures) -> Float64:
    names = [name for name in content.facts["weights"] if name not in SPARSE_PARTS]
    rows = content.vocabulary.positions(features.ids)
    block = sp.hstack([content.part(name) for name in names], format="csr")[rows]
    return np.asarray(block.toarray(), np.float64)


def _around(near: sp.csr_matrix, logs: Float64) -> Float64:
    """Mean by nearness², that of the nearest, and how near that one is; shape (rows, 3)."""
    squared = near.multiply(near).tocsr()
    total = np.asarray(squared.sum(axis=1)).ravel()
    mean = (squared @ logs) / np.maximum(total, 1e-12)
    first = np.asarray(near.argmax(axis=1)).ravel() if near.shape[1] else np.zeros(0, np.int64)
    how_near = near.max(axis=1).toarray().ravel() if near.shape[1] else np.zeros(near.shape[0])
    return np.column_stack([mean, np.where(how_near > 0, logs[first], 0), how_near])


def _statistics(features: ItemFeatures) -> Float64:
    known = np.isfinite(features.members)
    members = np.log1p(np.where(known, features.members, 0).clip(0)).astype(np.float64)
    mean = np.where(np.isfinite(features.mean_scores), features.mean_scores, np.nan)
    usual = float(np.nanmean(mean)) if np.isfinite(mean).any() else 0.0
    return np.column_stack([known, members, members**2, np.nan_to_num(mean, nan=usual)])


def _ridge(columns: Float64, rows: npt.NDArray[np.intp], target: Float64) -> Float64:
    """Predictions for all rows; columns are brought to mean 0 and spread 1 over `rows`."""
    learned = columns[rows]
    spread = learned.std(axis=0)
    useful = spread > 1e-6
    scaled = (columns[:, useful] - learned[:, useful].mean(axis=0)) / spread[useful]
    Z = scaled[rows]
    centre = float(target.mean())
    weights = np.linalg.solve(Z.T @ Z + RIDGE * np.eye(Z.shape[1]), Z.T @ (target - centre))
    return np.asarray(centre + scaled @ weights, np.float64)
