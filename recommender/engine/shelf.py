"""What is known of each item, lined up with a vocabulary: one shelf for every pair with a member."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from recommender.engine import sparse
from recommender.engine.artifacts import Arrays
from recommender.engine.base import ItemFeatures
from recommender.engine.companions import companions
from recommender.engine.content import Content
from recommender.engine.interactions import FloatArray, IntArray, Interactions, Vocabulary
from recommender.engine.nearest import nearest
from recommender.engine.series import series_of
from recommender.engine.signal import USUAL_MEAN

# What stands where nothing is known: below everything that occurs.
MISSING = -99.0
KINDS = ("tv", "movie", "ova", "ona", "special", "tv_special", "music", "cm", "pv")
SCORE_DAMPING = 10.0
NEAR_TITLES, NEAR_STORIES, NEAR_WATCHED = 30, 50, 20
# So many of the weights that reach an item are looked at for its strongest causes.
INCOMING = 200
# Below this cosine two names have nothing to do with each other.
LEAST_NAME = 0.35
ERA_YEARS = 1.0


@dataclass(frozen=True)
class Shelf:
    """What is known of each item, row for row with a vocabulary of n items.

    Sparse (n, n): `names`, `stories` cosine of the nearest; `watched_with` 1 for the items whose
    weights in EASE reach the row's item most. `incoming`: the greatest of EASE's weights, row j
    holding B_ij. `companions`: how many members watched both, see there.
    Dense (n, g): `genres`, unit rows. The rest are columns of shape (n,).
    """

    names: sp.csr_matrix
    stories: sp.csr_matrix
    watched_with: sp.csr_matrix
    incoming: sp.csr_matrix
    companions: sp.csr_matrix
    genres: FloatArray
    ids: FloatArray
    series: IntArray
    places: IntArray
    years: FloatArray
    episodes: FloatArray
    minutes: FloatArray
    kinds: IntArray
    catalogue_members: FloatArray
    catalogue_scores: FloatArray
    counts: FloatArray
    watchers: FloatArray
    ranks: IntArray
    mean_scores: FloatArray
    scored_shares: FloatArray
    dropped_shares: FloatArray
    year_peers: FloatArray

    def __len__(self) -> int:
        return len(self.series)

    def arrays(self) -> Arrays:
        found: Arrays = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if sp.issparse(value):
                found |= sparse.to_arrays(value, f"{field.name}_")
            else:
                found[field.name] = value
        return found

    @classmethod
    def of(cls, arrays: Mapping[str, npt.NDArray[Any]]) -> Self:
        parts = {
            field.name: arrays[field.name]
            if field.name in arrays
            else sparse.from_arrays(arrays, f"{field.name}_")
            for field in fields(cls)
        }
        return cls(**parts)

    def at(self, kept: IntArray) -> Self:
        """The same for fewer items."""
        parts = {}
        for field in fields(self):
            value = getattr(self, field.name)
            parts[field.name] = value[kept][:, kept].tocsr() if sp.issparse(value) else value[kept]
        return type(self)(**parts)


@dataclass(frozen=True)
class Catalogue:
    """The part of a shelf that no member has a say in: the same for every fold of a training."""

    vocabulary: Vocabulary
    names: sp.csr_matrix
    stories: sp.csr_matrix
    genres: FloatArray
    columns: Mapping[str, Any]

    @classmethod
    def read(cls, features: ItemFeatures, content: Content | None) -> Self:
        """`content`: fitted on these titles and maybe more; None where nothing tells of stories."""
        stories = sp.csr_matrix((len(features), len(features)), dtype=np.float32)
        if content is not None:
            stories = nearest_stories(content, features.ids)
        parts = series_of(features)
        kinds = {kind: place for place, kind in enumerate(KINDS)}
        columns = {
            "ids": features.ids.astype(np.float32),
            "series": np.asarray(parts.key, np.int64),
            "places": np.asarray(parts.place, np.int64),
            "years": _known(features.years),
            "episodes": _known(features.episodes),
            "minutes": _known(features.minutes),
            "kinds": np.array([kinds.get(kind, -1) for kind in features.kinds], np.int64),
            "catalogue_members": _known(np.log1p(features.members)),
            "catalogue_scores": _known(features.mean_scores),
        }
        names = nearest_names(features.titles)
        genres = one_hot(features.genres)
        return cls(Vocabulary(features.ids), names, stories, genres, columns)

    def shelf(self, vocabulary: Vocabulary, data: Interactions, weights: sp.csr_matrix) -> Shelf:
        """Join with what the members of `data` did; items the catalogue lacks stand alone.

        `weights`: EASE's, row i holding B_ij.
        """
        incoming = sparse.strongest(weights.T.tocsr(), INCOMING)
        rows = self.vocabulary.positions(vocabulary.ids)
        known = rows >= 0
        pick = sp.csr_matrix(
            (np.ones(known.sum(), np.float32), (np.flatnonzero(known), rows[known])),
            shape=(len(vocabulary), len(self.vocabulary)),
        )
        columns = {name: _taken(column, rows) for name, column in self.columns.items()}
        columns["ids"] = vocabulary.ids.astype(np.float32)
        alone = np.flatnonzero(~known)
        columns["series"] = np.where(known, columns["series"], 0)
        columns["series"][alone] = columns["series"].max(initial=0) + 1 + np.arange(len(alone))
        _, columns["series"] = np.unique(columns["series"], return_inverse=True)
        habits = _habits(vocabulary, data, columns["years"])
        return Shelf(
            names=(pick @ self.names @ pick.T).tocsr(),
            stories=(pick @ self.stories @ pick.T).tocsr(),
            watched_with=_ones(sparse.strongest(incoming, NEAR_WATCHED)),
            incoming=incoming,
            companions=companions(_watched(vocabulary, data)),
            genres=np.asarray(pick @ self.genres, np.float32),
            **columns,
            **habits,
        )


def _known(column: FloatArray) -> FloatArray:
    return np.where(np.isfinite(column), column, MISSING).astype(np.float32)


def _taken(column: npt.NDArray[Any], rows: IntArray) -> npt.NDArray[Any]:
    unknown = -1 if column.dtype.kind == "i" else MISSING
    if not len(column):
        return np.full(len(rows), unknown, column.dtype)
    return np.where(rows >= 0, column[rows.clip(0)], unknown).astype(column.dtype)


def _ones(matrix: sp.csr_matrix) -> sp.csr_matrix:
    matrix.data = np.ones_like(matrix.data)
    return matrix


def _watched(vocabulary: Vocabulary, data: Interactions) -> sp.csr_matrix:
    """Members × items, 1 for each that was watched and not dropped."""
    return data.take(~data.dropped).matrix(vocabulary)


def _habits(vocabulary: Vocabulary, data: Interactions, years: FloatArray) -> dict[str, Any]:
    """How many watched, scored and dropped each item, and what a year holds in all."""
    size = len(vocabulary)
    columns = vocabulary.positions(data.items)
    inside = columns >= 0
    kept, dropped = inside & ~data.dropped, inside & data.dropped
    watchers = np.bincount(columns[kept], minlength=size)
    drops = np.bincount(columns[dropped], minlength=size)
    scored = inside & ~np.isnan(data.scores)
    number = np.bincount(columns[scored], minlength=size)
    mean = float(data.scores[scored].mean()) if scored.any() else USUAL_MEAN
    sums = np.bincount(columns[scored], data.scores[scored], size)
    ranks = np.empty(size, np.int64)
    ranks[np.argsort(-watchers, kind="stable")] = np.arange(size)
    return {
        "counts": watchers.astype(np.float32),
        "watchers": np.log1p(watchers / max(1, len(data.member_ids)) * 1000).astype(np.float32),
        "ranks": ranks,
        "mean_scores": ((sums + SCORE_DAMPING * mean) / (number + SCORE_DAMPING)).astype(
            np.float32
        ),
        "scored_shares": (number / np.maximum(watchers + drops, 1)).astype(np.float32),
        "dropped_shares": (drops / np.maximum(watchers + drops, 1)).astype(np.float32),
        "year_peers": within(years, years, watchers / max(1, len(data.member_ids))),
    }


def within(asked: FloatArray, years: FloatArray, weights: npt.NDArray[Any]) -> FloatArray:
    """Σ of `weights` over the items within ERA_YEARS of each asked year; 0 where it is not known."""
    order = np.argsort(years, kind="stable")
    sums = np.concatenate([[0.0], np.cumsum(weights[order])])
    above = np.searchsorted(years[order], asked + ERA_YEARS, side="right")
    below = np.searchsorted(years[order], asked - ERA_YEARS)
    return np.where(asked == MISSING, 0, sums[above] - sums[below]).astype(np.float32)


def nearest_stories(content: Content, ids: IntArray) -> sp.csr_matrix:
    """Nearness in content of the NEAR_STORIES nearest titles of each, row for row with `ids`."""
    rows = content.vocabulary.positions(ids)
    return nearest(content, rows, rows, NEAR_STORIES, without_self=True)


def nearest_names(titles: Any) -> sp.csr_matrix:
    """Cosine of TF-IDF words for the NEAR_TITLES most alike names of each title, (n, n)."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(
        token_pattern=r"\w{2,}",  # noqa: S106  # what a word is
        min_df=2,
        sublinear_tf=True,
        dtype=np.float32,
    )
    try:
        words = vectorizer.fit_transform(titles)
    except ValueError:
        # No word occurs in two names.
        return sp.csr_matrix((len(titles), len(titles)), dtype=np.float32)
    return nearest_rows(words, NEAR_TITLES, LEAST_NAME)


def nearest_rows(rows: sp.csr_matrix, keep: int, least: float, block: int = 500) -> sp.csr_matrix:
    """The `keep` rows with the greatest dot product of at least `least`, itself left out, (n, n)."""
    size = rows.shape[0]
    across = rows.T.tocsr()
    found = [sp.csr_matrix((0, size), dtype=np.float32)]
    for start in range(0, size, block):
        near = (rows[start : start + block] @ across).toarray()
        own = np.arange(len(near))
        near[own, start + own] = 0
        best = np.argpartition(near, max(0, size - keep), axis=1)[:, -keep:]
        values = np.take_along_axis(near, best, axis=1)
        kept = values >= least
        entries = (values[kept], (np.repeat(own, kept.sum(axis=1)), best[kept]))
        found.append(sp.csr_matrix(entries, shape=near.shape, dtype=np.float32))
    return sp.vstack(found, format="csr")


def one_hot(names: Any) -> FloatArray:
    """Items × names, unit rows; a row without names is zero."""
    columns = {name: place for place, name in enumerate(sorted({n for row in names for n in row}))}
    hot = np.zeros((len(names), len(columns)), np.float32)
    for place, row in enumerate(names):
        hot[place, [columns[name] for name in row]] = 1
    unit: FloatArray = hot / np.maximum(np.linalg.norm(hot, axis=1, keepdims=True), 1e-9)
    return unit
