"""Titles found by their names alone."""

from collections import defaultdict
from dataclasses import dataclass

from django.conf import settings

from catalog.etl.vocabulary import fold
from catalog.likeness import most_alike
from catalog.models import Anime
from catalog.titles import normalise_title
from ratings.importing.lists.line import Line

MOST_CANDIDATES = 5
# So many names that share a word are compared letter by letter; more would cost seconds a file.
MOST_COMPARED = 120
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
        self._by_word: dict[str, list[tuple[int, str]]] = defaultdict(list)
        rows = Anime.objects.described().most_watched_first()
        facts = ("pk", "type", "year", "aired_from", "episodes", "is_adult", "search_text")
        for pk, kind, year, aired, episodes, is_adult, names in rows.values_list(*facts).iterator():
            began = year or (aired.year if aired else None)
            hidden = is_adult and not settings.SHOW_ADULT
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
        alike = self._alike(wanted)
        return self._doubtful(alike, "No title has exactly this name.") if alike else Match()

    def _doubtful(self, found: list[int], reason: str) -> Match:
        shown = [pk for pk in found if not self.titles[pk].is_hidden][:MOST_CANDIDATES]
        return Match(candidates=tuple(shown), reason=reason) if shown else Match(pk=found[0])

    def _alike(self, wanted: str) -> list[int]:
        """Titles that share the rarest words of the name and are spelt like it."""
        if not self._by_word:
            self._read_words()
        sharing: dict[tuple[int, str], None] = {}
        words = [word for word in dict.fromkeys(wanted.split()) if word in self._by_word]
        for word in sorted(words, key=lambda word: len(self._by_word[word])):
            room = MOST_COMPARED - len(sharing)
            sharing.update(dict.fromkeys(self._by_word[word][:room]))
            if len(sharing) >= MOST_COMPARED:
                break
        return list(dict.fromkeys(most_alike(wanted, sharing)))

    def _read_words(self) -> None:
        for name, ids in self._by_name.items():
            for word in set(name.split()):
                self._by_word[word].extend((pk, name) for pk in ids)


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
