"""What a member says by hand, added to the scores before titles are chosen."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from ratings.models import User
from recommender import extras, favourites, taste
from recommender.engine.base import Attribution, Ranked
from recommender.engine.interactions import FloatArray, IntArray
from recommender.engine.quiz import QuizModel
from recommender.models import TrainedModel

# From a member and k candidates to what is added to each score, shape (k, number of names), in
# the units of the score, and the features' names as reasons know them. Whatever it depends on must
# raise the member's `list_version`, by which answers are kept.
Adjustment = Callable[[User, Ranked], tuple[FloatArray, Sequence[str]]]

adjustment: Adjustment = taste.ranking_terms


def applies(member: User) -> bool:
    """Whether there is anything to add: one query."""
    return bool(taste.corrections_of(member))


class OwnWords:
    """A member's corrections and favourite genres, read once for each answer.

    `watched`: how many titles their list has seen. `quiz`: what knows the taste behind genres.
    """

    def __init__(self, member: User, *, watched: int, quiz: TrainedModel | None) -> None:
        self.member, self.quiz = member, quiz
        self.is_corrected = applies(member)
        self.favourites = favourites.counted(member, watched=watched)

    def __bool__(self) -> bool:
        return self.is_corrected or bool(self.favourites.names)

    @property
    def titles(self) -> IntArray:
        """Ids of titles to put forward whatever the ranker thinks of them."""
        return self.favourites.titles

    def terms(self, candidates: Ranked) -> tuple[FloatArray, list[str]]:
        """All summands, shape (k, number of names), and their names."""
        found = []
        if self.is_corrected:
            found.append(adjustment(self.member, candidates))
        if self.favourites.names:
            model = extras.opened(QuizModel, self.quiz)
            found.append(self.favourites.terms(candidates, model))
        shape = (len(candidates), -1)
        values = [
            np.asarray(some, np.float32).reshape(shape) for some, names in found if len(names)
        ]
        names = [name for _, some in found for name in some]
        return np.concatenate(values or [np.zeros((len(candidates), 0), np.float32)], axis=1), names


class Adjusted:
    """Candidates in their new order, and what was added to whom."""

    def __init__(self, words: OwnWords, candidates: Ranked) -> None:
        self.added: dict[int, dict[str, float]] = {}
        self.candidates = candidates
        if not words or not len(candidates):
            return
        values, names = words.terms(candidates)
        if len(names):
            self._add(values, names)

    def _add(self, values: FloatArray, names: Sequence[str]) -> None:
        scores = self.candidates.scores + values.sum(axis=1)
        order = np.argsort(-scores, kind="stable")
        self.added = {
            pk: dict(zip(names, row, strict=True))
            for pk, row in zip(self.candidates.ids.tolist(), values.tolist(), strict=True)
        }
        self.candidates = Ranked(self.candidates.ids[order], scores[order].astype(np.float32))

    def explained(self, pk: int, part: Attribution) -> Attribution:
        """`part` of title `pk`, with what was added under its name."""
        features = dict(part.features)
        for name, value in self.added.get(pk, {}).items():
            features[name] = features.get(name, 0.0) + value
        return replace(part, features=features)
