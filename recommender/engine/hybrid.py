"""The hybrid: candidates of several models, ranked anew by what is known of member and title.

Sources: Friedman 2001 (boosting); Burges, From RankNet to LambdaRank to LambdaMART, 2010, and
Covington et al., RecSys 2016, for ranking in two stages; Wolpert, Stacked Generalization, 1992,
for learning the second stage from scores of members whom the first has not seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import Self, cast

import numpy as np
import numpy.typing as npt

from recommender.engine.answered import ListsShown
from recommender.engine.artifacts import Arrays
from recommender.engine.base import (
    NO_CAUSES,
    Attribution,
    Config,
    ItemFeatures,
    Ranked,
    Recommender,
    need_data,
    top,
)
from recommender.engine.candidates import ADDITIVE, Bases, candidates, under
from recommender.engine.coldstart import ColdTitles, merge_channels
from recommender.engine.content import Content
from recommender.engine.interactions import (
    FloatArray,
    IntArray,
    Interactions,
    Mask,
    MemberList,
    Vocabulary,
)
from recommender.engine.pairs import COLUMNS, PLACE, POPULARITY, TASTE
from recommender.engine.prior import Prior
from recommender.engine.reranker import Examples, Reranker, RerankerConfig
from recommender.engine.shelf import Catalogue

Floats = npt.NDArray[np.float64]
# The groups that reasons name, and which columns of a row belong to each: (columns, groups).
GROUPS = list(dict.fromkeys(column.group for column in COLUMNS))
GROUPED = np.array([[column.group == group for group in GROUPS] for column in COLUMNS], np.float64)


@dataclass(frozen=True)
class HybridConfig(Config):
    # Members are dealt into so many folds; each is scored by models that never saw it.
    folds: int = 4
    # Of how many members the re-ranker learns at most, drawn at random.
    members: int = 3000
    # With fewer there is nothing to learn an order from, and the blend stands alone.
    fewest_members: int = 200
    # How many titles are put forward by EASE; a quarter as many by each other source.
    candidates: int = 250
    # How often each member is learned from, with another part of the list hidden each time.
    draws: int = 2
    # So often a member is learned from once more, by a few titles of their list alone: newcomers
    # are ranked by the same trees.
    short_share: float = 0.7
    longest_short: int = 15
    hidden_share: float = 0.2
    # Of each beginning of a list, the share of titles that nobody watched: at most and at least.
    most_cold: float = 0.1
    least_cold: float = 0.04
    # Behind the first page: who reads on meets more of the new.
    deep_cold: float = 0.35
    # With fewer titles taken up of those that were shown, lists that were shown teach nothing.
    fewest_taken: int = 100
    # From how many lists that a member was shown they are learned at most, the latest.
    most_shown: int = 3
    # What a new title's score keeps of the slope of EASE's: it is a guess at that score, and the best
    # guesses of thousands are too high.
    cold_trust: float = 0.4
    # Whether the catalogue's own figures (its members, its mean score) are looked at.
    catalogue_statistics: bool = True
    rounds: int = 300
    learning_rate: float = 0.05
    depth: int = 7
    leaves: int = 63
    seed: int = 0


@dataclass
class Hybrid(Recommender):
    """score = w·s + b + Σ_t tree_t(row), log-odds up to a constant of the list, see `Reranker`.

    s are the scores of EASE, item kNN and ALS, w >= 0; a row is what `pairs` tells of member and
    title. The re-ranker learns from members in `folds`: the models under it are fitted on the
    other folds, a part of each member's list is hidden, and what was hidden is to be found. So it
    never sees a score that already knew the answer. The models are then fitted once more on all.
    """

    kind = "hybrid"
    config_type = HybridConfig
    config: Config = field(default_factory=HybridConfig)
    bases: Bases | None = None
    cold: ColdTitles = field(default_factory=ColdTitles)
    reranker: Reranker = field(default_factory=Reranker.untrained)

    @property
    def settings(self) -> HybridConfig:
        return cast(HybridConfig, self.config)

    # --- learning

    def fit(
        self,
        interactions: Interactions,
        features: ItemFeatures | None = None,
        prior: Prior | None = None,
    ) -> Self:
        if prior is None:
            need_data(interactions)
        content = None
        if features is not None and len(features):
            content = Content().fit(interactions, features)
        catalogue = self.catalogue(interactions, features, content, prior)
        self.reranker = self._learn(interactions, catalogue, prior)
        self.bases = Bases.fit(interactions, catalogue, prior)
        self.cold = ColdTitles().fit(interactions, features, self.bases.ease, prior, content)
        self.vocabulary = self._both_channels()
        for places in ("_warm_places", "_cold_places"):
            self.__dict__.pop(places, None)
        self.facts = {
            "items": len(self.vocabulary),
            "members": len(interactions.member_ids),
            "blend": self.reranker.facts,
            "shown": self._lists_shown(interactions).facts,
            **{
                name: {"config": asdict(model.config), "facts": model.facts}
                for name in ADDITIVE
                for model in [getattr(self.bases, name)]
            },
        }
        return self

    def catalogue(
        self,
        interactions: Interactions,
        features: ItemFeatures | None,
        content: Content | None,
        prior: Prior | None,
    ) -> Catalogue:
        """What is known of the titles that somebody watched."""
        ids = interactions.vocabulary().ids
        if prior is not None:
            ids = np.union1d(ids, prior.vocabulary.ids)
        described = ItemFeatures(ids[:0]) if features is None else features.only(ids)
        return Catalogue.read(described, content)

    def _both_channels(self) -> Vocabulary:
        """Titles that somebody watched and titles that nobody did."""
        return Vocabulary(np.union1d(self._bases.vocabulary.ids, self.cold.vocabulary.ids))

    def _learn(
        self, interactions: Interactions, catalogue: Catalogue, prior: Prior | None
    ) -> Reranker:
        if len(interactions.member_ids) < self.settings.fewest_members:
            return Reranker.untrained()
        parts = list(self.examples(interactions, catalogue, prior))
        examples = Examples.join(part for part in parts if not part.are_answers)
        answers = [part for part in parts if part.are_answers]
        config = RerankerConfig(
            rounds=self.settings.rounds,
            learning_rate=self.settings.learning_rate,
            depth=self.settings.depth,
            leaves=self.settings.leaves,
            catalogue_statistics=self.settings.catalogue_statistics,
            seed=self.settings.seed,
        )
        return Reranker.learn(examples, config, Examples.join(answers) if answers else None)

    def examples(
        self, interactions: Interactions, catalogue: Catalogue, prior: Prior | None
    ) -> Iterator[Examples]:
        """Rows and answers of each fold's members, scored by models of all the other members."""
        rng = np.random.default_rng(self.settings.seed)
        members = interactions.member_ids
        asked = rng.permutation(members)[: self.settings.members]
        put_forward = self._lists_shown(interactions)
        for fold in np.array_split(asked, self.settings.folds):
            inside = np.isin(interactions.members, fold)
            bases = Bases.fit(interactions.take(~inside), catalogue, prior)
            for list_ in interactions.take(inside).lists().values():
                for length in self._lengths(len(list_), rng):
                    shown, hidden = _hide(list_, length, rng)
                    if len(shown) and len(hidden):
                        yield self._example(bases, shown, hidden)
            for answered in put_forward.of_members(fold):
                yield from answered.examples(bases)

    def _lists_shown(self, interactions: Interactions) -> ListsShown:
        s = self.settings
        return ListsShown.of(interactions, fewest_taken=s.fewest_taken, most=s.most_shown)

    def _lengths(self, whole: int, rng: np.random.Generator) -> list[int]:
        """How much of a list is shown, each time: most of it, and now and then a little."""
        s, lengths = self.settings, []
        for _ in range(s.draws):
            lengths.append(whole - max(1, int(whole * s.hidden_share)))
            if rng.random() < s.short_share:
                lengths.append(int(rng.integers(1, s.longest_short + 1)))
        return lengths

    def _example(self, bases: Bases, shown: MemberList, hidden: IntArray) -> Examples:
        scores, view = bases.scores(shown), bases.view(shown)
        open_ = np.ones(len(bases.vocabulary), bool)
        open_[view.positions] = False
        asked = candidates(scores, open_, bases.shelf, view, self.settings.candidates)
        rows = view.rows(asked, {name: own[asked] for name, own in scores.items()})
        return Examples.of(rows, np.isin(bases.vocabulary.ids[asked], hidden))

    # --- answering

    def recommend(self, member: MemberList, top_n: int, allowed: Mask | None = None) -> Ranked:
        """As every model does; only candidates are ranked by the trees, so that it is quick.

        Titles that nobody watched come in a channel of their own, whose share is bounded.
        """
        open_ = np.ones(len(self.vocabulary), bool) if allowed is None else allowed.copy()
        seen = self.vocabulary.positions(member.items)
        open_[seen[seen >= 0]] = False
        warm = self._rank_warm(member, open_[self._warm_places], top_n)
        cold_open = open_[self._cold_places]
        cold = top(self.cold.vocabulary, self._cold_scores(member), cold_open, top_n)
        s = self.settings
        shares = {"most": s.most_cold, "least": s.least_cold, "deep": s.deep_cold}
        return merge_channels(warm, cold, top_n, **shares)

    def _rank_warm(self, member: MemberList, open_: Mask, top_n: int) -> Ranked:
        bases = self._bases
        about = bases.about(member)
        wanted = max(self.settings.candidates, 4 * top_n)
        asked = candidates(about.scores, open_, bases.shelf, about.view, wanted)
        put_forward = Vocabulary(bases.vocabulary.ids[asked])
        scores = self.reranker.score(about.rows(asked))
        return top(put_forward, scores, np.ones(len(asked), bool), top_n)

    def _cold_scores(self, member: MemberList) -> FloatArray:
        """Log-odds, as the others': of a title of which a guess at EASE's score is all that is known."""
        slope, level = self._cold_line
        scores = self._bases.about(member).scores
        scaled: FloatArray = self.cold.score(member, scores["ease"]) * np.float32(slope)
        return (scaled + np.float32(level)).astype(np.float32)

    @property
    def _cold_line(self) -> tuple[float, float]:
        slope, level = self.reranker.alone
        return self.settings.cold_trust * slope, level

    @cached_property
    def _warm_places(self) -> IntArray:
        return self.vocabulary.positions(self._bases.vocabulary.ids)

    @cached_property
    def _cold_places(self) -> IntArray:
        return self.vocabulary.positions(self.cold.vocabulary.ids)

    def score(self, member: MemberList) -> FloatArray:
        bases = self._bases
        about = bases.about(member)
        own = np.empty(len(self.vocabulary), np.float32)
        rows = about.view.rows(np.arange(len(bases.vocabulary)), about.scores)
        own[self._warm_places] = self.reranker.score(rows)
        own[self._cold_places] = self._cold_scores(member)
        return own

    def attributions(self, member: MemberList, item_ids: npt.ArrayLike) -> list[Attribution]:
        """The blend by the member's own titles; the trees by group of columns.

        What the trees add for the columns of taste is shared among the titles that EASE's sum for
        the item rests on, in proportion. `remainder` is the constant of blend and trees. A title
        that nobody watched: the sum of its own channel.
        """
        ids = np.asarray(item_ids, dtype=np.int64)
        is_warm = self._bases.vocabulary.positions(ids) >= 0
        warm = iter(self._warm_attributions(member, ids[is_warm]))
        cold = iter(self.cold.attributions(member, ids[~is_warm]))
        known = self.vocabulary.positions(ids) >= 0
        found = [next(warm) if is_ else self._on_scale(next(cold)) for is_ in is_warm]
        return [part if there else NO_CAUSES for part, there in zip(found, known, strict=True)]

    def _on_scale(self, cold: Attribution) -> Attribution:
        slope, level = self._cold_line
        features = {name: slope * value for name, value in cold.features.items()}
        return Attribution(cold.ids, np.float32(slope) * cold.values, features, level)

    def _warm_attributions(self, member: MemberList, ids: IntArray) -> list[Attribution]:
        bases = self._bases
        rows = bases.about(member).rows(bases.vocabulary.positions(ids))
        own = _summands(bases.attributions(member, ids), member, len(ids))
        weights = self.reranker.weights.astype(np.float64)
        trees = self.reranker.forest.contributions(rows).astype(np.float64)
        groups = trees[:, :-1] @ GROUPED
        # What the models give everybody is popularity.
        given = rows[:, [PLACE[name] for name in ADDITIVE]] - own.sum(axis=2).T
        groups[:, GROUPS.index(POPULARITY)] += given @ weights
        values, unshared = _shared_out(
            groups[:, GROUPS.index(TASTE)], np.tensordot(weights, own, 1), own[0]
        )
        constant = trees[:, -1] + self.reranker.bias + unshared
        return [
            Attribution(
                member.items,
                values[place].astype(np.float32),
                {
                    name: value
                    for name, value in zip(GROUPS, line, strict=True)
                    if value and name != TASTE
                },
                float(constant[place]),
            )
            for place, line in enumerate(groups.tolist())
        ]

    def feature_values(
        self, member: MemberList, item_ids: npt.ArrayLike, names: Sequence[str]
    ) -> FloatArray:
        """As the contract says, for all items at once; titles of the member's own are not told apart."""
        ids = np.asarray(item_ids, dtype=np.int64)
        found = np.zeros((len(ids), len(names)), np.float32)
        is_warm = self._bases.vocabulary.positions(ids) >= 0
        found[is_warm] = self._warm_values(member, ids[is_warm], names)
        cold = [self._on_scale(part) for part in self.cold.attributions(member, ids[~is_warm])]
        told = [[part.features.get(name, 0.0) for name in names] for part in cold]
        found[~is_warm] = np.array(told, np.float32).reshape(len(cold), len(names))
        return found

    def _warm_values(self, member: MemberList, ids: IntArray, names: Sequence[str]) -> FloatArray:
        places = self._bases.vocabulary.positions(ids)
        about = self._bases.about(member)
        scores = {name: own[places] for name, own in about.scores.items()}
        trees = self.reranker.forest.contributions(about.rows(places))
        found = np.zeros((len(ids), len(names)), np.float32)
        for number, name in enumerate(names):
            columns = [PLACE[c.name] for c in COLUMNS if c.group == name and name != TASTE]
            found[:, number] = trees[:, columns].sum(axis=1)
            if name == POPULARITY:
                given = self._bases.given_to_all(member, ids, scores)
                found[:, number] += self.reranker.weights @ given
        return found

    def item_similarities(self, position: int) -> FloatArray:
        """EASE's weights; a title that nobody watched is like what it is mixed from."""
        ease, pk = self._bases.ease, self.vocabulary.ids[[position]]
        found = np.zeros(len(self.vocabulary), np.float32)
        warm, cold = ease.vocabulary.positions(pk)[0], self.cold.vocabulary.positions(pk)[0]
        near = ease.item_similarities(int(warm)) if warm >= 0 else self.cold.mix[[cold]].toarray()
        found[self._warm_places] = near.ravel()
        return found

    @property
    def _bases(self) -> Bases:
        if self.bases is None:
            raise RuntimeError("the hybrid is not fitted")
        return self.bases

    # --- keeping

    def arrays(self) -> Arrays:
        learned = {f"reranker_{name}": array for name, array in self.reranker.arrays().items()}
        return {**self._bases.arrays(), **self.cold.arrays(), **learned}

    def restore(self, arrays: Arrays) -> None:
        self.bases = Bases.restore(arrays, self.facts)
        self.cold = ColdTitles().restore(arrays, self.bases.ease)
        self.reranker = Reranker.restore(under("reranker_", arrays))
        if not np.array_equal(self._both_channels().ids, self.vocabulary.ids):
            raise KeyError("the models under the hybrid speak of other items")

    def cut_to(self, ids: npt.ArrayLike) -> Self:
        """The same model over fewer items, in both channels."""
        bases = self._bases.cut_to(ids)
        cold = self.cold.cut_to(ids, bases.ease)
        kept = Vocabulary(np.union1d(bases.vocabulary.ids, cold.vocabulary.ids))
        facts = {**self.facts, "items": len(kept), "cut_to": len(kept)}
        return replace(self, vocabulary=kept, bases=bases, cold=cold, facts=facts)


def _hide(list_: MemberList, length: int, rng: np.random.Generator) -> tuple[MemberList, IntArray]:
    """`length` lines drawn at random, and the watched titles among the rest."""
    order = rng.permutation(len(list_))
    rest = order[length:]
    hidden: IntArray = list_.items[rest[list_.weights[rest] > 0]]
    return list_.at(np.sort(order[:length])), hidden


def _summands(parts: Mapping[str, list[Attribution]], member: MemberList, number: int) -> Floats:
    """What each title of the list adds to each item in each additive model: (models, items, list)."""
    order = np.argsort(member.items)
    found = np.zeros((len(ADDITIVE), number, len(member)))
    known: dict[int, IntArray] = {}

    def places_of(ids: IntArray) -> IntArray:
        """Of one model all parts name the same titles, by the same array."""
        if id(ids) not in known:
            known[id(ids)] = order[np.searchsorted(member.items, ids, sorter=order)]
        return known[id(ids)]

    for model, name in enumerate(ADDITIVE):
        for item, part in enumerate(parts[name]):
            if len(part.ids):
                found[model, item, places_of(part.ids)] = part.values
    return found


def _shared_out(amounts: Floats, values: Floats, summands: Floats) -> tuple[Floats, Floats]:
    """Give each of `amounts`, (items,), to the titles whose summands have its sign, in proportion;
    and what is left of it. `values`, `summands`: (items, list)."""
    sides = np.where(summands * amounts[:, None] > 0, np.abs(summands), 0)
    total = sides.sum(axis=1)
    share = np.divide(amounts, total, out=np.zeros_like(total), where=total > 0)
    return values + share[:, None] * sides, np.where(total > 0, 0.0, amounts)
