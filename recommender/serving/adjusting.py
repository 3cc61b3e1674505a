"""What a member says by hand, or by passing titles over, added to the scores before titles are chosen."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
from django.db.models import CharField, FloatField, QuerySet, Value
from django.db.models.functions import Cast

from catalog.prepared import Prepared
from ratings.models import User
from recommender import extras, favourites, taste
from recommender.engine.base import Attribution, Ranked
from recommender.engine.interactions import FloatArray, IntArray
from recommender.engine.quiz import QuizModel
from recommender.engine.rules import USUAL
from recommender.engine.taste_reading import score_spread
from recommender.impressions import (
    NOTHING,
    PASSED_OVER,
    Overlooked,
    overlooked,
    rows_overlooked,
)
from recommender.models import MutedFeature, TasteCorrection, TrainedModel

# From a member and k candidates to what is added to each score, shape (k, number of names), in
# the units of the score, and the features' names as reasons know them. Whatever it depends on must
# raise the member's `list_version`, by which answers are kept.
Adjustment = Callable[[User, Ranked], tuple[FloatArray, Sequence[str]]]

adjustment: Adjustment = taste.ranking_terms
# From ids of k titles and names of features to what each adds to each, shape (k, number of names).
FeatureValues = Callable[[IntArray, Sequence[str]], FloatArray]
# Beside the kinds of traits that a correction may be of.
MUTED, LIKED, SHOWN = "muted", "liked", "shown"


@dataclass(frozen=True)
class ByHand:
    """Whether there are corrections, favourite genres, features that are not to count, and what was passed over."""

    is_corrected: bool
    favourites: tuple[str, ...]
    muted: tuple[str, ...]
    overlooked: Overlooked


def said_by_hand(member: User) -> ByHand:
    """One query."""
    said = _by_hand.rows(member.pk)
    shown = [row for row in said if row[0] == SHOWN]
    return ByHand(
        any(row[0] not in (MUTED, LIKED, SHOWN) for row in said),
        tuple(row[1] for row in said if row[0] == LIKED),
        tuple(row[1] for row in said if row[0] == MUTED),
        overlooked((int(name), date.fromisoformat(day), *looks) for _, name, day, *looks in shown),
    )


def _rows_by_hand(member: int) -> "QuerySet[Any, Any]":
    """Kind and name; of what was passed over the title, the last day, and how much it was looked at."""
    no_day, none = Value("", output_field=CharField()), Value(0.0, output_field=FloatField())
    rest = (no_day, none, none)
    corrected = TasteCorrection.objects.filter(member=member).values_list("kind", "name", *rest)
    muted = MutedFeature.objects.filter(member=member).values_list(Value(MUTED), "name", *rest)
    liked = favourites.of(member).values_list(Value(LIKED), "name", *rest)
    shown = rows_overlooked(member).values_list(
        Value(SHOWN), Cast("anime", CharField()), Cast("last_on", CharField()), "looks_last", "looks_before"
    )  # fmt: skip
    others = (rows.order_by() for rows in (muted, liked, shown))
    return corrected.order_by().union(*others, all=True)


_by_hand = Prepared(_rows_by_hand, -1)


class OwnWords:
    """A member's corrections, favourite genres, muted features and what they passed over, read once for
    each answer.

    `watched`: how many titles their list has seen. `quiz`: what knows the taste behind genres.
    `fatigue`: how much what was passed over tires.
    """

    def __init__(
        self,
        member: User,
        *,
        watched: int,
        quiz: TrainedModel | None,
        fatigue: float = USUAL.fatigue,
    ) -> None:
        self.member, self.quiz, self.fatigue = member, quiz, fatigue
        said = said_by_hand(member)
        self.is_corrected, self.muted = said.is_corrected, said.muted
        self.favourites = favourites.counted(said.favourites, watched=watched)
        self.overlooked = said.overlooked if fatigue else NOTHING

    def __bool__(self) -> bool:
        return self.is_corrected or bool(
            self.favourites.names or self.muted or len(self.overlooked)
        )

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
        if len(self.overlooked):
            found.append((self._tired(candidates), (PASSED_OVER,)))
        shape = (len(candidates), -1)
        values = [
            np.asarray(some, np.float32).reshape(shape) for some, names in found if len(names)
        ]
        names = [name for _, some in found for name in some]
        return np.concatenate(values or [np.zeros((len(candidates), 0), np.float32)], axis=1), names

    def _tired(self, candidates: Ranked) -> FloatArray:
        """−fatigue · spread of the best scores · tiredness of each candidate, shape (k,)."""
        unit = np.float32(self.fatigue * score_spread(candidates.scores))
        return -unit * self.overlooked.tiredness(candidates.ids)


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
