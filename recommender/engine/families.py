"""Which titles belong together: series in the order of watching, and franchises of several series.

A *series* is one story: the closure over sequels, and what belongs to a title of it directly (side
stories, recaps). A *franchise* is all that is made of it: series joined by side stories, recaps,
alternative versions and spin-offs too. Never joined are titles that merely share a character or a
setting, that cross over, or whose relation is "other": naive closures over those made one family of
Overlord and The Eminence in Shadow, and of Evangelion and Ultraman. Edges to titles that nobody knows
yet still join. Titles that no edge touches are placed by their names.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from recommender.engine import family_names
from recommender.engine.family_edges import WEAKER, Edge, Told
from recommender.engine.family_groups import Groups, homes
from recommender.engine.family_order import (
    CLIPS,
    RECAP,
    Facts,
    Rank,
    Standing,
    standings,
    watch_order,
)

# No series and no franchise has more titles: what joins more is a mistake in some source.
CAP = 120
SPECIALS = frozenset(("special", "tv_special"))


@dataclass(frozen=True)
class Part:
    """One title in its series and its franchise, both named by the smallest known id in them.

    `place`: 0, 1, ... in the order of watching. `is_extra`: beside the main line. `from_names`: joined
    with others because of its name alone.
    """

    id: int
    series: int
    franchise: int
    place: int
    is_extra: bool
    is_series_face: bool
    is_franchise_face: bool
    from_names: bool


@dataclass(frozen=True)
class Families:
    """A part for each title, by id; `refused`: how many joins were left out for the cap."""

    parts: list[Part]
    refused: int

    def capped(self) -> bool:
        return self.refused > 0


def families(
    facts: Facts, edges: Iterable[Edge], *, cap: int = CAP, by_name: bool = True
) -> Families:
    """Join by what is told most surely first, so that the cap leaves out the weakest."""
    told = Told.by(edges)
    standing = standings(facts, {recap for _, recap in told.recaps})
    ranks = {pk: one.rank for pk, one in standing.items()}
    series, extras = _series(told, ranks, cap)
    franchises = Groups(ranks, cap)
    if by_name:
        series.join_all(family_names.same_series(facts.features, told.touched, ranks))
    franchises.join_all((pk, series.root(pk)) for pk in told.touched | ranks.keys())
    for kind in WEAKER:
        franchises.join_all(told.weaker[kind])
    if by_name:
        franchises.join_all(family_names.same_franchise(facts.features, told.touched, ranks))
    titles = dict(zip(facts.features.ids.tolist(), facts.features.titles, strict=True))
    drawn = _Drawing(told, standing, titles, series, extras).parts(franchises)
    return Families(drawn, series.refused + franchises.refused)


def _series(told: Told, ranks: dict[int, Rank], cap: int) -> tuple[Groups, set[int]]:
    """Lines of sequels with what they take in, and the titles that were taken in."""
    groups = Groups(ranks, cap)
    groups.join_all(told.sequels)
    line = {pk: groups.root(pk) for pk in told.touched | ranks.keys()}
    taken = homes(told.children(), line.__getitem__, ranks)
    inside = {guest for guest, home in sorted(taken.items()) if groups.join(home, guest)}
    return groups, {pk for pk in ranks if line[pk] in inside}


@dataclass(frozen=True)
class _Drawing:
    """From groups to parts."""

    told: Told
    standing: dict[int, Standing]
    titles: dict[int, str]
    series: Groups
    extras: set[int]

    def parts(self, franchises: Groups) -> list[Part]:
        members: dict[int, list[int]] = defaultdict(list)
        for pk in sorted(self.told.touched | self.standing.keys()):
            members[self.series.root(pk)].append(pk)
        after: dict[int, set[tuple[int, int]]] = defaultdict(set)
        for first, then in self.told.sequels | self.told.children():
            after[self.series.root(first)].add((first, then))
        lines = [
            [pk for pk in watch_order(group, after[root], self.standing) if pk in self.standing]
            for root, group in members.items()
        ]
        return self._franchised([line for line in lines if line], franchises)

    def _franchised(self, lines: list[list[int]], franchises: Groups) -> list[Part]:
        """Parts of the series `lines`, each in its order."""
        main = [self._main(line) for line in lines]
        faces = [min(among, key=self._rank) for among in main]
        label: dict[int, int] = {}
        best: dict[int, int] = {}
        sizes: dict[int, int] = defaultdict(int)
        for line, face in zip(lines, faces, strict=True):
            root = franchises.root(face)
            label[root] = min(label.get(root, face), *line, face)
            best[root] = min(best.get(root, face), face, key=self._rank)
            sizes[root] += len(line)
        parts = [
            Part(
                id=pk,
                series=min(line),
                franchise=label[(root := franchises.root(pk))],
                place=place,
                is_extra=pk not in among,
                is_series_face=pk == face,
                is_franchise_face=pk == best[root],
                from_names=pk not in self.told.touched and sizes[root] > 1,
            )
            for line, among, face in zip(lines, main, faces, strict=True)
            for place, pk in enumerate(line)
        ]
        return sorted(parts, key=lambda part: part.id)

    def _main(self, line: list[int]) -> set[int]:
        """The main line of a series; all of it where everything is an extra of what nobody knows."""
        together = set(line)
        recaps = {recap for recap in line if self.told.full_stories.get(recap, set()) & together}
        beside_tv = self.standing[min(line, key=self._rank)].kind in ("tv", "ona")
        extras = {
            pk for pk in line if pk in self.extras or pk in recaps or self._looks(pk, beside_tv)
        }
        return together - extras or together

    def _looks(self, pk: int, beside_tv: bool) -> bool:
        """Whether it is an extra by what it is, where edges do not say what it is to others."""
        kind = self.standing[pk].kind
        if kind in CLIPS or pk in self.told.touched:
            return kind in CLIPS
        told_by_name = RECAP.search(self.titles[pk]) is not None
        return kind in SPECIALS or told_by_name or (kind == "ova" and beside_tv)

    def _rank(self, pk: int) -> Rank:
        return self.standing[pk].rank
