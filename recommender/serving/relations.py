"""How titles stand to each other, held in each process: thousands of rows that seldom change."""

import threading
import time

from catalog import viewing
from catalog.models import CatalogueVersion
from recommender import datasets
from recommender.engine.rules import Relations

# What the version does not show (a changed day of airing, a kind corrected by hand) counts by then.
OLDEST_SECONDS = 300

_held: tuple[int, float, Relations] | None = None
_reading = threading.Lock()


def relations_now(version: int | None = None) -> tuple[int, Relations]:
    """What the rules go by, and its version: one row is read as long as the catalogue stays.

    `version`: the catalogue's, where it has been read already.
    """
    global _held
    version = CatalogueVersion.now() if version is None else version
    with _reading:
        now = time.monotonic()
        if _held is None or _held[0] != version or now - _held[1] > OLDEST_SECONDS:
            # Held for everybody, so read for nobody in particular.
            with viewing.seen_by(viewing.NOBODY):
                _held = (version, now, datasets.read_relations())
        return version, _held[2]


def forget_relations() -> None:
    global _held
    with _reading:
        _held = None
