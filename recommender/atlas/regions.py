"""Names for the parts of the map: what the titles of one part are more than those of the whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from recommender.engine.interactions import FloatArray, IntArray
from recommender.engine.traits import era

# Far out there are so many parts for every fourth root of the titles; near, four times as many.
PARTS = 1.15
FEWEST, MOST = 4, 14
FINER = 4
# The most watched titles say where the parts are.
SAMPLED = 6000
STEPS = 12
# A trait that this share of a part has may stand for it; a second one needs so much of the first's weight.
LEAST_SHARE, SECOND = 0.25, 0.45
# The most watched count more, as they are what one sees; this many at the top count alike.
ALIKE = 50
# Eras say less than genres: they must stand out by so much more.
OF_ERA = 0.45
TINY = 1e-6


@dataclass(frozen=True)
class Region:
    """`level` 0 is seen from afar, 1 from near. `x`, `y`: of its middle, 0..1."""

    level: int
    name: str
    x: float
    y: float
    titles: int


@dataclass(frozen=True)
class Traits:
    """`matrix`: titles × names, ones; the last `eras` names are decades."""

    names: tuple[str, ...]
    matrix: sp.csr_matrix
    eras: int

    @property
    def first_era(self) -> int:
        return len(self.names) - self.eras

    @classmethod
    def of(cls, genres: Sequence[str], rows: IntArray, cols: IntArray, years: IntArray) -> Traits:
        """Genres, and the decade where the year is known."""
        eras = [era(float(year)) if year else "" for year in years.tolist()]
        decades = sorted({name for name in eras if name})
        place = {name: len(genres) + n for n, name in enumerate(decades)}
        dated = np.array([n for n, name in enumerate(eras) if name], np.int64)
        all_rows = np.concatenate([rows, dated])
        all_cols = np.concatenate([cols, np.array([place[eras[n]] for n in dated], np.int64)])
        shape = (len(years), len(genres) + len(decades))
        ones = np.ones(len(all_rows), np.float32)
        matrix = sp.csr_matrix((ones, (all_rows, all_cols)), shape=shape)
        return cls((*genres, *decades), matrix, len(decades))


def name_regions(places: npt.NDArray[np.float64], traits: Traits) -> tuple[Region, ...]:
    """`places`: shape (n, 2), the most watched title first."""
    number = len(places)
    if number < FEWEST:
        return ()
    parts = round(min(max(PARTS * number**0.25, FEWEST), MOST))
    points = np.asarray(places, np.float32)
    found = [*_level(0, points, traits, parts)]
    return (*found, *_level(1, points, traits, min(parts * FINER, number // 4)))


def _level(level: int, points: FloatArray, traits: Traits, parts: int) -> list[Region]:
    if parts < 1:
        return []
    middles = _middles(points[:SAMPLED], parts)
    owner = _nearest(points, middles)
    names = _names(owner, len(middles), traits)
    sizes = np.bincount(owner, minlength=len(middles))
    return [
        Region(level, names[n], _short(middles[n, 0]), _short(middles[n, 1]), int(sizes[n]))
        for n in np.argsort(-sizes, kind="stable").tolist()
        if names[n]
    ]


def _short(value: np.float32) -> float:
    return round(float(value), 4)


def _nearest(points: FloatArray, middles: FloatArray) -> IntArray:
    # |p - m|² without |p|², which is the same for all of them.
    return np.asarray(((middles**2).sum(axis=1) - 2 * points @ middles.T).argmin(axis=1), np.int64)


def _middles(points: FloatArray, parts: int) -> FloatArray:
    """k-means, begun with points each as far as can be from those before: the same every time."""
    chosen = [points.mean(axis=0)]
    away = ((points - chosen[0]) ** 2).sum(axis=1)
    while len(chosen) < parts:
        chosen.append(points[int(away.argmax())])
        away = np.minimum(away, ((points - chosen[-1]) ** 2).sum(axis=1))
    middles = np.array(chosen, np.float32)
    for _ in range(STEPS):
        owner = _nearest(points, middles)
        sizes = np.bincount(owner, minlength=parts)
        sums = np.stack([np.bincount(owner, points[:, axis], parts) for axis in (0, 1)], 1)
        middles = np.where(sizes[:, None] > 0, sums / np.maximum(sizes, 1)[:, None], middles)
        middles = middles.astype(np.float32)
    return middles


def _names(owner: IntArray, parts: int, traits: Traits) -> list[str]:
    """The traits that weigh most in (p - q) · log(p / q), p their share in the part, q in all."""
    weights = 1 / np.sqrt(np.arange(len(owner)) + ALIKE)
    spread = sp.csr_matrix((weights, (owner, np.arange(len(owner)))), shape=(parts, len(owner)))
    sums = np.asarray(spread.sum(axis=1)).ravel()
    shares = (spread @ traits.matrix).toarray() / np.maximum(sums, TINY)[:, None]
    common = np.asarray(weights @ traits.matrix).ravel() / weights.sum()
    lift = (shares - common) * np.log((shares + TINY) / (common + TINY))
    lift = np.where((shares >= LEAST_SHARE) & (shares > common), lift, 0.0)
    lift[:, traits.first_era :] *= OF_ERA
    taken: set[str] = set()
    found = [""] * parts
    # Those of which a trait tells most are named first: the others take what is left.
    for part in np.argsort(-lift.max(axis=1), kind="stable").tolist():
        found[part] = _name(lift[part], traits, taken)
        taken.add(found[part])
    return found


def _name(lift: FloatArray, traits: Traits, taken: set[str]) -> str:
    """'Mecha · 1980s': the weightiest, and one that weighs nearly as much; two decades say nothing."""
    best = [n for n in np.argsort(-lift, kind="stable")[:5].tolist() if lift[n] > 0]
    if not best:
        return ""
    if best[0] >= traits.first_era:
        # A decade alone is no place: a genre goes before it.
        best = [*(n for n in best if n < traits.first_era), best[0]]
        if len(best) == 1:
            return ""
    others = [n for n in best[1:] if min(n, best[0]) < traits.first_era]
    told = [n for n in others if lift[n] >= SECOND * lift[best[0]]][:1]
    name = " · ".join(traits.names[n] for n in [best[0], *told])
    for other in others:
        if name not in taken:
            break
        name = f"{traits.names[best[0]]} · {traits.names[other]}"
    return "" if name in taken else name
