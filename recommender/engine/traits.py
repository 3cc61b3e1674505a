"""What titles have in common, by name: genres, studios, eras, lengths and types."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from recommender.engine.base import ItemFeatures
from recommender.engine.interactions import EngineError, IntArray, Vocabulary

KINDS = ("genre", "studio", "era", "length", "type")

FIRST_DECADE = 1970
# Hours to watch it all: a film, a short season, a season, two, and the long ones.
HOURS = (1, 3, 6, 12)
LENGTHS = ("Under 1 hour", "1 to 3 hours", "3 to 6 hours", "6 to 12 hours", "12 hours or more")

Trait = tuple[str, str]


@dataclass(frozen=True)
class Traits:
    """`names`: (kind, name) of each trait, sorted by kind and name. `matrix`: CSR of ones, float32,
    shape (items, traits), rows in the order of a vocabulary."""

    names: tuple[Trait, ...]
    matrix: sp.csr_matrix

    def __len__(self) -> int:
        return len(self.names)

    def of_kind(self, *kinds: str) -> IntArray:
        """Positions of the traits of these kinds."""
        return np.array([n for n, (kind, _) in enumerate(self.names) if kind in kinds], np.int64)


def traits_of(features: ItemFeatures, vocabulary: Vocabulary, fewest: int = 1) -> Traits:
    """The traits that at least `fewest` titles of `vocabulary` have; unknown titles have none."""
    if fewest < 1:
        raise EngineError("a trait needs at least one title")
    found = [
        (int(position), trait)
        for row, position in enumerate(vocabulary.positions(features.ids))
        if position >= 0
        for trait in dict.fromkeys(_traits_of_row(features, row))
    ]
    counts: dict[Trait, int] = {}
    for _, trait in found:
        counts[trait] = counts.get(trait, 0) + 1
    common = (trait for trait, count in counts.items() if count >= fewest)
    names = tuple(sorted(common, key=lambda trait: (KINDS.index(trait[0]), trait[1])))
    columns = {trait: n for n, trait in enumerate(names)}
    kept = [(row, columns[trait]) for row, trait in found if trait in columns]
    places = np.array(kept, np.int64).reshape(-1, 2)
    ones = np.ones(len(places), np.float32)
    shape = (len(vocabulary), len(names))
    matrix = sp.csr_matrix((ones, (places[:, 0], places[:, 1])), shape=shape)
    matrix.sort_indices()
    return Traits(names, matrix)


def _traits_of_row(features: ItemFeatures, row: int) -> Iterator[Trait]:
    yield from (("genre", name) for name in features.genres[row] if name)
    yield from (("studio", name) for name in features.studios[row] if name)
    if features.kinds[row]:
        yield "type", features.kinds[row]
    if np.isfinite(features.years[row]):
        yield "era", era(float(features.years[row]))
    hours = float(features.episodes[row]) * float(features.minutes[row]) / 60
    if np.isfinite(hours) and hours > 0:
        yield "length", LENGTHS[int(np.searchsorted(HOURS, hours, side="right"))]


def era(year: float) -> str:
    decade = int(year) // 10 * 10
    return f"Before {FIRST_DECADE}" if decade < FIRST_DECADE else f"{decade}s"
