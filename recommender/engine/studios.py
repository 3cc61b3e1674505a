"""Studios as dense vectors, learned from what each makes and who watches it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from recommender.engine.base import ItemFeatures
from recommender.engine.interactions import FloatArray, Interactions, Vocabulary

DIMENSIONS = 32
# How much the audience counts beside what is made, whose blocks bring their own weights.
AUDIENCE = 1.0
# Directions that hold less than this share of the strongest are noise.
FAINTEST = 1e-4


@dataclass(frozen=True)
class Studios:
    """`names`: sorted, length s. `vectors`: float32, shape (s, d), rows of length 1.

    `of_items`: items × studios, one-hot, rows in the order of the features that were read.
    """

    names: list[str]
    vectors: FloatArray
    of_items: sp.csr_matrix

    @classmethod
    def learn(
        cls,
        features: ItemFeatures,
        interactions: Interactions,
        blocks: Mapping[str, sp.csr_matrix],
        shares: Mapping[str, float],
        dimensions: int = DIMENSIONS,
    ) -> Self:
        """The first `dimensions` eigenvectors of Σ_b share_b cos_b + AUDIENCE · cos_audience.

        cos_b: cosine of two studios' sums over their titles of `blocks[b]` (items × terms);
        cos_audience: of how much of each member's list they made, centred over studios. Each
        direction counts alike (whitened), so that what all studios share does not drown what sets
        them apart; with fewer studios than dimensions the vectors are one-hot but for a rotation.
        Exact, by eigh: no seed. A title without a studio, or a studio no block tells of, has no
        vector: zeros.
        """
        names, made = one_hot(features.studios)
        kernel = np.zeros((len(names), len(names)))
        for block, share in shares.items():
            if blocks[block].shape[1]:
                kernel += share * _cosines((made.T @ blocks[block]).tocsr())
        if len(interactions) and len(names):
            kernel += AUDIENCE * _audience(made, interactions, Vocabulary(features.ids))
        return cls(names, _directions(kernel, dimensions), made)

    def item_vectors(self) -> FloatArray:
        """The mean direction of each title's studios, shape (items, d), rows of length 1 or 0."""
        return unit(np.asarray(self.of_items @ self.vectors, np.float32))

    def neighbours(
        self, name: str, top_n: int = 8, fewest_titles: int = 5
    ) -> list[tuple[str, float]]:
        """Studios most like `name` by cosine, of those with `fewest_titles`; none if unknown."""
        if name not in self.names:
            return []
        own = self.names.index(name)
        near = self.vectors @ self.vectors[own]
        titles = np.asarray(self.of_items.sum(axis=0)).ravel()
        near[(titles < fewest_titles) | (np.arange(len(near)) == own)] = -np.inf
        order = np.argsort(-near, kind="stable")[:top_n]
        return [(self.names[j], float(near[j])) for j in order if np.isfinite(near[j])]


def one_hot(names: Sequence[Sequence[str]]) -> tuple[list[str], sp.csr_matrix]:
    """The names in use, sorted, and items × names with 1 where an item bears one."""
    rows = [sorted(set(line)) for line in names]
    words = sorted({name for row in rows for name in row})
    columns = {name: place for place, name in enumerate(words)}
    indices = [columns[name] for row in rows for name in row]
    indptr = np.cumsum([0, *map(len, rows)])
    ones = np.ones(len(indices), np.float32)
    return words, sp.csr_matrix((ones, indices, indptr), shape=(len(rows), len(words)))


def unit(rows: FloatArray) -> FloatArray:
    """Rows scaled to length 1; zeros stay."""
    lengths = np.sqrt((rows * rows).sum(axis=1, keepdims=True))
    return (rows / np.where(lengths > 0, lengths, 1)).astype(np.float32)


def _cosines(profiles: sp.csr_matrix) -> npt.NDArray[np.float64]:
    return _correlated((profiles @ profiles.T).toarray().astype(np.float64))


def _correlated(gram: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """A Gram matrix scaled to a diagonal of 1; rows without length stay 0."""
    lengths = np.sqrt(np.maximum(np.diag(gram), 0))
    inverse = np.divide(1.0, lengths, out=np.zeros_like(lengths), where=lengths > 1e-9)
    return gram * inverse[:, None] * inverse[None, :]


def _audience(
    made: sp.csr_matrix, interactions: Interactions, vocabulary: Vocabulary
) -> npt.NDArray[np.float64]:
    """Cosine of two studios' audiences: log(1 + titles watched) / √(list), less the mean studio's."""
    X = interactions.take(~interactions.dropped).matrix(vocabulary)
    watched = sp.csr_matrix(X @ made)
    watched.data = np.log1p(watched.data)
    sizes = np.maximum(np.asarray(X.sum(axis=1)).ravel(), 1)
    watched = sp.diags(1 / np.sqrt(sizes)) @ watched
    gram = _correlated((watched.T @ watched).toarray().astype(np.float64))
    known = np.diag(gram) > 0
    if not known.any():
        return gram
    centred = gram[np.ix_(known, known)]
    centred = centred - centred.mean(axis=0) - centred.mean(axis=1, keepdims=True) + centred.mean()
    # A studio few titles of which are watched has an audience that tells little of it.
    titles = np.asarray((made.T @ (X.sum(axis=0) > 0).T).astype(np.float64)).ravel()[known]
    sure = np.sqrt(titles / (titles + 5))
    found = np.zeros_like(gram)
    found[np.ix_(known, known)] = _correlated(centred) * sure[:, None] * sure[None, :]
    return found


def _directions(kernel: npt.NDArray[np.float64], dimensions: int) -> FloatArray:
    if not len(kernel):
        return np.zeros((0, 0), np.float32)
    values, vectors = np.linalg.eigh(kernel)
    kept = np.flatnonzero(values > FAINTEST * max(values[-1], 1e-12))[::-1][:dimensions]
    return unit(vectors[:, kept].astype(np.float32))
