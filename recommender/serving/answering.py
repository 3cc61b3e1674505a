"""How one member's titles are chosen: models, rules, their own words, dials, reasons."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from django.utils import timezone

from catalog.models import Anime, CatalogueVersion
from ratings.models import User
from recommender import datasets
from recommender.engine import diversity, registry, rules
from recommender.engine.base import NO_CAUSES, Attribution, Ranked, Recommender
from recommender.engine.diversity import Dials, Similarity
from recommender.engine.interactions import FloatArray, IntArray, Mask, Vocabulary
from recommender.engine.quiz import QuizModel
from recommender.engine.rules import USUAL, Relations, Rules
from recommender.serving import reasons
from recommender.serving.adjusting import Adjusted, OwnWords
from recommender.serving.models import ActiveModels, scorer, served
from recommender.serving.recommendation import Detail, Recommendation

# Where nothing is ruled out.
NO_RELATIONS = Relations(
    before=np.empty((0, 2), np.int64),
    vocabulary=Vocabulary([]),
    franchises=np.empty(0, np.int64),
    members=np.empty(0, np.float32),
)


class Answer:
    """One member's question while it is being answered: their list is read once."""

    def __init__(
        self,
        member: User,
        models: ActiveModels,
        relations: Relations,
        dials: Dials,
        detail: Detail = Detail.SUMS,
        own: datasets.OwnTitles | None = None,
        version: int | None = None,
        rules: Rules = USUAL,
    ) -> None:
        self.member, self.models, self.relations, self.dials = member, models, relations, dials
        self.rules = rules
        self.version = CatalogueVersion.now() if version is None else version
        self.detail = detail
        own = own or datasets.read_own(member)
        self.list, self.settled, self.watched = own.list, own.settled, own.watched
        self.chosen: list[Recommendation] = []

    def recommend(self, kind: str | None, shown: IntArray, top_n: int) -> list[Recommendation]:
        allowed = self.allowed(shown)
        if ranker := self.ranker(kind):
            self._choose(ranker, allowed, top_n)
        content = served("content", self.models)
        if content and content is not ranker and len(self.list):
            self._choose(content, allowed, top_n)
        self._choose_popular(allowed, top_n)
        return self.chosen

    def allowed(self, shown: IntArray) -> IntArray:
        """Without what the member settled, and what waits for something they have not watched."""
        new = rules.without(shown, self.settled)
        if not self.rules.series_order:
            return new
        return rules.in_series_order(new, self.relations.before, self.watched)

    def adjusted(self, ranker: Recommender, candidates: Ranked) -> Adjusted:
        def values_of(ids: IntArray, names: Sequence[str]) -> FloatArray:
            return ranker.feature_values(self.list, ids, names)

        return Adjusted(self.words, candidates, values_of)

    def ranker(self, kind: str | None) -> Recommender | None:
        """The first in order that is served and knows something of the list; else the first served."""
        order = registry.RANKING_ORDER if kind is None else (kind, "content")
        there = [model for name in order if (model := served(name, self.models))]
        return next(
            (model for model in there if self._knows_the_list(model)), next(iter(there), None)
        )

    def _knows_the_list(self, ranker: Recommender) -> bool:
        """An empty list needs no knowing: popularity answers it."""
        known = ranker.vocabulary.positions(self.list.items) >= 0
        return not len(self.list) or bool(known.any())

    # --- choosing

    def _choose(self, ranker: Recommender, allowed: IntArray, top_n: int) -> None:
        """Fill what is left of `top_n` places with what `ranker` thinks best."""
        missing = top_n - len(self.chosen)
        if missing <= 0 or not len(allowed):
            return
        candidates = self.candidates(ranker, allowed, missing)
        adjusted = self.adjusted(ranker, candidates)
        arranged = diversity.arrange(
            adjusted.candidates,
            self.dials,
            missing,
            members=self.relations.members_of(adjusted.candidates.ids),
            similarity=self._similarity(adjusted.candidates.ids),
            seed=self._seed(),
        )
        best = adjusted.candidates.take(arranged.places)
        self.chosen += self.explained(ranker, adjusted, best, arranged.propensities)

    def candidates(self, ranker: Recommender, allowed: IntArray, missing: int) -> Ranked:
        """The ranker's best, and beside them its best of the member's favourite genres."""
        ids = ranker.vocabulary.ids
        open_ = np.isin(ids, rules.without(allowed, self._chosen_ids()))
        best = self._deep_enough(ranker, open_, missing)
        if not len(self.words.titles):
            return best
        favoured = open_ & np.isin(ids, self.words.titles)
        both = joined(best, self._deep_enough(ranker, favoured, missing))
        return both.take(self._within_franchises(both.ids))

    def _deep_enough(self, ranker: Recommender, open_: Mask, missing: int) -> Ranked:
        """Enough of the best that pass the rule of franchises, however deep that is."""
        wanted = deep = diversity.depth(missing) if self._reorders() else missing
        # Half as many to choose from will do where franchises have taken the others: to look four
        # times as deep for them costs more than all the rest.
        enough = max(missing, wanted // 2)
        while True:
            best = ranker.recommend(self.list, deep, open_)
            passed = best.take(self._within_franchises(best.ids))
            if len(passed) >= enough or len(best) < deep:
                return passed.take(np.arange(min(wanted, len(passed))))
            deep *= 4

    def _reorders(self) -> bool:
        """Whether the ranker's order is not the last word."""
        return self.dials.reorders or bool(self.words)

    @cached_property
    def words(self) -> OwnWords:
        watched = int((self.list.weights > 0).sum())
        quiz, fatigue = self.models.get(QuizModel.kind), self.rules.fatigue
        return OwnWords(self.member, watched=watched, quiz=quiz, fatigue=fatigue)

    def _within_franchises(self, ids: IntArray) -> IntArray:
        of = self.relations.franchises_of
        kept = rules.at_most_each(of(ids), self.dials.per_franchise, of(self._chosen_ids()))
        return np.flatnonzero(kept)

    def _chosen_ids(self) -> list[int]:
        return [rec.anime_id for rec in self.chosen]

    def _similarity(self, ids: IntArray) -> Similarity:
        """By content where it is trained; unknown titles are like none."""
        model = served("content", self.models) if self.dials.diversity else None
        if model is None:
            return lambda place: np.zeros(len(ids), np.float32)
        positions = model.vocabulary.positions(ids)

        def similarity(place: int) -> FloatArray:
            if positions[place] < 0:
                return np.zeros(len(ids), np.float32)
            near = model.similarities_of(int(positions[place]), positions.clip(0))
            return np.where(positions >= 0, near, 0).astype(np.float32)

        return similarity

    def _seed(self) -> int:
        """One for each member and day."""
        return timezone.localdate().toordinal() * 2**32 + self.member.pk

    def _choose_popular(self, allowed: IntArray, top_n: int) -> None:
        """What no model knows: the most watched."""
        missing = top_n - len(self.chosen)
        rest = rules.without(allowed, self._chosen_ids())
        if missing <= 0 or not len(rest):
            return
        popular = Anime.objects.filter(pk__in=rest.tolist()).most_watched_first()
        enough = None if self.dials.per_franchise else missing
        ids = np.fromiter(popular.values_list("pk", flat=True)[:enough], np.int64)
        ids = ids[self._within_franchises(ids)][:missing]
        predicted = {} if self.detail == Detail.ORDER else self.predicted(ids.tolist())
        self.chosen += [Recommendation(pk, 0.0, predicted.get(pk), (), 0.0) for pk in ids.tolist()]

    # --- explaining

    def predicted(self, ids: Sequence[int]) -> dict[int, float]:
        """What the member would likely give; without titles that nobody scored."""
        model = scorer(self.models)
        if model is None or not len(ids):
            return {}
        places = model.vocabulary.positions(ids)
        known = np.flatnonzero(places >= 0)
        scores = model.score_at(self.list, places[known])
        return {
            ids[at]: round(score, 2)
            for at, score in zip(known.tolist(), scores.tolist(), strict=True)
        }

    def explained(
        self,
        ranker: Recommender,
        adjusted: Adjusted,
        best: Ranked,
        propensities: FloatArray,
        own: Sequence[Attribution] | None = None,
    ) -> list[Recommendation]:
        """`best` with as much of their reasons as `detail` asks for. `own`: the ranker's, where known."""
        ids, scores = best.ids.tolist(), best.scores.tolist()
        if self.detail == Detail.ORDER:
            return [
                Recommendation(pk, score, None, (), 0.0, chance)
                for pk, score, chance in zip(ids, scores, propensities.tolist(), strict=True)
            ]
        if own is None:
            own = ranker.attributions(self.list, best.ids)
        told = [adjusted.explained(pk, part) for pk, part in zip(ids, own, strict=True)]
        predicted = self.predicted(ids)
        given = reasons.given_by(self.list)
        wanted = reasons.names_wanted([part for part, _ in told], given)
        names = reasons.names_held(wanted, self.version)
        found = []
        for pk, score, chance, (part, left_out) in zip(
            ids, scores, propensities.tolist(), told, strict=True
        ):
            causes = reasons.causes_shown(part, names, given)
            explained = min(1.0, sum(cause.share for cause in causes))
            parts = part if self.detail == Detail.SUMS else NO_CAUSES
            found.append(
                Recommendation(
                    pk, score, predicted.get(pk), causes, explained, chance, parts, left_out
                )
            )
        return found


def joined(first: Ranked, second: Ranked) -> Ranked:
    """Both, each title once, best first."""
    ids, places = np.unique(np.concatenate([first.ids, second.ids]), return_index=True)
    scores = np.concatenate([first.scores, second.scores])[places]
    order = np.argsort(-scores, kind="stable")
    return Ranked(ids[order], scores[order])
