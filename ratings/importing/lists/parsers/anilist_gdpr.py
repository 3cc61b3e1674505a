"""AniList's `gdpr_data.json`: everything of a member, of which only the list is read. It names no titles."""

from typing import Any

from catalog.etl.reports import Unreadable
from ratings.importing.lists import values
from ratings.importing.lists.building import Reading, Row, lines_of
from ratings.importing.lists.line import ListFile
from ratings.importing.lists.parsers.mapping import AniListIds, dicts

SOURCE = "anilist"
BEST = 100
ANIME, MANGA = 0, 1
STATUSES = {
    "0": "watching",
    "1": "planned",
    "2": "completed",
    "3": "dropped",
    "4": "on_hold",
    "5": "completed",
}
ASK_ANILIST = (
    "AniList's file names every title by AniList's own number, without its name, so it can only be "
    "read by asking AniList, which this site does not do. A MyAnimeList XML file of the same list "
    "can be read."
)
MANGA_ONLY = "This AniList file holds a list of manga, and no anime."


def is_one(content: dict[str, Any]) -> bool:
    entries = content.get("lists")
    return isinstance(entries, list) and (not entries or "series_id" in (dicts(entries) or [{}])[0])


def read(content: dict[str, Any], to_mal_ids: AniListIds | None = None) -> ListFile:
    entries = dicts(content["lists"])
    about_anime = [one for one in entries if one.get("series_type", ANIME) != MANGA]
    if entries and not about_anime:
        raise Unreadable(MANGA_ONLY)
    known = _asked(about_anime, to_mal_ids)
    lines = lines_of((_row(entry, known) for entry in about_anime), Reading(BEST, STATUSES))
    left = len(entries) - len(about_anime)
    return ListFile(SOURCE, lines, [f"Left out: {left:,} manga."] if left else [])


def _asked(entries: list[dict[str, Any]], to_mal_ids: AniListIds | None) -> dict[int, int]:
    ids = {pk for entry in entries if (pk := _id(entry)) is not None}
    if not ids:
        return {}
    if to_mal_ids is None:
        raise Unreadable(ASK_ANILIST)
    return to_mal_ids(sorted(ids))


def _id(entry: dict[str, Any]) -> int | None:
    return values.count(entry.get("series_id"), 2**31 - 1) or None


def _row(entry: dict[str, Any], known: dict[int, int]) -> Row:
    pk = _id(entry)
    mal_id = known.get(pk) if pk else None
    return Row(
        mal_id=mal_id,
        status=entry.get("status"),
        score=entry.get("score"),
        watched=entry.get("progress"),
        started=entry.get("started_on"),
        finished=entry.get("finished_on"),
        rewatches=entry.get("repeat"),
        said_at=entry.get("updated_at"),
        problem="" if mal_id else f"AniList's number {pk or '?'} has no title on MyAnimeList.",
    )
