"""An Anime-Planet export: names, no ids."""

from typing import Any

from catalog.etl.reports import Unreadable
from ratings.importing.lists import values
from ratings.importing.lists.building import Reading, Row, lines_of
from ratings.importing.lists.line import ListFile
from ratings.importing.lists.parsers.mapping import AniListIds, dicts

SOURCE = "anime_planet"
# Half stars.
BEST = 5
OF_MANGA = {"read", "reading", "want to read", "won't read"}
WONT_WATCH = {"won't watch", "wont watch"}
NO_PLACE = "“Won't watch” is no status here. “Not interested” on the title's page does the same."


def is_one(content: dict[str, Any]) -> bool:
    entries = content.get("entries")
    return isinstance(entries, list) and (not entries or "name" in (dicts(entries) or [{}])[0])


def read(content: dict[str, Any], to_mal_ids: AniListIds | None = None) -> ListFile:
    entries = dicts(content["entries"])
    if any(_status(entry) in OF_MANGA for entry in entries):
        raise Unreadable("This is a list of manga. Export your anime list from Anime-Planet.")
    return ListFile(SOURCE, lines_of(map(_row, entries), Reading(best=BEST)))


def _status(entry: dict[str, Any]) -> str:
    return values.text(entry.get("status")).casefold().replace("’", "'")


def _row(entry: dict[str, Any]) -> Row:
    # It counts how often a title was seen, not how often again; -1 is being seen again.
    seen = values.number(entry.get("times")) or 0
    return Row(
        title=entry.get("name"),
        status=entry.get("status"),
        score=entry.get("rating"),
        watched=entry.get("eps"),
        started=entry.get("started"),
        finished=entry.get("completed"),
        rewatches=max(0, seen - 1),
        problem=NO_PLACE if _status(entry) in WONT_WATCH else "",
    )
