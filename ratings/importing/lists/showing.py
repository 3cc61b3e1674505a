"""Lines of an import as a page prints them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.formats import date_format

from catalog.models import Anime
from ratings.importing.lists.comparing import merged, restored
from ratings.models import Fate, ListImport, ListImportLine, UserAnimeRating, WatchStatus

# Fields whose change a member cares to see, and what a line calls them.
CHANGES = (
    ("status", "Status"),
    ("score", "Score"),
    ("watched_episodes", "Episodes"),
    ("started_on", "Started"),
    ("finished_on", "Finished"),
    ("rewatches", "Seen again"),
)
NAMELESS = "No name"


@dataclass(frozen=True)
class Shown:
    line: ListImportLine
    anime: Anime | None = None
    candidates: list[Anime] = field(default_factory=list)
    # ("Score", "7", "9"): what, from, to.
    changes: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def title(self) -> str:
        known = self.anime.display_title if self.anime else self.line.title
        return known or (f"MyAnimeList {self.line.mal_id}" if self.line.mal_id else NAMELESS)

    @property
    def theirs(self) -> str:
        """The file's own name, where the catalogue has another."""
        return self.line.title if self.anime and self.line.title not in _names(self.anime) else ""


def _names(anime: Anime) -> tuple[str, ...]:
    return (anime.display_title, anime.title, "")


def shown(list_import: ListImport, lines: Iterable[ListImportLine]) -> list[Shown]:
    """Two queries, however many lines."""
    lines = list(lines)
    wanted = {pk for line in lines for pk in (line.mal_id, *line.candidates) if pk}
    titles = Anime.objects.visible().lean().in_bulk(wanted)
    entries = _entries(list_import, lines)
    return [_shown(line, titles, entries.get(line.mal_id or 0)) for line in lines]


def _entries(list_import: ListImport, lines: list[ListImportLine]) -> dict[int, UserAnimeRating]:
    """What the changed lines find on the list; after the import, what they found there."""
    changed = [line for line in lines if line.fate == Fate.CHANGED]
    found = {
        line.mal_id or 0: UserAnimeRating(**restored(line.before))
        for line in changed
        if line.before
    }
    asked = [line.mal_id for line in changed if line.mal_id not in found]
    if asked:
        now = UserAnimeRating.objects.filter(user=list_import.user_id, anime__in=asked)
        found.update((entry.anime_id, entry) for entry in now)
    return found


def _shown(line: ListImportLine, titles: dict[int, Anime], entry: UserAnimeRating | None) -> Shown:
    return Shown(
        line=line,
        anime=titles.get(line.mal_id or 0),
        candidates=[titles[pk] for pk in line.candidates if pk in titles],
        changes=_changes(line, entry) if entry else [],
    )


def _changes(line: ListImportLine, entry: UserAnimeRating) -> list[tuple[str, str, str]]:
    after = merged(line, entry)
    return [
        (label, _worded(entry, name), _worded(UserAnimeRating(**after), name))
        for name, label in CHANGES
        if _both(entry, name) != _both(UserAnimeRating(**after), name)
    ]


def _both(entry: UserAnimeRating, name: str) -> tuple[Any, Any]:
    return getattr(entry, name), getattr(entry, name.replace("_on", "_precision"), None)


def _worded(entry: UserAnimeRating, name: str) -> str:
    value = getattr(entry, name)
    if name == "status":
        return str(WatchStatus(value).label)
    if isinstance(value, date):
        formats = {"month": "M Y", "year": "Y"}
        precision = getattr(entry, name.replace("_on", "_precision"))
        return date_format(value, formats.get(precision, "j M Y"))
    return "–" if value is None else str(value)
