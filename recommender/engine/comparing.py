"""Models beside each other on the same members: ratios of means, and the curve of new members."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from recommender.engine import metrics
from recommender.engine.base import Recommender
from recommender.engine.evaluation import ndcg_of_each, recommend_lists
from recommender.engine.questions import Questions
from recommender.engine.splitting import HoldOut

Figures = dict[str, Any]


@dataclass
class Compared:
    """One number for each test member from each model; the members are the same for all.

    `values`: by the model's kind, shape (members,).
    """

    values: dict[str, metrics.Values] = field(default_factory=dict)

    def ratios(self, seed: int) -> dict[str, dict[str, Figures]]:
        """mean(over) / mean(under) for every two, by over and then under; see `metrics.ratio`."""
        return {
            over: {under: self.ratio(over, under, seed) for under in self.values if under != over}
            for over in self.values
        }

    def ratio(self, over: str, under: str, seed: int) -> Figures:
        return as_figures("ratio", metrics.ratio(self.values[over], self.values[under], seed))

    def mean(self, kind: str, seed: int) -> Figures:
        own = self.values[kind]
        return as_figures("mean", (float(own.mean()), *metrics.interval(own, seed)))


def as_figures(name: str, estimate: tuple[float, float, float]) -> Figures:
    """A value with its interval, for a file; None stands for what is not a number."""
    named = zip((name, "low", "high"), estimate, strict=True)
    return {key: None if math.isnan(value) else value for key, value in named}


class Curve:
    """NDCG@k of new members, by how many titles they have said; draws are averaged per member."""

    def __init__(self, splits: Sequence[tuple[int, int, HoldOut]], k: int) -> None:
        self.asked = [(size, Questions(split)) for size, _, split in splits]
        self.k = k
        self.sizes = sorted({size for size, _, _ in splits})
        self.compared = {size: Compared() for size in self.sizes}

    def add(self, model: Recommender) -> None:
        found: dict[int, list[metrics.Values]] = {size: [] for size in self.sizes}
        for size, questions in self.asked:
            lists = recommend_lists(model, questions, self.k)
            found[size].append(ndcg_of_each(lists, questions.hidden_items, self.k))
        for size, draws in found.items():
            self.compared[size].values[model.kind] = np.mean(draws, axis=0)

    def figures(self, reference: str, seed: int) -> list[Figures]:
        """For each model its means by size, and how many times that of `reference` they are."""
        kinds = self.compared[self.sizes[0]].values
        return [
            {"kind": kind, "sizes": [self._at(size, kind, reference, seed) for size in self.sizes]}
            for kind in kinds
        ]

    def _at(self, size: int, kind: str, reference: str, seed: int) -> Figures:
        compared = self.compared[size]
        known = reference in compared.values
        ratio = compared.ratio(kind, reference, seed) if known else None
        return {"titles": size, "ndcg": compared.mean(kind, seed), "ratio": ratio}
