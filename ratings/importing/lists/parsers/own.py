"""The site's own export."""

from typing import Any

from catalog.etl.reports import Unreadable
from ratings.importing.lists.building import Row, lines_of
from ratings.importing.lists.files import ListUpload
from ratings.importing.lists.line import ListFile
from ratings.importing.lists.parsers.mapping import AniListIds, dicts

SOURCE = "animerec"
VERSION = 1
# How the file begins, and what ends its list: no text in it holds bare quotation marks.
BEGINNING = '{"format": "animerec"'
_END = '], "more": {'


def list_alone(upload: ListUpload) -> str:
    """Without the rest, where all imports of the member are told of with all their lines."""
    text = upload.whole(until=_END)
    return text.removesuffix(_END) + "]}" if text.endswith(_END) else text


def is_one(content: dict[str, Any]) -> bool:
    return content.get("format") == SOURCE


def read(content: dict[str, Any], to_mal_ids: AniListIds | None = None) -> ListFile:
    if content.get("version") != VERSION:
        raise Unreadable("This export was written by a newer version of animerec.")
    return ListFile(SOURCE, lines_of(map(_row, dicts(content.get("list")))))


def _row(entry: dict[str, Any]) -> Row:
    return Row(
        mal_id=entry.get("mal_id"),
        title=entry.get("title"),
        status=entry.get("status"),
        score=entry.get("score"),
        watched=entry.get("watched_episodes"),
        started=entry.get("started_on"),
        finished=entry.get("finished_on"),
        rewatches=entry.get("rewatches"),
        said_at=entry.get("rated_at"),
    )
