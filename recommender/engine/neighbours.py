"""Item kNN: what is watched by the members who watched this, shrunk where few of them speak.

Sources: Sarwar et al., Item-Based Collaborative Filtering Recommendation Algorithms, WWW 2001;
shrinkage after Bell & Koren, Scalable Collaborative Filtering with Jointly Derived Neighborhood
Interpolation Weights, ICDM 2007; asymmetric cosine and locality after Aiolli, Efficient Top-N
Recommendation for Very Large Scale Binary Rated Datasets, RecSys 2013.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self, cast

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

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
from recommender.engine.gram import Weighting, training_matrix, watchers
from recommender.engine.interactions import (
    EngineError,
    FloatArray,
    IntArray,
    Interactions,
    MemberList,
    Vocabulary,
)
from recommender.engine.prior import Prior
from recommender.engine.signal import list_weights


@dataclass(frozen=True)
class ItemKnnConfig(Config):
    # Neighbours kept for each title.
    neighbours: int = 40
    # Two titles shared by n members are believed n / (n + this).
    shrinkage: float = 5.0
    # Share of the length of the title on the list in the denominator: 0.5 is the cosine.
    asymmetry: float = 0.9
    # Similarities are raised to this power: above 1 the nearest speak louder.
    locality: float = 3.0
    # As for EASE: how a line and a member count.
    score_slope: float = 0.1
    member_power: float = 0.5
    # Popularity counts as much as this many titles of a list would; it matters for short lists.
    prior_titles: float = 0.1


@dataclass
class ItemKnn(Recommender):
    """score_j = Σ_i x_i s_ij + prior_j over the list's titles i that are neighbours of j.

    s_ij = (n_ij / (n_ij + shrinkage) · g_ij / (g_ii^a g_jj^(1-a)))^q with G = (W X)ᵀ(W X), n_ij the
    members who watched both, a `asymmetry`, q `locality`; each j keeps its `neighbours` greatest.
    x_i is the weight of the list's line (see `signal`); prior_j is popularity_j / max popularity,
    scaled by `prior_titles` and by what a title's nearest neighbour says on average.
    """

    kind = "item_knn"
    config_type = ItemKnnConfig
    config: Config = field(default_factory=ItemKnnConfig)
    # s, one row for each title i of a list, one column for each j it may speak for.
    weights: sp.csr_matrix = field(default_factory=lambda: sp.csr_matrix((0, 0), dtype=np.float32))
    prior: FloatArray = field(default_factory=lambda: np.empty(0, np.float32))

    @property
    def settings(self) -> ItemKnnConfig:
        return cast(ItemKnnConfig, self.config)

    # --- learning

    def fit(
        self,
        interactions: Interactions,
        features: ItemFeatures | None = None,
        prior: Prior | None = None,
    ) -> Self:
        need_data(interactions)
        s = self.settings
        if s.neighbours < 1 or s.shrinkage < 0:
            raise EngineError("item kNN needs one neighbour or more, and shrinkage not below 0")
        self.vocabulary = interactions.vocabulary()
        X = training_matrix(interactions, self.vocabulary, Weighting(s.score_slope, s.member_power))
        self.weights = self._neighbourhoods(X)
        popularity = watchers(X)
        nearest = self.weights.max(axis=0).toarray() if self.weights.nnz else np.ones(1)
        scale = s.prior_titles * float(nearest.mean()) / max(float(popularity.max()), 1.0)
        self.prior = (scale * popularity).astype(np.float32)
        self.facts = {"members": X.shape[0], "items": X.shape[1], "interactions": int(X.nnz)}
        return self

    def _neighbourhoods(self, X: sp.csr_matrix, block: int = 1000) -> sp.csr_matrix:
        """s as CSR, shape (n, n); `block` columns at a time, so that memory stays bounded."""
        binary = X.astype(bool).astype(np.float32)
        squares = np.asarray(X.multiply(X).sum(axis=0)).ravel()
        lengths = np.maximum(squares, 1e-12).astype(np.float32)
        blocks = []
        for start in range(0, X.shape[1], block):
            part = slice(start, start + block)
            near = sp.csr_matrix(X[:, part].T @ X)
            common = sp.csr_matrix(binary[:, part].T @ binary)
            near.sort_indices()
            common.sort_indices()
            blocks.append(self._nearest(near, common.data, lengths, start))
        return sp.vstack(blocks, format="csr").T.tocsr()

    def _nearest(
        self, near: sp.csr_matrix, common: FloatArray, lengths: FloatArray, start: int
    ) -> sp.csr_matrix:
        """The nearest titles i of each target j of a block, whose first is `start`: row j, column i."""
        s = self.settings
        targets = start + np.repeat(np.arange(near.shape[0]), np.diff(near.indptr))
        cosines = near.data / (
            lengths[near.indices] ** s.asymmetry * lengths[targets] ** (1 - s.asymmetry)
        )
        near.data = (cosines * common / (common + s.shrinkage)) ** s.locality
        near.data[near.indices == targets] = 0
        return sparse.strongest(near, s.neighbours)

    # --- answering

    def signal(self, member: MemberList) -> tuple[IntArray, FloatArray]:
        """Positions of the list's known items and x, what each counts for."""
        positions = self.vocabulary.positions(member.items)
        known = positions >= 0
        return positions[known], list_weights(member)[known]

    def score(self, member: MemberList) -> FloatArray:
        positions, x = self.signal(member)
        own: FloatArray = self.weights[positions].T @ x
        return (own + self.prior).astype(np.float32)

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
        """s_ij of the neighbours i of the title j at `position`."""
        column: FloatArray = self.weights[:, [position]].toarray().ravel()
        return column

    # --- keeping

    def arrays(self) -> Arrays:
        W = self.weights
        return {"data": W.data, "indices": W.indices, "indptr": W.indptr, "prior": self.prior}

    def restore(self, arrays: Arrays) -> None:
        n = len(self.vocabulary)
        self.weights = sparse.from_arrays({**arrays, "shape": np.array([n, n])})
        self.prior = arrays["prior"]
        if len(self.prior) != n:
            raise KeyError("the prior does not fit the vocabulary")

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
