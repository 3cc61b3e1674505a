"""The score a member would give: biases of title and member, corrected by near titles they scored.

Source: Koren, Factor in the Neighbors, TKDD 2010 (baseline estimates and item neighbours).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Self, cast

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from recommender.engine.artifacts import Arrays
from recommender.engine.base import NO_CAUSES, Attribution, Config, ItemFeatures, Recommender
from recommender.engine.interactions import (
    EngineError,
    FloatArray,
    IntArray,
    Interactions,
    MemberList,
    Vocabulary,
)


@dataclass(frozen=True)
class ScoreConfig(Config):
    # Scores at the common mean that every title, and every member, is thought to have already.
    item_damping: float = 10.0
    member_damping: float = 5.0
    # Two titles scored together by few members are hardly alike: n / (n + this).
    common_damping: float = 60.0
    neighbours: int = 60
    # How much the neighbours must weigh together before they are believed.
    neighbour_damping: float = 0.6


@dataclass
class ScoreBaseline(Recommender):
    """r̂_uj = μ + b_j + b_u + Σ_i s_ij e_ui / (Σ_i |s_ij| + damping), clipped to 1..10.

    b_j and b_u are damped means of what is left; e_ui = r_ui - μ - b_i - b_u over the titles the
    member scored; s_ij is the cosine of the titles' residuals, shrunk by how many share them.
    b_u and e_u come from the list alone (fold-in), so a new score counts at once.
    """

    kind = "baseline"
    config_type = ScoreConfig
    config: Config = field(default_factory=ScoreConfig)
    biases: FloatArray = field(default_factory=lambda: np.empty(0, np.float32))
    near: sp.csr_matrix = field(default_factory=lambda: sp.csr_matrix((0, 0), dtype=np.float32))

    @property
    def settings(self) -> ScoreConfig:
        return cast(ScoreConfig, self.config)

    @property
    def mean(self) -> float:
        return float(self.facts["mean_score"])

    def fit(self, interactions: Interactions, features: ItemFeatures | None = None) -> Self:
        scored = interactions.take(~np.isnan(interactions.scores))
        if not len(scored):
            raise EngineError("there are no scores to learn from")
        self.vocabulary = scored.vocabulary()
        self.facts = {"mean_score": float(scored.scores.mean()), "scores": len(scored)}
        columns = self.vocabulary.positions(scored.items)
        rows = np.searchsorted(scored.member_ids, scored.members)
        left = scored.scores - self.mean
        self.biases = _damped_means(columns, left, len(self.vocabulary), self.settings.item_damping)
        left = left - self.biases[columns]
        members = _damped_means(rows, left, int(rows.max()) + 1, self.settings.member_damping)
        residuals = sp.csr_matrix((left - members[rows], (rows, columns)), dtype=np.float32)
        residuals.resize(len(scored.member_ids), len(self.vocabulary))
        self.near = self._neighbours(residuals)
        return self

    def _neighbours(self, residuals: sp.csr_matrix, block: int = 1000) -> sp.csr_matrix:
        """Shrunk cosines of the columns, the strongest positive ones of each, block by block."""
        lengths = np.sqrt(np.asarray(residuals.multiply(residuals).sum(axis=0)).ravel()) + 1e-6
        shared = residuals.astype(bool).astype(np.float32)
        blocks = []
        for start in range(0, residuals.shape[1], block):
            part = slice(start, start + block)
            cosine = (
                (residuals[:, part].T @ residuals).toarray()
                / lengths[part, None]
                / lengths[None, :]
            )
            common = (shared[:, part].T @ shared).toarray()
            cosine *= common / (common + self.settings.common_damping)
            np.fill_diagonal(cosine[:, start:], 0)
            blocks.append(_strongest_positive(cosine.astype(np.float32), self.settings.neighbours))
        return sp.vstack(blocks, format="csr")

    def score(self, member: MemberList) -> FloatArray:
        """Predicted scores, 1..10, shape (n,)."""
        positions, known = member.known_to(self.vocabulary)
        given = ~np.isnan(known.scores)
        positions, scores = positions[given], known.scores[given]
        base = self.mean + self.biases
        left = scores - base[positions]
        own = float(left.sum() / (len(left) + self.settings.member_damping))
        predicted = base + own
        if len(positions):
            weights = self.near[positions]
            pull = weights.T @ (left - own)
            predicted = predicted + pull / (
                np.asarray(weights.sum(axis=0)).ravel() + self.settings.neighbour_damping
            )
        clipped: FloatArray = np.clip(predicted, 1, 10).astype(np.float32)
        return clipped

    def attributions(self, member: MemberList, item_ids: npt.ArrayLike) -> list[Attribution]:
        """The whole score as remainder: its parts are biases, not titles."""
        predicted = self.score(member)
        positions = self.vocabulary.positions(item_ids)
        scores = [float(predicted[p]) if p >= 0 else 0.0 for p in positions]
        return [replace(NO_CAUSES, remainder=score) for score in scores]

    def item_similarities(self, position: int) -> FloatArray:
        row: FloatArray = self.near[[position]].toarray().ravel()
        return row

    def arrays(self) -> Arrays:
        near = self.near
        return {
            "biases": self.biases,
            "data": near.data,
            "indices": near.indices,
            "indptr": near.indptr,
        }

    def restore(self, arrays: Arrays) -> None:
        n = len(self.vocabulary)
        parts = (arrays["data"], arrays["indices"], arrays["indptr"])
        try:
            self.near = sp.csr_matrix(parts, shape=(n, n), copy=False)
        except ValueError as problem:
            raise KeyError(f"neighbours do not fit the vocabulary: {problem}") from None
        self.biases = arrays["biases"]

    def cut_to(self, ids: npt.ArrayLike) -> Self:
        """The same model over fewer items."""
        kept = self.vocabulary.positions(np.sort(np.asarray(ids)))
        kept = kept[kept >= 0]
        small = type(self)(
            config=self.config, vocabulary=Vocabulary(np.asarray(self.vocabulary.ids)[kept])
        )
        small.biases = self.biases[kept]
        small.near = self.near[kept][:, kept].tocsr()
        small.facts = {**self.facts, "cut_to": len(kept)}
        return small


def _damped_means(groups: IntArray, values: FloatArray, size: int, damping: float) -> FloatArray:
    sums = np.bincount(groups, values, size)
    return (sums / (np.bincount(groups, minlength=size) + damping)).astype(np.float32)


def _strongest_positive(rows: FloatArray, keep: int) -> sp.csr_matrix:
    rows[rows < 0] = 0
    if keep < rows.shape[1]:
        for row in rows:
            row[row < np.partition(row, len(row) - keep)[len(row) - keep]] = 0
    return sp.csr_matrix(rows)
