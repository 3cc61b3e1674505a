"""A list as MyAnimeList's API v2 answers it."""

from typing import Any

from ratings.importing.lists.building import Row, lines_of
from ratings.importing.lists.line import ListFile
from ratings.importing.lists.parsers.mapping import AniListIds, dicts, part

SOURCE = "mal_api"


def is_one(content: dict[str, Any]) -> bool:
    entries = dicts(content.get("data"))
    return bool(entries) and "list_status" in entries[0] and "node" in entries[0]


def read(content: dict[str, Any], to_mal_ids: AniListIds | None = None) -> ListFile:
    found = ListFile(SOURCE, lines_of(map(_row, dicts(content["data"]))))
    if part(content, "paging", "next"):
        found.notes.append("The file is one page of the list; the other pages are not in it.")
    return found


def _row(entry: dict[str, Any]) -> Row:
    node, said = entry.get("node"), entry.get("list_status")
    return Row(
        mal_id=part(node, "id"),
        title=part(node, "title"),
        status=part(said, "status"),
        score=part(said, "score"),
        watched=part(said, "num_episodes_watched"),
        started=part(said, "start_date"),
        finished=part(said, "finish_date"),
        rewatches=part(said, "num_times_rewatched"),
        said_at=part(said, "updated_at"),
    )
