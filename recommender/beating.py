"""A sign of life every few seconds while something takes minutes and says nothing."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError, connection
from django.utils import timezone

from recommender.models import TrainingRun

log = logging.getLogger(__name__)
EVERY = 15.0


@contextmanager
def beating(run: TrainingRun) -> Iterator[None]:
    """In a thread of its own; a library that holds Python for a while makes it late."""
    over = threading.Event()
    thread = threading.Thread(target=_beat, args=(run.pk, over), name="beat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(EVERY)


def _beat(run_id: int, over: threading.Event) -> None:
    try:
        while not over.wait(EVERY):
            try:
                TrainingRun.objects.filter(pk=run_id).update(beat_at=timezone.now())
            except DatabaseError as problem:
                log.warning("No sign of life could be given: %s", type(problem).__name__)
    finally:
        connection.close()
