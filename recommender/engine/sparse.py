"""Small operations on CSR matrices that several models share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from recommender.engine.artifacts import Arrays
from recommender.engine.interactions import FloatArray


def to_arrays(matrix: sp.csr_matrix, prefix: str = "") -> Arrays:
    """The parts of a CSR matrix by name, its shape among them."""
    shape = np.array(matrix.shape, dtype=np.int64)
    parts = {"data": matrix.data, "indices": matrix.indices, "indptr": matrix.indptr}
    return {f"{prefix}{name}": array for name, array in {**parts, "shape": shape}.items()}


def from_arrays(arrays: Mapping[str, npt.NDArray[Any]], prefix: str = "") -> sp.csr_matrix:
    """What `to_arrays` was given, without a copy; KeyError where the parts do not fit together."""
    parts = tuple(arrays[f"{prefix}{name}"] for name in ("data", "indices", "indptr"))
    try:
        return sp.csr_matrix(parts, shape=tuple(arrays[f"{prefix}shape"]), copy=False)
    except ValueError as problem:
        raise KeyError(f"{prefix or 'matrix'} does not fit together: {problem}") from None


def row_sums(matrix: sp.csr_matrix) -> FloatArray:
    return np.asarray(matrix.sum(axis=1)).ravel().astype(np.float32)


def row_maxima(matrix: sp.csr_matrix, values: FloatArray) -> FloatArray:
    """The greatest of `values` (shape (nnz,), in the order of the entries) in each row; 0 if none."""
    found = np.zeros(matrix.shape[0], np.float32)
    filled = np.flatnonzero(np.diff(matrix.indptr))
    if len(filled):
        found[filled] = np.maximum.reduceat(values, matrix.indptr[filled])
    return found


def strongest(matrix: sp.csr_matrix, keep: int) -> sp.csr_matrix:
    """The `keep` greatest positive entries of each row, as CSR."""
    bounds = zip(matrix.indptr[:-1], matrix.indptr[1:], strict=True)
    kept = [start + _greatest(matrix.data[start:stop], keep) for start, stop in bounds]
    places = np.concatenate([np.empty(0, np.int64), *kept])
    indptr = np.cumsum([0, *map(len, kept)])
    parts = (matrix.data[places], matrix.indices[places], indptr)
    return sp.csr_matrix(parts, shape=matrix.shape)


def _greatest(values: FloatArray, keep: int) -> npt.NDArray[np.intp]:
    """Places of the `keep` greatest positive values, ascending."""
    places = np.flatnonzero(values > 0)
    if len(places) > keep:
        best = np.argpartition(-values[places], keep)[:keep]
        places = np.sort(places[best])
    return places
