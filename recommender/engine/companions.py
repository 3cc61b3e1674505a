"""Which titles are watched by the same members, counted: rules of the kind "who saw i saw j".

Source: Agrawal, Imieliński & Swami, Mining Association Rules between Sets of Items in Large
Databases, SIGMOD 1993 (support and confidence).
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from recommender.engine import sparse
from recommender.engine.interactions import FloatArray

# Titles kept beside each, and how many members two must share at least.
KEEP, LEAST_SHARED = 600, 2
# A confidence is damped as if so many more had watched the one and not the other.
DAMPING = 10.0


def companions(X: sp.csr_matrix, keep: int = KEEP, block: int = 1000) -> sp.csr_matrix:
    """c_ij, how many members watched both i and j: row j, the `keep` titles i of greatest cosine.

    `X`: CSR float32 of ones, members × n. Cosine: c_ij / √(c_ii c_jj). `block` rows at a time, so
    that memory stays bounded. CSR float32, shape (n, n), nothing on the diagonal.
    """
    counts = np.asarray(X.sum(axis=0), np.float32).ravel()
    columns = X.T.tocsr()
    blocks = [sp.csr_matrix((0, X.shape[1]), dtype=np.float32)]
    for start in range(0, X.shape[1], block):
        shared = sp.csr_matrix(columns[start : start + block] @ X)
        blocks.append(_nearest(shared, counts, start, keep))
    return sp.vstack(blocks, format="csr")


def _nearest(shared: sp.csr_matrix, counts: FloatArray, start: int, keep: int) -> sp.csr_matrix:
    """The `keep` best of each row, of which the first is title `start`."""
    rows = start + np.repeat(np.arange(shared.shape[0]), np.diff(shared.indptr))
    lengths = np.sqrt(counts[rows] * counts[shared.indices])
    together = (shared.data >= LEAST_SHARED) & (shared.indices != rows)
    return sparse.strongest(shared, keep, by=np.where(together, shared.data / lengths, 0))
