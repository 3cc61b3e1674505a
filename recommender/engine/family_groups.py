"""Titles joined into groups no larger than a cap, and side stories taken in by main lines."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Mapping

from recommender.engine.family_edges import Pair
from recommender.engine.family_order import Rank


class Groups:
    """Disjoint sets that grow by joining.

    Ids that are not `known` join like others but take no room. What would make a group of more than
    `cap` known titles is not joined, and `refused` counts it: join by what is told most surely first.
    """

    def __init__(self, known: Iterable[int], cap: int) -> None:
        self.cap, self.refused = cap, 0
        self._above: dict[int, int] = {}
        self._size: dict[int, int] = dict.fromkeys(known, 1)

    def root(self, pk: int) -> int:
        """One id that all of the group share."""
        top = pk
        while (above := self._above.get(top, top)) != top:
            top = above
        while pk != top:
            self._above[pk], pk = top, self._above[pk]
        return top

    def join(self, one: int, other: int) -> bool:
        """Whether both are in one group afterwards."""
        a, b = self.root(one), self.root(other)
        if a == b:
            return True
        size = self._size.get(a, 0) + self._size.get(b, 0)
        if size > self.cap:
            self.refused += 1
            return False
        # The smaller under the larger keeps the ways short.
        if self._size.get(a, 0) < self._size.get(b, 0):
            a, b = b, a
        self._above[b], self._size[a] = a, size
        return True

    def join_all(self, pairs: Iterable[Pair]) -> None:
        for one, other in sorted(pairs):
            self.join(one, other)


def homes(
    children: Iterable[Pair], line_of: Callable[[int], int], ranks: Mapping[int, Rank]
) -> dict[int, int]:
    """Which line of sequels is taken in by which: {line: the one it is an extra of}.

    `children`: pairs (title, its side story or recap). `line_of`: the line of a title. `ranks`: of the
    known titles. A line is taken in as a whole or not at all: where one of its titles belongs to
    nothing, it goes on by itself. What is taken in takes in nothing, so nobody walks on from a side
    story to the side stories of that.
    """
    lengths = Counter(map(line_of, ranks))
    offers: dict[int, dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
    for title, child in children:
        home, line = line_of(title), line_of(child)
        if home != line and home in lengths and child in ranks:
            offers[line][home].add(child)
    open_to = {
        line: {home for home, members in found.items() if len(members) == lengths[line]}
        for line, found in offers.items()
    }
    best: dict[int, Rank] = {}
    for pk, rank in ranks.items():
        line = line_of(pk)
        best[line] = min(best.get(line, rank), rank)
    return _settled({line: found for line, found in open_to.items() if found}, best.__getitem__)


def _settled(open_to: dict[int, set[int]], rank: Callable[[int], Rank]) -> dict[int, int]:
    """Lines are looked at from the roots on; in a circle the best one is the root."""
    waiting = {line: len(found) for line, found in open_to.items()}
    guests: dict[int, list[int]] = defaultdict(list)
    for line, found in open_to.items():
        for home in found:
            guests[home].append(line)
    ready = deque(sorted(guests.keys() - open_to.keys(), key=rank))
    circles = deque(sorted(open_to, key=rank))
    taken: dict[int, int] = {}
    done: set[int] = set()
    while ready or circles:
        home = ready.popleft() if ready else circles.popleft()
        if home in done:
            continue
        done.add(home)
        for line in guests[home]:
            waiting[line] -= 1
            if home not in taken and line not in done:
                taken[line] = min(taken.get(line, home), home, key=rank)
            if not waiting[line]:
                ready.append(line)
    return taken
