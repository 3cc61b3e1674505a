"""A live source into the catalogue: a run that can be watched, stopped, killed, and goes on where it was."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from catalog.etl import crawl_plans
from catalog.etl.changes import catalogue_changed
from catalog.etl.collecting import seldom_collected
from catalog.etl.crawl_plans import Cursor
from catalog.etl.crawler import Crawler, Lost
from catalog.etl.fetching.client import Client, Refused
from catalog.etl.live_sources import LIVE_SOURCES
from catalog.etl.reports import KEPT_FAULTS, Progress, Unreadable, no_progress
from catalog.etl.sources.live import NotConfigured
from catalog.locks import one_at_a_time
from catalog.models import ImportRun, RunState
from catalog.models.runs import DEAD_AFTER

# What was left longer ago is read anew from its start.
_WORTH_GOING_ON = timedelta(days=3)
# A task that has waited longer was lost with its queue.
_WAITS = timedelta(days=1)
_STOPPED = (RunState.PARTIAL, RunState.FAILED, RunState.CANCELLED)


class Busy(Exception):
    """Another worker is at it."""


def begin(source: str, wish: dict[str, Any], *, state: RunState = RunState.RUNNING) -> ImportRun:
    """A new run; Busy while one of the same source is alive. Runs whose worker died are marked as such."""
    with transaction.atomic():
        one_at_a_time(ImportRun)
        for run in ImportRun.objects.filter(source=source, state=RunState.RUNNING):
            if run.is_alive:
                raise Busy(_being_read(run))
            _note(run, "its worker was killed before the end")
            run.finish(RunState.FAILED)
        waiting = ImportRun.objects.filter(source=source, state=RunState.QUEUED)
        if waiting.filter(started_at__gte=timezone.now() - _WAITS).exists():
            raise Busy(f"{source} has a run that waits for the worker already")
        return ImportRun.objects.create(
            source=source,
            subject=crawl_plans.in_words(wish)[:200],
            options=wish,
            state=state,
            beat_at=timezone.now(),
        )


def unfinished(source: str) -> ImportRun | None:
    """The newest crawl of the source, where it stopped before its end."""
    newest = ImportRun.objects.filter(source=source).exclude(options={}).first()
    if newest is not None and newest.is_alive:
        raise Busy(_being_read(newest))
    return newest if newest is not None and can_go_on(newest) else None


def go_on_or_begin(source: str, wish: dict[str, Any]) -> ImportRun:
    """The last crawl where it was left in the middle; else a new run."""
    left = unfinished(source)
    recent = left is not None and left.started_at > timezone.now() - _WORTH_GOING_ON
    if left is not None and recent and _in_the_middle(left) and left.state != RunState.CANCELLED:
        return take_over(left)
    return begin(source, wish)


def _in_the_middle(run: ImportRun) -> bool:
    """What has read nothing, as of a season that is not there yet, would only hold up the others."""
    cursor = Cursor.read(run.cursor)
    return cursor.at is not None and cursor != Cursor()


def ask_to_cancel(run: ImportRun) -> None:
    """A run that somebody works on stops at its next page; one that nobody works on is over at once."""
    ImportRun.objects.filter(pk=run.pk).update(cancel_asked=True)
    run.refresh_from_db()
    if not run.is_alive:
        run.finish(RunState.CANCELLED)


def read_so_far(run: ImportRun) -> int:
    return int(sum(run.counts.get(name, 0) for name in ("read", "absent")))


def can_go_on(run: ImportRun) -> bool:
    return bool(run.options) and (run.state in _STOPPED or run.is_dead)


def take_over(run: ImportRun) -> ImportRun:
    """Make a waiting, stopped or dead run this worker's; Busy where another was quicker."""
    if not (run.state == RunState.QUEUED or can_go_on(run)):
        raise Busy(_being_read(run) if run.is_alive else f"{run} is done already")
    others = ImportRun.objects.filter(source=run.source, state=RunState.RUNNING).exclude(pk=run.pk)
    for other in others:
        if other.is_alive:
            raise Busy(_being_read(other))
    mine = ImportRun.objects.filter(pk=run.pk, state=run.state, beat_at=run.beat_at).update(
        state=RunState.RUNNING, beat_at=timezone.now(), finished_at=None, cancel_asked=False
    )
    if not mine:
        raise Busy(f"{run} was taken by another worker")
    run.refresh_from_db()
    return run


def crawl(run: ImportRun, client: Client | None = None, progress: Progress = no_progress) -> None:
    """Read what the run asks for, from where it stands, to its end or as far as it goes.

    However it ends, the run's row says so. What is no fault of the source is raised as well.
    """
    source = LIVE_SOURCES[run.source]
    try:
        with client or source.connect() as asking, seldom_collected():
            state = Crawler(run, source, asking, progress).read()
    except (Refused, Unreadable, NotConfigured) as problem:
        _note(run, str(problem))
        state = RunState.FAILED
    except Lost:
        run.refresh_from_db()
        return
    except BaseException as problem:
        # What the failed transaction took with it was never read.
        run.refresh_from_db()
        _note(run, str(problem) or "interrupted")
        run.finish(RunState.PARTIAL if isinstance(problem, KeyboardInterrupt) else RunState.FAILED)
        raise
    run.finish(state)
    if any(run.counts.get(name) for name in ("loaded", "updated", "gone", "back")):
        catalogue_changed()


def was_lost(run_id: int) -> None:
    """The process that read is gone. What it had read is kept, and the next goes on from there."""
    run = ImportRun.objects.filter(pk=run_id, state=RunState.RUNNING).first()
    if run is not None:
        _note(run, "its worker was killed")
        run.finish(RunState.PARTIAL)


def send_away(run: ImportRun, reason: str) -> None:
    """A waiting run whose turn came while another was going on."""
    _note(run, reason)
    ImportRun.objects.filter(pk=run.pk, state=RunState.QUEUED).update(
        state=RunState.PARTIAL, errors=run.errors, finished_at=timezone.now()
    )


def _being_read(run: ImportRun) -> str:
    dead = f"{DEAD_AFTER.total_seconds():.0f} s"
    return (
        f"{run} is being read already (a worker that was killed is known to be dead after {dead})"
    )


def _note(run: ImportRun, problem: str) -> None:
    run.errors = [problem, *run.errors][:KEPT_FAULTS]
