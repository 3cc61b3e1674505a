"""What the edges between titles say of families, whichever end says it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

Edge = tuple[int, str, int]  # title, kind, other title
Pair = tuple[int, int]

SEQUEL, PREQUEL = "sequel", "prequel"
SIDE_STORY, PARENT_STORY = "side_story", "parent_story"
SUMMARY, FULL_STORY = "summary", "full_story"
ALTERNATIVE_VERSION, SPIN_OFF = "alternative_version", "spin_off"
# How an edge of these kinds is told from its other end.
TURNED = {PREQUEL: SEQUEL, PARENT_STORY: SIDE_STORY, FULL_STORY: SUMMARY}
# What joins a franchise beside sequels, the strongest first. A shared character or setting, a
# crossover, "other" and what is read instead of watched join nothing.
WEAKER = (SUMMARY, SIDE_STORY, ALTERNATIVE_VERSION, SPIN_OFF)


@dataclass(frozen=True)
class Told:
    """Edges by what they say, each once.

    `sequels`: pairs (title, its sequel). `recaps`: pairs (title, a summary of it). `sides`: pairs
    (title, a side story of it). `weaker`: pairs that join a franchise, by kind in the order of
    WEAKER. `touched`: every title that an edge of any kind leaves or reaches.
    """

    sequels: set[Pair] = field(default_factory=set)
    recaps: set[Pair] = field(default_factory=set)
    sides: set[Pair] = field(default_factory=set)
    weaker: dict[str, set[Pair]] = field(default_factory=dict)
    touched: set[int] = field(default_factory=set)

    @classmethod
    def by(cls, edges: Iterable[Edge]) -> Told:
        pairs: dict[str, set[Pair]] = {SEQUEL: set(), **{kind: set() for kind in WEAKER}}
        touched: set[int] = set()
        for one, kind, other in edges:
            if one == other:
                continue
            touched |= {one, other}
            straight = TURNED.get(kind, kind)
            if straight in pairs:
                pairs[straight].add((one, other) if straight == kind else (other, one))
        # A spin-off calls what it came from its parent story too, and is no side story for that.
        sides = pairs[SIDE_STORY] - pairs[SPIN_OFF]
        return cls(pairs.pop(SEQUEL), pairs[SUMMARY], sides, pairs, touched)

    @cached_property
    def full_stories(self) -> dict[int, set[int]]:
        """By recap."""
        found: dict[int, set[int]] = defaultdict(set)
        for full, recap in self.recaps:
            found[recap].add(full)
        return found

    def children(self) -> set[Pair]:
        """Pairs (title, what belongs to its series beside the main line)."""
        return (self.recaps | self.sides) - self.sequels
