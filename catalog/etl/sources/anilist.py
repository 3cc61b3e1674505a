"""AniList, for what its terms allow: a member's own list, and which number a title has here."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any

from django.conf import settings

from catalog.etl.fetching.client import (
    Absent,
    BadAnswer,
    Client,
    FetchError,
    Forbidden,
    Patience,
    Resting,
)
from catalog.etl.record import MAX_INTEGER, PartialDate
from catalog.etl.sources.live import Entry, NotConfigured, part, parts

NAME = "anilist"
IDS_AT_ONCE = 50
_CHUNK = 500
# AniList itself keeps no longer ones.
_MOST_CHUNKS = 23
_LONGEST_NAME = 40

# Notes and whatever the member hides are not asked for.
_LIST = """
query ($name: String, $chunk: Int, $size: Int) {
  MediaListCollection(userName: $name, type: ANIME, forceSingleCompletedList: true, chunk: $chunk, perChunk: $size) {
    hasNextChunk
    lists { isCustomList entries {
      mediaId status score(format: POINT_100) progress repeat updatedAt
      startedAt { year month day } completedAt { year month day }
      media { id idMal title { romaji english } }
    } }
  }
}"""
_NUMBERS = """
query ($ids: [Int]) {
  Page(perPage: 50) { media(%s: $ids, type: ANIME) { id idMal } }
}"""


class ListUnavailable(Exception):
    """The list cannot be read; the text tells the member why."""


@dataclass(frozen=True)
class ListedTitle:
    """One title of a member's list, in AniList's own words: CURRENT, PLANNING, COMPLETED, ..."""

    # One of the two numbers may be unknown.
    anilist_id: int | None
    mal_id: int | None
    title: str
    status: str
    # 1 to 100; None where it is not scored.
    score: int | None
    progress: int
    repeat: int
    started: PartialDate | None
    completed: PartialDate | None
    updated_at: datetime | None


def connect(patience: Patience | None = None) -> Client:
    if not settings.ANILIST_URL:
        raise NotConfigured("ANILIST_URL is not set: AniList is at https://graphql.anilist.co")
    return Client(
        NAME,
        settings.ANILIST_URL,
        interval=1 / settings.ANILIST_RATE,
        user_agent=settings.USER_AGENT,
        # It refuses questions that do not say where they come from.
        headers={"Referer": f"{settings.SITE_URL}/"},
        patience=patience,
        connections=2,
        # It says 403 of lists that are not public, too.
        denials=("private",),
    )


def member_list(client: Client, name: str) -> list[ListedTitle]:
    """Every title on the list of the member of that name, once; ListUnavailable says why not."""
    name = name.strip()
    if not name or len(name) > _LONGEST_NAME:
        raise ListUnavailable("That is not the name of an AniList member.")
    titles: dict[tuple[int | None, int | None], ListedTitle] = {}
    for lists in _chunks(client, name):
        # A title is in one list by its status, and again in each list of the member's own making.
        for group in sorted(lists, key=lambda one: one.get("isCustomList") is True):
            for entry in parts(group, "entries"):
                if (title := _listed(entry)) is not None:
                    key = (title.anilist_id, None if title.anilist_id else title.mal_id)
                    titles.setdefault(key, title)
    return list(titles.values())


def mal_ids_of(client: Client, anilist_ids: Iterable[int]) -> dict[int, int]:
    """AniList's numbers -> MyAnimeList's, where AniList knows them."""
    return dict(_numbers(client, "id_in", anilist_ids))


def anilist_ids_of(client: Client, mal_ids: Iterable[int]) -> dict[int, int]:
    """MyAnimeList's numbers -> AniList's; of several parts of one title, the first."""
    found: dict[int, int] = {}
    for anilist_id, mal_id in sorted(_numbers(client, "idMal_in", mal_ids)):
        found.setdefault(mal_id, anilist_id)
    return found


def _chunks(client: Client, name: str) -> Iterator[list[Entry]]:
    for chunk in range(1, _MOST_CHUNKS + 1):
        asked = {"name": name, "chunk": chunk, "size": _CHUNK}
        told = _asked(client, {"query": _LIST, "variables": asked}, _read_list)
        yield parts(told, "lists")
        if part(told, "hasNextChunk") is not True:
            return


def _asked(client: Client, question: dict[str, Any], read: Callable[[Any], Entry]) -> Entry:
    try:
        return client.post("", question, read)
    except Absent:
        raise ListUnavailable("AniList has no public list of that name.") from None
    except Forbidden:
        # In its bad weeks it says so of everything.
        raise ListUnavailable("AniList takes no questions now. Try again later.") from None
    except Resting as reason:
        minutes = round(reason.seconds / 60) + 1
        raise ListUnavailable(f"AniList does not answer. Try again in {minutes} minutes.") from None
    except FetchError:
        raise ListUnavailable("AniList does not answer. Try again later.") from None


def _read_list(body: Any) -> Entry:
    _refuse_errors(body)
    told = part(body, "data", "MediaListCollection")
    if not isinstance(part(told, "lists"), list):
        raise BadAnswer("a list without its lists")
    return told  # type: ignore[no-any-return]  # an object: it has lists


def _refuse_errors(body: Any) -> None:
    """An answer of 200 may hold an error as well."""
    for error in parts(body, "errors") if isinstance(body, dict) else []:
        status, said = error.get("status"), str(error.get("message"))[:200]
        if status == 404 or "private" in said.casefold():
            raise Absent(said)
        if status == 403:
            raise Forbidden(said)
        raise BadAnswer(said)


def _numbers(client: Client, by: str, ids: Iterable[int]) -> Iterator[tuple[int, int]]:
    waiting = iter(dict.fromkeys(ids))
    while some := list(islice(waiting, IDS_AT_ONCE)):
        question = {"query": _NUMBERS % by, "variables": {"ids": some}}
        for media in parts(_asked(client, question, _read_page), "media"):
            if _is_number(media.get("id")) and _is_number(media.get("idMal")):
                yield media["id"], media["idMal"]


def _read_page(body: Any) -> Entry:
    _refuse_errors(body)
    told = part(body, "data", "Page")
    if not isinstance(part(told, "media"), list):
        raise BadAnswer("a page without titles")
    return told  # type: ignore[no-any-return]  # an object: it has media


def _listed(entry: Entry) -> ListedTitle | None:
    """None for an entry that does not say what it is of."""
    number = part(entry, "mediaId") or part(entry, "media", "id")
    mal_id = part(entry, "media", "idMal")
    if not _is_number(number) and not _is_number(mal_id):
        return None
    names = (part(entry, "media", "title", kind) for kind in ("romaji", "english"))
    return ListedTitle(
        anilist_id=number if _is_number(number) else None,
        mal_id=mal_id if _is_number(mal_id) else None,
        title=next((name for name in names if isinstance(name, str)), "")[:300],
        status=str(entry.get("status") or ""),
        score=_score(entry.get("score")),
        progress=_count(entry.get("progress")),
        repeat=_count(entry.get("repeat")),
        started=_day(entry.get("startedAt")),
        completed=_day(entry.get("completedAt")),
        updated_at=_moment(entry.get("updatedAt")),
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MAX_INTEGER


def _count(value: Any) -> int:
    return value if _is_number(value) else 0


def _score(value: Any) -> int | None:
    """0 is unscored."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    return round(value) if 0 < value <= 100 else None


def _day(value: Any) -> PartialDate | None:
    year, month, day = (part(value, name) for name in ("year", "month", "day"))
    if not _is_number(year):
        return None
    precision = "day" if month and day else "month" if month else "year"
    try:
        return PartialDate(date(year, month or 1, (month and day) or 1), precision)
    except (TypeError, ValueError, OverflowError):
        return None


def _moment(value: Any) -> datetime | None:
    return datetime.fromtimestamp(value, UTC) if _is_number(value) else None
