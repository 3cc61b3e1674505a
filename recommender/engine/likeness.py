"""How alike two members score: a correlation that few shared titles cannot make great.

Source: Herlocker, Konstan, Borchers & Riedl, An Algorithmic Framework for Performing Collaborative
Filtering, SIGIR 1999: Pearson's correlation over the shared titles with significance weighting.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recommender.engine.interactions import EngineError

Floats = npt.NDArray[np.float64]

# With so many shared titles the correlation is taken at its word; with half as many, at half.
ENOUGH = 50
# With fewer it is chance, and nothing is said.
FEWEST = 5


@dataclass(frozen=True)
class Sums:
    """Over the titles that both scored, for each of k members: `number` n, Σx, Σy, Σx², Σy², Σxy.

    x: one's own scores, y: the other member's. All of shape (k,).
    """

    number: Floats
    x: Floats
    y: Floats
    xx: Floats
    yy: Floats
    xy: Floats

    def __post_init__(self) -> None:
        lengths = {len(getattr(self, name)) for name in ("number", "x", "y", "xx", "yy", "xy")}
        if len(lengths) != 1:
            raise EngineError("the sums of shared scores need columns of one length")


def sums_of(own: npt.ArrayLike, others: npt.ArrayLike) -> Sums:
    """The sums for one other member; `own`, `others`: scores of the shared titles, shape (n,)."""
    x, y = np.asarray(own, np.float64), np.asarray(others, np.float64)
    if x.shape != y.shape or x.ndim != 1:
        raise EngineError("two members are compared by a score of each for every shared title")
    columns = (len(x), x.sum(), y.sum(), (x * x).sum(), (y * y).sum(), (x * y).sum())
    return Sums(*(np.array([column], np.float64) for column in columns))


def correlations(sums: Sums) -> Floats:
    """Pearson's r, shape (k,): (nΣxy - ΣxΣy) / √((nΣx² - (Σx)²)(nΣy² - (Σy)²)).

    NaN with fewer than FEWEST shared titles, and where either gave all of them the same score.
    """
    n = sums.number
    together = n * sums.xy - sums.x * sums.y
    own, others = n * sums.xx - sums.x**2, n * sums.yy - sums.y**2
    known = (n >= FEWEST) & (own > 0) & (others > 0)
    spread = np.sqrt(np.where(known, own * others, 1.0))
    return np.where(known, np.clip(together / spread, -1.0, 1.0), np.nan)


def likeness(sums: Sums) -> Floats:
    """r · min(n, ENOUGH) / ENOUGH, shape (k,), -1 to 1; NaN where r is."""
    return correlations(sums) * np.minimum(sums.number, ENOUGH) / ENOUGH
