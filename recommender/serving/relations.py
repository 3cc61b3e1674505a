"""How titles stand to each other, held in each process: thousands of rows that seldom change."""

import threading
import time

from recommender import datasets
from recommender.engine.rules import Relations

# What the version does not show (a changed day of airing, a kind corrected by hand) counts by then.
OLDEST_SECONDS = 300

Version = tuple[int | None, ...]
_held: tuple[Version, float, Relations] | None = None
_reading = threading.Lock()


def relations_now() -> tuple[Version, Relations]:
    """What the rules go by, and its version: one query as long as no edge comes or goes."""
    global _held
    version = datasets.relations_version()
    with _reading:
        now = time.monotonic()
        if _held is None or _held[0] != version or now - _held[1] > OLDEST_SECONDS:
            _held = (version, now, datasets.read_relations())
        return version, _held[2]


def forget_relations() -> None:
    global _held
    with _reading:
        _held = None
