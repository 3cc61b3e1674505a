"""A map of all titles in two dimensions on which neighbours are neighbours.

Titles watched together by the same members lie together: factors of the normalised lists by
truncated SVD, laid out by t-SNE (van der Maaten, JMLR 2014), begun from the last map where there is
one, and turned onto it by Procrustes analysis (Gower, Psychometrika 1975). Titles that too few have
watched are placed between those that are most like them in what they are.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self, cast

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from recommender.engine.artifacts import Arrays
from recommender.engine.base import Config, Fitted, ItemFeatures, Ranked, need_data
from recommender.engine.interactions import (
    EngineError,
    FloatArray,
    IntArray,
    Interactions,
    Mask,
    Vocabulary,
)
from recommender.engine.map_layout import lay_out, place_by_content, principal_plane
from recommender.engine.map_quality import Turn, onto_last_map, trustworthiness
from recommender.engine.spherical import unit_rows


@dataclass(frozen=True)
class AtlasConfig(Config):
    dimensions: int = 50
    # With fewer watchers a title's company is chance; what it is places it.
    fewest_watchers: int = 5
    # Titles that t-SNE lays out, the most watched; it bounds the time.
    most_laid_out: int = 12_000
    perplexity: float = 30.0
    steps: int = 500
    # Of the Barnes-Hut approximation: greater is faster and rougher.
    angle: float = 0.6
    # Like titles between which an unwatched one is placed.
    anchors: int = 5
    # Trustworthiness looks at so many nearest ones, of so many titles.
    neighbours: int = 12
    titles_sampled: int = 2000
    seed: int = 20261123


@dataclass
class Atlas(Fitted):
    """`coordinates`: shape (n, 2), RMS distance from the middle 1. `watched`: which titles were laid out
    by who watched them, shape (n,); the others were placed by what they are."""

    kind = "atlas"
    config_type = AtlasConfig
    config: Config = field(default_factory=AtlasConfig)
    coordinates: FloatArray = field(default_factory=lambda: np.empty((0, 2), np.float32))
    watched: Mask = field(default_factory=lambda: np.empty(0, bool))

    @property
    def settings(self) -> AtlasConfig:
        return cast(AtlasConfig, self.config)

    def fit(
        self,
        interactions: Interactions,
        features: ItemFeatures | None = None,
        previous: Atlas | None = None,
    ) -> Self:
        """Lay out every title of `interactions` and `features`; like `previous` where it can be."""
        need_data(interactions)
        seen = interactions.vocabulary()
        known = features if features is not None else ItemFeatures(ids=seen.ids)
        self.vocabulary = Vocabulary(np.union1d(known.ids, seen.ids))
        chosen = self._laid_out(interactions)
        factors = self._factors(interactions, chosen)
        start = self._start(factors, chosen, previous)
        laid_out = lay_out(
            factors,
            start,
            perplexity=self.settings.perplexity,
            steps=self.settings.steps,
            angle=self.settings.angle,
            seed=self.settings.seed,
        )
        laid_out = _centred(laid_out)
        laid_out, turn = self._turned(laid_out, chosen, previous)
        self.watched = np.isin(self.vocabulary.ids, chosen.ids)
        self.coordinates = place_by_content(
            laid_out, self.watched, known, self.vocabulary, self.settings.anchors
        )
        self.facts = self._measured(factors, laid_out, turn)
        return self

    def _laid_out(self, interactions: Interactions) -> Vocabulary:
        """The titles with watchers enough, the most watched if they are too many; else all seen."""
        ids, counts = np.unique(interactions.items, return_counts=True)
        enough = counts >= self.settings.fewest_watchers
        if not enough.any():
            enough[:] = True
        order = np.argsort(-counts[enough], kind="stable")[: self.settings.most_laid_out]
        return Vocabulary(np.sort(ids[enough][order]))

    def _factors(self, interactions: Interactions, chosen: Vocabulary) -> FloatArray:
        """Unit rows, shape (titles, d), of lists with rows / √length and columns / √watchers."""
        from sklearn.utils.extmath import randomized_svd

        matrix = interactions.only_items(chosen.ids).matrix(chosen)
        rows = np.asarray(matrix.sum(axis=1)).ravel()
        columns = np.asarray(matrix.sum(axis=0)).ravel()
        scaled = sp.diags(rows**-0.5) @ matrix @ sp.diags(columns**-0.5)
        # The first factor is how much is watched at all: it says nothing of likeness.
        dimensions = min(self.settings.dimensions + 1, *scaled.shape)
        _, values, right = randomized_svd(
            scaled.tocsr(), dimensions, random_state=self.settings.seed
        )
        first = 1 if dimensions > 1 else 0
        return unit_rows(np.asarray(right[first:].T * values[first:], np.float32))

    def _start(self, factors: FloatArray, chosen: Vocabulary, previous: Atlas | None) -> FloatArray:
        """Where each title begins: its place on the last map, a new one amid its nearest there."""
        if previous is None:
            return principal_plane(factors)
        places = previous.vocabulary.positions(chosen.ids)
        there = places >= 0
        there[there] = previous.watched[places[there]]
        if there.sum() < MAP_OF_SOME:
            return principal_plane(factors)
        start = np.zeros((len(chosen), 2), np.float32)
        start[there] = previous.coordinates[places[there]]
        near = factors[~there] @ factors[there].T
        few = min(self.settings.anchors, near.shape[1])
        nearest = np.argsort(-near, axis=1, kind="stable")[:, :few]
        start[~there] = start[there][nearest].mean(axis=1)
        return start

    def _turned(
        self, laid_out: FloatArray, chosen: Vocabulary, previous: Atlas | None
    ) -> tuple[FloatArray, Turn | None]:
        if previous is None:
            return laid_out, None
        places = previous.vocabulary.positions(chosen.ids)
        there = places >= 0
        there[there] = previous.watched[places[there]]
        if there.sum() < MAP_OF_SOME:
            return laid_out, None
        turn = onto_last_map(laid_out[there], previous.coordinates[places[there]])
        return turn.apply(laid_out), turn

    def _measured(
        self, factors: FloatArray, laid_out: FloatArray, turn: Turn | None
    ) -> dict[str, Any]:
        few, sample = self.settings.neighbours, self.settings.titles_sampled
        trust = trustworthiness(factors, laid_out, few, sample, self.settings.seed)
        facts: dict[str, Any] = {
            "titles": len(self.vocabulary),
            "laid_out": len(laid_out),
            "trustworthiness": None if trust is None else round(trust, 4),
            "trustworthiness_neighbours": few,
        }
        if turn is not None:
            facts |= {
                "shared_with_last": turn.titles,
                "drift": turn.drift,
                "median_drift": turn.median,
            }
        return facts

    # --- answering

    def neighbours(self, item_id: int, number: int, allowed: Mask | None = None) -> Ranked:
        """The `number` titles nearest on the map, nearest first; scores are distances below 0.

        `allowed`: bool, shape (n,), over the vocabulary; None allows all. None for an unknown title.
        """
        if number < 0:
            raise EngineError("the number of neighbours cannot be negative")
        position = int(self.vocabulary.positions([item_id])[0])
        if position < 0:
            return Ranked(np.empty(0, np.int64), np.empty(0, np.float32))
        away = np.asarray(self.coordinates) - self.coordinates[position]
        distances = np.sqrt((away * away).sum(axis=1))
        order = np.argsort(distances, kind="stable")
        order = order[(order != position) & (True if allowed is None else allowed[order])][:number]
        return Ranked(np.asarray(self.vocabulary.ids)[order], -distances[order])

    def positions_of(self, item_ids: npt.ArrayLike) -> FloatArray:
        """Coordinates, shape (k, 2); NaN for titles not on the map."""
        places: IntArray = self.vocabulary.positions(item_ids)
        found = np.full((len(places), 2), np.nan, np.float32)
        found[places >= 0] = self.coordinates[places[places >= 0]]
        return found

    # --- fewer titles, and more

    def cut_to(self, ids: npt.ArrayLike) -> Self:
        """The same map with fewer titles on it, each where it was."""
        kept = self.vocabulary.positions(np.unique(np.asarray(ids)))
        kept = kept[kept >= 0]
        small = type(self)(config=self.config, vocabulary=Vocabulary(self.vocabulary.ids[kept]))
        small.coordinates, small.watched = self.coordinates[kept], self.watched[kept]
        small.facts = {**self.facts, "cut_to": len(kept)}
        return small

    def with_placed(self, features: ItemFeatures) -> Self:
        """The same map with those of `features` that it lacks, each amid what it is like."""
        more = type(self)(config=self.config)
        more.vocabulary = Vocabulary(np.union1d(self.vocabulary.ids, features.ids))
        there = more.vocabulary.positions(self.vocabulary.ids)
        more.watched = np.zeros(len(more.vocabulary), bool)
        more.watched[there] = self.watched
        laid_out = np.asarray(self.coordinates)[self.watched]
        more.coordinates = place_by_content(
            laid_out, more.watched, features, more.vocabulary, self.settings.anchors
        )
        more.coordinates[there] = self.coordinates
        placed = len(more.vocabulary) - len(self.vocabulary)
        more.facts = {**self.facts, "titles": len(more.vocabulary), "placed_later": placed}
        return more

    # --- keeping

    def arrays(self) -> Arrays:
        return {"coordinates": self.coordinates, "watched": self.watched}

    def restore(self, arrays: Arrays) -> None:
        self.coordinates, self.watched = arrays["coordinates"], arrays["watched"]
        if self.coordinates.shape != (len(self.vocabulary), 2) or len(self.watched) != len(
            self.vocabulary
        ):
            raise KeyError("the coordinates do not fit the vocabulary")


# A turn of the plane needs three points that are not the same; fewer shared titles tell nothing.
MAP_OF_SOME = 3


def _centred(places: FloatArray) -> FloatArray:
    """Middle 0, root mean square distance from it 1."""
    centred = places - places.mean(axis=0)
    size = float(np.sqrt((centred**2).sum(axis=1).mean()))
    return np.asarray(centred / size if size > 0 else centred, np.float32)
