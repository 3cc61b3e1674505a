"""A member's list as the XML that MyAnimeList exports, and takes."""

from collections.abc import Iterator
from datetime import date
from typing import Any
from xml.sax.saxutils import escape

from catalog.models import Precision
from catalog.models.anime import AnimeType
from catalog.titles import writable
from ratings.leaving.everything import CHUNK
from ratings.models import User, UserAnimeRating, WatchStatus

# Their words for ours, and the counts in the head of the file.
STATUSES = {
    WatchStatus.WATCHING: ("Watching", "watching"),
    WatchStatus.COMPLETED: ("Completed", "completed"),
    WatchStatus.ON_HOLD: ("On-Hold", "onhold"),
    WatchStatus.DROPPED: ("Dropped", "dropped"),
    WatchStatus.PLANNED: ("Plan to Watch", "plantowatch"),
}
TYPES = {
    **{kind.value: kind.label for kind in AnimeType},
    AnimeType.TV_SPECIAL.value: "TV Special",
    AnimeType.CM.value: "CM",
    AnimeType.PV.value: "PV",
}
NO_DAY = "0000-00-00"
ANIME_LIST = 1


def list_as_mal_xml(member: User) -> Iterator[str]:
    """Parts of the document; every title there is on the list, in the order of their ids."""
    entries = UserAnimeRating.objects.filter(user=member)
    yield '<?xml version="1.0" encoding="UTF-8" ?>\n<myanimelist>\n'
    yield _element("myinfo", _head(member, entries.numbers_by_status()))
    whole = entries.select_related("anime").defer("anime__synopsis", "anime__search_text")
    for entry in whole.order_by("anime_id").iterator(chunk_size=CHUNK):
        yield _element("anime", _fields(entry))
    yield "</myanimelist>\n"


def _head(member: User, numbers: dict[str, int]) -> dict[str, Any]:
    return {
        "user_id": 0,
        "user_name": member.username,
        "user_export_type": ANIME_LIST,
        "user_total_anime": sum(numbers.values()),
        **{f"user_total_{name}": numbers.get(s, 0) for s, (_, name) in STATUSES.items()},
    }


def _fields(entry: UserAnimeRating) -> dict[str, Any]:
    anime = entry.anime
    return {
        "series_animedb_id": anime.pk,
        "series_title": Said(anime.title or str(anime)),
        "series_type": TYPES.get(anime.type, "Unknown"),
        "series_episodes": anime.episodes or 0,
        "my_id": 0,
        "my_watched_episodes": _watched(entry),
        "my_start_date": day(entry.started_on, entry.started_precision),
        "my_finish_date": day(entry.finished_on, entry.finished_precision),
        "my_rated": "",
        "my_score": entry.score or 0,
        "my_storage": "",
        "my_storage_value": "0.00",
        "my_status": STATUSES[WatchStatus(entry.status)][0],
        "my_comments": Said(""),
        "my_times_watched": entry.rewatches,
        "my_rewatch_value": "",
        "my_priority": "LOW",
        "my_tags": Said(""),
        "my_rewatching": 0,
        "my_rewatching_ep": 0,
        "my_discuss": 1,
        "my_sns": "default",
        # Without it MyAnimeList leaves alone what it has already.
        "update_on_import": 1,
    }


class Said(str):
    """Text that stands in a CDATA section."""

    __slots__ = ()


def cdata(text: str) -> str:
    """`text` as a CDATA section; one that would end early goes on in a second."""
    inside = writable(text).replace("]]>", "]]]]><![CDATA[>")
    return f"<![CDATA[{inside}]]>"


def day(known: date | None, precision: str) -> str:
    """'2019-04-00' where only the month is known."""
    if known is None:
        return NO_DAY
    month = 0 if precision == Precision.YEAR else known.month
    of_month = 0 if precision in (Precision.YEAR, Precision.MONTH) else known.day
    return f"{known.year:04}-{month:02}-{of_month:02}"


def _watched(entry: UserAnimeRating) -> int:
    """Where nobody counted, completed means all of them."""
    if entry.watched_episodes is None and entry.status == WatchStatus.COMPLETED:
        return entry.anime.episodes or 0
    return entry.watched_episodes or 0


def _element(name: str, fields: dict[str, Any]) -> str:
    lines = "".join(f"\t\t<{tag}>{_text(value)}</{tag}>\n" for tag, value in fields.items())
    return f"\t<{name}>\n{lines}\t</{name}>\n"


def _text(value: Any) -> str:
    return cdata(value) if isinstance(value, Said) else escape(writable(str(value)))
