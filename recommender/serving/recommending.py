"""From the active models to one member's recommendations."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, field, replace
from datetime import date
from functools import cached_property

import numpy as np
from django.core.cache import cache
from django.db.models import QuerySet
from django.utils import timezone

from catalog import viewing
from catalog.models import Anime
from ratings.models import User
from recommender import datasets
from recommender.engine import diversity, registry, rules
from recommender.engine.base import NO_CAUSES, Attribution, Ranked, Recommender
from recommender.engine.diversity import NEUTRAL, Dials, Similarity
from recommender.engine.interactions import FloatArray, IntArray, Mask, MemberList, Vocabulary
from recommender.engine.quiz import QuizModel
from recommender.engine.rules import Relations
from recommender.engine.score_model import ScoreModel
from recommender.engine.taste_reading import SPREAD_OF
from recommender.serving import reasons
from recommender.serving.adjusting import Adjusted, OwnWords
from recommender.serving.models import ActiveModels, active_models, scorer, served
from recommender.serving.reasons import NOTHING_SPECIAL, POPULAR, Breakdown, Cause
from recommender.serving.relations import relations_now
from recommender.serving.shown import shown_now

CACHED_SECONDS = 3600
# Of one title nothing is ruled out.
NO_RELATIONS = Relations(
    before=np.empty((0, 2), np.int64),
    vocabulary=Vocabulary([]),
    franchises=np.empty(0, np.int64),
    members=np.empty(0, np.float32),
)
# So many titles are put forward beside one that is explained alone.
A_PAGE = 24


@dataclass(frozen=True)
class Recommendation:
    anime_id: int
    score: float
    predicted_score: float | None
    causes: tuple[Cause, ...]  # the few that add most, a title first
    explained: float  # share of all that speaks for the title that these causes are, 0..1
    propensity: float = 1.0  # how likely it was to stand here; 1 unless places are left to chance
    parts: Attribution = field(default=NO_CAUSES, compare=False, repr=False)  # the exact sum
    # What features would add that the member does not let count; no part of the score.
    left_out: Mapping[str, float] = field(default_factory=dict, compare=False, repr=False)

    @property
    def reason(self) -> str:
        usual = NOTHING_SPECIAL if "popularity" in self.left_out else POPULAR
        return " · ".join(cause.sentence for cause in self.causes[:2]) or usual


def recommend(
    member: User,
    *,
    top_n: int = 20,
    among: QuerySet[Anime] | Iterable[int] | None = None,
    upcoming: bool = False,
    with_sums: bool = True,
    model: str | None = None,
    dials: Dials = NEUTRAL,
    models: ActiveModels | None = None,
    version: int | None = None,
    own: datasets.OwnTitles | None = None,
) -> list[Recommendation]:
    """The best `top_n` for `member` among the titles of `among` (or their ids), each with its reasons.

    Rules come before the cut, so the list is shorter only where fewer titles are allowed. The
    answer is kept until the member's list, the models, the relations or the question change.
    `upcoming`: whether titles that nobody can watch yet are among them. `with_sums`: whether each
    comes with its exact sum, a line for every title of the list; reasons come in any case. `models`, `version`, `own`:
    the active ones, the catalogue's and the member's list, where they have been read already.
    """
    if model is not None:
        registry.model_type(model)
    models = active_models() if models is None else models
    version, relations = relations_now(version)
    shown = _shown_ids(among, upcoming=upcoming, version=version)
    question = (model, dials, version, _day(dials), top_n, with_sums, shown)
    key = _cache_key(member, models, *question)
    found: list[Recommendation] | None = cache.get(key)
    if found is None:
        found = _Answer(member, models, relations, dials, own).recommend(model, shown, top_n)
        if not with_sums:
            found = [replace(one, parts=NO_CAUSES) for one in found]
        cache.set(key, found, CACHED_SECONDS)
    return found


def explain(
    member: User,
    anime_id: int,
    *,
    models: ActiveModels | None = None,
    version: int | None = None,
    own: datasets.OwnTitles | None = None,
) -> Recommendation | None:
    """What speaks for one title and against it, whether or not it may be recommended to `member`.

    None where no model knows the title.
    """
    models = active_models() if models is None else models
    version, relations = relations_now(version)
    shown = _shown_ids(None, upcoming=False, version=version)
    return _Answer(member, models, relations, NEUTRAL, own).explain(anime_id, shown)


def predict_scores(
    member: User,
    anime_ids: Iterable[int],
    *,
    models: ActiveModels | None = None,
    own: datasets.OwnTitles | None = None,
) -> dict[int, float]:
    """What `member` would likely give, 1..10; titles that nobody scored are left out."""
    models = active_models() if models is None else models
    own = own or datasets.read_own(member)
    return _predict(scorer(models), own.list, list(anime_ids))


@dataclass(frozen=True)
class Fit:
    """What the rest of a member's list says of one title. `predicted`: the score they would give."""

    predicted: float | None
    breakdown: Breakdown
    # How many scores that rest has.
    scored: int
    # Whether the list knows the title itself, planned ones aside, and the score it has there.
    is_listed: bool
    given: int | None


def fit(member: User, anime_id: int, *, models: ActiveModels | None = None) -> Fit | None:
    """How `anime_id` meets the member's list without itself; None where no model knows the title."""
    models = active_models() if models is None else models
    return _Answer(member, models, NO_RELATIONS, NEUTRAL).about(anime_id)


def breakdowns(
    member: User, found: Sequence[Recommendation], *, own: datasets.OwnTitles | None = None
) -> list[Breakdown]:
    """The exact sum behind each of `found`: every cause with its signed value; two queries for all."""
    given = reasons.given_by((own or datasets.read_own(member)).list)
    names = reasons.names_of({int(pk) for rec in found for pk in rec.parts.ids})
    return [reasons.breakdown(rec.parts, names, given) for rec in found]


def _shown_ids(
    among: QuerySet[Anime] | Iterable[int] | None, *, upcoming: bool, version: int
) -> IntArray:
    """The titles that may be recommended to anybody."""
    shown = shown_now(version, upcoming=upcoming)
    if among is None:
        return shown
    if isinstance(among, QuerySet):
        among = among.order_by().values_list("pk", flat=True)
    asked = np.fromiter(among, dtype=np.int64)
    return shown[np.isin(shown, asked)]


def _day(dials: Dials) -> date | None:
    """Chance is drawn anew each day; without it the answer does not depend on the day."""
    return timezone.localdate() if dials.exploration else None


def _cache_key(
    member: User,
    models: ActiveModels,
    kind: str | None,
    dials: Dials,
    version: int,
    day: date | None,
    top_n: int,
    with_sums: bool,
    shown: IntArray,
) -> str:
    served_now = ".".join(str(row.pk) for row in models.values())
    # The reasons name titles, in the viewer's language.
    question = (kind, astuple(dials), version, day, top_n, with_sums, viewing.current().language)
    asked = hashlib.sha256(repr(question).encode() + shown.tobytes()).hexdigest()[:24]
    return f"rec:{member.pk}:{member.list_version}:{served_now}:{asked}"


class _Answer:
    """One member's question while it is being answered: their list is read once."""

    def __init__(
        self,
        member: User,
        models: ActiveModels,
        relations: Relations,
        dials: Dials,
        own: datasets.OwnTitles | None = None,
    ) -> None:
        self.member, self.models, self.relations, self.dials = member, models, relations, dials
        own = own or datasets.read_own(member)
        self.list, self.settled, self.watched = own.list, own.settled, own.watched
        self.chosen: list[Recommendation] = []

    def recommend(self, kind: str | None, shown: IntArray, top_n: int) -> list[Recommendation]:
        allowed = self._allowed(shown)
        if ranker := self._ranker(kind):
            self._choose(ranker, allowed, top_n)
        content = served("content", self.models)
        if content and content is not ranker and len(self.list):
            self._choose(content, allowed, top_n)
        self._choose_popular(allowed, top_n)
        return self.chosen

    # --- one title

    def about(self, pk: int) -> Fit | None:
        """As if the title were not on the list."""
        own_score = reasons.given_by(self.list).get(pk)
        self.list = self.list.at(self.list.items != pk)
        ranker = self._ranker(None)
        if ranker is None or ranker.vocabulary.positions([pk])[0] < 0:
            return None
        (part,) = ranker.attributions(self.list, [pk])
        own = Ranked(np.array([pk], np.int64), np.array([part.score], np.float32))
        # The member's own words are counted in the spread of the ranker's best scores.
        best = ranker.recommend(self.list, SPREAD_OF) if self._words else own
        part, _ = self._adjusted(ranker, _joined(best, own)).explained(pk, part)
        names = reasons.names_of({int(other) for other in part.ids})
        told = reasons.breakdown(part, names, reasons.given_by(self.list))
        predicted = _predict(scorer(self.models), self.list, [pk]).get(pk)
        scored = int((~np.isnan(self.list.scores)).sum())
        score = None if own_score is None or np.isnan(own_score) else int(own_score)
        return Fit(predicted, told, scored, own_score is not None, score)

    # --- many

    def _allowed(self, shown: IntArray) -> IntArray:
        """Without what the member settled, and what waits for something they have not watched."""
        new = rules.without(shown, self.settled)
        return rules.in_series_order(new, self.relations.before, self.watched)

    def explain(self, pk: int, shown: IntArray) -> Recommendation | None:
        """By the first that ranks and knows the title, among what it would put forward."""
        models = [self._ranker(None), served("content", self.models)]
        ranker = next((model for model in models if model and pk in model.vocabulary), None)
        if ranker is None:
            return None
        score = np.array([ranker.attributions(self.list, [pk])[0].score], np.float32)
        own = Ranked(np.array([pk], np.int64), score)
        if self._words:
            own = _joined(own, self._candidates(ranker, self._allowed(shown), A_PAGE))
        adjusted = self._adjusted(ranker, own)
        place = np.flatnonzero(adjusted.candidates.ids == pk)
        return self._explained(
            ranker, adjusted, adjusted.candidates.take(place), np.ones(1, np.float32)
        )[0]

    def _adjusted(self, ranker: Recommender, candidates: Ranked) -> Adjusted:
        def values_of(ids: IntArray, names: Sequence[str]) -> FloatArray:
            return ranker.feature_values(self.list, ids, names)

        return Adjusted(self._words, candidates, values_of)

    def _ranker(self, kind: str | None) -> Recommender | None:
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
        candidates = self._candidates(ranker, allowed, missing)
        adjusted = self._adjusted(ranker, candidates)
        arranged = diversity.arrange(
            adjusted.candidates,
            self.dials,
            missing,
            members=self.relations.members_of(adjusted.candidates.ids),
            similarity=self._similarity(adjusted.candidates.ids),
            seed=self._seed(),
        )
        best = adjusted.candidates.take(arranged.places)
        self.chosen += self._explained(ranker, adjusted, best, arranged.propensities)

    def _candidates(self, ranker: Recommender, allowed: IntArray, missing: int) -> Ranked:
        """The ranker's best, and beside them its best of the member's favourite genres."""
        ids = ranker.vocabulary.ids
        open_ = np.isin(ids, rules.without(allowed, self._chosen_ids()))
        best = self._deep_enough(ranker, open_, missing)
        if not len(self._words.titles):
            return best
        favoured = open_ & np.isin(ids, self._words.titles)
        both = _joined(best, self._deep_enough(ranker, favoured, missing))
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
        return self.dials.reorders or bool(self._words)

    @cached_property
    def _words(self) -> OwnWords:
        watched = int((self.list.weights > 0).sum())
        return OwnWords(self.member, watched=watched, quiz=self.models.get(QuizModel.kind))

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
        predicted = _predict(scorer(self.models), self.list, ids.tolist())
        self.chosen += [Recommendation(pk, 0.0, predicted.get(pk), (), 0.0) for pk in ids.tolist()]

    # --- explaining

    def _explained(
        self, ranker: Recommender, adjusted: Adjusted, best: Ranked, propensities: FloatArray
    ) -> list[Recommendation]:
        ids = best.ids.tolist()
        own = ranker.attributions(self.list, best.ids)
        told = [adjusted.explained(pk, part) for pk, part in zip(ids, own, strict=True)]
        parts = [part for part, _ in told]
        predicted = _predict(scorer(self.models), self.list, ids)
        given = reasons.given_by(self.list)
        names = reasons.names_of_strongest(parts, given)
        found = []
        for pk, score, chance, (part, left_out) in zip(
            ids, best.scores, propensities, told, strict=True
        ):
            causes = reasons.causes_shown(part, names, given)
            explained = min(1.0, sum(cause.share for cause in causes))
            found.append(
                Recommendation(
                    pk,
                    float(score),
                    predicted.get(pk),
                    causes,
                    explained,
                    float(chance),
                    part,
                    left_out,
                )
            )
        return found


def _joined(first: Ranked, second: Ranked) -> Ranked:
    """Both, each title once, best first."""
    ids, places = np.unique(np.concatenate([first.ids, second.ids]), return_index=True)
    scores = np.concatenate([first.scores, second.scores])[places]
    order = np.argsort(-scores, kind="stable")
    return Ranked(ids[order], scores[order])


def _predict(model: ScoreModel | None, list_: MemberList, ids: Sequence[int]) -> dict[int, float]:
    if model is None or not len(ids):
        return {}
    scores = model.score(list_)
    return {
        pk: round(float(scores[place]), 2)
        for pk, place in zip(ids, model.vocabulary.positions(ids), strict=True)
        if place >= 0
    }
