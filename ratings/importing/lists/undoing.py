"""A whole import taken back: every entry as it was, save those that the member changed since."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from catalog.models import RunState
from ratings.importing.lists import rows
from ratings.importing.lists.applying import BATCH, locked
from ratings.importing.lists.comparing import restored, written
from ratings.models import ListImport, ListImportLine, UserAnimeRating


def undo(list_import_id: int) -> bool:
    """False where there is nothing to undo, as after it was undone."""
    with transaction.atomic():
        run = locked(list_import_id)
        if run is None or run.state != RunState.DONE or run.undone_at is not None:
            return False
        run.counts = {**run.counts, **_undo_lines(run)}
        run.undone_at = timezone.now()
        run.save(update_fields=["counts", "undone_at"])
    return True


def _undo_lines(run: ListImport) -> dict[str, int]:
    member = run.user
    lines = list(run.lines.filter(is_written=True))
    entries = {
        entry.anime_id: entry for entry in member.list_entries.select_for_update().order_by("pk")
    }
    untouched = [line for line in lines if _is_as_written(line, entries, run.source)]
    added = [entries[line.mal_id or 0].pk for line in untouched if line.before is None]
    changed = [line for line in untouched if line.before is not None]
    for start in range(0, len(added), BATCH):
        UserAnimeRating.objects.filter(pk__in=added[start : start + BATCH]).delete()
    rows.replace_entries(
        member.pk, ((line.mal_id or 0, restored(line.before or {})) for line in changed)
    )
    if untouched:
        member.touch_list()
    left = len(lines) - len(untouched)
    return {"taken_off": len(added), "restored": len(changed), "left_alone": left}


def _is_as_written(line: ListImportLine, entries: dict[int, UserAnimeRating], source: str) -> bool:
    entry = entries.get(line.mal_id or 0)
    if entry is None:
        return False
    former = UserAnimeRating(**restored(line.before)) if line.before else None
    wrote: dict[str, Any] = written(line, former, source)
    return all(getattr(entry, name) == value for name, value in wrote.items())
