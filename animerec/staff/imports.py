"""How imports went: of the catalogue by the operator, of lists by members."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from catalog.models import ImportRun, Run, RunState
from ratings.models import ListImport

RUNS, WEEKS = 20, 4


@dataclass(frozen=True)
class Line:
    run: Run
    # A member's list is named by where it came from, never by its member or file.
    subject: str
    state: str
    counts: str
    error: str


def of_the_catalogue() -> list[Line]:
    return [_line(run, run.subject) for run in ImportRun.objects.all()[:RUNS]]


def of_lists() -> list[Line]:
    """Those that somebody confirmed: a preview is no import yet."""
    runs = ListImport.objects.exclude(state=RunState.QUEUED).order_by("-started_at")[:RUNS]
    return [_line(run, f"A list from {run.source_name}") for run in runs]


def states() -> list[tuple[str, int, int]]:
    """State, imports of the catalogue, imports of lists: of the last four weeks."""
    since = timezone.now() - timedelta(weeks=WEEKS)
    counts = {state: Count("pk", filter=Q(state=state)) for state in RunState.values}
    ours = ImportRun.objects.filter(started_at__gte=since).aggregate(**counts)
    theirs = ListImport.objects.filter(started_at__gte=since).aggregate(**counts)
    return [(RunState(state).label, ours[state], theirs[state]) for state in RunState.values]


def is_going_on(lines: Iterable[Line]) -> bool:
    return any(line.run.is_alive or line.run.state == RunState.QUEUED for line in lines)


def _line(run: Run, subject: str) -> Line:
    state = "Its worker was killed" if run.is_dead and run.beat_at else run.get_state_display()
    error = str(run.errors[-1]) if run.errors else ""
    return Line(run, subject, state, _counts(run.counts), error)


def _counts(counts: dict[str, Any]) -> str:
    numbers = {
        name: sum(value.values()) if isinstance(value, dict) else value
        for name, value in counts.items()
        if name != "notes"
    }
    return ", ".join(f"{n:,} {name.replace('_', ' ')}" for name, n in numbers.items() if isinstance(n, int))  # fmt: skip
