"""Which titles may be put forward to anybody, held in each process: thousands of ids that seldom change."""

import threading
import time

import numpy as np

from catalog import viewing
from catalog.models import Anime
from recommender.engine.interactions import IntArray

# What the version does not show (a title that a curator hides by hand) counts by then.
OLDEST_SECONDS = 300

Key = tuple[bool, bool]  # titles for adults too, what is not out yet too
_held: dict[Key, tuple[int, float, IntArray]] = {}
_reading = threading.Lock()


def shown_now(version: int, *, upcoming: bool) -> IntArray:
    """Ids, sorted, for whoever looks; read again when the catalogue's `version` is another."""
    key = (viewing.shows_adult(), upcoming)
    with _reading:
        held, now = _held.get(key), time.monotonic()
        if held is None or held[0] != version or now - held[1] > OLDEST_SECONDS:
            held = _held[key] = (version, now, _read(upcoming=upcoming))
        return held[2]


def _read(*, upcoming: bool) -> IntArray:
    titles = Anime.objects.of_seasons() if upcoming else Anime.objects.recommendable()
    return np.fromiter(titles.order_by("pk").values_list("pk", flat=True), dtype=np.int64)


def forget_shown() -> None:
    with _reading:
        _held.clear()
