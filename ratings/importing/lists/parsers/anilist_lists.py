"""A member's lists as AniList's API answers them (MediaListCollection), kept in a file."""

from typing import Any

from ratings.importing.lists import values
from ratings.importing.lists.building import Reading, Row, lines_of
from ratings.importing.lists.line import ListFile
from ratings.importing.lists.parsers.mapping import AniListIds, dicts, part

SOURCE = "anilist"
STATUSES = {
    "current": "watching",
    "planning": "planned",
    "completed": "completed",
    "dropped": "dropped",
    "paused": "on_hold",
    "repeating": "completed",
}
# How high a score can be, by the format that the member chose there.
BEST = {"POINT_100": 100, "POINT_10_DECIMAL": 10, "POINT_10": 10, "POINT_5": 5, "POINT_3": 3}


def is_one(content: dict[str, Any]) -> bool:
    return _collection(content) is not None


def _collection(content: dict[str, Any]) -> dict[str, Any] | None:
    data = content.get("data", content)
    for one in data.values() if isinstance(data, dict) else ():
        lists = dicts(part(one, "lists"))
        if lists and "entries" in lists[0]:
            return one  # type: ignore[no-any-return]
    return None


def read(content: dict[str, Any], to_mal_ids: AniListIds | None = None) -> ListFile:
    collection = _collection(content) or {}
    by_media: dict[Any, dict[str, Any]] = {}
    for one in dicts(collection["lists"]):
        for entry in dicts(one.get("entries")):
            # A title stands in every list of the member's own that holds it.
            by_media.setdefault(_key(entry), entry)
    entries = list(by_media.values())
    reading = Reading(_best(collection, entries), STATUSES, values.fuzzy_date)
    return ListFile(SOURCE, lines_of(map(_row, entries), reading))


def _key(entry: dict[str, Any]) -> Any:
    key = entry.get("mediaId") or part(entry, "media", "id") or part(entry, "media", "idMal")
    return key if isinstance(key, int) else id(entry)


def _best(collection: dict[str, Any], entries: list[dict[str, Any]]) -> int:
    told = part(collection, "user", "mediaListOptions", "scoreFormat")
    if isinstance(told, str) and told in BEST:
        return BEST[told]
    scores = (values.number(entry.get("score")) or 0 for entry in entries)
    return 100 if any(score > 10 for score in scores) else 10


def _row(entry: dict[str, Any]) -> Row:
    titles = part(entry, "media", "title")
    named = [name for name in titles.values() if name] if isinstance(titles, dict) else [""]
    return Row(
        mal_id=part(entry, "media", "idMal"),
        title=(named or [""])[0],
        status=entry.get("status"),
        score=entry.get("score"),
        watched=entry.get("progress"),
        started=entry.get("startedAt"),
        finished=entry.get("completedAt"),
        rewatches=entry.get("repeat"),
        said_at=entry.get("updatedAt"),
        type=part(entry, "media", "format"),
        year=part(entry, "media", "seasonYear") or part(entry, "media", "startDate", "year"),
    )
