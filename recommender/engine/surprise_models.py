"""KNNBaseline and SVD: fitted by scikit-surprise, kept as arrays, folded in by us.

Surprise knows only the members it was trained with, and would be unpickled to serve them. Here what
it learned of the titles is kept, and what belongs to a member is computed from the list alone, in
closed form: a new member, or a new score, counts at once.

Sources: Koren, Factor in the Neighbors, TKDD 2010 (baseline estimates, neighbours of items, shrunk
Pearson correlation); Koren, Bell, Volinsky, Matrix Factorization Techniques for Recommender
Systems, Computer 2009 (biased SVD); Hug, Surprise, JOSS 2020.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self, cast

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from recommender.engine.artifacts import Arrays
from recommender.engine.base import Config, ItemFeatures
from recommender.engine.interactions import (
    FloatArray,
    IntArray,
    Interactions,
    MemberList,
    Vocabulary,
)
from recommender.engine.prior import Prior
from recommender.engine.score_model import Floats, ScoreModel, need_scores, trainset
from recommender.engine.sparse import block, from_arrays, strongest, to_arrays

# --- neighbours


@dataclass(frozen=True)
class KnnBaselineConfig(Config):
    # Scores at the common mean that every title, and every member, is thought to have already.
    item_damping: float = 10.0
    member_damping: float = 5.0
    baseline_sweeps: int = 10
    # Two titles scored together by few members are hardly alike: (n - 1) / (n - 1 + this).
    shrinkage: float = 100.0
    least_common: int = 2
    # Correlations are raised to this power: a few near titles say more than many far ones
    # (case amplification: Breese, Heckerman, Kadie, UAI 1998).
    amplification: float = 3.0
    neighbours: int = 200
    # A score of a title with this correlation is believed half where it stands alone.
    half_believed: float = 0.15
    # Only titles with as many scores have neighbours, and of them only the most scored: Surprise
    # holds five matrices of 8 bytes per pair of titles, 1.4 GB for 6,000. All others keep the baseline.
    least_scores: int = 3
    max_items: int = 6_000


@dataclass
class KnnBaseline(ScoreModel):
    """r̂_uj = μ + b_j + b_u + Σ_i w_ij (r_ui - μ - b_i - b_u) / (Σ_i w_ij + d), clipped to 1..10.

    i runs over the scored titles of the list; b_u = Σ_i (r_ui - μ - b_i) / (k + damping);
    w_ij = ρ_ij^amplification, ρ the shrunk Pearson correlation of what the baseline leaves, over
    the `neighbours` nearest of j, positive ones alone; d = half_believed^amplification. μ, b_j and
    ρ come from Surprise. `near`: CSR (n, n), w_ij in row i, column j.
    """

    kind = "knn_baseline"
    config_type = KnnBaselineConfig
    config: Config = field(default_factory=KnnBaselineConfig)
    biases: FloatArray = field(default_factory=lambda: np.empty(0, np.float32))
    near: sp.csr_matrix = field(default_factory=lambda: sp.csr_matrix((0, 0), dtype=np.float32))

    @property
    def settings(self) -> KnnBaselineConfig:
        return cast(KnnBaselineConfig, self.config)

    # --- learning

    def fit(
        self,
        interactions: Interactions,
        features: ItemFeatures | None = None,
        prior: Prior | None = None,
    ) -> Self:
        scored = need_scores(interactions)
        self.vocabulary = scored.vocabulary()
        self.biases = self._fit_biases(scored)
        self.near = self._fit_neighbours(scored)
        self.facts = {
            "mean_score": float(scored.scores.mean(dtype=np.float64)),
            "scores": len(scored),
            "members": len(scored.member_ids),
            "with_neighbours": int((self.near.sum(axis=0) > 0).sum()),
        }
        return self

    def _baseline_options(self) -> dict[str, object]:
        return {
            "method": "als",
            "n_epochs": self.settings.baseline_sweeps,
            "reg_u": self.settings.member_damping,
            "reg_i": self.settings.item_damping,
        }

    def _fit_biases(self, scored: Interactions) -> FloatArray:
        """Of every title, those without neighbours too."""
        from surprise import BaselineOnly

        model = BaselineOnly(bsl_options=self._baseline_options(), verbose=False)
        model.fit(trainset(scored, self.vocabulary))
        return np.asarray(model.bi, dtype=np.float32)

    def _fit_neighbours(self, scored: Interactions) -> sp.csr_matrix:
        n = len(self.vocabulary)
        places = self._with_enough_scores(scored)
        if len(places) < 2:
            return sp.csr_matrix((n, n), dtype=np.float32)
        often = Vocabulary(self.vocabulary.ids[places])
        alike = self._correlations(scored.only_items(often.ids), often)
        chosen = strongest(sp.csr_matrix(alike), self.settings.neighbours).tocoo()
        weights = (chosen.data**self.settings.amplification).astype(np.float32)
        # Row j holds the neighbours of j; turned over, row i holds whom i speaks for.
        return sp.csr_matrix((weights, (places[chosen.col], places[chosen.row])), shape=(n, n))

    def _with_enough_scores(self, scored: Interactions) -> IntArray:
        """Positions, ascending: of those with `least_scores`, the `max_items` most scored."""
        counts = np.bincount(
            self.vocabulary.positions(scored.items), minlength=len(self.vocabulary)
        )
        order = np.argsort(-counts, kind="stable")[: self.settings.max_items]
        return np.sort(order[counts[order] >= self.settings.least_scores]).astype(np.int64)

    def _correlations(self, scored: Interactions, often: Vocabulary) -> FloatArray:
        """Positive shrunk correlations, shape (m, m), 0 on the diagonal."""
        from surprise import KNNBaseline

        model = KNNBaseline(
            sim_options={
                "name": "pearson_baseline",
                "user_based": False,
                "shrinkage": self.settings.shrinkage,
                "min_support": self.settings.least_common,
            },
            bsl_options=self._baseline_options(),
            verbose=False,
        )
        model.fit(trainset(scored, often, _never_exact(scored.scores)))
        alike = np.asarray(model.sim, dtype=np.float32).clip(min=0)
        np.fill_diagonal(alike, 0)
        return alike

    # --- answering

    def _left(self, member: MemberList) -> tuple[IntArray, Floats, float]:
        """Positions of the scored titles, r - μ - b_i, and b_u."""
        positions, scores = self.scored(member)
        left = scores - self.mean - self.biases[positions]
        return positions, left, float(left.sum() / (len(left) + self.settings.member_damping))

    @property
    def _doubt(self) -> float:
        return float(self.settings.half_believed**self.settings.amplification)

    def predict(self, member: MemberList) -> Floats:
        positions, left, own = self._left(member)
        predicted: Floats = self.mean + self.biases.astype(np.float64) + own
        if len(positions):
            weights = self.near[positions]
            heard = np.asarray(weights.sum(axis=0), dtype=np.float64).ravel()
            predicted += (weights.T @ (left - own)) / (heard + self._doubt)
        return predicted

    def predict_at(self, member: MemberList, targets: IntArray) -> Floats:
        positions, left, own = self._left(member)
        predicted: Floats = self.mean + self.biases[targets].astype(np.float64) + own
        if len(positions):
            weights = block(self.near, positions, targets).astype(np.float64)
            predicted += (left - own) @ weights / (weights.sum(axis=0) + self._doubt)
        return predicted

    def parts(self, member: MemberList, targets: IntArray) -> tuple[IntArray, Floats, Floats]:
        """A title speaks as a neighbour, and through b_u where the neighbours leave room for it."""
        positions, left, _ = self._left(member)
        weights = block(self.near, positions, targets).astype(np.float64)
        heard = weights.sum(axis=0) + self._doubt
        room = self._doubt / heard / (len(left) + self.settings.member_damping)
        values = left[:, None] * (weights / heard + room)
        constants = self.mean + self.biases[targets].astype(np.float64)
        return np.asarray(self.vocabulary.ids)[positions], values, constants

    def item_similarities(self, position: int) -> FloatArray:
        """w_ij of the neighbours i of the title j at `position`."""
        column: FloatArray = self.near[:, [position]].toarray().ravel()
        return column

    # --- keeping

    def arrays(self) -> Arrays:
        return {"biases": self.biases, **to_arrays(self.near)}

    def restore(self, arrays: Arrays) -> None:
        n = len(self.vocabulary)
        self.biases, self.near = arrays["biases"], from_arrays(arrays)
        if self.biases.shape != (n,) or self.near.shape != (n, n):
            raise KeyError("biases or neighbours do not fit the vocabulary")

    def cut_to(self, ids: npt.ArrayLike) -> Self:
        kept, small = self._empty_cut(ids)
        small.biases = self.biases[kept]
        small.near = self.near[kept][:, kept].tocsr()
        return small


def _never_exact(scores: FloatArray) -> Floats:
    """`scores` with a fixed disturbance of a millionth.

    Where the baseline hits all scores that two titles share exactly, as it does if all scores are
    equal, Surprise divides by zero.
    """
    disturbance = np.random.default_rng(0).uniform(-1e-6, 1e-6, len(scores))
    return scores.astype(np.float64) + disturbance


# --- matrix factorisation


@dataclass(frozen=True)
class SvdConfig(Config):
    factors: int = 200
    epochs: int = 60
    learning_rate: float = 0.005
    regularization: float = 0.1
    seed: int = 0
    # Ridge of the fold-in, in squared score points: how much scatter a taste leaves unexplained.
    ridge: float = 0.25


@dataclass
class Svd(ScoreModel):
    """r̂_uj = μ + b_j + b_u + p_u · q_j, clipped to 1..10; μ, b_j and q_j come from Surprise.

    For a list, θ_u = (b_u, p_u) is the ridge regression of r_ui - μ - b_i on (1, q_i), drawn to the
    training members: with their mean m and covariance C = LLᵀ,

        θ_u = m + L z,   z = argmin ‖y - F z‖² + ridge ‖z‖²,   F_i = (1, q_i) L,
        y_i = r_ui - μ - offset_i,   offset_i = b_i + (1, q_i) m,

    so r̂_uj = μ + offset_j + F_j · z. This is the mean of θ_u after the list if tastes are normal
    with that mean and covariance. `offsets`: shape (n,). `factors`: F, shape (n, factors + 1).
    `level`: what one more point of b_u is in z's coordinates, the first row of L.
    """

    kind = "svd"
    config_type = SvdConfig
    config: Config = field(default_factory=SvdConfig)
    offsets: FloatArray = field(default_factory=lambda: np.empty(0, np.float32))
    factors: FloatArray = field(default_factory=lambda: np.empty((0, 0), np.float32))
    level: FloatArray = field(default_factory=lambda: np.empty(0, np.float32))

    @property
    def settings(self) -> SvdConfig:
        return cast(SvdConfig, self.config)

    # --- learning

    def fit(
        self,
        interactions: Interactions,
        features: ItemFeatures | None = None,
        prior: Prior | None = None,
    ) -> Self:
        from surprise import SVD

        scored = need_scores(interactions)
        self.vocabulary = scored.vocabulary()
        model = SVD(
            n_factors=self.settings.factors,
            n_epochs=self.settings.epochs,
            lr_all=self.settings.learning_rate,
            reg_all=self.settings.regularization,
            random_state=self.settings.seed,
        )
        model.fit(trainset(scored, self.vocabulary))
        tastes = np.column_stack([model.bu, model.pu])
        self._take_over(np.asarray(model.bi), np.asarray(model.qi), tastes)
        self.facts = {
            "mean_score": float(scored.scores.mean(dtype=np.float64)),
            "scores": len(scored),
            "members": len(scored.member_ids),
        }
        return self

    def _take_over(self, biases: Floats, factors: Floats, tastes: Floats) -> None:
        mean, root = tastes.mean(axis=0), _root_of_covariance(tastes)
        seen = np.column_stack([np.ones(len(biases)), factors])
        self.offsets = (biases + seen @ mean).astype(np.float32)
        self.factors = (seen @ root).astype(np.float32)
        self.level = root[0].astype(np.float32)

    # --- answering

    def _own(self, member: MemberList) -> tuple[IntArray, Floats, Floats]:
        """Positions, F and y of the scored titles."""
        positions, scores = self.scored(member)
        left = scores - self.mean - self.offsets[positions]
        return positions, self.factors[positions].astype(np.float64), left

    def predict(self, member: MemberList) -> Floats:
        _, F, left = self._own(member)
        predicted: Floats = self.mean + self.offsets.astype(np.float64)
        if len(left):
            predicted += self.factors @ _ridge(F, left, self.settings.ridge)
        return predicted

    def predict_at(self, member: MemberList, targets: IntArray) -> Floats:
        _, F, left = self._own(member)
        predicted: Floats = self.mean + self.offsets[targets].astype(np.float64)
        if len(left):
            predicted += self.factors[targets] @ _ridge(F, left, self.settings.ridge)
        return predicted

    def parts(self, member: MemberList, targets: IntArray) -> tuple[IntArray, Floats, Floats]:
        """z is linear in y: a title adds its y_i times its share of F_j · z."""
        positions, F, left = self._own(member)
        solved = _ridge(F, np.diag(left), self.settings.ridge)
        values = (self.factors[targets] @ solved).T
        constants = self.mean + self.offsets[targets].astype(np.float64)
        return np.asarray(self.vocabulary.ids)[positions], values, constants

    def item_similarities(self, position: int) -> FloatArray:
        """Cosine of q in z's coordinates: how the training members' tastes for both go together."""
        tastes = self.factors - self.level
        lengths = np.sqrt((tastes * tastes).sum(axis=1))
        cosines: FloatArray = tastes @ tastes[position]
        cosines /= np.maximum(lengths * lengths[position], 1e-12)
        return cosines

    # --- keeping

    def arrays(self) -> Arrays:
        return {"offsets": self.offsets, "factors": self.factors, "level": self.level}

    def restore(self, arrays: Arrays) -> None:
        self.offsets, self.factors = arrays["offsets"], arrays["factors"]
        self.level = arrays["level"]
        n = len(self.vocabulary)
        if self.offsets.shape != (n,) or self.factors.shape != (n, *self.level.shape):
            raise KeyError("offsets or factors do not fit the vocabulary")

    def cut_to(self, ids: npt.ArrayLike) -> Self:
        kept, small = self._empty_cut(ids)
        small.offsets, small.factors = self.offsets[kept], self.factors[kept]
        small.level = self.level
        return small


def _root_of_covariance(tastes: Floats) -> Floats:
    """L, lower triangular, of the covariance C = LLᵀ of the rows of `tastes`.

    A little of the mean variance is added to each direction: with fewer members than factors, some
    were never seen to vary.
    """
    centred = tastes - tastes.mean(axis=0)
    covariance = centred.T @ centred / len(tastes)
    floor = 1e-4 * float(np.trace(covariance)) / len(covariance) + 1e-9
    covariance[np.diag_indices_from(covariance)] += floor
    return np.asarray(np.linalg.cholesky(covariance), dtype=np.float64)


def _ridge(F: Floats, wanted: Floats, ridge: float) -> Floats:
    """(FᵀF + ridge I)⁻¹ Fᵀ `wanted`, by the smaller of the two systems it can be had from.

    F: shape (k, f); `wanted`: (k,) or (k, m); the result: (f,) or (f, m).
    """
    k, f = F.shape
    if k < f:
        solved = F.T @ np.linalg.solve(F @ F.T + ridge * np.eye(k), wanted)
    else:
        solved = np.linalg.solve(F.T @ F + ridge * np.eye(f), F.T @ wanted)
    return np.asarray(solved, dtype=np.float64)
