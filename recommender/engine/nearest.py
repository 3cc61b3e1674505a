"""The nearest titles of each title in content, block by block."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from recommender.engine.content import Content
from recommender.engine.interactions import IntArray

# Parts with many terms of which a title has few: multiplied sparse, the others dense.
SPARSE_PARTS = ("synopsis", "title", "series")
BLOCK = 1_000


def nearest(
    content: Content, rows: IntArray, columns: IntArray, keep: int, *, without_self: bool = False
) -> sp.csr_matrix:
    """Σ_p w_p cos_p of each of `rows` to the `keep` nearest of `columns`, CSR (rows, columns).

    `rows`, `columns`: positions in the vocabulary of `content`. Only what is above 0 is kept.
    `without_self`: a title is not its own neighbour.
    """
    few = sp.hstack([content.part(name) for name in SPARSE_PARTS], format="csr")
    many = [name for name in content.facts["weights"] if name not in SPARSE_PARTS]
    dense = sp.hstack([content.part(name) for name in many], format="csr")
    few_columns, dense_columns = few[columns].T.tocsr(), dense[columns].toarray().T
    keep = min(keep, len(columns))
    blocks = [sp.csr_matrix((0, len(columns)), dtype=np.float32)]
    for start in range(0, len(rows), BLOCK):
        block = rows[start : start + BLOCK]
        near = dense[block].toarray() @ dense_columns
        near += (few[block] @ few_columns).toarray()
        if without_self:
            near[block[:, None] == columns[None, :]] = 0
        blocks.append(_greatest(near.astype(np.float32), keep))
    return sp.vstack(blocks, format="csr")


def _greatest(near: np.ndarray[tuple[int, int], np.dtype[np.float32]], keep: int) -> sp.csr_matrix:
    """The `keep` greatest of each row; ties to the lower column, so that a fit can be repeated."""
    if keep == 0 or not len(near):
        return sp.csr_matrix(near.shape, dtype=np.float32)
    least = np.partition(near, near.shape[1] - keep, axis=1)[:, [near.shape[1] - keep]]
    above = near > least
    room = keep - above.sum(axis=1, keepdims=True)
    equal = near == least
    near[~(above | (equal & (np.cumsum(equal, axis=1) <= room)))] = 0
    near[near < 0] = 0
    return sp.csr_matrix(near)
