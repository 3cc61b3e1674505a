"""The inner problem of implicit ALS: many small ridge regressions that share one Gram matrix.

Each row u has lines i with a signed weight w_ui. Its vector x_u minimises

    Σ_j c_uj (p_uj - x_u · y_j)² + λ_u ‖x_u‖²        over all columns j,

where a line has confidence c = 1 + α|w| and preference p = 1 for w > 0, 0 for w < 0, and every
column without a line has c = 1, p = 0. The solution is

    x_u = A_u⁻¹ b_u,   A_u = YᵀY + λ_u I + Σ_i α|w_ui| y_i y_iᵀ,   b_u = Σ_{i: w>0} c_ui y_i.

Source: Hu, Koren, Volinsky, Collaborative Filtering for Implicit Feedback Datasets, ICDM 2008;
conjugate gradients after Takács, Pilászy, Tikk, Applications of the Conjugate Gradient Method for
Implicit Feedback Collaborative Filtering, RecSys 2011.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from recommender.engine.interactions import FloatArray

# Numbers that a batch of gathered vectors may hold: 16 MB of float32.
BATCH = 4_000_000
# A row whose residual has become this small is solved, and dividing by it would be noise.
SOLVED = 1e-20


@dataclass(frozen=True)
class Batch:
    """Rows of about one length, padded: `columns`, `extra` and `wanted` have shape (rows, longest).

    `extra`: α|w|, 0 where padded. `wanted`: c · p, 0 where padded.
    """

    rows: npt.NDArray[np.int32]
    columns: npt.NDArray[np.int32]
    extra: FloatArray
    wanted: FloatArray


def batches(weights: sp.csr_matrix, alpha: float, factors: int) -> list[Batch]:
    """All rows of `weights` that have a line, shortest first, cut into batches of bounded size."""
    lengths = np.diff(weights.indptr)
    order = np.argsort(lengths, kind="stable")
    order = order[lengths[order] > 0]
    return [_padded(weights, rows, alpha) for rows in _cut(order, lengths[order], factors)]


def _cut(
    order: npt.NDArray[np.intp], lengths: npt.NDArray[np.int32], factors: int
) -> Iterator[npt.NDArray[np.intp]]:
    start = 0
    while start < len(order):
        stop = start + 1
        most = BATCH // factors
        while stop < len(order) and (stop + 1 - start) * lengths[stop] <= most:
            stop += 1
        yield order[start:stop]
        start = stop


def _padded(weights: sp.csr_matrix, rows: npt.NDArray[np.intp], alpha: float) -> Batch:
    starts, ends = weights.indptr[rows], weights.indptr[rows + 1]
    places = starts[:, None] + np.arange((ends - starts).max())[None, :]
    filled = places < ends[:, None]
    places[~filled] = 0
    values = np.where(filled, weights.data[places], 0).astype(np.float32)
    extra = (alpha * np.abs(values)).astype(np.float32)
    wanted = np.where(values > 0, 1 + extra, 0).astype(np.float32)
    columns = np.where(filled, weights.indices[places], 0).astype(np.int32)
    return Batch(rows.astype(np.int32), columns, extra, wanted)


def solve(todo: list[Batch], X: FloatArray, Y: FloatArray, ridge: FloatArray, steps: int) -> None:
    """Bring each row of X (shape (rows, f)) `steps` conjugate gradients nearer its solution.

    Y: shape (columns, f). `ridge`: λ_u, shape (rows,). Works in place; starting from the last
    sweep's X is what makes three steps enough.
    """
    gram = Y.T @ Y
    for batch in todo:
        X[batch.rows] = _descend(batch, X[batch.rows], Y, gram, ridge[batch.rows], steps)


def _descend(
    batch: Batch, x: FloatArray, Y: FloatArray, gram: FloatArray, ridge: FloatArray, steps: int
) -> FloatArray:
    near = Y[batch.columns]

    def times_a(p: FloatArray) -> FloatArray:
        lines = np.asarray((near @ p[:, :, None])[:, :, 0] * batch.extra, np.float32)
        own = np.asarray((lines[:, None, :] @ near)[:, 0], np.float32)
        own += p @ gram
        own += ridge[:, None] * p
        return own

    wanted = np.asarray((batch.wanted[:, None, :] @ near)[:, 0], np.float32)
    return conjugate_gradients(times_a, wanted, x, steps)


def conjugate_gradients(
    times_a: Callable[[FloatArray], FloatArray], b: FloatArray, x: FloatArray, steps: int
) -> FloatArray:
    """`steps` of them from `x` towards A_u x_u = b_u, one system a row; all of shape (rows, f)."""
    left = b - times_a(x)
    direction, size = left.copy(), _squares(left)
    for _ in range(steps):
        changed = times_a(direction)
        along = np.einsum("uf,uf->u", direction, changed)
        stride = np.where(size > SOLVED, size / np.maximum(along, SOLVED), 0)[:, None]
        x = x + stride * direction
        left -= stride * changed
        was, size = size, _squares(left)
        direction *= np.where(was > SOLVED, size / np.maximum(was, SOLVED), 0)[:, None]
        direction += left
    return x


def _squares(rows: FloatArray) -> FloatArray:
    squares: FloatArray = np.einsum("uf,uf->u", rows, rows)
    return squares
