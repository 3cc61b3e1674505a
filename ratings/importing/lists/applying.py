"""A preview onto the member's list, all of it or nothing; and back again."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from catalog import viewing
from catalog.models import RunState
from ratings.importing.lists import rows
from ratings.importing.lists.comparing import file_wins, kept, written
from ratings.importing.lists.previewing import counted
from ratings.importing.lists.sorting import Sorter
from ratings.models import Conflict, Fate, ListImport, ListImportLine, User, UserAnimeRating

BATCH = 1000
# A worker that has said nothing for so long is dead.
SILENCE = timedelta(seconds=60)
SETTLED = (Fate.INVALID,)
# So many lines of how many are done.
Watch = Callable[[int, int], None]


def nobody_watches(done: int, total: int) -> None:
    """For who does not want to know."""


def start(list_import: ListImport, conflict: str) -> bool:
    """The member says go. False where it was said before and the work is done or going on."""
    asked = ListImport.objects.filter(pk=list_import.pk).filter(
        Q(state__in=(RunState.QUEUED, RunState.FAILED))
        # Its worker died, and the database took back what it had begun.
        | Q(state=RunState.RUNNING, beat_at__lt=timezone.now() - SILENCE)
    )
    chosen, now = Conflict(conflict), timezone.now()
    return bool(asked.update(state=RunState.RUNNING, conflict=chosen, beat_at=now))


def apply(list_import_id: int, watch: Watch = nobody_watches) -> None:
    """Write what `start` was said for. Once is enough: a second call finds nothing to do."""
    with transaction.atomic():
        run = locked(list_import_id)
        if run is None or run.state != RunState.RUNNING:
            return
        lines = list(run.lines.exclude(fate__in=SETTLED).order_by("number"))
        total = Writer(run, watch).write(lines)
        run.total = run.lines.count()
        run.counts = {**_fates(run), **total}
        run.save(update_fields=["total"])
        run.finish(RunState.DONE)


def fail(list_import_id: int, reason: str) -> None:
    """Nothing was written, and the page can say so."""
    run = ListImport.objects.filter(pk=list_import_id, state=RunState.RUNNING).first()
    if run is not None:
        run.errors = [reason]
        run.finish(RunState.FAILED)


def locked(list_import_id: int) -> ListImport | None:
    """The import, once no other import of the same member is being written or undone.

    The member's own row is not locked: whoever rates a title at this moment locks the entry first
    and then the member, and the two would wait for each other.
    """
    run = ListImport.objects.filter(pk=list_import_id).first()
    if run is None:
        return None
    theirs = ListImport.objects.select_for_update().filter(user=run.user_id).order_by("pk")
    found = next((one for one in theirs if one.pk == list_import_id), None)
    # While this waited, its guest may have signed in: then it is another member's.
    return found or locked(list_import_id)


def _fates(run: ListImport) -> dict[str, int]:
    return counted(run.lines.order_by().values_list("fate", flat=True))


@dataclass
class Writer:
    run: ListImport
    watch: Watch = nobody_watches

    def write(self, lines: list[ListImportLine]) -> dict[str, int]:
        """Decide each line anew, against the list as it is now, and write those that win."""
        member = self.run.user
        with viewing.seen_by(member.viewer):
            return self._write_for(member, lines)

    def _write_for(self, member: User, lines: list[ListImportLine]) -> dict[str, int]:
        self._done, self._total = 0, len(lines)
        were = {line.pk: (line.fate, line.reason) for line in lines}
        entries = {
            entry.anime_id: entry
            # In one order, so that two who write the same list wait and do not block each other.
            for entry in member.list_entries.select_for_update().order_by("pk")
        }
        sorter = Sorter(member, entries)
        wanted = [line for line in _last_of_each(lines) if self._decide(line, sorter)]
        self._refated = {line.pk for line in lines if (line.fate, line.reason) != were[line.pk]}
        for start in range(0, len(lines), BATCH):
            self._write(lines[start : start + BATCH], entries)
        self.run.lines.filter(fate=Fate.NEW, is_written=False).update(is_written=True)
        if wanted:
            member.touch_list()
        return {"written": len(wanted), "kept": self._kept(lines)}

    def _kept(self, lines: list[ListImportLine]) -> int:
        """Where the file says something else, and the list stays as it is."""
        return sum(line.fate == Fate.CHANGED and not line.is_written for line in lines)

    def _decide(self, line: ListImportLine, sorter: Sorter) -> bool:
        """Set the line's fate, and say whether it goes onto the list."""
        if line.mal_id is None:
            return False
        one = sorter.known(line, line.mal_id)
        line.fate, line.reason = one.fate, one.reason
        entry = sorter.entries.get(line.mal_id)
        line.is_written = one.fate == Fate.NEW or (
            one.fate == Fate.CHANGED
            and entry is not None
            and file_wins(line, entry, self.run.conflict)
        )
        line.before = kept(entry) if line.is_written and entry else None
        return line.is_written

    def _write(self, lines: list[ListImportLine], entries: dict[int, UserAnimeRating]) -> None:
        going = [line for line in lines if line.is_written]
        member = self.run.user_id
        rows.add_entries(member, (self._said(one, entries) for one in going if not one.before))
        rows.replace_entries(member, (self._said(one, entries) for one in going if one.before))
        rows.remember(line for line in lines if line.before or line.pk in self._refated)
        self._done += len(lines)
        self.watch(self._done, self._total)

    def _said(
        self, line: ListImportLine, entries: dict[int, UserAnimeRating]
    ) -> tuple[int, dict[str, Any]]:
        mal_id = line.mal_id or 0
        return mal_id, written(line, entries.get(mal_id), self.run.source)


def _last_of_each(lines: list[ListImportLine]) -> list[ListImportLine]:
    """Two doubtful lines may have been said to be one title: the last one stands for it."""
    last = {line.mal_id: line for line in lines if line.mal_id is not None}
    for line in lines:
        if line.mal_id is not None and (by := last[line.mal_id]) is not line:
            line.fate = Fate.INVALID
            line.reason = f"Number {by.number} is the same title; that one counts."
    return [line for line in lines if line.mal_id is None or last[line.mal_id] is line]
