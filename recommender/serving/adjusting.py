"""What a member corrects by hand, added to the scores before titles are chosen."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from ratings.models import User
from recommender import taste
from recommender.engine.base import Attribution, Ranked
from recommender.engine.interactions import FloatArray

# From a member and k candidates to what is added to each score, shape (k, number of names), in
# the units of the score, and the features' names as reasons know them. Whatever it depends on must
# raise the member's `list_version`, by which answers are kept.
Adjustment = Callable[[User, Ranked], tuple[FloatArray, Sequence[str]]]

adjustment: Adjustment = taste.ranking_terms


def applies(member: User) -> bool:
    """Whether there is anything to add: one query."""
    return bool(taste.corrections_of(member))


class Adjusted:
    """Candidates in their new order, and what was added to whom."""

    def __init__(self, member: User, candidates: Ranked, *, applies: bool) -> None:
        self.added: dict[int, dict[str, float]] = {}
        self.candidates = candidates
        if not applies or not len(candidates):
            return
        values, names = adjustment(member, candidates)
        if len(names):
            self._add(np.asarray(values, np.float32).reshape(len(candidates), -1), names)

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
