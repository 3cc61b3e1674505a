"""Small operations on CSR matrices that several models share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from recommender.engine.artifacts import Arrays
from recommender.engine.interactions import FloatArray, IntArray, Mask


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
    rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    return maxima(rows, values, matrix.shape[0])


def maxima(rows: IntArray, values: FloatArray, size: int) -> FloatArray:
    """The greatest of the values of each row, 0 if it has none, shape (size,); `rows` ascend."""
    found = np.zeros(size, np.float32)
    starts = np.flatnonzero(np.diff(rows, prepend=-1))
    if len(starts):
        found[rows[starts]] = np.maximum.reduceat(values, starts)
    return found


def entries(
    matrix: sp.csr_matrix, asked: IntArray, marks: Mask
) -> tuple[IntArray, IntArray, FloatArray]:
    """Of the rows `asked` the entries whose column has a mark: places in `asked`, columns, values.

    Row by row. The rest is never copied, which is most of it.
    """
    starts, lengths = matrix.indptr[asked], np.diff(matrix.indptr)[asked]
    before = np.cumsum(lengths) - lengths
    places = np.repeat(starts - before, lengths) + np.arange(lengths.sum())
    columns = np.take(matrix.indices, places, mode="clip")
    met = np.flatnonzero(np.take(marks, columns, mode="clip"))
    rows = np.searchsorted(before + lengths, met, side="right")
    return rows, columns[met], matrix.data[places[met]]


def block(matrix: sp.csr_matrix, rows: IntArray, columns: IntArray) -> FloatArray:
    """The entries of `rows` in `columns`, dense, shape (len(rows), len(columns)).

    For a few columns a tenth of what slicing takes, which copies the rows whole and sorts them.
    """
    place = np.full(matrix.shape[1], -1, np.int64)
    place[columns] = np.arange(len(columns))
    at, met, values = entries(matrix, rows, place >= 0)
    found = np.zeros((len(rows), len(columns)), np.float32)
    found[at, place[met]] = values
    # A column that is asked for twice.
    return found[:, place[columns]]


def strongest(matrix: sp.csr_matrix, keep: int, by: FloatArray | None = None) -> sp.csr_matrix:
    """The `keep` greatest positive entries of each row, as CSR.

    `by`: what is compared in place of the entries, in their order, shape (nnz,).
    """
    values = matrix.data if by is None else by
    bounds = zip(matrix.indptr[:-1], matrix.indptr[1:], strict=True)
    kept = [start + _greatest(values[start:stop], keep) for start, stop in bounds]
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
