"""Implicit ALS from scratch: members and titles as vectors whose product says who watches what.

Source: Hu, Koren, Volinsky, Collaborative Filtering for Implicit Feedback Datasets, ICDM 2008; the
regularisation that grows with popularity after Rendle et al., Revisiting the Performance of iALS
on Item Recommendation Benchmarks, RecSys 2022.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self, cast

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.linalg import LinAlgError, cho_factor, cho_solve

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
    DROPPED_WEIGHT,
    EngineError,
    FloatArray,
    IntArray,
    Interactions,
    MemberList,
    Vocabulary,
    watched_weights,
)
from recommender.engine.lately import Lately
from recommender.engine.least_squares import batches, solve
from recommender.engine.prior import Prior
from recommender.engine.signal import DISLIKED, liking, member_means

# Below this a vector has no direction.
TINY = 1e-12


@dataclass(frozen=True)
class AlsConfig(Config):
    factors: int = 256
    # λ of a member or title of average mass; the mass is Σ_j c_uj.
    regularization: float = 10.0
    # λ_u = λ · (mass_u / mean mass)^this: 0 treats all alike, 1 scales with popularity.
    regularization_power: float = 3.0
    # A watched title of weight w is believed 1 + alpha · w, one not watched 1.
    alpha: float = 1.0
    iterations: int = 8
    # Conjugate gradients to each row in each sweep.
    steps: int = 3
    # How far a score above or below the member's mean raises or lowers a line's weight.
    score_slope: float = 0.1
    # A new member is thought to be this much like the average one before they say anything.
    average_member: float = 1.0
    seed: int = 0


@dataclass
class Als(Recommender):
    """score_j = x_u · y_j, where x_u is solved exactly from the member's list (fold-in).

    x_u = A_u⁻¹ (b_u + λ_u κ x̄) with A_u and b_u of `least_squares`, x̄ the mean member's vector and
    κ `average_member`. So score_j = Σ_i c_i y_jᵀA_u⁻¹y_i + λ_u κ y_jᵀA_u⁻¹x̄: one summand for each of
    the member's own titles, and one, "popularity", that is there for everybody. Vectors are
    float32; solving f equations is done in float64.
    """

    kind = "als"
    config_type = AlsConfig
    config: Config = field(default_factory=AlsConfig)
    # Titles' vectors, shape (n, f); YᵀY of all titles learned from, (f, f); x̄, (f,).
    factors: FloatArray = field(default_factory=lambda: np.empty((0, 0), np.float32))
    gram: FloatArray = field(default_factory=lambda: np.empty((0, 0), np.float32))
    average: FloatArray = field(default_factory=lambda: np.empty(0, np.float32))
    lately: Lately[FoldIn] = field(default_factory=Lately, init=False, repr=False, compare=False)

    @property
    def settings(self) -> AlsConfig:
        return cast(AlsConfig, self.config)

    # --- learning

    def fit(
        self,
        interactions: Interactions,
        features: ItemFeatures | None = None,
        prior: Prior | None = None,
    ) -> Self:
        need_data(interactions)
        self._check()
        self.vocabulary = interactions.vocabulary()
        W = self._training_matrix(interactions)
        self.facts = {
            "members": W.shape[0],
            "items": W.shape[1],
            "interactions": int(W.nnz),
            "mean_mass": _mean_mass(W, self.settings.alpha),
        }
        X, self.factors = self._alternate(W)
        self.gram = self.factors.T @ self.factors
        self.average = X.mean(axis=0)
        self.lately = Lately()
        return self

    def _check(self) -> None:
        s = self.settings
        if min(s.factors, s.iterations, s.steps) < 1 or s.regularization <= 0 or s.alpha < 0:
            raise EngineError(
                "ALS needs factors, iterations, steps and regularization above 0 and alpha not below"
            )

    def _training_matrix(self, data: Interactions) -> sp.csr_matrix:
        """CSR of signed weights, shape (members, n)."""
        members = data.member_ids
        rows = np.searchsorted(members, data.members)
        means = member_means(rows, data.scores, len(members))[rows]
        values = signed_weights(
            data.scores, watched_weights(data.dropped), means, self.settings.score_slope
        )
        return data.matrix(self.vocabulary, values)

    def _alternate(self, W: sp.csr_matrix) -> tuple[FloatArray, FloatArray]:
        """Vectors of members and of titles after all sweeps."""
        s, rng = self.settings, np.random.default_rng(self.settings.seed)
        X, Y = (
            rng.standard_normal((size, s.factors), np.float32) * np.float32(0.1 / s.factors**0.5)
            for size in W.shape
        )
        by_title = W.T.tocsr()
        members, titles = batches(W, s.alpha, s.factors), batches(by_title, s.alpha, s.factors)
        ridges = self._ridges(W), self._ridges(by_title)
        for _ in range(s.iterations):
            solve(members, X, Y, ridges[0], s.steps)
            solve(titles, Y, X, ridges[1], s.steps)
        return X, Y

    def _ridges(self, W: sp.csr_matrix) -> FloatArray:
        """λ_u of each row, shape (rows,)."""
        mass = W.shape[1] + self.settings.alpha * np.asarray(abs(W).sum(axis=1)).ravel()
        return self._ridge(mass, _mean_mass(W, self.settings.alpha))

    def _ridge(self, mass: npt.ArrayLike, mean_mass: float) -> FloatArray:
        share = np.asarray(mass) / mean_mass
        ridge = self.settings.regularization * share**self.settings.regularization_power
        return np.asarray(ridge, np.float32)

    # --- answering

    def signal(self, member: MemberList) -> tuple[IntArray, FloatArray]:
        """Positions of the list's known items, and the signed weight of each."""
        positions = self.vocabulary.positions(member.items)
        known = positions >= 0
        means = member_means(np.zeros(len(member), np.int64), member.scores, 1)
        weights = signed_weights(member.scores, member.weights, means[0], self.settings.score_slope)
        return positions[known], weights[known]

    def member_factors(self, member: MemberList) -> FloatArray:
        """x_u, shape (f,): the member's vector, solved from the list."""
        return self.folded(member).member_factors()

    def folded(self, member: MemberList) -> FoldIn:
        return self.lately.of(member, lambda: self._fold_in(*self.signal(member)))

    def _fold_in(self, positions: IntArray, weights: FloatArray) -> FoldIn:
        s = self.settings
        extra = np.float32(s.alpha) * np.abs(weights)
        ridge = float(self._ridge(self.facts["items"] + extra.sum(), self.facts["mean_mass"]))
        near = self.factors[positions]
        matrix = self.gram + np.asarray((near.T * extra) @ near, np.float32)
        matrix[np.diag_indices_from(matrix)] += ridge
        confidences = np.where(weights > 0, 1 + extra, 0).astype(np.float32)
        return FoldIn.of(matrix, near, confidences, ridge * s.average_member * self.average)

    def score(self, member: MemberList) -> FloatArray:
        scores: FloatArray = self.factors @ self.member_factors(member)
        return scores

    def attributions(self, member: MemberList, item_ids: npt.ArrayLike) -> list[Attribution]:
        """c_i y_jᵀA_u⁻¹y_i of each own title, and what is there for everybody as "popularity".

        A title that counts against adds nothing of its own: it is there in A_u, and so lowers what
        its like receive from the others.
        """
        targets = self.vocabulary.positions(item_ids)
        positions, _ = self.signal(member)
        parts, base = self.folded(member).parts(self.factors[targets.clip(0)])
        ids = np.asarray(self.vocabulary.ids)[positions]
        return [
            Attribution(ids, parts[place], {"popularity": float(base[place])})
            if target >= 0
            else NO_CAUSES
            for place, target in enumerate(targets)
        ]

    def item_similarities(self, position: int) -> FloatArray:
        """Cosines of the titles' vectors."""
        lengths = np.linalg.norm(self.factors, axis=1)
        products = self.factors @ self.factors[position]
        cosines: FloatArray = products / np.maximum(lengths * lengths[position], TINY)
        return cosines

    # --- keeping

    def arrays(self) -> Arrays:
        return {"factors": self.factors, "gram": self.gram, "average": self.average}

    def restore(self, arrays: Arrays) -> None:
        self.factors, self.gram = arrays["factors"], arrays["gram"]
        self.average = arrays["average"]
        f = self.settings.factors
        shapes = (self.factors.shape, self.gram.shape, self.average.shape)
        if shapes != ((len(self.vocabulary), f), (f, f), (f,)):
            raise KeyError(f"vectors do not fit the vocabulary and {f} factors: {shapes}")
        float(self.facts["mean_mass"]), int(self.facts["items"])

    def cut_to(self, ids: npt.ArrayLike) -> Self:
        """The same model over fewer items; YᵀY stays that of all, so the scores stay too."""
        kept = self.vocabulary.positions(np.unique(np.asarray(ids)))
        kept = kept[kept >= 0]
        small = type(self)(
            config=self.config, vocabulary=Vocabulary(np.asarray(self.vocabulary.ids)[kept])
        )
        small.factors, small.gram, small.average = self.factors[kept], self.gram, self.average
        small.facts = {**self.facts, "cut_to": len(kept)}
        return small


@dataclass(frozen=True)
class FoldIn:
    """One member's equations A x = Σ_i c_i y_i + constant, with A's Cholesky factor.

    `near`: y_i of the own titles, shape (k, f). `confidences`: c_i, 0 for p_i = 0, shape (k,).
    """

    factor: tuple[npt.NDArray[np.float64], bool]
    near: FloatArray
    confidences: FloatArray
    constant: FloatArray

    @classmethod
    def of(
        cls, matrix: FloatArray, near: FloatArray, confidences: FloatArray, constant: FloatArray
    ) -> Self:
        try:
            factor = cho_factor(matrix.astype(np.float64), check_finite=False, overwrite_a=True)
        except LinAlgError:
            raise EngineError("a list cannot be folded in: raise the regularization") from None
        return cls(factor, near, confidences, constant)

    def member_factors(self) -> FloatArray:
        wanted = self.confidences @ self.near + self.constant
        return self.solved(wanted).astype(np.float32)

    def parts(self, targets: FloatArray) -> tuple[FloatArray, FloatArray]:
        """What each own title adds to each of `targets`, shape (t, k), and the constant, (t,)."""
        solved = self.solved(targets.T)
        parts = solved.T @ self.near.T * self.confidences
        return parts.astype(np.float32), (solved.T @ self.constant).astype(np.float32)

    def solved(self, right: FloatArray) -> npt.NDArray[np.float64]:
        answer: npt.NDArray[np.float64] = cho_solve(
            self.factor, right.astype(np.float64), check_finite=False
        )
        return answer


def signed_weights(
    scores: FloatArray, weights: FloatArray, means: FloatArray | np.float32, slope: float
) -> FloatArray:
    """w of each line: its liking; below 0 for a dropped or disliked title. Shape as `scores`."""
    liked = liking(scores, means, slope, 0.0) * weights
    disliked = np.nan_to_num(scores, nan=10.0) <= DISLIKED
    signed = np.where(weights < 0, weights, np.where(disliked, DROPPED_WEIGHT, liked))
    return signed.astype(np.float32)


def _mean_mass(weights: sp.csr_matrix, alpha: float) -> float:
    """Mean over the rows of Σ_j c_uj."""
    return float(weights.shape[1] + alpha * abs(weights).sum() / weights.shape[0])
