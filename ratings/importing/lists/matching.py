"""Titles found by their names alone."""

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

from rapidfuzz import fuzz, process

from catalog import viewing
from catalog.etl.vocabulary import fold
from catalog.likeness import most_alike
from catalog.models import Anime
from catalog.titles import normalise_title
from ratings.importing.lists.line import Line

MOST_CANDIDATES = 5
# So many names of a file are looked for by their spelling, which takes a millisecond each; nobody
# decides more. The others wait until a title has their very name.
MOST_ASKED = 1000
# And so many of the names that begin like one are looked at more closely.
MOST_NAMES = 15
LEAST_ALIKE = 50
# They begin words in half of all names.
SMALL_WORDS = frozenset(
    ["the", "of", "no", "to", "wa", "ni", "ga", "a", "an", "and", "in", "on", "de"]
)
# Types that sources mix up: a short series on the net is an ONA here and an OVA there.
ALIKE_TYPES = {"tvshort": "tv", "ova": "ona", "tvspecial": "special"}


@dataclass(frozen=True)
class Title:
    pk: int
    type: str
    year: int | None
    episodes: int | None
    is_hidden: bool


@dataclass(frozen=True)
class Match:
    """The one title that is meant; or those that may be, the likeliest first, and why none was taken."""

    pk: int | None = None
    candidates: tuple[int, ...] = ()
    reason: str = ""


class Names:
    """Every name of every title. Reads the catalogue once, so make one for a whole file."""

    def __init__(self) -> None:
        self.titles: dict[int, Title] = {}
        self._by_name: dict[str, list[int]] = defaultdict(list)
        self._asked = 0
        rows = Anime.objects.described().most_watched_first()
        facts = ("pk", "type", "year", "aired_from", "episodes", "is_adult", "search_text")
        for pk, kind, year, aired, episodes, is_adult, names in rows.values_list(*facts).iterator():
            began = year or (aired.year if aired else None)
            hidden = is_adult and not viewing.shows_adult()
            self.titles[pk] = Title(pk, fold(kind), began, episodes, hidden)
            for name in names.split("\n"):
                if pk not in self._by_name[name]:
                    self._by_name[name].append(pk)

    def find(self, line: Line) -> Match:
        wanted = normalise_title(line.title)
        named = self._by_name.get(wanted, []) if wanted else []
        fitting = [pk for pk in named if _fits(line, self.titles[pk])]
        if len(fitting) == 1:
            return Match(pk=fitting[0])
        if named:
            return self._doubtful(fitting or named, "Several titles have this name." if len(named) > 1 else "The title of this name has another type, year or length.")  # fmt: skip
        # A hidden title that is merely spelt like it is another one.
        alike = [pk for pk in self._alike(wanted) if not self.titles[pk].is_hidden]
        return self._doubtful(alike, "No title has exactly this name.") if alike else Match()

    def _doubtful(self, found: list[int], reason: str) -> Match:
        shown = [pk for pk in found if not self.titles[pk].is_hidden][:MOST_CANDIDATES]
        return Match(candidates=tuple(shown), reason=reason) if shown else Match(pk=found[0])

    def _alike(self, wanted: str) -> list[int]:
        """Titles with a word that begins alike and a name that is spelt like it."""
        if not wanted or self._asked == MOST_ASKED:
            return []
        self._asked += 1
        near = {name: None for part in _beginnings(wanted) for name in self._by_beginning[part]}
        best = process.extract(
            wanted, list(near), scorer=fuzz.ratio, limit=MOST_NAMES, score_cutoff=LEAST_ALIKE
        )
        named = [(pk, name) for name, _, _ in best for pk in self._by_name[name]]
        return list(dict.fromkeys(most_alike(wanted, named)))

    @cached_property
    def _by_beginning(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for name in self._by_name:
            for part in _beginnings(name):
                found[part].append(name)
        return found


def _beginnings(name: str) -> set[str]:
    """Of each word so much that a mistake further on leaves it whole."""
    return {word[:3] for word in name.split()} - SMALL_WORDS


def _fits(line: Line, title: Title) -> bool:
    """Nothing that the file tells of the title speaks against it."""
    kind = fold(line.type)
    same_type = not kind or not title.type or _kind(kind) == _kind(title.type)
    same_year = not line.year or not title.year or abs(line.year - title.year) <= 1
    short_enough = not (line.watched_episodes and title.episodes) or (
        line.watched_episodes <= title.episodes
    )
    return same_type and same_year and short_enough


def _kind(name: str) -> str:
    return ALIKE_TYPES.get(name, name)
