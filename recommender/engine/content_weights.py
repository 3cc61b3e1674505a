"""How much each part of what is told of titles weighs: learned from who watches what together."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from recommender.engine.interactions import Interactions, Vocabulary

# Where there is nobody to learn from. From `benchmarks/cold_start.py`, which writes what was
# learned of members who do not test, rounded.
DEFAULT_WEIGHTS: Mapping[str, float] = {
    "synopsis": 0.19,
    "title": 0.18,
    "series": 0.5,
    "genre": 0.05,
    "studio": 0.01,
    "type": 0.005,
    "source": 0.005,
    "era": 0.05,
    "length": 0.01,
}
# A title with fewer watchers says little of who watches it.
FEWEST_WATCHERS = 20
# All pairs of so many of the most watched titles are looked at.
MOST_TITLES = 2_500
# What is learned counts half, the defaults the other half, at so many members.
MEMBERS_TO_TRUST = 100.0

Float64 = npt.NDArray[np.float64]


def learned_weights(
    blocks: Mapping[str, sp.csr_matrix], interactions: Interactions, vocabulary: Vocabulary
) -> dict[str, float]:
    """Non-negative weights of the parts, adding up to 1.

    argmin_w≥0 Σ_{i<j} (r_ij - c - Σ_p w_p cos_p(i, j))², where r_ij is the cosine of who watched i
    and j (a member with n titles counting 1/n) beyond what their popularity explains: less
    m_i m_j / mean(m), m the row means. The intercept c takes what all pairs share. The result is
    moved towards DEFAULT_WEIGHTS where members are few. Source: non-negative least squares, Lawson
    & Hanson 1974.
    """
    present = [name for name in DEFAULT_WEIGHTS if blocks[name].nnz]
    defaults = np.array([DEFAULT_WEIGHTS[name] for name in present])
    rows, beyond_chance, members = _togetherness(interactions, vocabulary)
    found = _nonnegative(blocks, present, rows, beyond_chance) if len(rows) > 2 else defaults
    trust = members / (members + MEMBERS_TO_TRUST)
    if not found.any():
        trust = 0.0
    mixed = trust * _shares(found) + (1 - trust) * _shares(defaults)
    shares = dict(zip(present, _shares(mixed).tolist(), strict=True))
    return {name: float(shares.get(name, 0.0)) for name in DEFAULT_WEIGHTS}


def _shares(weights: Float64) -> Float64:
    total = float(weights.sum())
    return weights / total if total else weights


def _togetherness(
    interactions: Interactions, vocabulary: Vocabulary
) -> tuple[npt.NDArray[np.int64], Float64, int]:
    """Rows of the titles looked at, r (rows × rows, diagonal 0), and how many members there are."""
    kept = interactions.take(~interactions.dropped)
    if not len(kept):
        return np.empty(0, np.int64), np.empty((0, 0)), 0
    X = kept.matrix(vocabulary)
    counts = np.asarray(X.sum(axis=0)).ravel()
    fewest = min(FEWEST_WATCHERS, max(2, X.shape[0] // 20))
    rows = np.sort(np.argsort(-counts, kind="stable")[:MOST_TITLES])
    rows = rows[counts[rows] >= fewest]
    sizes = np.maximum(np.asarray(X.sum(axis=1)).ravel(), 1)
    shared = sp.diags(1 / np.sqrt(sizes)) @ X[:, rows]
    together = (shared.T @ shared).toarray().astype(np.float64)
    lengths = np.sqrt(np.diag(together))
    cosine = together / np.maximum(np.outer(lengths, lengths), 1e-12)
    np.fill_diagonal(cosine, 0)
    means = cosine.mean(axis=0) if len(rows) else np.zeros(0)
    expected = np.outer(means, means) / max(float(means.mean()) if len(rows) else 1.0, 1e-12)
    return rows.astype(np.int64), cosine - expected, X.shape[0]


def _nonnegative(
    blocks: Mapping[str, sp.csr_matrix],
    present: list[str],
    rows: npt.NDArray[np.int64],
    target: Float64,
) -> Float64:
    from scipy.optimize import nnls

    pairs = np.triu_indices(len(rows), 1)
    columns = np.empty((len(present), len(pairs[0])), np.float32)
    for place, name in enumerate(present):
        block = blocks[name][rows]
        columns[place] = (block @ block.T).toarray()[pairs]
    columns -= columns.mean(axis=1, keepdims=True, dtype=np.float64)
    wanted = target[pairs]
    wanted -= wanted.mean()
    normal = columns @ columns.T
    # A trace of ridge, so that parts that say the same are told apart in one way only.
    ridge = 1e-6 * max(float(np.trace(normal)), 1e-9) * np.eye(len(present))
    weights, _ = nnls(normal + ridge, columns @ wanted)
    return np.asarray(weights, np.float64)
