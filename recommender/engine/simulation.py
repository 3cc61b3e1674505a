"""Members who never were: lists drawn from fitted models, for demonstrations alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recommender.engine.interactions import FloatArray, IntArray, MemberList
from recommender.engine.linear import Ease
from recommender.engine.rules import in_series_order
from recommender.engine.score_model import ScoreModel

# A member picks the next title among this many that suit them, in proportion to exp(rank score).
CHOICE = 40
TEMPERATURE = 0.35
SCORE_NOISE = 0.9
UNSCORED_SHARE = 0.15


@dataclass(frozen=True)
class SimulatedList:
    """`items` in the order they were watched; `scores` are 1..10 or NaN."""

    items: IntArray
    scores: FloatArray


def simulate_lists(
    ranker: Ease,
    scorer: ScoreModel,
    *,
    members: int,
    seed: int,
    prequels: IntArray,
    allowed: IntArray,
    shortest: int = 8,
    longest: int = 70,
) -> list[SimulatedList]:
    """Draw `members` lists; the same seed and models give the same lists.

    Each begins with a popular title and grows by one that the ranker thinks likely given the list so
    far, seasons in their order. Scores are the predicted ones with a leaning of the member's own
    and noise. `prequels`: pairs (title, prequel); `allowed`: ids that may occur.
    """
    rng = np.random.default_rng(seed)
    lengths = np.exp(rng.uniform(np.log(shortest), np.log(longest), members)).astype(int)
    return [_simulate(ranker, scorer, rng, int(length), prequels, allowed) for length in lengths]


def _simulate(
    ranker: Ease,
    scorer: ScoreModel,
    rng: np.random.Generator,
    length: int,
    prequels: IntArray,
    allowed: IntArray,
) -> SimulatedList:
    items: list[int] = []
    while len(items) < min(length, len(allowed)):
        watched = np.array(items, dtype=np.int64)
        possible = in_series_order(np.setdiff1d(allowed, watched), prequels, watched)
        mask = np.isin(ranker.vocabulary.ids, possible)
        ranked = ranker.recommend(MemberList.of(items), CHOICE, mask)
        if not len(ranked):
            break
        items.append(int(rng.choice(ranked.ids, p=_chances(ranked.scores, first=not items))))
    return SimulatedList(np.array(items, dtype=np.int64), _scores(scorer, items, rng))


def _chances(scores: FloatArray, *, first: bool) -> npt.NDArray[np.float64]:
    """Any of the popular titles may be the first one; later ones follow the ranker."""
    if first:
        return np.full(len(scores), 1 / len(scores))
    spread = float(scores.max() - scores.min()) or 1.0
    weights = np.exp((scores.astype(np.float64) - scores.max()) / (spread * TEMPERATURE))
    chances: npt.NDArray[np.float64] = weights / weights.sum()
    return chances


def _scores(scorer: ScoreModel, items: list[int], rng: np.random.Generator) -> FloatArray:
    predicted = scorer.score(MemberList.of([]))
    places = scorer.vocabulary.positions(items)
    expected = np.where(places >= 0, predicted[places], scorer.mean)
    drawn = expected + rng.normal(0, 0.6) + rng.normal(0, SCORE_NOISE, len(items))
    scores = np.clip(np.round(drawn), 1, 10).astype(np.float32)
    scores[rng.random(len(items)) < UNSCORED_SHARE] = np.nan
    return scores
