"""What lists of answers tell of titles, held in each process: rows that seldom change and are asked for all day."""

import threading
import time
from collections.abc import Iterable
from typing import NamedTuple

from catalog import viewing
from catalog.addresses import address
from catalog.models import Anime

# What the catalogue's version does not show (a title that a curator hides by hand) counts by then.
OLDEST_SECONDS = 300
COLUMNS = (
    "mal_id", "title", "title_english", "title_japanese", "type", "year", "aired_from__year",
    "episodes", "is_stub", "is_adult",
)  # fmt: skip


class Title(NamedTuple):
    """As much of an Anime as its card in a list."""

    mal_id: int
    title: str
    title_english: str
    title_japanese: str
    type: str
    year: int | None
    first_year: int | None
    episodes: int | None
    is_stub: bool
    is_adult: bool

    @property
    def display_title(self) -> str:
        """By the name that whoever looks prefers."""
        return viewing.called(self, viewing.current().language)

    @property
    def aired_year(self) -> int | None:
        return self.year or self.first_year

    @property
    def is_visible(self) -> bool:
        """As `AnimeQuerySet.visible`."""
        return not self.is_stub and (viewing.shows_adult() or not self.is_adult)

    def get_absolute_url(self) -> str:
        return address("catalog:anime", self.mal_id)


_held: tuple[int, float, dict[int, Title | None]] = (-1, 0.0, {})
_reading = threading.Lock()


def titles(ids: Iterable[int], version: int) -> dict[int, Title]:
    """Those of `ids` that there are, whoever may see them; one query for what is not held yet.

    Read again when the catalogue's `version` is another.
    """
    global _held
    wanted, now = list(ids), time.monotonic()
    with _reading:
        if _held[0] != version or now - _held[1] > OLDEST_SECONDS:
            _held = (version, now, {})
        held = _held[2]
    if missing := [pk for pk in wanted if pk not in held]:
        rows = Anime.objects.filter(pk__in=missing).order_by().values_list(*COLUMNS)
        found = {row[0]: Title(*row) for row in rows}
        # Only now: another thread must not take for gone what is being read.
        held.update({pk: found.get(pk) for pk in missing})
    return {pk: title for pk in wanted if (title := held.get(pk)) is not None}


def forget() -> None:
    global _held
    with _reading:
        _held = (-1, 0.0, {})
