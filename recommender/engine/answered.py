"""Lists that members were shown and answered, as examples of an order to learn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from recommender.engine.candidates import Bases
from recommender.engine.impressions import Impressions
from recommender.engine.interactions import (
    FloatArray,
    IntArray,
    Interactions,
    MemberList,
    watched_weights,
)
from recommender.engine.reranker import Examples

# Places, from 1, of which a model's facts say how likely they are looked at.
TOLD = (1, 5, 10, 20)


@dataclass(frozen=True)
class Answered:
    """One list: what the member had watched that day, what of the shown was taken, and what each counts."""

    before: MemberList
    shown: Impressions
    weights: FloatArray

    def examples(self, bases: Bases) -> Iterator[Examples]:
        """One, of the titles that `bases` know; none where nothing tells an order among them."""
        places = bases.vocabulary.positions(self.shown.items)
        known = places >= 0
        taken = self.shown.taken[known]
        if not len(self.before) or not taken.any() or taken.all():
            return
        scores, view = bases.scores(self.before), bases.view(self.before)
        asked = places[known]
        rows = view.rows(asked, {name: own[asked] for name, own in scores.items()})
        yield Examples.answered(rows, taken, self.weights[known])


@dataclass(frozen=True)
class ListsShown:
    """All that was shown and is to be learned from, with the lists it was shown beside.

    `weights`: how sure it is that each was looked at. `most`: so many lists of each member, the latest.
    `facts`: what there was to learn from, and the chance that some places are looked at.
    """

    interactions: Interactions
    shown: Impressions | None
    weights: FloatArray
    most: int
    facts: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, interactions: Interactions, *, fewest_taken: int, most: int) -> ListsShown:
        """Nothing at all where too little was taken to tell places from titles."""
        shown = interactions.shown
        if shown is None or int(shown.taken.sum()) < fewest_taken:
            return cls(interactions, None, np.empty(0, np.float32), most)
        shown = shown.take(np.argsort(shown.members, kind="stable"))
        weights, bias = shown.weights()
        facts = {
            "titles": len(shown),
            "taken": int(shown.taken.sum()),
            "looked_at": {str(place): round(float(bias.looked[place - 1]), 3) for place in TOLD},
        }
        return cls(interactions, shown, weights, most, facts)

    def of_members(self, members: IntArray) -> Iterator[Answered]:
        """The titles that were first shown on one day are one list."""
        if self.shown is None:
            return
        lines, shown = self.interactions, self.shown
        for member in members:
            # Both lie in order of members: one's own is a piece of either.
            first, last = np.searchsorted(lines.members, [member, member + 1])
            own = slice(first, last)
            items, days_of = lines.items[own], lines.days[own]
            mine = np.arange(*np.searchsorted(shown.members, [member, member + 1]))
            days = np.unique(shown.days[mine[shown.taken[mine]]])[-self.most :]
            for day in days:
                at = mine[shown.days[mine] == day]
                # What stood on the list by then; what has no day was there before there were days.
                early = ~(days_of > day) & ~np.isin(items, shown.items[at])
                before = MemberList(
                    items[early],
                    lines.scores[own][early],
                    watched_weights(lines.dropped[own][early]),
                )
                yield Answered(before, shown.take(at), self.weights[at])
