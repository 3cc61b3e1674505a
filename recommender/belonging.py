"""The group of members whose lists a member's list is like, those beside it, and what it watches."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from recommender.engine.clustering import Clusters, Group
from recommender.engine.interactions import MemberList

NEIGHBOURS, UNSEEN = 2, 8
# More than are shown, as some are hidden from whoever looks.
SPARE = 4


@dataclass(frozen=True)
class Near:
    """A group and how like it the list is; `is_neighbour`: one of the nearest to the own group."""

    group: Group
    percent: int
    is_own: bool
    is_neighbour: bool


@dataclass(frozen=True)
class Belonging:
    """`groups`: all, the likest first. `unseen`: ids of what the own group watches above all others and
    the member has not settled."""

    own: Group
    groups: Sequence[Near]
    unseen: Sequence[int]

    @property
    def neighbours(self) -> list[Group]:
        return [near.group for near in self.groups if near.is_neighbour]

    @property
    def emblems(self) -> tuple[int, ...]:
        return self.own.titles


def belonging(
    clusters: Clusters | None, own: MemberList, settled: Collection[int]
) -> Belonging | None:
    """None where nothing is trained, or the list names no title that is known to the groups."""
    if clusters is None:
        return None
    near = clusters.nearness(own)
    if not len(near) or not near.any():
        return None
    place = int(near.argmax())
    beside = clusters.nearness_of_groups(place)
    beside[place] = -np.inf
    neighbours = set(np.argsort(-beside, kind="stable")[:NEIGHBOURS].tolist()) - {place}
    groups = clusters.groups
    rows = [
        Near(groups[n], round(100 * max(0.0, float(near[n]))), n == place, n in neighbours)
        for n in np.argsort(-near, kind="stable").tolist()
    ]
    wanted = (UNSEEN + SPARE) + len(own) + len(settled)
    typical = clusters.typical(place, wanted).ids.tolist()
    new = [pk for pk in typical if pk not in settled]
    return Belonging(groups[place], rows, new[: UNSEEN + SPARE])
