"""A member's list by its name on AniList, and AniList's numbers as MyAnimeList ids: what needs the network."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

from django.conf import settings

from catalog.etl.fetching.client import Backoff, Client, Patience
from catalog.etl.record import PartialDate
from catalog.etl.reports import Unreadable
from catalog.etl.sources import anilist as source
from ratings.importing.lists import building, values
from ratings.importing.lists.building import Reading, Row, lines_of
from ratings.importing.lists.line import ListFile
from ratings.importing.lists.parsers.anilist_lists import STATUSES

SOURCE = "anilist"
BEST = 100
LONGEST_NAME = 60
# A member sits before the page, and it holds one of few threads: no waiting out of bad days.
PATIENCE = Patience(
    connect=3,
    read=10,
    whole=15,
    usual=Backoff(2, 1, 2),
    at_500=Backoff(2, 1, 2),
    at_429=Backoff(1, 1, 1),
)


class AniList(Protocol):
    """What is asked of AniList. Both raise Unreadable with a sentence for the member."""

    def member_list(self, name: str) -> Iterable[Mapping[str, Any]]:
        """mal_id, title, status, score of 100, progress, repeat, started, completed, updated_at."""

    def mal_ids(self, anilist_ids: Iterable[int]) -> dict[int, int]:
        """Those that have one."""


def reachable() -> AniList | None:
    """AniList where this site may ask it: the one place that knows how. None: it may not."""
    return _Asked() if settings.ANILIST_URL else None


class _Asked:
    """AniList, asked over the network. A client is made for each question: most files need none."""

    def member_list(self, name: str) -> Iterable[Mapping[str, Any]]:
        with _client() as client:
            return [vars(title) for title in source.member_list(client, name)]

    def mal_ids(self, anilist_ids: Iterable[int]) -> dict[int, int]:
        with _client() as client:
            return source.mal_ids_of(client, anilist_ids)


@contextmanager
def _client() -> Iterator[Client]:
    try:
        with source.connect(PATIENCE) as client:
            yield client
    except source.ListUnavailable as reason:
        raise Unreadable(str(reason)) from None


def read_member(name: str, anilist: AniList) -> ListFile:
    reading = Reading(BEST, {**values.STATUSES, **STATUSES}, _date)
    lines = lines_of((_row(entry) for entry in anilist.member_list(name)), reading)
    building.refuse_if_empty(lines, "AniList list")
    return ListFile(SOURCE, lines, building.notes_on(lines))


def _date(value: object) -> tuple[Any, str]:
    if isinstance(value, PartialDate):
        return value.day, value.precision
    return values.fuzzy_date(value) if isinstance(value, dict) else values.partial_date(value)


def _row(entry: Mapping[str, Any]) -> Row:
    return Row(
        mal_id=entry.get("mal_id"),
        title=entry.get("title"),
        status=entry.get("status"),
        score=entry.get("score"),
        watched=entry.get("progress"),
        started=entry.get("started"),
        finished=entry.get("completed"),
        rewatches=entry.get("repeat"),
        said_at=entry.get("updated_at"),
    )
