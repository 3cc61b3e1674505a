"""What a hold-out asks of every model alike: each test member's list, and what is right."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from recommender.engine.interactions import IntArray, MemberList, Vocabulary
from recommender.engine.splitting import HoldOut
from recommender.engine.surroundings import Surroundings

# A score from which on a title counts as liked.
LIKED = 8


@dataclass(frozen=True)
class Questions:
    """The test members of `split`, in one order; made once and asked of each model.

    A test member is whoever has anything hidden; what is shown of one can be an empty list.
    """

    split: HoldOut
    surroundings: Surroundings | None = None

    def __len__(self) -> int:
        return len(self.truths)

    @cached_property
    def truths(self) -> list[MemberList]:
        """What is hidden of each member."""
        return list(self.split.hidden.lists().values())

    @cached_property
    def shown(self) -> list[MemberList]:
        """What a model is told of each member."""
        shown, empty = self.split.shown.lists(), MemberList.of([])
        return [shown.get(int(member), empty) for member in self.split.hidden.member_ids]

    @cached_property
    def hidden_items(self) -> list[IntArray]:
        return [truth.items for truth in self.truths]

    @cached_property
    def liked_items(self) -> list[IntArray]:
        """Of each member the hidden items with a score of LIKED or more."""
        return [truth.items[np.nan_to_num(truth.scores) >= LIKED] for truth in self.truths]

    @cached_property
    def sequels(self) -> list[IntArray]:
        """For each member the later parts of series that the list shown has begun."""
        if self.surroundings is None:
            return [np.empty(0, np.int64) for _ in self.truths]
        return [self.surroundings.sequels(shown) for shown in self.shown]

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """Titles that anybody in training watched."""
        return self.split.train.vocabulary()

    @cached_property
    def training_members(self) -> int:
        return len(self.split.train.member_ids)

    def watchers_of(self, ids: IntArray) -> IntArray:
        """How many in training watched each of `ids`, shape (k,); 0 for a title nobody did."""
        return self._watchers[self.vocabulary.positions(ids)]

    @cached_property
    def _watchers(self) -> IntArray:
        positions = self.vocabulary.positions(self.split.train.items)
        return np.bincount(positions, minlength=len(self.vocabulary) + 1)

    def without_sequels(self) -> Questions:
        """The same with nothing hidden that is a later part of what is shown."""
        kept = [
            ~np.isin(hidden, later)
            for hidden, later in zip(self.hidden_items, self.sequels, strict=True)
        ]
        rows = np.concatenate([np.empty(0, bool), *kept])
        split = replace(self.split, hidden=self.split.hidden.take(rows))
        return replace(self, split=split)
