"""What every model is whose scores are predicted scores: 1 to 10, in the members' own points."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from recommender.engine.base import NO_CAUSES, Attribution, Recommender
from recommender.engine.interactions import (
    EngineError,
    FloatArray,
    IntArray,
    Interactions,
    MemberList,
    Vocabulary,
)

LOWEST, HIGHEST = 1.0, 10.0

Floats = npt.NDArray[np.float64]


@dataclass
class ScoreModel(Recommender):
    """Predicts what a member would give: r̂ = constant + Σ over the scored titles, clipped to 1..10.

    The sum is linear in the scores of the list, so that every prediction can be taken apart.
    """

    @property
    def mean(self) -> float:
        """Of all scores learned from: what is predicted where nothing is known."""
        return float(self.facts["mean_score"])

    @abstractmethod
    def predict(self, member: MemberList) -> Floats:
        """Predicted scores before they are clipped, shape (n,)."""

    @abstractmethod
    def predict_at(self, member: MemberList, targets: IntArray) -> Floats:
        """The same of the items at these positions alone, shape (t,), to rounding: much quicker."""

    @abstractmethod
    def parts(self, member: MemberList, targets: IntArray) -> tuple[IntArray, Floats, Floats]:
        """Ids of the scored titles, shape (k,); what each adds to each of `targets` (positions,
        shape (t,)), shape (k, t); the constants, shape (t,)."""

    @abstractmethod
    def cut_to(self, ids: npt.ArrayLike) -> Self:
        """The same model over fewer items."""

    def score(self, member: MemberList) -> FloatArray:
        """Predicted scores, 1..10, shape (n,)."""
        predicted: FloatArray = self.predict(member).clip(LOWEST, HIGHEST).astype(np.float32)
        return predicted

    def score_at(self, member: MemberList, targets: IntArray) -> FloatArray:
        """`score` of the items at these positions, shape (t,)."""
        at = self.predict_at(member, targets)
        predicted: FloatArray = at.clip(LOWEST, HIGHEST).astype(np.float32)
        return predicted

    def attributions(self, member: MemberList, item_ids: npt.ArrayLike) -> list[Attribution]:
        """Points that each scored title adds; the remainder is the constant and what clipping took."""
        targets = self.vocabulary.positions(item_ids)
        known = np.flatnonzero(targets >= 0)
        ids, values, constants = self.parts(member, targets[known])
        found = [NO_CAUSES] * len(targets)
        for column, place in enumerate(known):
            found[place] = _clipped(ids, values[:, column], float(constants[column]))
        return found

    def scored(self, member: MemberList) -> tuple[IntArray, Floats]:
        """Positions and scores of the known titles with a score, both of shape (k,)."""
        positions, known = member.known_to(self.vocabulary)
        given = np.isfinite(known.scores)
        return positions[given], known.scores[given].astype(np.float64)

    def _empty_cut(self, ids: npt.ArrayLike) -> tuple[IntArray, Self]:
        """Positions of those of `ids` that are here, and a model with nothing but that vocabulary."""
        kept = self.vocabulary.positions(np.unique(np.asarray(ids, dtype=np.int64)))
        kept = kept[kept >= 0]
        vocabulary = Vocabulary(np.asarray(self.vocabulary.ids)[kept])
        facts = {**self.facts, "cut_to": len(kept)}
        return kept, type(self)(config=self.config, vocabulary=vocabulary, facts=facts)


def _clipped(ids: IntArray, values: Floats, constant: float) -> Attribution:
    total = float(values.sum()) + constant
    lost = min(max(total, LOWEST), HIGHEST) - total
    return replace(NO_CAUSES, ids=ids, values=values.astype(np.float32), remainder=constant + lost)


def need_scores(interactions: Interactions) -> Interactions:
    """The lines with a score; EngineError when there are none."""
    scored = interactions.take(~np.isnan(interactions.scores))
    if not len(scored):
        raise EngineError("there are no scores to learn from")
    return scored


def trainset(scored: Interactions, vocabulary: Vocabulary, scores: Floats | None = None) -> Any:
    """`scored` as a surprise.Trainset whose inner ids are positions.

    Items: positions in `vocabulary`, which must hold all of them. Members: places in `member_ids`.
    Surprise's own road from a data frame numbers them by first sight instead. `scores`: taken in
    place of those in `scored`, shape (nnz,).
    """
    from surprise import Trainset

    members = scored.member_ids
    rows = np.searchsorted(members, scored.members).tolist()
    columns = vocabulary.positions(scored.items).tolist()
    by_member: dict[int, list[tuple[int, float]]] = {row: [] for row in range(len(members))}
    by_item: dict[int, list[tuple[int, float]]] = {column: [] for column in range(len(vocabulary))}
    values = (scored.scores if scores is None else scores).tolist()
    for row, column, score in zip(rows, columns, values, strict=True):
        by_member[row].append((column, score))
        by_item[column].append((row, score))
    return Trainset(
        by_member,
        by_item,
        n_users=len(members),
        n_items=len(vocabulary),
        n_ratings=len(scored),
        rating_scale=(LOWEST, HIGHEST),
        raw2inner_id_users={int(member): row for row, member in enumerate(members)},
        raw2inner_id_items={int(item): place for place, item in enumerate(vocabulary.ids)},
    )
