"""Popularity: the same for everybody, and what everything else has to beat."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Self, cast

import numpy as np
import numpy.typing as npt

from recommender.engine.artifacts import Arrays
from recommender.engine.base import (
    NO_CAUSES,
    Attribution,
    Config,
    ItemFeatures,
    Recommender,
    need_data,
)
from recommender.engine.interactions import FloatArray, Interactions, MemberList, Vocabulary


@dataclass(frozen=True)
class PopularityConfig(Config):
    # Scores that a title must be thought to have already, at the mean of all, before its own count.
    damping: float = 25.0


@dataclass
class Popularity(Recommender):
    """score_j = number of members who watched j and did not drop it.

    Beside it the damped mean score, (Σ scores + damping · μ) / (count + damping), in 1..10.
    """

    kind = "popularity"
    config_type = PopularityConfig
    config: Config = field(default_factory=PopularityConfig)
    counts: FloatArray = field(default_factory=lambda: np.empty(0, np.float32))
    mean_scores: FloatArray = field(default_factory=lambda: np.empty(0, np.float32))

    def fit(self, interactions: Interactions, features: ItemFeatures | None = None) -> Self:
        need_data(interactions)
        self.vocabulary = interactions.vocabulary()
        positions = self.vocabulary.positions(interactions.items)
        size = len(self.vocabulary)
        kept = ~interactions.dropped
        self.counts = np.bincount(positions[kept], minlength=size).astype(np.float32)
        scored = ~np.isnan(interactions.scores)
        damping = cast(PopularityConfig, self.config).damping
        sums = np.bincount(positions[scored], interactions.scores[scored], size)
        number = np.bincount(positions[scored], minlength=size)
        mean = float(interactions.scores[scored].mean()) if scored.any() else 7.0
        self.mean_scores = ((sums + damping * mean) / (number + damping)).astype(np.float32)
        self.facts = {"members": len(interactions.member_ids), "mean_score": mean}
        return self

    def score(self, member: MemberList) -> FloatArray:
        return np.asarray(self.counts)

    def attributions(self, member: MemberList, item_ids: npt.ArrayLike) -> list[Attribution]:
        """All of it is popularity: the member's list plays no part."""
        positions = self.vocabulary.positions(item_ids)
        counts = [float(self.counts[p]) if p >= 0 else 0.0 for p in positions]
        return [replace(NO_CAUSES, features={"popularity": count}) for count in counts]

    def item_similarities(self, position: int) -> FloatArray:
        """Titles as popular as this one are no likelier to be like it: the popular ones, always."""
        return np.asarray(self.counts)

    def cut_to(self, ids: npt.ArrayLike) -> Self:
        """The same counts over fewer items."""
        kept = self.vocabulary.positions(np.sort(np.asarray(ids)))
        kept = kept[kept >= 0]
        small = type(self)(
            config=self.config, vocabulary=Vocabulary(np.asarray(self.vocabulary.ids)[kept])
        )
        small.counts, small.mean_scores = self.counts[kept], self.mean_scores[kept]
        small.facts = {**self.facts, "cut_to": len(kept)}
        return small

    def arrays(self) -> Arrays:
        return {"counts": self.counts, "mean_scores": self.mean_scores}

    def restore(self, arrays: Arrays) -> None:
        self.counts, self.mean_scores = arrays["counts"], arrays["mean_scores"]
