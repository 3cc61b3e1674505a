"""EASE: a linear autoencoder in closed form, with popularity- and activity-normalised weights.

Source: Steck, Embarrassingly Shallow Autoencoders for Sparse Data, WWW 2019; normalisation after
Steck, Markov Random Fields for Collaborative Filtering, NeurIPS 2019.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self, cast

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.linalg.lapack import spotrf, spotri

from recommender.engine.artifacts import Arrays
from recommender.engine.base import (
    NO_CAUSES,
    Attribution,
    Config,
    ItemFeatures,
    Recommender,
    need_data,
)
from recommender.engine.interactions import (
    EngineError,
    FloatArray,
    IntArray,
    Interactions,
    MemberList,
    Vocabulary,
)
from recommender.engine.signal import liking, list_weights, member_means


@dataclass(frozen=True)
class EaseConfig(Config):
    # Ridge, in multiples of the mean diagonal of the normalised Gram matrix.
    regularization: float = 2.5
    # Gram entries are divided by (popularity_i · popularity_j)^item_power ...
    item_power: float = 0.15
    # ... and predictions multiplied back by popularity_j^(item_power · popularity_share).
    popularity_share: float = 0.4
    # A member with n titles weighs n^-member_power in training.
    member_power: float = 0.25
    # How far a score above or below the member's mean raises or lowers a title's weight.
    score_slope: float = 0.2
    # Served weights: the strongest per row; the rest are dropped.
    neighbours: int = 400
    # More titles than this are cut to the most watched: the fit is cubic in them.
    max_items: int = 14_000
    # Popularity counts as much as this many titles of a list would; it matters for short lists.
    prior_titles: float = 1.0


@dataclass
class Ease(Recommender):
    """score_j = Σ_i x_i B_ij + prior_j, B = argmin ‖W(X - XB)‖² + λ‖B‖² with diag(B) = 0.

    In closed form B = I - P · diag(P)^-1 with P = (XᵀW²X + λI)^-1, found by Cholesky (potrf, potri)
    in float32: n = 12,000 takes about 1.3 GB. x_i is the weight of the list's line (see `signal`);
    prior_j is popularity_j / max popularity, scaled by `prior_titles`.
    """

    kind = "ease"
    config_type = EaseConfig
    config: Config = field(default_factory=EaseConfig)
    weights: sp.csr_matrix = field(default_factory=lambda: sp.csr_matrix((0, 0), dtype=np.float32))
    prior: FloatArray = field(default_factory=lambda: np.empty(0, np.float32))

    @property
    def settings(self) -> EaseConfig:
        return cast(EaseConfig, self.config)

    # --- learning

    def fit(self, interactions: Interactions, features: ItemFeatures | None = None) -> Self:
        need_data(interactions)
        self.vocabulary = _most_watched(interactions, self.settings.max_items)
        X = self._training_matrix(interactions.only_items(self.vocabulary.ids))
        popularity = np.maximum(np.asarray(X.astype(bool).sum(axis=0)).ravel(), 1).astype(
            np.float32
        )
        dense = self._solve(X, popularity**self.settings.item_power)
        self.weights = _strongest(dense, self.settings.neighbours)
        self.prior = self._prior(popularity)
        self.facts = {"members": X.shape[0], "items": X.shape[1], "interactions": int(X.nnz)}
        return self

    def _training_matrix(self, data: Interactions) -> sp.csr_matrix:
        """CSR of likings, each row scaled by its activity; dropped titles are left out."""
        members = data.member_ids
        rows = np.searchsorted(members, data.members)
        means = member_means(rows, data.scores, len(members))
        values = liking(data.scores, means[rows], self.settings.score_slope, floor=0.05)
        X = data.matrix(self.vocabulary, np.where(data.dropped, 0, values).astype(np.float32))
        X.eliminate_zeros()
        activity = np.maximum(np.diff(X.indptr), 1).astype(np.float32)
        scale: sp.dia_matrix = sp.diags(activity**-self.settings.member_power, dtype=np.float32)
        return (scale @ X).tocsr()

    def _solve(self, X: sp.csr_matrix, scale: FloatArray) -> FloatArray:
        """B, dense, shape (n, n), in the scale of the data."""
        gram = np.asfortranarray((X.T @ X).toarray(), dtype=np.float32)
        gram /= scale[:, None]
        gram /= scale[None, :]
        diagonal = np.diag_indices_from(gram)
        gram[diagonal] += self.settings.regularization * max(float(gram[diagonal].mean()), 1e-6)
        inverse = _invert(gram)
        inverse /= -np.diag(inverse)[None, :].copy()
        inverse[diagonal] = 0
        inverse /= scale[:, None]
        inverse *= scale[None, :] ** self.settings.popularity_share
        return inverse

    def _prior(self, popularity: FloatArray) -> FloatArray:
        typical = (
            float(np.abs(self.weights).max(axis=1).toarray().mean()) if self.weights.nnz else 1.0
        )
        share = popularity / popularity.max()
        prior: FloatArray = (self.settings.prior_titles * typical * share).astype(np.float32)
        return prior

    # --- answering

    def signal(self, member: MemberList) -> tuple[IntArray, FloatArray]:
        """Positions of the list's known items and x, what each counts for."""
        positions = self.vocabulary.positions(member.items)
        known = positions >= 0
        return positions[known], list_weights(member)[known]

    def score(self, member: MemberList) -> FloatArray:
        positions, x = self.signal(member)
        if not len(positions):
            return self.prior.copy()
        own: FloatArray = self.weights[positions].T @ x
        return own + self.prior

    def attributions(self, member: MemberList, item_ids: npt.ArrayLike) -> list[Attribution]:
        targets = self.vocabulary.positions(item_ids)
        positions, x = self.signal(member)
        ids = np.asarray(self.vocabulary.ids)[positions]
        parts = self.weights[positions][:, targets.clip(0)].toarray() * x[:, None]
        return [
            Attribution(
                ids, parts[:, place].astype(np.float32), {"popularity": float(self.prior[target])}
            )
            if target >= 0
            else NO_CAUSES
            for place, target in enumerate(targets)
        ]

    def item_similarities(self, position: int) -> FloatArray:
        row: FloatArray = self.weights[[position]].toarray().ravel()
        return row

    # --- keeping

    def arrays(self) -> Arrays:
        W = self.weights
        return {"data": W.data, "indices": W.indices, "indptr": W.indptr, "prior": self.prior}

    def restore(self, arrays: Arrays) -> None:
        n = len(self.vocabulary)
        parts = (arrays["data"], arrays["indices"], arrays["indptr"])
        try:
            self.weights = sp.csr_matrix(parts, shape=(n, n), copy=False)
        except ValueError as problem:
            raise KeyError(f"weights do not fit the vocabulary: {problem}") from None
        self.prior = arrays["prior"]

    def cut_to(self, ids: npt.ArrayLike) -> Self:
        """The same model over fewer items: a sub-matrix, no refit."""
        kept = self.vocabulary.positions(np.sort(np.asarray(ids)))
        kept = kept[kept >= 0]
        small = type(self)(
            config=self.config, vocabulary=Vocabulary(np.asarray(self.vocabulary.ids)[kept])
        )
        small.weights = self.weights[kept][:, kept].tocsr()
        small.prior = self.prior[kept]
        small.facts = {**self.facts, "cut_to": len(kept)}
        return small


def _most_watched(interactions: Interactions, limit: int) -> Vocabulary:
    everything = interactions.vocabulary()
    if len(everything) <= limit:
        return everything
    counts = np.bincount(everything.positions(interactions.items), minlength=len(everything))
    kept = np.sort(np.argsort(-counts, kind="stable")[:limit])
    return Vocabulary(everything.ids[kept])


def _invert(gram: FloatArray) -> FloatArray:
    """Inverse of a symmetric positive definite matrix, in place, by Cholesky."""
    factor, info = spotrf(gram, lower=0, overwrite_a=1)
    if info == 0:
        inverse, info = spotri(factor, lower=0, overwrite_c=1)
    if info != 0:
        raise EngineError("the Gram matrix is not positive definite; raise the regularization")
    _mirror_upper(inverse)
    return np.asarray(inverse, dtype=np.float32)


def _mirror_upper(matrix: FloatArray, block: int = 1024) -> None:
    """LAPACK fills one triangle; copy it to the other, block by block to save memory."""
    n = len(matrix)
    for start in range(0, n, block):
        stop = min(start + block, n)
        square = np.triu(matrix[start:stop, start:stop])
        matrix[start:stop, start:stop] = square + np.triu(square, 1).T
        matrix[stop:, start:stop] = matrix[start:stop, stop:].T


def _strongest(dense: FloatArray, keep: int) -> sp.csr_matrix:
    """The `keep` largest weights by size of each row, as CSR."""
    n = len(dense)
    if keep < n:
        for row in dense:
            size = np.abs(row)
            row[size < np.partition(size, n - keep)[n - keep]] = 0
    return sp.csr_matrix(dense)
