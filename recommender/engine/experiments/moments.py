"""What an analysis needs of a variant: how many, and the sums of what was measured and of its products."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from recommender.engine.interactions import EngineError

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Moments:
    """n members with k figures each: `totals` Σx, shape (k,), and `products` Σxxᵀ, shape (k, k).

    They add up, so that a database may sum, days may be joined, and 10 million rows come to k² numbers.
    """

    n: int
    totals: Floats
    products: Floats

    def __post_init__(self) -> None:
        k = len(self.totals)
        if self.n < 0 or self.products.shape != (k, k):
            raise EngineError("the sums of a variant do not fit together")

    @classmethod
    def of(cls, *columns: npt.ArrayLike) -> Self:
        """Of the figures themselves, one array of n for each."""
        table = np.column_stack([np.asarray(column, np.float64) for column in columns])
        return cls(len(table), table.sum(axis=0), table.T @ table)

    def __add__(self, other: Moments) -> Moments:
        return Moments(self.n + other.n, self.totals + other.totals, self.products + other.products)

    @property
    def means(self) -> Floats:
        if not self.n:
            raise EngineError("a variant without members has no mean")
        return self.totals / self.n

    @property
    def covariance(self) -> Floats:
        """(Σxxᵀ - n x̄x̄ᵀ) / (n - 1), shape (k, k)."""
        if self.n < 2:
            raise EngineError("a spread needs two members or more")
        means = self.means
        found: Floats = (self.products - self.n * np.outer(means, means)) / (self.n - 1)
        # Of figures that are all alike the difference of two large sums may fall below nothing.
        np.fill_diagonal(found, np.maximum(np.diag(found), 0))
        return found

    def keep(self, *figures: int) -> Moments:
        """Only the figures at these places, in this order."""
        at = list(figures)
        return Moments(self.n, self.totals[at], self.products[np.ix_(at, at)])
