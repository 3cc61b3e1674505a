"""What is thought of a member before they have said anything, learned from everybody's lists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from recommender.engine.base import ItemFeatures
from recommender.engine.interactions import FloatArray, Interactions, Vocabulary
from recommender.engine.signal import USUAL_MEAN
from recommender.engine.traits import KINDS, Traits

Floats = npt.NDArray[np.float64]

# Where a community is too small to tell: variances in points squared, and the Gamma's shape.
NOISE, LEVEL, SPREAD, SHAPE = 1.4, 0.4, 0.1, 2.0
# What moments of few lists must not reach.
LEAST_VARIANCE, LEAST_SHAPE, MOST_SHAPE = 0.01, 0.5, 50.0
# A trait of one line has a mean of noise; these many tell something of the spread.
LINES_TO_TELL = 5


@dataclass(frozen=True)
class Priors:
    """`noise`: variance of a score about what its traits say. `level`: variance of members' own
    levels. `spreads`: variance of a trait's effect between members, by kind. `shapes`: of the
    Gamma(a, a) of how much more often than others a member watches a trait, by kind."""

    noise: float
    level: float
    spreads: Mapping[str, float]
    shapes: Mapping[str, float]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def priors_from(facts: Mapping[str, Any]) -> Priors:
    return Priors(**facts["priors"])


def expected_scores(
    interactions: Interactions, features: ItemFeatures, vocabulary: Vocabulary, damping: float
) -> Floats:
    """(Σ s + damping · m) / (n + damping), shape (items,).

    m is the catalogue's mean of the title, moved to this community's level; its overall mean where
    the catalogue has none.
    """
    rated = interactions.take(~np.isnan(interactions.scores))
    places = vocabulary.positions(rated.items)
    overall = float(rated.scores.mean()) if len(rated) else USUAL_MEAN
    catalogue = np.full(len(vocabulary), np.nan)
    catalogue[vocabulary.positions(features.ids)] = features.mean_scores
    known = ~np.isnan(catalogue[places])
    if known.any():
        catalogue += float(rated.scores[known].mean()) - catalogue[places][known].mean()
    prior = np.where(np.isnan(catalogue), overall, catalogue)
    sums = np.bincount(places, rated.scores, len(vocabulary))
    counts = np.bincount(places, minlength=len(vocabulary))
    return np.asarray(np.clip((sums + damping * prior) / (counts + damping), 1, 10))


def learn_priors(
    interactions: Interactions, traits: Traits, vocabulary: Vocabulary, expected: Floats
) -> tuple[Priors, FloatArray]:
    """The priors by moments, and how often a title watched has each trait, mean over members."""
    watched = interactions.take(~interactions.dropped)
    noise, level, spreads = _score_spreads(interactions, traits, vocabulary, expected)
    shares, shapes = _watch_spreads(watched, traits, vocabulary)
    return Priors(noise, level, spreads, shapes), shares


def _score_spreads(
    interactions: Interactions, traits: Traits, vocabulary: Vocabulary, expected: Floats
) -> tuple[float, float, dict[str, float]]:
    """Method of moments: E[d̂²] = spread + var(d̂), over members with enough lines of a trait."""
    rated = interactions.take(~np.isnan(interactions.scores))
    spreads = dict.fromkeys(KINDS, SPREAD)
    if len(rated.member_ids) < 2:
        return NOISE, LEVEL, spreads
    left = (rated.scores - expected[vocabulary.positions(rated.items)]).astype(np.float32)
    sums, counts = rated.matrix(vocabulary, left), rated.matrix(vocabulary)
    lines, total = _row_sums(counts), _row_sums(sums)
    means = total / (lines + LINES_TO_TELL)
    who = np.searchsorted(rated.member_ids, rated.members)
    noise = max(float(np.var(left - means[who])), LEAST_VARIANCE)
    own = (total / lines)[lines >= LINES_TO_TELL]
    level = max(float(own.var()), LEAST_VARIANCE) if len(own) > 1 else LEVEL
    for kind in KINDS:
        columns = traits.matrix[:, traits.of_kind(kind)]
        n, residual = (counts @ columns).toarray(), (sums @ columns).toarray()
        some = n >= LINES_TO_TELL
        if some.any():
            difference, variance = differences(
                n, residual, lines[:, None], total[:, None], noise, level
            )
            weights = 1 / (SPREAD + variance[some]) ** 2
            excess = (difference[some] ** 2 - variance[some]) * weights
            spreads[kind] = max(float(excess.sum() / weights.sum()), LEAST_VARIANCE)
    return noise, level, spreads


def differences(
    n: npt.NDArray[Any],
    residual: npt.NDArray[Any],
    lines: npt.ArrayLike,
    total: npt.ArrayLike,
    noise: npt.ArrayLike,
    level: float,
) -> tuple[Floats, Floats]:
    """How a trait's lines differ from the others of a list, and the variance of that.

    d̂ = S_f / n - (S - S_f) / (N - n + k), var = σ² / n + σ² / (N - n + k), k = σ² / level; of a
    trait without lines 0 and infinity. The k stands for what is thought of a member's level before
    they have said anything.
    """
    ratio = np.asarray(noise) / level
    rest = np.maximum(np.asarray(lines) - n, 0) + ratio
    some = np.maximum(n, 1)
    difference = residual / some - (np.asarray(total) - residual) / rest
    variance = np.asarray(noise) * (1 / some + 1 / rest)
    empty = n <= 0
    return np.where(empty, 0.0, difference), np.where(empty, np.inf, variance)


def _watch_spreads(
    watched: Interactions, traits: Traits, vocabulary: Vocabulary
) -> tuple[FloatArray, dict[str, float]]:
    """With μ = N · share: n is Poisson of mean μ · Gamma(a, a), so Var n = μ + μ² / a."""
    shapes = dict.fromkeys(KINDS, SHAPE)
    counts = watched.matrix(vocabulary)
    n = counts @ traits.matrix
    lines = np.maximum(_row_sums(counts), 1)
    shares = np.asarray(n.T @ (1 / lines)) / max(len(lines), 1)
    for kind in KINDS:
        own = traits.of_kind(kind)
        expected = lines[:, None] * shares[None, own]
        squares = (n[:, own].toarray() - expected) ** 2 - expected
        if squares.sum() > 0:
            shape = float((expected**2).sum() / squares.sum())
            shapes[kind] = float(np.clip(shape, LEAST_SHAPE, MOST_SHAPE))
    return shares.astype(np.float32), shapes


def _row_sums(matrix: sp.csr_matrix) -> Floats:
    return np.asarray(matrix.sum(axis=1), np.float64).ravel()
