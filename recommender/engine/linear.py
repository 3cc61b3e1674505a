"""EASE: a linear autoencoder in closed form, with popularity- and activity-normalised weights.

Source: Steck, Embarrassingly Shallow Autoencoders for Sparse Data, WWW 2019; normalisation after
Steck, Markov Random Fields for Collaborative Filtering, NeurIPS 2019; denoising (EDLAE) after
Steck, Autoencoders that don't Overfit towards the Identity, NeurIPS 2020.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Self, cast

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.linalg.lapack import spotrf, spotri

from recommender.engine import sparse
from recommender.engine.artifacts import Arrays
from recommender.engine.base import (
    NO_CAUSES,
    Attribution,
    Config,
    ItemFeatures,
    Recommender,
    need_data,
)
from recommender.engine.gram import GramMatrix, Weighting
from recommender.engine.interactions import (
    EngineError,
    FloatArray,
    IntArray,
    Interactions,
    MemberList,
    Vocabulary,
)
from recommender.engine.prior import WORTH, Prior
from recommender.engine.signal import list_weights


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
    # Dropout p of the denoising variant: the diagonal weighs 1 + p / (1 - p) times.
    denoising: float = 0.0
    # A shipped prior speaks with the voice of at most so many members, see `Prior.weight`.
    prior_members: float = WORTH

    def __post_init__(self) -> None:
        if not 0 <= self.denoising < 1:
            raise EngineError("denoising is a share of 0 up to, not including, 1")

    @property
    def weighting(self) -> Weighting:
        return Weighting(self.score_slope, self.member_power)


@dataclass
class Ease(Recommender):
    """score_j = Σ_i x_i B_ij + prior_j, B = argmin ‖W(X - XB)‖² + ‖Λ^½ B‖² with diag(B) = 0.

    Λ = λI + p / (1 - p) · diag(G), G = XᵀW²X: a ridge, and with p > 0 the dropout of a denoising
    autoencoder in closed form. B = I - P · diag(P)^-1 with P = (G + Λ)^-1, found by Cholesky (potrf,
    potri) in float32: n = 12,000 takes about 1.3 GB. x_i is the weight of the list's line (see
    `signal`); prior_j is popularity_j / max popularity, scaled by `prior_titles`.
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

    def fit(
        self,
        interactions: Interactions,
        features: ItemFeatures | None = None,
        prior: Prior | None = None,
    ) -> Self:
        """`prior`: what a larger community knows; with it `interactions` may be empty."""
        if prior is None:
            need_data(interactions)
        return self._solve(self.gram_of(interactions, prior))

    def gram_of(self, interactions: Interactions, prior: Prior | None = None) -> GramMatrix:
        """All that `fit` learns from; variants that differ in neither `weighting` nor `max_items`
        can share one (`fit_gram`). Local lists + w · prior, w as in `Prior.weight`."""
        settings = self.settings
        local = GramMatrix.of(interactions, settings.weighting, max_items=settings.max_items)
        if prior is None:
            return local
        return local.plus(prior.gram(), prior.weight(int(local.members), settings.prior_members))

    def fit_gram(self, gram: GramMatrix) -> Self:
        """Fit on a matrix made before, which stays as it is."""
        return self._solve(replace(gram, values=gram.values.copy(order="F")))

    def _solve(self, gram: GramMatrix) -> Self:
        """Consumes `gram.values`."""
        self.vocabulary = gram.vocabulary
        scale = np.maximum(gram.counts, 1) ** np.float32(self.settings.item_power)
        weights = self._weights(gram.values, scale)
        self.weights = strongest(weights, self.settings.neighbours)
        self.prior = self._prior(gram.counts)
        self.facts = {
            "members": int(gram.members),
            "items": len(gram.vocabulary),
            "interactions": gram.interactions,
        }
        return self

    def _weights(self, gram: FloatArray, scale: FloatArray) -> FloatArray:
        """B, dense, shape (n, n), in the scale of the data; written over `gram`."""
        settings = self.settings
        gram /= scale[:, None]
        gram /= scale[None, :]
        own = np.diag(gram).copy()
        ridge = settings.regularization * max(float(own.mean()), 1e-6)
        noise = settings.denoising / (1 - settings.denoising) * own
        inverse = inverse_of(gram, noise + ridge)
        inverse /= -np.diag(inverse)[None, :].copy()
        inverse[np.diag_indices_from(inverse)] = 0
        inverse /= scale[:, None]
        inverse *= scale[None, :] ** settings.popularity_share
        return inverse

    def _prior(self, popularity: FloatArray) -> FloatArray:
        typical = (
            float(np.abs(self.weights).max(axis=1).toarray().mean()) if self.weights.nnz else 1.0
        )
        share = popularity / (popularity.max() or 1.0)
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
        parts = sparse.block(self.weights, positions, targets.clip(0)) * x[:, None]
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
        kept = self.vocabulary.positions(np.unique(np.asarray(ids)))
        kept = kept[kept >= 0]
        small = type(self)(
            config=self.config, vocabulary=Vocabulary(np.asarray(self.vocabulary.ids)[kept])
        )
        small.weights = self.weights[kept][:, kept].tocsr()
        small.prior = self.prior[kept]
        small.facts = {**self.facts, "cut_to": len(kept)}
        return small


# Statistics with small counts dropped need not be positive definite; how far the ridge may grow.
RIDGE_GROWTH, RIDGE_TRIES = 1.2, 20


def inverse_of(gram: FloatArray, added: FloatArray) -> FloatArray:
    """Inverse of `gram` + diag(`added`) by Cholesky, written over `gram` (column order, float32).

    Where dropped counts leave the sum indefinite, `added` grows by a fifth until it is not;
    EngineError where twenty times are not enough.
    """
    own, places = np.diag(gram).copy(), np.diag_indices_from(gram)
    for step in range(RIDGE_TRIES):
        gram[places] = own + added * RIDGE_GROWTH**step
        # `clean=0` leaves the lower triangle alone, to start again from.
        factor, failed = spotrf(gram, lower=0, clean=0, overwrite_a=1)
        if not failed:
            break
        mirror(gram, to_upper=True)
    else:
        raise EngineError("the Gram matrix is not positive definite; raise the regularization")
    inverse, failed = spotri(factor, lower=0, overwrite_c=1)
    if failed:
        raise EngineError("the Gram matrix cannot be inverted; raise the regularization")
    mirror(inverse)
    return np.asarray(inverse, dtype=np.float32)


def mirror(matrix: FloatArray, *, to_upper: bool = False, block: int = 1024) -> None:
    """Copy the upper triangle over the lower, or the other way; block by block to save memory."""
    source = matrix.T if to_upper else matrix
    for start in range(0, len(matrix), block):
        stop = start + block
        square = np.triu(source[start:stop, start:stop])
        source[start:stop, start:stop] = square + np.triu(square, 1).T
        source[stop:, start:stop] = source[start:stop, stop:].T


def strongest(dense: FloatArray, keep: int) -> sp.csr_matrix:
    """The `keep` largest weights by size of each row, as CSR; ties with the last are kept too."""
    n = len(dense)
    if keep < n:
        for row in dense:
            size = np.abs(row)
            row[size < np.partition(size, n - keep)[n - keep]] = 0
    return sp.csr_matrix(dense)
