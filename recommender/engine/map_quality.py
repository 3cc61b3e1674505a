"""How far a map can be trusted, and how it is turned onto the last one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recommender.engine.interactions import FloatArray

BLOCK = 250


def trustworthiness(
    points: FloatArray, places: FloatArray, neighbours: int, sample: int, seed: int
) -> float | None:
    """1 - 2 / (m k (2n - 3k - 1)) Σ_i Σ_{j near i on the map} max(0, r(i, j) - k), 0..1.

    r(i, j) is the rank of j by distance from i among `points`. Ranks are exact, over all n; i runs
    over `sample` of them (m). None where there are too few points for it to mean anything.
    Source: Venna & Kaski, ICANN 2001.
    """
    n = len(points)
    if neighbours < 1 or n < 2 * neighbours + 2:
        return None
    rng = np.random.default_rng(seed)
    asked = np.sort(rng.choice(n, min(sample, n), replace=False))
    too_far = 0
    for start in range(0, len(asked), BLOCK):
        rows = asked[start : start + BLOCK]
        order = _nearest_first(points, rows)
        ranks = np.empty_like(order)
        np.put_along_axis(ranks, order, np.arange(n)[None, :], axis=1)
        near = _nearest_first(places, rows)[:, 1 : neighbours + 1]
        too_far += int(np.maximum(np.take_along_axis(ranks, near, axis=1) - neighbours, 0).sum())
    return 1 - 2 * too_far / (len(asked) * neighbours * (2 * n - 3 * neighbours - 1))


def _nearest_first(points: FloatArray, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """All points by distance from each of `rows`, themselves first, shape (rows, n)."""
    wide = points.astype(np.float64)
    squares = (wide * wide).sum(axis=1)
    distances = squares[rows, None] + squares[None, :] - 2 * wide[rows] @ wide.T
    distances[np.arange(len(rows)), rows] = -np.inf
    return np.argsort(distances, axis=1, kind="stable")


@dataclass(frozen=True)
class Turn:
    """y = scale · (x - middle) R + target. `drift`: root mean square distance left between the shared
    `titles` and where they were, in the last map's own size; `median`: the same of the middle one."""

    rotation: npt.NDArray[np.float64]
    scale: float
    middle: npt.NDArray[np.float64]
    target: npt.NDArray[np.float64]
    titles: int = 0
    drift: float = 0.0
    median: float = 0.0

    def apply(self, places: FloatArray) -> FloatArray:
        return np.asarray(
            self.scale * (places - self.middle) @ self.rotation + self.target, np.float32
        )


def onto_last_map(now: FloatArray, last: FloatArray) -> Turn:
    """The rotation or reflection, scale and shift that bring `now` nearest to `last`, both (n, 2)."""
    a, b = now.astype(np.float64), np.asarray(last, np.float64)
    middle, target = a.mean(axis=0), b.mean(axis=0)
    left, values, right = np.linalg.svd((a - middle).T @ (b - target))
    length = float(((a - middle) ** 2).sum())
    scale = float(values.sum() / length) if length > 0 and values.sum() > 0 else 1.0
    turn = Turn(left @ right, scale, middle, target)
    moved = np.sqrt(((turn.apply(now) - b) ** 2).sum(axis=1))
    size = float(np.sqrt(((b - target) ** 2).sum(axis=1).mean())) or 1.0
    drift = float(np.sqrt((moved**2).mean()))
    return Turn(
        turn.rotation, scale, middle, target, len(a), drift / size, float(np.median(moved)) / size
    )
