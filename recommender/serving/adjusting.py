"""What a member says by hand, added to the scores before titles are chosen."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from django.db.models import QuerySet, Value

from catalog.prepared import Prepared
from ratings.models import User
from recommender import extras, favourites, taste
from recommender.engine.base import Attribution, Ranked
from recommender.engine.interactions import FloatArray, IntArray
from recommender.engine.quiz import QuizModel
from recommender.models import MutedFeature, TasteCorrection, TrainedModel

# From a member and k candidates to what is added to each score, shape (k, number of names), in
# the units of the score, and the features' names as reasons know them. Whatever it depends on must
# raise the member's `list_version`, by which answers are kept.
Adjustment = Callable[[User, Ranked], tuple[FloatArray, Sequence[str]]]

adjustment: Adjustment = taste.ranking_terms
# From ids of k titles and names of features to what each adds to each, shape (k, number of names).
FeatureValues = Callable[[IntArray, Sequence[str]], FloatArray]
# Beside the kinds of traits that a correction may be of.
MUTED, LIKED = "muted", "liked"


@dataclass(frozen=True)
class ByHand:
    """Whether there are corrections, favourite genres, and features that are not to count."""

    is_corrected: bool
    favourites: tuple[str, ...]
    muted: tuple[str, ...]


def said_by_hand(member: User) -> ByHand:
    """One query."""
    said = _by_hand.rows(member.pk)
    return ByHand(
        any(kind not in (MUTED, LIKED) for kind, _ in said),
        tuple(name for kind, name in said if kind == LIKED),
        tuple(name for kind, name in said if kind == MUTED),
    )


def _rows_by_hand(member: int) -> "QuerySet[Any, Any]":
    corrected = TasteCorrection.objects.filter(member=member).values_list("kind", "name")
    muted = MutedFeature.objects.filter(member=member).values_list(Value(MUTED), "name")
    liked = favourites.of(member).values_list(Value(LIKED), "name")
    return corrected.order_by().union(muted.order_by(), liked.order_by(), all=True)


_by_hand = Prepared(_rows_by_hand, -1)


class OwnWords:
    """A member's corrections, favourite genres and muted features, read once for each answer.

    `watched`: how many titles their list has seen. `quiz`: what knows the taste behind genres.
    """

    def __init__(self, member: User, *, watched: int, quiz: TrainedModel | None) -> None:
        self.member, self.quiz = member, quiz
        said = said_by_hand(member)
        self.is_corrected, self.muted = said.is_corrected, said.muted
        self.favourites = favourites.counted(said.favourites, watched=watched)

    def __bool__(self) -> bool:
        return self.is_corrected or bool(self.favourites.names or self.muted)

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
    """Candidates in their new order, what was added to whom, and what does not count.

    `values_of`: what features of these names add to each of the ids, shape (k, number of names).
    """

    def __init__(self, words: OwnWords, candidates: Ranked, values_of: FeatureValues) -> None:
        self.added: dict[int, dict[str, float]] = {}
        self.muted = words.muted
        self.candidates = candidates
        if not words or not len(candidates):
            return
        values, names = words.terms(candidates)
        change = values[:, [name not in self.muted for name in names]].sum(axis=1)
        if self.muted:
            change = change - values_of(candidates.ids, self.muted).sum(axis=1)
        self.added = {
            pk: dict(zip(names, row, strict=True))
            for pk, row in zip(candidates.ids.tolist(), values.tolist(), strict=True)
        }
        scores = candidates.scores + change
        order = np.argsort(-scores, kind="stable")
        self.candidates = Ranked(candidates.ids[order], scores[order].astype(np.float32))

    def explained(self, pk: int, part: Attribution) -> tuple[Attribution, dict[str, float]]:
        """`part` of title `pk` with what was added, and apart from it what would count if it might."""
        features = dict(part.features)
        for name, value in self.added.get(pk, {}).items():
            features[name] = features.get(name, 0.0) + value
        left_out = {name: features.pop(name) for name in self.muted if name in features}
        return replace(part, features=features), left_out
