"""k-means on the sphere, and how far two groupings agree."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from recommender.engine.interactions import FloatArray, IntArray

STARTS = 8
# Other groups than the last ones must fit this much better to be worth the change.
WORTH_A_CHANGE = 1.01
MOST_STEPS = 60
TINY = 1e-9


def unit_rows(rows: FloatArray) -> FloatArray:
    """Each row at length one; a row of zeros stays one."""
    lengths = np.sqrt((rows * rows).sum(axis=1, keepdims=True))
    return np.asarray(rows / np.maximum(lengths, TINY), np.float32)


def nearest(points: FloatArray, centroids: FloatArray) -> IntArray:
    """Which centroid has the greatest cosine with each point, shape (points,); ties to the first."""
    return np.asarray((points @ centroids.T).argmax(axis=1), np.int64)


def spherical_kmeans(
    points: FloatArray, number: int, seed: int, last: FloatArray | None = None
) -> FloatArray:
    """Unit centroids that maximise Σ cos(point, its centroid), the best of a few starts.

    `points`: unit rows, shape (n, d). Shape (k, d), k = `number` or as many as there are points.
    `last`: centroids to start from as well, kept unless others are WORTH_A_CHANGE better.
    Seeds are drawn as in k-means++ (Arthur & Vassilvitskii, SODA 2007) with 1 - cosine as distance.
    """
    rng = np.random.default_rng(seed)
    number = min(number, len(points))
    best, most = points[:number], -np.inf
    if last is not None:
        best = _converge(points, last)
        most = WORTH_A_CHANGE * _fit_of(points, best)
    for _ in range(STARTS):
        centroids = _converge(points, _spread_seeds(points, number, rng))
        total = _fit_of(points, centroids)
        if total > most + TINY:
            best, most = centroids, total
    return best


def _fit_of(points: FloatArray, centroids: FloatArray) -> float:
    return float((points @ centroids.T).max(axis=1).sum())


def _spread_seeds(points: FloatArray, number: int, rng: np.random.Generator) -> FloatArray:
    chosen = [int(rng.integers(len(points)))]
    far = np.maximum(1 - points @ points[chosen[0]], 0).astype(np.float64)
    while len(chosen) < number:
        odds = far + TINY
        chosen.append(int(rng.choice(len(points), p=odds / odds.sum())))
        far = np.minimum(far, np.maximum(1 - points @ points[chosen[-1]], 0))
    return points[chosen]


def _converge(points: FloatArray, centroids: FloatArray) -> FloatArray:
    groups = np.full(len(points), -1, np.int64)
    for _ in range(MOST_STEPS):
        again = nearest(points, centroids)
        if (again == groups).all():
            break
        groups = again
        # A group that lost all its points stays where it was.
        ones, places = np.ones(len(points), np.float32), np.arange(len(points))
        member = sp.csr_matrix((ones, (groups, places)), shape=(len(centroids), len(points)))
        sums = np.asarray(member @ points, np.float32)
        empty = np.bincount(groups, minlength=len(centroids)) == 0
        centroids = np.where(empty[:, None], centroids, unit_rows(sums))
    return centroids


def agreement(first: npt.ArrayLike, second: npt.ArrayLike) -> float:
    """Adjusted Rand index (Hubert & Arabie, J. Classification 1985): 1 the same, 0 as by chance."""
    a, b = np.asarray(first), np.asarray(second)
    table = np.zeros((int(a.max(initial=0)) + 1, int(b.max(initial=0)) + 1))
    np.add.at(table, (a, b), 1)
    together = _pairs(table).sum()
    rows, columns = _pairs(table.sum(axis=1)).sum(), _pairs(table.sum(axis=0)).sum()
    by_chance = rows * columns / max(float(_pairs(np.array(len(a)))), 1.0)
    most = (rows + columns) / 2
    return 1.0 if most == by_chance else float((together - by_chance) / (most - by_chance))


def _pairs(counts: npt.NDArray[np.generic]) -> npt.NDArray[np.float64]:
    n = np.asarray(counts, np.float64)
    return n * (n - 1) / 2
