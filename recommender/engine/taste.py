"""What a member likes, trait by trait, with uncertainty, one line of the list at a time.

Two things are learned of each trait: by how many points the member's scores differ (a Gaussian
posterior), and how much more often than others they watch it (a Gamma posterior). Both are read
from sums of whole numbers, so a line that is changed or taken back leaves no trace, to the bit.

Sources: Gelman et al., Bayesian Data Analysis, 3rd ed., chapters 2 and 5 (conjugate posteriors;
the spread between members by moments).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Self, cast

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from recommender.engine.artifacts import Arrays
from recommender.engine.base import Config, Fitted, ItemFeatures, need_data
from recommender.engine.interactions import (
    FloatArray,
    IntArray,
    Interactions,
    MemberList,
    Vocabulary,
)
from recommender.engine.taste_priors import (
    Priors,
    expected_scores,
    learn_priors,
    priors_from,
)
from recommender.engine.taste_reading import Corrections, Taste, read_taste
from recommender.engine.traits import Traits, traits_of

# Scores and what is expected are counted in hundredths of a point: whole numbers add up exactly.
HUNDREDTHS = 100
UNSCORED = -1

# Score in hundredths or UNSCORED, and whether the line counts as watched (a dropped one does not).
Line = tuple[int, bool]


@dataclass(frozen=True)
class TasteConfig(Config):
    # A trait that fewer titles have is not worth a line of its own.
    fewest_titles: int = 5
    # Scores at the catalogue's mean that every title is thought to have already.
    item_damping: float = 10.0
    # Lists from which the spread between members is learned.
    members_sampled: int = 5000
    seed: int = 20261123


@dataclass
class TasteStatistics:
    """All that is kept of one member: their lines and the sums over them.

    `scored`, `residuals`, `watched`: int64, shape (traits,): lines with a score that have the
    trait, the sum of their residuals (hundredths of a point), and lines that count as watched.
    `totals`: the same three over all lines, and the sum of squared residuals.
    """

    lines: dict[int, Line]
    scored: IntArray
    residuals: IntArray
    watched: IntArray
    totals: IntArray

    @classmethod
    def empty(cls, traits: int) -> Self:
        sums = [np.zeros(traits, np.int64) for _ in range(3)]
        return cls({}, sums[0], sums[1], sums[2], np.zeros(4, np.int64))


@dataclass
class TasteModel(Fitted):
    """What everybody's lists say of titles and traits, against which one list is read.

    `expected`: the score a title gets from others, hundredths, int64, shape (items,).
    `shares`: how often a title watched has the trait, mean over members, shape (traits,).
    """

    kind = "taste"
    config_type = TasteConfig
    config: Config = field(default_factory=TasteConfig)
    traits: Traits = field(default_factory=lambda: Traits((), sp.csr_matrix((0, 0))))
    expected: IntArray = field(default_factory=lambda: np.empty(0, np.int64))
    shares: FloatArray = field(default_factory=lambda: np.empty(0, np.float32))

    @property
    def settings(self) -> TasteConfig:
        return cast(TasteConfig, self.config)

    @property
    def priors(self) -> Priors:
        return priors_from(self.facts)

    def fit(self, interactions: Interactions, features: ItemFeatures | None = None) -> Self:
        need_data(interactions)
        seen = interactions.vocabulary()
        known = features if features is not None else ItemFeatures(ids=seen.ids)
        self.vocabulary = Vocabulary(np.union1d(known.ids, seen.ids))
        self.traits = traits_of(known, self.vocabulary, self.settings.fewest_titles)
        expected = expected_scores(interactions, known, self.vocabulary, self.settings.item_damping)
        self.expected = np.rint(expected * HUNDREDTHS).astype(np.int64)
        priors, self.shares = learn_priors(
            self._sample(interactions), self.traits, self.vocabulary, expected
        )
        self.facts = {"traits": len(self.traits), "priors": priors.as_dict()}
        return self

    def _sample(self, interactions: Interactions) -> Interactions:
        members = interactions.member_ids
        if len(members) <= self.settings.members_sampled:
            return interactions
        rng = np.random.default_rng(self.settings.seed)
        drawn = rng.choice(members, self.settings.members_sampled, replace=False)
        return interactions.take(np.isin(interactions.members, drawn))

    def cut_to(self, ids: npt.ArrayLike) -> Self:
        """The same model over fewer items."""
        kept = self.vocabulary.positions(np.sort(np.asarray(ids)))
        kept = kept[kept >= 0]
        small = type(self)(config=self.config, vocabulary=Vocabulary(self.vocabulary.ids[kept]))
        small.traits = replace(self.traits, matrix=self.traits.matrix[kept])
        small.expected, small.shares = self.expected[kept], self.shares
        small.facts = {**self.facts, "cut_to": len(kept)}
        return small

    # --- one member

    def learn(self, member: MemberList) -> TasteStatistics:
        """The sums over a whole list: what `follow` comes to from nothing."""
        return self.follow(TasteStatistics.empty(len(self.traits)), member)

    def follow(self, statistics: TasteStatistics, member: MemberList) -> TasteStatistics:
        """Bring `statistics` up to the list, counting changed lines only: O(traits of those).

        The result is exactly that of learning the list from scratch.
        """
        now, before = self._lines(member), statistics.lines
        gone = {pk: line for pk, line in before.items() if now.get(pk) != line}
        come = {pk: line for pk, line in now.items() if before.get(pk) != line}
        self._count(statistics, gone, -1)
        self._count(statistics, come, +1)
        statistics.lines = now
        return statistics

    def rate(
        self, statistics: TasteStatistics, item: int, score: float | None, watched: bool = True
    ) -> TasteStatistics:
        """One line new or changed, in O(traits of the title)."""
        self.forget(statistics, item)
        come = self._lines(MemberList.of([item], [score], [1.0 if watched else -1.0]))
        self._count(statistics, come, +1)
        statistics.lines.update(come)
        return statistics

    def forget(self, statistics: TasteStatistics, item: int) -> TasteStatistics:
        """One line taken off the list, in O(traits of the title); an unknown one is no error."""
        if item in statistics.lines:
            self._count(statistics, {item: statistics.lines.pop(item)}, -1)
        return statistics

    def _lines(self, member: MemberList) -> dict[int, Line]:
        _, known = member.known_to(self.vocabulary)
        hundredths = np.rint(np.nan_to_num(known.scores, nan=0.0) * HUNDREDTHS).astype(np.int64)
        scores = np.where(np.isnan(known.scores), UNSCORED, hundredths).tolist()
        counted = zip(scores, (known.weights > 0).tolist(), strict=True)
        return dict(zip(known.items.tolist(), counted, strict=True))

    def _count(self, statistics: TasteStatistics, lines: Mapping[int, Line], sign: int) -> None:
        if not lines:
            return
        places = self.vocabulary.positions(list(lines))
        scores = np.array([score for score, _ in lines.values()], np.int64)
        watched = np.array([seen for _, seen in lines.values()], np.int64)
        scored = (scores != UNSCORED).astype(np.int64)
        left = np.where(scored > 0, scores - self.expected[places], 0)
        rows = self.traits.matrix
        starts, ends = rows.indptr[places], rows.indptr[places + 1]
        sizes = ends - starts
        line = np.repeat(np.arange(len(places)), sizes)
        within = np.arange(len(line)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        trait = rows.indices[np.repeat(starts, sizes) + within]
        np.add.at(statistics.scored, trait, sign * scored[line])
        np.add.at(statistics.residuals, trait, sign * left[line])
        np.add.at(statistics.watched, trait, sign * watched[line])
        sums = (scored.sum(), left.sum(), watched.sum(), (left**2).sum())
        statistics.totals += sign * np.array(sums, np.int64)

    def taste(self, statistics: TasteStatistics, corrections: Corrections | None = None) -> Taste:
        """What `statistics` and the member's own `corrections` come to."""
        return read_taste(
            self.traits.names,
            self.priors,
            self.shares,
            scored=statistics.scored,
            residuals=statistics.residuals / HUNDREDTHS,
            watched=statistics.watched,
            totals=statistics.totals / np.array([1, HUNDREDTHS, 1, HUNDREDTHS**2]),
            corrections=corrections or {},
        )

    # --- titles

    def traits_matrix(self, item_ids: npt.ArrayLike) -> sp.csr_matrix:
        """Which traits each title has, CSR, shape (k, traits); none for an unknown title."""
        positions = self.vocabulary.positions(item_ids)
        known = positions >= 0
        keep = sp.csr_matrix(
            (np.ones(known.sum(), np.float32), (np.flatnonzero(known), positions[known])),
            shape=(len(positions), len(self.vocabulary)),
        )
        return (keep @ self.traits.matrix).tocsr()

    # --- keeping

    def arrays(self) -> Arrays:
        return {
            "trait_kinds": np.array([kind for kind, _ in self.traits.names], "U16"),
            "trait_names": np.array([name for _, name in self.traits.names], "U120"),
            "indices": self.traits.matrix.indices.astype(np.int32),
            "indptr": self.traits.matrix.indptr.astype(np.int64),
            "expected": self.expected,
            "shares": self.shares,
        }

    def restore(self, arrays: Arrays) -> None:
        kinds, names = arrays["trait_kinds"].tolist(), arrays["trait_names"].tolist()
        indices, indptr = arrays["indices"], arrays["indptr"]
        shape = (len(self.vocabulary), len(names))
        try:
            ones = np.ones(len(indices), np.float32)
            matrix = sp.csr_matrix((ones, indices, indptr), shape=shape, copy=False)
        except ValueError as problem:
            raise KeyError(f"traits do not fit the vocabulary: {problem}") from None
        self.traits = Traits(tuple(zip(kinds, names, strict=True)), matrix)
        self.expected, self.shares = arrays["expected"], arrays["shares"]
        priors_from(self.facts)
