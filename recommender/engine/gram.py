"""Which titles are watched together, as one weighted matrix: all that EASE learns from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import scipy.sparse as sp

from recommender.engine.interactions import FloatArray, Interactions, Vocabulary
from recommender.engine.signal import liking, member_means

# A watched title counts at least this much, however low its score.
LEAST_LIKING = 0.05


@dataclass(frozen=True)
class Weighting:
    """How a list's line and a member count in the matrix.

    A score above or below the member's mean raises or lowers a title's weight by `score_slope`; a
    member with n titles weighs n^(-2 · `member_power`).
    """

    score_slope: float = 0.2
    member_power: float = 0.25


def training_matrix(
    data: Interactions, vocabulary: Vocabulary, weighting: Weighting
) -> sp.csr_matrix:
    """W X as CSR float32, members × items: likings, each row scaled by its activity, no dropped."""
    data = data.only_items(vocabulary.ids)
    members = data.member_ids
    rows = np.searchsorted(members, data.members)
    means = member_means(rows, data.scores, len(members))
    values = liking(data.scores, means[rows], weighting.score_slope, floor=LEAST_LIKING)
    X = data.matrix(vocabulary, np.where(data.dropped, 0, values).astype(np.float32))
    X.eliminate_zeros()
    activity = np.maximum(np.diff(X.indptr), 1).astype(np.float32)
    scale: sp.dia_matrix = sp.diags(activity**-weighting.member_power, dtype=np.float32)
    return (scale @ X).tocsr()


def watchers(X: sp.csr_matrix) -> FloatArray:
    """How many rows have each column, shape (n,)."""
    return np.bincount(X.indices, minlength=X.shape[1]).astype(np.float32)


@dataclass(frozen=True)
class GramMatrix:
    """G = Xᵀ W² X over a vocabulary, dense float32, shape (n, n); see `training_matrix` for W X.

    `counts`: members who watched each title, shape (n,). `members`: how many lists it sums up.
    Several models with one weighting can be solved from one of these.
    """

    vocabulary: Vocabulary
    values: FloatArray
    counts: FloatArray
    members: float
    interactions: int

    @classmethod
    def of(cls, data: Interactions, weighting: Weighting, *, max_items: int) -> Self:
        """The matrix of `data` over its `max_items` most watched titles."""
        vocabulary = most_watched(data, max_items)
        X = training_matrix(data, vocabulary, weighting)
        return cls(vocabulary, dense_gram(X), watchers(X), len(data.member_ids), int(X.nnz))

    def plus(self, other: GramMatrix, weight: float) -> GramMatrix:
        """This matrix and `weight` times `other`, over the titles of both."""
        union = Vocabulary(np.union1d(self.vocabulary.ids, other.vocabulary.ids))
        here, there = (union.positions(m.vocabulary.ids) for m in (self, other))
        counts = np.zeros(len(union), np.float32)
        counts[here] += self.counts
        counts[there] += np.float32(weight) * other.counts
        values = np.zeros((len(union), len(union)), np.float32, order="F")
        values[np.ix_(here, here)] = self.values
        for column, place in enumerate(there):
            values[there, place] += np.float32(weight) * other.values[:, column]
        members = self.members + weight * other.members
        return GramMatrix(union, values, counts, members, self.interactions)


def most_watched(data: Interactions, limit: int) -> Vocabulary:
    everything = data.vocabulary()
    if len(everything) <= limit:
        return everything
    counts = np.bincount(everything.positions(data.items), minlength=len(everything))
    return Vocabulary(everything.ids[np.sort(np.argsort(-counts, kind="stable")[:limit])])


def dense_gram(X: sp.csr_matrix, block: int = 1024) -> FloatArray:
    """XᵀX, dense, in column order as LAPACK wants it; sparse products of `block` columns at a time."""
    n = X.shape[1]
    gram = np.empty((n, n), np.float32, order="F")
    rows = X.T.tocsr()
    for start in range(0, n, block):
        # Symmetric, so a block of rows written as columns needs no transposing.
        gram[:, start : start + block] = (rows[start : start + block] @ X).toarray().T
    return gram
