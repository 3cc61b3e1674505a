"""An import as work for the worker, and how far it has come."""

from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from catalog import announcing
from catalog.models import RunState
from catalog.queue import QUEUE_IS_GONE
from ratings.importing.lists import applying
from ratings.models import ListImport

NO_QUEUE = "The task queue of this site does not answer, so nothing was written. Try again later."
BROKE_OFF = "Something went wrong here, and nothing was written. Try again later."
REMEMBERED = 600


def enqueue(list_import: ListImport, conflict: str) -> bool:
    """Say go, once; the row tells how it goes."""
    with transaction.atomic():
        if not applying.start(list_import, conflict):
            return False
        # Within a larger transaction this is its end, when nobody here could catch anything any more.
        transaction.on_commit(lambda: _send(list_import.pk))
        announcing.import_moved(list_import.user_id)
    return True


def _send(list_import_id: int) -> None:
    from ratings.tasks import import_list

    try:
        import_list.delay(list_import_id)
    except QUEUE_IS_GONE:
        applying.fail(list_import_id, NO_QUEUE)


def carry_out(list_import_id: int) -> None:
    ours = ListImport.objects.filter(pk=list_import_id)
    ours.filter(state=RunState.RUNNING).update(beat_at=timezone.now())
    member = ours.values_list("user", flat=True).first()
    try:
        applying.apply(list_import_id, _Watcher(list_import_id, member or 0))
    except Exception:
        applying.fail(list_import_id, BROKE_OFF)
        raise
    finally:
        announcing.import_moved(member or 0)


def was_lost(list_import_id: int) -> None:
    """The process that wrote it is gone; the database took back what it had begun."""
    member = ListImport.objects.filter(pk=list_import_id).values_list("user", flat=True).first()
    applying.fail(list_import_id, BROKE_OFF)
    announcing.import_moved(member or 0)


class _Watcher:
    """Tells through the cache: what is written in the one transaction nobody sees before its end."""

    def __init__(self, list_import_id: int, member: int) -> None:
        self.key, self.member = _key(list_import_id), member

    def __call__(self, done: int, total: int) -> None:
        cache.set(self.key, (done, total), REMEMBERED)
        announcing.import_moved(self.member, at_once=True)


def progress(list_import: ListImport) -> tuple[int, int] | None:
    """Lines done, of how many; None where the worker's cache is not this process's too."""
    found: tuple[int, int] | None = cache.get(_key(list_import.pk))
    return found


def is_silent(list_import: ListImport) -> bool:
    """It runs, by its row, but its worker died or never was."""
    beat = list_import.beat_at or list_import.started_at
    running = list_import.state == RunState.RUNNING
    return running and beat < timezone.now() - applying.SILENCE


def _key(list_import_id: int) -> str:
    return f"list-import-{list_import_id}"
