"""What a member turns up or down once their candidates are ranked: pure functions on the best M."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from recommender.engine.base import Ranked
from recommender.engine.interactions import EngineError, FloatArray, IntArray

# How like each candidate is to the one at a position, shape (M,), about 0 to 1.
Similarity = Callable[[int], FloatArray]
Places = npt.NDArray[np.intp]

LIMITS = {
    "popularity": (-1.0, 1.0),
    "diversity": (0.0, 1.0),
    "per_franchise": (0, 20),
    "exploration": (0.0, 0.5),
}
# With the dial at its end relevance still counts this much of MMR's λ: what is only unlike the rest
# is nothing to recommend.
LEAST_RELEVANCE = 0.5
VERY_ALIKE, SAMPLED = 0.98, 10
CANDIDATES, CANDIDATES_A_PLACE = 200, 5


@dataclass(frozen=True)
class Dials:
    """All neutral at 0: the ranking is left exactly as it is.

    `popularity`: -1 (what few know) to 1 (what many know). `diversity`: 0 to 1. `per_franchise`: at
    most so many titles of one franchise, 0 for no limit. `exploration`: the share of places given
    to chance, 0 to 0.5. EngineError outside these.
    """

    popularity: float = 0.0
    diversity: float = 0.0
    per_franchise: int = 0
    exploration: float = 0.0

    def __post_init__(self) -> None:
        for dial in fields(self):
            low, high = LIMITS[dial.name]
            if not low <= getattr(self, dial.name) <= high:
                raise EngineError(f"{dial.name} lies between {low} and {high}")

    @property
    def reorders(self) -> bool:
        return bool(self.popularity or self.diversity or self.exploration)


NEUTRAL = Dials()


@dataclass(frozen=True)
class Arranged:
    """Places in the candidates, in the order to show, and how likely each was to stand there."""

    places: Places
    propensities: FloatArray


def depth(top_n: int) -> int:
    """How many candidates M the dials choose `top_n` from."""
    return max(CANDIDATES, CANDIDATES_A_PLACE * top_n)


def arrange(
    candidates: Ranked,
    dials: Dials,
    top_n: int,
    *,
    members: npt.ArrayLike,
    similarity: Similarity,
    seed: int,
) -> Arranged:
    """The `top_n` of `candidates` (fewer only where there are fewer) that the dials ask for.

    Popularity changes the scores, MMR orders by them, chance comes last. `members`: how many know
    each candidate, shape (M,), NaN where unknown.
    """
    if not dials.reorders:
        places = np.arange(min(top_n, len(candidates)))
        return Arranged(places, np.ones(len(places), np.float32))
    scores = with_popularity(candidates.scores, members, dials.popularity)
    if dials.diversity:
        near = on_one_scale(similarity, len(scores))
        order = mmr(scores, near, top_n, relevance_share(dials.diversity))
    else:
        order = np.argsort(-scores, kind="stable")
    return explore(order, top_n, dials.exploration, seed)


def with_popularity(scores: FloatArray, members: npt.ArrayLike, dial: float) -> FloatArray:
    """z(s) + dial · z(log(1 + members)), z over the candidates; `scores` unchanged at 0.

    At either end popularity among the candidates counts as much as their scores do. Unknown
    numbers of members count as none.
    """
    if not dial:
        return scores
    known = np.log1p(np.nan_to_num(np.asarray(members, np.float64), nan=0.0).clip(min=0))
    changed: FloatArray = (_standardised(scores) + dial * _standardised(known)).astype(np.float32)
    return changed


def _standardised(values: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Mean 0, deviation 1; all 0 where there is nothing to tell apart."""
    column = np.asarray(values, np.float64)
    if not len(column):
        return column
    deviation = column.std()
    return np.asarray((column - column.mean()) / (deviation if deviation > 1e-12 else np.inf))


def relevance_share(diversity: float) -> float:
    """MMR's λ for a position of the dial: 1 at 0, falling to LEAST_RELEVANCE at 1."""
    return 1.0 - (1.0 - LEAST_RELEVANCE) * diversity


def on_one_scale(similarity: Similarity, size: int) -> Similarity:
    """`similarity` over what the most alike candidates reach, at most 1.

    Models differ in what they call near: a cosine of 0.08 is much where most are 0.02. The scale is
    the VERY_ALIKE quantile of the similarities of the first candidates to the others.
    """
    rows = {place: np.nan_to_num(similarity(place)) for place in range(min(SAMPLED, size))}
    others = [np.delete(row, place) for place, row in rows.items()]
    found = np.concatenate([*others, np.zeros(1)])
    scale = float(np.quantile(found, VERY_ALIKE)) or float(found.max()) or 1.0

    def scaled(place: int) -> FloatArray:
        row = rows[place] if place in rows else np.nan_to_num(similarity(place))
        clipped: FloatArray = np.clip(row / scale, 0, 1).astype(np.float32)
        return clipped

    return scaled


def mmr(scores: FloatArray, similarity: Similarity, top_n: int, relevance: float) -> Places:
    """Maximal marginal relevance (Carbonell & Goldstein, SIGIR 1998).

    The next one is argmax λ·r_i - (1-λ)·max_{j chosen} sim(i, j), where r_i falls evenly from 1 for
    the best candidate to 0 for the last: scores of different models are spread too differently to be
    weighed against a similarity. λ = `relevance`; 1 orders by score alone. Returns the places of the
    `top_n` chosen, then all others by score; ties go to the earlier.
    """
    scaled = _by_rank(scores)
    nearest = np.zeros(len(scaled))
    open_ = np.ones(len(scaled), bool)
    chosen: list[int] = []
    for _ in range(min(top_n, len(scaled))):
        gain = relevance * scaled - (1 - relevance) * nearest
        best = int(np.argmax(np.where(open_, gain, -np.inf)))
        chosen.append(best)
        open_[best] = False
        nearest = np.maximum(nearest, similarity(best))
    rest = np.flatnonzero(open_)
    rest = rest[np.argsort(-scaled[rest], kind="stable")]
    return np.concatenate([np.array(chosen, np.intp), rest])


def _by_rank(scores: FloatArray) -> npt.NDArray[np.float64]:
    """1 for the best, falling evenly to 0 for the last."""
    relevance = np.empty(len(scores))
    relevance[np.argsort(-scores, kind="stable")] = np.linspace(1, 0, len(scores))
    return relevance


def explore(order: IntArray | Places, top_n: int, share: float, seed: int) -> Arranged:
    """Fill `top_n` places from `order`, each with probability `share` by chance.

    A place left to chance takes any title still open with equal probability (ε-greedy, one place at a
    time). The propensity of what stands at a place, given the places above it, is therefore
    (1-ε)·[it is the best still open] + ε / (how many are open): what an evaluation of logged
    answers divides by. The same seed gives the same list.
    """
    rng = np.random.default_rng(seed)
    open_ = list(np.asarray(order, np.intp))
    places, propensities = [], []
    for _ in range(min(top_n, len(open_))):
        by_chance = share > 0 and rng.random() < share
        pick = int(rng.integers(len(open_))) if by_chance else 0
        propensities.append((1 - share) * (pick == 0) + share / len(open_))
        places.append(open_.pop(pick))
    if not share:
        propensities = [1.0] * len(places)
    return Arranged(np.array(places, np.intp), np.array(propensities, np.float32))
