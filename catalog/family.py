"""The titles around one title, as its page shows them."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Self

from catalog.models import Anime, AnimeRelation, FamilyPart, RelationKind
from catalog.models.relations import READING_ORDER

THIS = "This title"
# A character of a long story meets half the world.
MOST_OTHERS = 60


@dataclass(frozen=True)
class Relative:
    """A title, and a word of what it is: "Part 2 · Sequel"."""

    anime: Anime
    note: str


@dataclass(frozen=True)
class Family:
    """`series`: the main line in the order of watching, itself too; empty where there is nothing else.

    `extras`: what belongs to the series beside the main line. `franchise`: the other series, one
    after the other, each in its order. `others`: related titles of other families.
    """

    series: list[Relative]
    extras: list[Relative]
    franchise: list[Relative]
    others: list[Relative]

    @classmethod
    def of(cls, anime: Anime) -> Self:
        """Three queries at most. A franchise has no more titles than the families' cap."""
        kinds = AnimeRelation.objects.around(anime.pk)
        words = {pk: RelationKind(kind).label for pk, kind in kinds.items()} | {anime.pk: THIS}
        parts = list(
            FamilyPart.objects.of_franchise_of(anime.pk).visible().with_titles().in_watch_order()
        )
        own = next((part.series for part in parts if part.pk == anime.pk), None)
        together = [part for part in parts if part.series == own]
        beyond = {pk: kind for pk, kind in kinds.items() if pk not in {part.pk for part in parts}}
        alone = len(together) < 2
        return cls(
            series=[] if alone else _numbered(together, words),
            extras=[] if alone else _extras(together, words),
            franchise=_by_series((part for part in parts if part.series != own), words),
            others=_beyond(beyond),
        )


def _numbered(parts: Iterable[FamilyPart], words: dict[int, str]) -> list[Relative]:
    main = [part for part in parts if not part.is_extra]
    return [
        Relative(part.anime, " · ".join(filter(None, (f"Part {number}", words.get(part.pk)))))
        for number, part in enumerate(main, 1)
    ]


def _extras(parts: Iterable[FamilyPart], words: dict[int, str]) -> list[Relative]:
    return [Relative(part.anime, words.get(part.pk, "")) for part in parts if part.is_extra]


def _by_series(parts: Iterable[FamilyPart], words: dict[int, str]) -> list[Relative]:
    """The series in the order in which they began, each title with what it is or goes with."""
    lines = [list(line) for _, line in groupby(parts, key=lambda part: part.series)]
    found = []
    for line in sorted(lines, key=lambda line: (line[0].anime.aired_year or 9999, line[0].series)):
        face = next((part for part in line if part.is_series_face), line[0])
        for part in line:
            with_others = "" if part is face else f"With {face.anime.display_title}"
            found.append(Relative(part.anime, words.get(part.pk) or with_others))
    return found


def _beyond(kinds: dict[int, str]) -> list[Relative]:
    """What to watch before, what after, then the rest."""
    if not kinds:
        return []
    order = {kind: place for place, kind in enumerate(READING_ORDER)}
    titles = sorted(
        Anime.objects.visible().filter(pk__in=kinds).lean(),
        key=lambda t: (order.get(RelationKind(kinds[t.pk]), 99), t.aired_year or 9999, t.pk),
    )
    return [Relative(title, RelationKind(kinds[title.pk]).label) for title in titles[:MOST_OTHERS]]
