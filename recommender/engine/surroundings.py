"""What an evaluation knows of titles beside the lists: series, and how alike two titles are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from recommender.engine.base import ItemFeatures
from recommender.engine.interactions import (
    FloatArray,
    IntArray,
    Mask,
    MemberList,
    Vocabulary,
)
from recommender.engine.rules import in_series_order
from recommender.engine.series import Series, series_of

# How like the titles of a list are to each other: ids of shape (k,) to (k, k), NaN for unknown.
Likeness = Callable[[IntArray], FloatArray]


@dataclass(frozen=True)
class Surroundings:
    """What is known of titles beside the lists: series, and how alike two of them are."""

    series: Series
    likeness: Likeness

    @classmethod
    def of(cls, features: ItemFeatures) -> Surroundings:
        return cls(series_of(features), likeness_by_genres(features))

    def in_order(self, vocabulary: Vocabulary, shown: MemberList) -> Mask:
        """The rule of series order: no title before those that come before it."""
        watched = shown.items[shown.weights > 0]
        kept = in_series_order(vocabulary.ids, self.series.before, watched)
        return np.isin(vocabulary.ids, kept)

    def new_stories(self, vocabulary: Vocabulary, shown: MemberList) -> Mask:
        """Only what is no later part of a series that the list has begun."""
        return ~np.isin(vocabulary.ids, self.sequels(shown))

    def sequels(self, shown: MemberList) -> IntArray:
        """Ids of all titles that come later in a series which the list has begun."""
        return self.series.vocabulary.ids[self.series.later_parts(shown.items)]


def likeness_by_genres(features: ItemFeatures) -> Likeness:
    """Cosine of the sets of genres, |A ∩ B| / √(|A| |B|); NaN where a title has none."""
    names = sorted({name for row in features.genres for name in row})
    column = {name: place for place, name in enumerate(names)}
    has = np.zeros((len(features) + 1, len(names)), np.float32)  # the last row: unknown titles
    for row, genres in enumerate(features.genres):
        has[row, [column[name] for name in genres]] = 1
    lengths = np.sqrt(has.sum(axis=1, keepdims=True))
    vectors = np.divide(has, lengths, out=has, where=lengths > 0)
    unknown = (lengths == 0).ravel()
    vocabulary = Vocabulary(features.ids)

    def likeness(ids: IntArray) -> FloatArray:
        rows = vocabulary.positions(ids)
        near: FloatArray = vectors[rows] @ vectors[rows].T
        near[unknown[rows]] = np.nan
        near[:, unknown[rows]] = np.nan
        return near

    return likeness
