"""The models under the hybrid, fitted on the same lists, and the candidates they put forward."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from recommender.engine.artifacts import Arrays
from recommender.engine.base import Attribution
from recommender.engine.factorization import Als
from recommender.engine.interactions import (
    FloatArray,
    IntArray,
    Interactions,
    Mask,
    MemberList,
    Vocabulary,
)
from recommender.engine.lately import Lately
from recommender.engine.linear import Ease
from recommender.engine.neighbours import ItemKnn
from recommender.engine.pairs import ListView
from recommender.engine.prior import Prior
from recommender.engine.shelf import Catalogue, Shelf

# What the re-ranker's blend adds up: models whose scores are sums over the member's own titles.
ADDITIVE = ("ease", "item_knn", "als")


@dataclass
class About:
    """What one list comes to: `scores` of each model, (n,), its `view`, and rows asked for before."""

    scores: dict[str, FloatArray]
    view: ListView
    asked: IntArray = field(default_factory=lambda: np.empty(0, np.int64))
    table: FloatArray = field(default_factory=lambda: np.empty((0, 0), np.float32))

    def rows(self, places: IntArray) -> FloatArray:
        """The pairs with the items at `places`; those of candidates serve their reasons too.

        Exact, because a row depends on the list and its own title alone.
        """
        if len(self.asked):
            at = np.searchsorted(self.asked, places).clip(max=len(self.asked) - 1)
            if (self.asked[at] == places).all():
                held: FloatArray = self.table[at]
                return held
        rows = self.view.rows(places, {name: own[places] for name, own in self.scores.items()})
        if len(places) > len(self.asked) and (np.diff(places) > 0).all():
            self.asked, self.table = places, rows
        return rows


@dataclass
class Bases:
    """EASE, item kNN and ALS over one vocabulary, and the shelf that describes its items."""

    ease: Ease
    item_knn: ItemKnn
    als: Als
    shelf: Shelf
    lately: Lately[About] = field(default_factory=Lately, init=False, repr=False, compare=False)

    @classmethod
    def fit(cls, data: Interactions, catalogue: Catalogue, prior: Prior | None = None) -> Self:
        ease = Ease().fit(data, prior=prior)
        vocabulary = ease.vocabulary
        known = data.only_items(vocabulary.ids)
        knn, als = ItemKnn().fit(known, prior=prior), Als().fit(known, prior=prior)
        return cls(ease, knn, als, catalogue.shelf(vocabulary, data, ease.weights))

    @property
    def vocabulary(self) -> Vocabulary:
        return self.ease.vocabulary

    def view(self, member: MemberList) -> ListView:
        return ListView(self.shelf, self.vocabulary, member)

    def scores(self, member: MemberList) -> dict[str, FloatArray]:
        """What each model gives every item of the vocabulary, by its name, shape (n,)."""
        return {name: self._score(name, member) for name in ADDITIVE}

    def about(self, member: MemberList) -> About:
        return self.lately.of(member, lambda: About(self.scores(member), self.view(member)))

    def _score(self, name: str, member: MemberList) -> FloatArray:
        model = getattr(self, name)
        own: FloatArray = model.score(member)
        if len(model.vocabulary) == len(self.vocabulary):
            return own
        spread = np.full(len(self.vocabulary), own.min(initial=0), np.float32)
        spread[self.vocabulary.positions(model.vocabulary.ids)] = own
        return spread

    def attributions(self, member: MemberList, ids: npt.ArrayLike) -> dict[str, list[Attribution]]:
        return {name: getattr(self, name).attributions(member, ids) for name in ADDITIVE}

    def given_to_all(
        self, member: MemberList, ids: npt.ArrayLike, scores: Mapping[str, FloatArray]
    ) -> FloatArray:
        """What is left of `scores` of `ids` without the member's titles, shape (models, k)."""
        parts = self.attributions(member, ids)
        own = [[part.values.sum(dtype=np.float64) for part in parts[name]] for name in ADDITIVE]
        given = np.array([scores[name] for name in ADDITIVE], np.float64) - np.array(own)
        return given.astype(np.float32)

    # --- keeping

    def arrays(self) -> Arrays:
        found = {f"shelf_{name}": array for name, array in self.shelf.arrays().items()}
        for name in ADDITIVE:
            model = getattr(self, name)
            found[f"{name}_vocabulary"] = model.vocabulary.ids
            found |= {f"{name}_{part}": array for part, array in model.arrays().items()}
        return found

    @classmethod
    def restore(cls, arrays: Mapping[str, npt.NDArray[Any]], facts: Mapping[str, Any]) -> Self:
        shelf = Shelf.of(under("shelf_", arrays))
        models: dict[str, Any] = {}
        for name, kind in (("ease", Ease), ("item_knn", ItemKnn), ("als", Als)):
            described = facts[name]
            model = kind(config=kind.config_type(**described["config"]))
            own = under(f"{name}_", arrays)
            model.vocabulary = Vocabulary(own.pop("vocabulary"))
            model.facts = dict(described["facts"])
            model.restore(own)
            models[name] = model
        return cls(shelf=shelf, **models)

    def cut_to(self, ids: npt.ArrayLike) -> Self:
        kept = self.vocabulary.positions(np.sort(np.asarray(ids)))
        kept = kept[kept >= 0]
        models = {name: getattr(self, name).cut_to(ids) for name in ADDITIVE}
        return type(self)(shelf=self.shelf.at(kept), **models)


def under(prefix: str, arrays: Mapping[str, npt.NDArray[Any]]) -> dict[str, npt.NDArray[Any]]:
    return {
        name.removeprefix(prefix): array
        for name, array in arrays.items()
        if name.startswith(prefix)
    }


def candidates(
    scores: Mapping[str, FloatArray], open_: Mask, shelf: Shelf, view: ListView, wanted: int
) -> IntArray:
    """Positions worth re-ranking, sorted: the best `wanted` of EASE, and of each other source.

    The other models and the titles of series on the list put forward a quarter as many each.
    """
    allowed = np.flatnonzero(open_)
    if len(allowed) <= wanted:
        return allowed
    beside = wanted // 4
    own = np.zeros(int(shelf.series.max(initial=0)) + 1, bool)
    own[shelf.series[view.watched]] = True
    mates = allowed[own[shelf.series[allowed]]]
    chosen = [
        _best(scores["ease"], allowed, wanted),
        _best(scores["ease"], mates, beside),
        *(_best(scores[name], allowed, beside) for name in ADDITIVE if name != "ease"),
    ]
    return np.unique(np.concatenate(chosen))


def _best(scores: FloatArray, among: IntArray, number: int) -> IntArray:
    if len(among) <= number:
        return among
    best: IntArray = among[np.argpartition(-scores[among], number)[:number]]
    return best
