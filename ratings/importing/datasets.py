"""Directories of published files into the database: what is there, in which order, and how it went."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from django.db import Error as DatabaseTrouble
from django.utils import timezone

from catalog import announcing
from catalog.etl import catalogues
from catalog.etl.changes import catalogue_changed
from catalog.etl.files import DataFile
from catalog.etl.recognising import Found, recognise, usual_name
from catalog.etl.reports import LoadReport, Progress, Unreadable
from catalog.models import ImportRun, RunState
from ratings.importing import formats
from ratings.importing.loading import load_ratings

# A -1 in the beginning of a table settles which of two sets it belongs to.
_LOOK_AHEAD = 1 << 18
# Opens whatever shows the progress of one file.
Watch = Callable[[DataFile], AbstractContextManager[Progress]]


@dataclass
class Plan:
    """The files to load, in order, and what will be left alone."""

    files: list[Found] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


@dataclass
class Outcome:
    files: list[tuple[str, LoadReport]] = field(default_factory=list)
    # The last line that is safely in the database.
    place: str = ""

    @property
    def total(self) -> LoadReport:
        total = LoadReport()
        for _, report in self.files:
            total.add(report)
        return total


def plan(directories: Sequence[Path], *, catalogue: bool = True, ratings: bool = True) -> Plan:
    """Catalogues first, the plainest of them first, then ratings."""
    shapes = (*catalogues.SHAPES, *formats.SHAPES)
    found, ignored = recognise(directories, shapes)
    found = [_told_apart(one, found) for one in found]
    chosen = [one for one in found if (ratings if is_rating(one) else catalogue)]
    chosen.sort(key=lambda one: shapes.index(one.shape))
    result = Plan(left_out=[f"{label}: not a table of a known dataset" for label in ignored])
    for one in chosen:
        if one.shape is formats.COMPLETED_2020 and _has_beside(one, formats.LISTS_2020, found):
            result.left_out.append(f"{one.label}: every row of it is in animelist.csv beside it")
        else:
            result.files.append(one)
    if not result.files:
        where = ", ".join(map(str, directories))
        raise Unreadable(f"{where}: no file in it has the columns of a known dataset")
    return result


def is_rating(found: Found) -> bool:
    return found.shape in formats.SHAPES


def _told_apart(one: Found, found: list[Found]) -> Found:
    """Two sets have a table with the same three columns: a -1, its neighbours, or its name decide."""
    if one.shape is not formats.RATINGS_2016 or _says_unscored(one):
        return one
    sets = {
        other.shape.dataset
        for other in found
        if other.path.parent == one.path.parent and other.shape is not formats.RATINGS_2016
    }
    neighbours = sets & {"cooperunion", "mal2020"}
    named = {"mal2020"} if "complete" in usual_name(one.path) else {"cooperunion"}
    decided = neighbours if len(neighbours) == 1 else named
    return Found(one.path, one.label, formats.COMPLETED_2020) if "mal2020" in decided else one


def _says_unscored(one: Found) -> bool:
    with DataFile(one.path, one.label) as file:
        return b",-1" in file.block(_LOOK_AHEAD)


def _has_beside(one: Found, shape: object, found: list[Found]) -> bool:
    return any(o.shape is shape and o.path.parent == one.path.parent for o in found)


def load(files: Sequence[Found], watch: Watch, outcome: Outcome) -> None:
    """Load the files; `outcome` is filled as it goes, so it tells the truth after an error too."""
    run = _begin(files)
    try:
        for found in files:
            _load_file(found, run, watch, outcome)
    except BaseException as problem:
        _finish(run, RunState.FAILED, outcome, str(problem) or "interrupted")
        raise
    _finish(run, RunState.DONE, outcome)
    if any(not is_rating(found) for found in files) and (
        outcome.total.loaded or outcome.total.updated
    ):
        catalogue_changed()


def _load_file(found: Found, run: ImportRun, watch: Watch, outcome: Outcome) -> None:
    report = LoadReport()
    outcome.files.append((found.label, report))
    read = load_ratings if is_rating(found) else catalogues.load_catalogue
    with DataFile(found.path, found.label) as file, watch(file) as show:

        def progress() -> None:
            show()
            outcome.place = file.place
            run.cursor = file.place[:200]
            run.counts = outcome.total.counts
            run.beat_at = timezone.now()
            run.save(update_fields=["cursor", "counts", "beat_at"])
            announcing.work_moved()

        read(file, found, report, progress)


def _begin(files: Sequence[Found]) -> ImportRun:
    sets = sorted({found.shape.dataset for found in files})
    source = sets[0] if len(sets) == 1 else "datasets"
    subject = ", ".join(found.label for found in files)[:200]
    # A killed run could not say so itself.
    ImportRun.objects.filter(source=source, subject=subject, state=RunState.RUNNING).update(
        state=RunState.FAILED, errors=["killed before its end"]
    )
    return ImportRun.objects.create(source=source, subject=subject)


def _finish(run: ImportRun, state: RunState, outcome: Outcome, problem: str = "") -> None:
    run.counts = outcome.total.counts
    run.errors = [*([problem] if problem else []), *map(str, outcome.total.faults)]
    # Where the database itself is gone, the next run will mark this one.
    with suppress(DatabaseTrouble):
        run.finish(state)
