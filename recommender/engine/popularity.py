"""Popularity, overall and recent: the same for everybody, and what everything else has to beat."""

from __future__ import annotations

from abc import abstractmethod
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
from recommender.engine.prior import Prior

# Mean score where nobody gave any.
USUAL_SCORE = 7.0
DAYS_PER_YEAR = 365.25


@dataclass(frozen=True)
class PopularityConfig(Config):
    # Scores that a title must be thought to have already, at the mean of all, before its own count.
    damping: float = 25.0


@dataclass(frozen=True)
class RecentPopularityConfig(PopularityConfig):
    # A line this many days older than the newest one counts half.
    half_life_days: float = 365.0
    # Where a line has no day: it counts half for each so many years that its title is old.
    half_life_years: float = 5.0


@dataclass
class Counted(Recommender):
    """score_j = Σ w_l over the lines l of title j that are not dropped; `w` is the subclass's.

    Beside it the damped mean score, (Σ scores + damping · μ) / (count + damping), in 1..10.
    """

    counts: FloatArray = field(default_factory=lambda: np.empty(0, np.float32))
    mean_scores: FloatArray = field(default_factory=lambda: np.empty(0, np.float32))

    @abstractmethod
    def line_weights(self, interactions: Interactions, features: ItemFeatures | None) -> FloatArray:
        """w, what each line counts, shape (nnz,)."""

    def fit(
        self,
        interactions: Interactions,
        features: ItemFeatures | None = None,
        prior: Prior | None = None,
    ) -> Self:
        need_data(interactions)
        self.vocabulary = interactions.vocabulary()
        positions = self.vocabulary.positions(interactions.items)
        kept = ~interactions.dropped
        weights = self.line_weights(interactions, features)
        self.counts = np.bincount(
            positions[kept], weights[kept], minlength=len(self.vocabulary)
        ).astype(np.float32)
        self.mean_scores, mean = self._mean_scores(interactions, positions)
        self.facts = {"members": len(interactions.member_ids), "mean_score": mean}
        return self

    def _mean_scores(
        self, interactions: Interactions, positions: npt.NDArray[np.int64]
    ) -> tuple[FloatArray, float]:
        size = len(self.vocabulary)
        scored = ~np.isnan(interactions.scores)
        damping = cast(PopularityConfig, self.config).damping
        sums = np.bincount(positions[scored], interactions.scores[scored], size)
        number = np.bincount(positions[scored], minlength=size)
        mean = float(interactions.scores[scored].mean()) if scored.any() else USUAL_SCORE
        return ((sums + damping * mean) / (number + damping)).astype(np.float32), mean

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
        kept = self.vocabulary.positions(np.unique(np.asarray(ids)))
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
        if not len(self.counts) == len(self.mean_scores) == len(self.vocabulary):
            raise KeyError("counts do not fit the vocabulary")


@dataclass
class Popularity(Counted):
    """score_j = number of members who watched j and did not drop it."""

    kind = "popularity"
    config_type = PopularityConfig
    config: Config = field(default_factory=PopularityConfig)

    def line_weights(self, interactions: Interactions, features: ItemFeatures | None) -> FloatArray:
        return np.ones(len(interactions), np.float32)


@dataclass
class RecentPopularity(Counted):
    """What is watched now: each line counts 2^(-age / half-life).

    A line with a day: age = newest day - its day, in days. A line without one: age = now - the
    year its title began, in years, 0 for a title of the future; now is the newest day, or where
    no line has a day the newest title's beginning. A line with neither counts as the mean of those
    that have one; with none at all everything counts 1, which is the overall popularity.
    """

    kind = "popularity_recent"
    config_type = RecentPopularityConfig
    config: Config = field(default_factory=RecentPopularityConfig)

    def line_weights(self, interactions: Interactions, features: ItemFeatures | None) -> FloatArray:
        settings = cast(RecentPopularityConfig, self.config)
        days = interactions.days.astype(np.float64)
        years = years_of(interactions, features)
        dated, placed = np.isfinite(days), np.isfinite(years)
        newest = float(days[dated].max()) if dated.any() else np.nan
        now = 1970 + newest / DAYS_PER_YEAR if dated.any() else years.max(initial=0, where=placed)
        halvings = np.where(
            dated,
            (newest - days) / settings.half_life_days,
            np.maximum(now - years, 0) / settings.half_life_years,
        )
        known = np.isfinite(halvings)
        weights = np.exp2(-np.where(known, halvings, 0.0))
        weights[~known] = weights[known].mean() if known.any() else 1.0
        return weights.astype(np.float32)


def years_of(interactions: Interactions, features: ItemFeatures | None) -> npt.NDArray[np.float64]:
    """The year in which each line's title began, shape (nnz,); NaN where nothing tells."""
    if features is None or not len(features):
        return np.full(len(interactions), np.nan)
    rows = Vocabulary(features.ids).positions(interactions.items)
    years = features.years.astype(np.float64)
    return np.where(rows >= 0, years[rows], np.nan)
