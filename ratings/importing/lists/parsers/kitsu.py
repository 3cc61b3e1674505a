"""A Kitsu library, as its JSON:API answers it. Kitsu's own export is MyAnimeList XML."""

from typing import Any

from ratings.importing.lists.building import Reading, Row, lines_of
from ratings.importing.lists.line import ListFile
from ratings.importing.lists.parsers.mapping import AniListIds, dicts, part

SOURCE = "kitsu"
# Of ratingTwenty: 2 to 20.
BEST = 20
MAL = "myanimelist/anime"


def is_one(content: dict[str, Any]) -> bool:
    entries = dicts(content.get("data"))
    return bool(entries) and entries[0].get("type") == "libraryEntries"


def read(content: dict[str, Any], to_mal_ids: AniListIds | None = None) -> ListFile:
    known = {
        (str(one.get("type")), str(one.get("id"))): one for one in dicts(content.get("included"))
    }
    entries = [one for one in dicts(content["data"]) if one.get("type") == "libraryEntries"]
    about_anime = [one for one in entries if not part(one, "relationships", "manga", "data")]
    notes = [f"Left out: {left:,} manga."] if (left := len(entries) - len(about_anime)) else []
    rows = (_row(entry, known) for entry in about_anime)
    return ListFile(SOURCE, lines_of(rows, Reading(best=BEST)), notes)


def _row(entry: dict[str, Any], known: dict[tuple[str, str], dict[str, Any]]) -> Row:
    said = entry.get("attributes")
    pk = part(entry, "relationships", "anime", "data", "id")
    anime = known.get(("anime", str(pk)), {})
    return Row(
        mal_id=_mal_id(anime, known),
        title=_title(anime),
        status=part(said, "status"),
        score=part(said, "ratingTwenty"),
        watched=part(said, "progress"),
        started=part(said, "startedAt"),
        finished=part(said, "finishedAt"),
        rewatches=part(said, "reconsumeCount"),
        said_at=part(said, "updatedAt") or part(said, "progressedAt"),
        type=part(anime, "attributes", "subtype"),
        problem=""
        if anime
        else f"The file names it by Kitsu's number {str(pk)[:12]} alone, without id or title.",
    )


def _mal_id(anime: dict[str, Any], known: dict[tuple[str, str], dict[str, Any]]) -> Any:
    for link in dicts(part(anime, "relationships", "mappings", "data")):
        mapping = known.get(("mappings", str(link.get("id"))))
        if part(mapping, "attributes", "externalSite") == MAL:
            return part(mapping, "attributes", "externalId")
    return None


def _title(anime: dict[str, Any]) -> Any:
    titles = part(anime, "attributes", "titles")
    named = next((name for name in titles.values() if name), "") if isinstance(titles, dict) else ""
    return part(anime, "attributes", "canonicalTitle") or named
