"""Boosted regression trees as plain arrays: what a trained re-ranker is once its library is gone.

Sources: Friedman, Greedy Function Approximation, Annals of Statistics 2001 (boosting); Saabas,
Interpreting Random Forests, 2014 (path contributions).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from recommender.engine.artifacts import Arrays
from recommender.engine.interactions import EngineError, FloatArray

NodeArray = npt.NDArray[np.int16]
# Rows that walk the trees together.
BLOCK = 128


@dataclass(frozen=True)
class Forest:
    """score(x) = Σ_t leaf_t(x) for T complete binary trees of one depth.

    The nodes of a tree lie in heap order: the children of k are 2k + 1 (x[feature] <= threshold)
    and 2k + 2. A branch that ends early is padded with copies of its leaf, so that all rows walk all
    trees in step and no child has to be looked up. With m = 2^depth - 1:
    `features`: int16, shape (T, m). `thresholds`: float32, shape (T, m). `values`: float32,
    shape (T, 2m + 1), what each node predicts; the last m + 1 of them are the leaves.
    """

    features: NodeArray
    thresholds: FloatArray
    values: FloatArray

    def __post_init__(self) -> None:
        trees, inner = self.features.shape
        if self.thresholds.shape != (trees, inner) or self.values.shape != (trees, 2 * inner + 1):
            raise EngineError("the arrays of the trees do not fit together")

    @property
    def depth(self) -> int:
        return int(self.features.shape[1] + 1).bit_length() - 1

    @cached_property
    def wide_features(self) -> npt.NDArray[np.int64]:
        """`features` as they are added to places."""
        return self.features.astype(np.int64)

    @cached_property
    def needs_columns(self) -> int:
        """How many columns X must have at least."""
        return int(self.features.max()) + 1 if self.features.size else 0

    def and_(self, more: Self) -> Self:
        """Both sums in one; the trees of both are of one depth."""
        return type(self)(
            np.concatenate([self.features, more.features]),
            np.concatenate([self.thresholds, more.thresholds]),
            np.concatenate([self.values, more.values]),
        )

    def predict(self, X: FloatArray) -> FloatArray:
        """Sums over the trees, shape (rows,); X float32 without NaN, shape (rows, columns)."""
        self._check(X)
        total = np.empty(len(X), np.float32)
        # Blocks of rows whose nodes stay in the processor's cache.
        for start in range(0, len(X), BLOCK):
            block = np.ascontiguousarray(X[start : start + BLOCK])
            total[start : start + BLOCK] = self._sums(block)
        return total

    def _sums(self, X: FloatArray) -> npt.NDArray[np.float64]:
        nodes = np.zeros((len(X), len(self.values)), np.int64)
        for _ in range(self.depth):
            nodes = self._step(X, nodes)
        at = np.arange(len(self.values)) * self.values.shape[1] + nodes
        sums: npt.NDArray[np.float64] = np.take(self.values, at, mode="clip").sum(
            axis=1, dtype=np.float64
        )
        return sums

    def contributions(self, X: FloatArray) -> FloatArray:
        """What each column adds, shape (rows, columns + 1); the last column is the trees' own mean.

        Path contributions: each split's column is given the change of the node's value that the
        split makes, so a row's sum is its prediction exactly.
        """
        rows, columns = X.shape
        found = np.zeros((rows, columns + 1), np.float64)
        found[:, -1] = self.values[:, 0].sum(dtype=np.float64)
        trees = np.arange(len(self.values))
        self._check(X)
        nodes = np.zeros((rows, len(trees)), np.int64)
        at = np.arange(rows)[:, None] * (columns + 1)
        for _ in range(self.depth):
            following = self._step(X, nodes)
            change = self.values[trees, following].astype(np.float64) - self.values[trees, nodes]
            places = at + self.features[trees, nodes]
            found += np.bincount(
                places.ravel(), change.ravel(), minlength=rows * (columns + 1)
            ).reshape(rows, columns + 1)
            nodes = following
        return found.astype(np.float32)

    def _check(self, X: FloatArray) -> None:
        if X.shape[1] < self.needs_columns:
            raise EngineError(
                f"the trees need {self.needs_columns} columns and were given {X.shape[1]}"
            )

    def _step(self, X: FloatArray, nodes: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """One level down in every tree. `take` that need not check is twice as quick as brackets."""
        at = nodes + np.arange(len(self.features)) * self.features.shape[1]
        places = np.take(self.wide_features, at, mode="clip")
        places += (np.arange(len(X)) * X.shape[1])[:, None]
        below = 2 * nodes + 1
        below += np.take(X, places, mode="clip") > np.take(self.thresholds, at, mode="clip")
        return below

    # --- keeping

    def arrays(self) -> Arrays:
        return {"features": self.features, "thresholds": self.thresholds, "values": self.values}

    @classmethod
    def of(cls, arrays: Mapping[str, npt.NDArray[Any]]) -> Self:
        return cls(arrays["features"], arrays["thresholds"], arrays["values"])

    @classmethod
    def from_dump(cls, trees: list[dict[str, Any]], depth: int) -> Self:
        """From the nested dictionaries that LightGBM's `dump_model` gives as `tree_structure`."""
        inner = 2**depth - 1
        features = np.zeros((len(trees), inner), np.int16)
        thresholds = np.full((len(trees), inner), np.inf, np.float32)
        values = np.zeros((len(trees), 2 * inner + 1), np.float32)
        forest = cls(features, thresholds, values)
        for place, tree in enumerate(trees):
            forest._fill(place, 0, tree)
        return forest

    def _fill(self, tree: int, node: int, given: dict[str, Any]) -> None:
        """Write one node and what is below; a leaf above the last level repeats itself downwards."""
        is_leaf = "split_feature" not in given
        self.values[tree, node] = given["leaf_value"] if is_leaf else given["internal_value"]
        if node >= self.features.shape[1]:
            if not is_leaf:
                raise EngineError("a tree is deeper than was said")
            return
        if not is_leaf:
            self.features[tree, node] = given["split_feature"]
            self.thresholds[tree, node] = _rounded_down(given["threshold"])
        self._fill(tree, 2 * node + 1, given if is_leaf else given["left_child"])
        self._fill(tree, 2 * node + 2, given if is_leaf else given["right_child"])


def _rounded_down(threshold: float) -> np.float32:
    """The greatest float32 that is no greater: float32 x <= threshold exactly when x <= this."""
    near = np.float32(threshold)
    return near if float(near) <= threshold else np.nextafter(near, np.float32(-np.inf))
