"""What a few members could watch together: each one's own ranking, joined so that nobody is outvoted."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from catalog import viewing
from catalog.models import Anime
from ratings.models import User
from recommender import datasets
from recommender.engine import registry, rules
from recommender.engine.base import NO_CAUSES, Attribution, Recommender
from recommender.engine.interactions import IntArray, Mask
from recommender.engine.quiz import QuizModel
from recommender.engine.together import least_misery, places_in
from recommender.models import FavouriteGenre, TasteCorrection
from recommender.serving import reasons
from recommender.serving.adjusting import Adjusted, OwnWords
from recommender.serving.keeping import kept
from recommender.serving.models import ActiveModels, active_models, scorer, served
from recommender.serving.reasons import Cause
from recommender.serving.relations import relations_now

CACHED_SECONDS = 3600
# Titles that the quickest model puts forward for all; only these does the best model rank for each.
CANDIDATES = 100
# A title that somebody has seen may come again where they gave it as much, or no score.
WORTH_AGAIN = 7


@dataclass(frozen=True)
class Say:
    """What one member has to a title: their place for it among the candidates, from 1, and the score
    they would likely give, and what speaks most for it; or that they have seen it, and what they gave."""

    member_id: int
    place: int | None = None
    predicted: float | None = None
    cause: Cause | None = None
    seen: bool = False
    gave: int | None = None


@dataclass(frozen=True)
class Joint:
    anime_id: int
    says: Sequence[Say]


def together(
    members: Sequence[User],
    *,
    seen_by_some: bool = False,
    top_n: int = 12,
    models: ActiveModels | None = None,
) -> list[Joint]:
    """The best `top_n` for all of `members`, who have agreed to it: see `sharing.company_of`.

    Six queries for all, and a few more for each who has corrected their taste or chosen favourite
    genres. `seen_by_some`: whether what some of them have seen may come, if they liked it.
    Kept until one of the lists, the models or the relations change.
    """
    models = active_models() if models is None else models
    version, relations = relations_now()
    titles = Anime.objects.recommendable().order_by("pk")
    shown = np.fromiter(titles.values_list("pk", flat=True), np.int64)
    lists = [(member.pk, member.list_version) for member in members]
    question = (lists, sorted(row.pk for row in models.values()), version, seen_by_some, top_n)
    asked = repr((question, viewing.current().language)).encode() + shown.tobytes()
    key = f"together:{hashlib.sha256(asked).hexdigest()[:40]}"

    def work_out() -> list[Joint]:
        joining = _Joining(members, models, relations.before, seen_by_some=seen_by_some)
        return joining.best(shown, top_n)

    return kept("together", key, work_out, seconds=CACHED_SECONDS)


class _Person:
    """One of them: their list, how they rank what is put forward, and what they have to say of it."""

    def __init__(
        self, member: User, own: datasets.OwnTitles, models: ActiveModels, *, has_words: bool
    ) -> None:
        self.member, self.models, self.has_words = member, models, has_words
        self.list, self.given = own.list, reasons.given_by(own.list)
        liked = np.isnan(own.list.scores) | (own.list.scores >= WORTH_AGAIN)
        # What was dropped or hidden weighs below 0.
        self.again = own.list.items[liked & (own.list.weights >= 0)]
        self.watched = own.watched
        # What does not count is seen all the same.
        self.told = np.union1d(own.list.items, own.watched)
        self.ranking = np.empty(0, np.int64)
        self._adjusted: Adjusted | None = None

    def new(self, ids: IntArray) -> Mask:
        """Which of `ids` they have not seen, dropped or hidden, shape (n,)."""
        return ~np.isin(ids, self.told)

    def rank(self, ranker: Recommender, candidates: IntArray) -> IntArray:
        """Their place of each of `candidates`, by the ranker and their own words, shape (n,)."""
        allowed = np.isin(ranker.vocabulary.ids, candidates)
        own = ranker.recommend(self.list, len(candidates), allowed)
        if self.has_words:
            quiz = self.models.get(QuizModel.kind)
            words = OwnWords(self.member, watched=len(self.watched), quiz=quiz)
            self._adjusted = Adjusted(
                words, own, lambda ids, names: ranker.feature_values(self.list, ids, names)
            )
            own = self._adjusted.candidates
        self.ranking = own.ids
        return places_in(own.ids, candidates)

    def parts(self, ranker: Recommender, ids: IntArray) -> dict[int, Attribution]:
        """Why each of those of `ids` that are new to them suits them."""
        new = ids[self.new(ids)]
        pairs = zip(new.tolist(), ranker.attributions(self.list, new), strict=True)
        if self._adjusted is None:
            return dict(pairs)
        return {pk: self._adjusted.explained(pk, part)[0] for pk, part in pairs}

    def predicted(self, ids: IntArray) -> dict[int, float]:
        model = scorer(self.models)
        if model is None or not len(self.list):
            return {}
        scores, places = model.score(self.list), model.vocabulary.positions(ids)
        pairs = zip(ids.tolist(), places.tolist(), strict=True)
        return {pk: round(float(scores[place]), 2) for pk, place in pairs if place >= 0}


class _Joining:
    """The question of a few members while it is answered: each list is read once."""

    def __init__(
        self,
        members: Sequence[User],
        models: ActiveModels,
        before: IntArray,
        *,
        seen_by_some: bool,
    ) -> None:
        self.models, self.before, self.seen_by_some = models, before, seen_by_some
        words, lists = _with_words(members), datasets.read_owns(members)
        self.people = [
            _Person(one, lists[one.pk], models, has_words=one.pk in words) for one in members
        ]
        # An empty list says nothing, so nobody is held back by it.
        self.voters = [person for person in self.people if len(person.list)]

    def best(self, shown: IntArray, top_n: int) -> list[Joint]:
        allowed = self._allowed(shown)
        ranker = self._first_of(registry.RANKING_ORDER)
        if ranker is None or not self.voters:
            return self._told(_most_watched(allowed, top_n), None)
        candidates = self._candidates(allowed, ranker)
        places = np.array([person.rank(ranker, candidates) for person in self.voters])
        order = least_misery(places, candidates, self._votes(candidates))
        return self._told(candidates[order[:top_n]], ranker)

    def _allowed(self, shown: IntArray) -> IntArray:
        """What everybody may begin, and nobody has dropped or hidden; nor seen, unless that is fine."""
        for person in self.people:
            again = shown[np.isin(shown, person.again)] if self.seen_by_some else shown[:0]
            begun = rules.in_series_order(shown[person.new(shown)], self.before, person.watched)
            shown = np.union1d(begun, again)
        return shown[self._votes(shown).any(axis=0)] if self.voters else shown

    def _votes(self, ids: IntArray) -> Mask:
        """Who has a say on what, shape (voters, titles): nobody on what they have seen."""
        return np.array([person.new(ids) for person in self.voters])

    def _first_of(self, kinds: Sequence[str]) -> Recommender | None:
        return next((model for kind in kinds if (model := served(kind, self.models))), None)

    def _candidates(self, allowed: IntArray, ranker: Recommender) -> IntArray:
        """The best for all by EASE, which scores every title in a moment; else by the ranker itself."""
        quick = served("ease", self.models) or ranker
        known = quick.vocabulary.ids[np.isin(quick.vocabulary.ids, allowed)]
        at = quick.vocabulary.positions(known)
        scores = np.array([quick.score(person.list)[at] for person in self.voters])
        # Of the order its inverse: the place of each title, the best score's first.
        places = np.argsort(np.argsort(-scores, axis=1, kind="stable"), axis=1) + 1
        return np.sort(known[least_misery(places, known, self._votes(known))[:CANDIDATES]])

    # --- saying

    def _told(self, ids: IntArray, ranker: Recommender | None) -> list[Joint]:
        """What each has to say of each; the titles in all reasons are named by one query."""
        parts = [person.parts(ranker, ids) if ranker else {} for person in self.people]
        told = list(zip(self.people, parts, strict=True))
        strongest = [reasons.names_wanted(list(own.values()), person.given) for person, own in told]
        names = reasons.names_of(set().union(*strongest)) if ranker else {}
        says = [_says(person, ids, own, names) for person, own in told]
        return [Joint(pk, says_of) for pk, *says_of in zip(ids.tolist(), *says, strict=True)]


def _says(
    person: _Person, ids: IntArray, parts: dict[int, Attribution], names: reasons.Names
) -> list[Say]:
    """What `person` has to say of each of `ids`."""
    new, predicted = person.new(ids), person.predicted(ids)
    places = places_in(person.ranking, ids) if len(person.ranking) else np.zeros(len(ids), int)
    found = []
    for pk, is_new, place in zip(ids.tolist(), new.tolist(), places.tolist(), strict=True):
        if not is_new:
            gave = person.given[pk]
            found.append(
                Say(person.member.pk, seen=True, gave=None if np.isnan(gave) else int(gave))
            )
            continue
        causes = reasons.causes_shown(parts.get(pk, NO_CAUSES), names, person.given)
        cause = next(iter(causes), None)
        found.append(Say(person.member.pk, place or None, predicted.get(pk), cause))
    return found


def _with_words(members: Sequence[User]) -> set[int]:
    """Who has corrected their taste or chosen genres: one query for all."""
    corrected = TasteCorrection.objects.filter(member__in=members).order_by().values_list("member")
    chosen = FavouriteGenre.objects.filter(member__in=members).order_by().values_list("member")
    return {pk for (pk,) in corrected.union(chosen)}


def _most_watched(allowed: IntArray, top_n: int) -> IntArray:
    """Without a model or a list there is nothing else to go by."""
    titles = Anime.objects.filter(pk__in=allowed.tolist()).most_watched_first()
    return np.fromiter(titles.values_list("pk", flat=True)[:top_n], np.int64)
