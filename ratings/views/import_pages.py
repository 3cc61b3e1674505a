"""What the pages of one import print."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest

from catalog.models import RunState
from ratings.importing.lists import running
from ratings.importing.lists.showing import shown
from ratings.models import Conflict, Fate, ListImport

PAGE_SIZE = 100
# What a member looks at first, where there is any.
FIRST = (Fate.DOUBTFUL, Fate.NEW, Fate.CHANGED)
WHAT_IT_MEANS = {
    Fate.NEW: "They come onto your list.",
    Fate.CHANGED: "They are on your list, and the file says something else of them.",
    Fate.SAME: "Nothing changes for them.",
    Fate.DOUBTFUL: "The file names them without an id. Say which title is meant, or leave them out.",
    Fate.WAITING: "The catalogue here does not know them yet. They come onto your list once it does.",
    Fate.ADULT: "This site does not show them, so they stay off your list.",
    Fate.INVALID: "They are left out; each says why.",
}
BY_CONFLICT = {
    Conflict.MINE: "Your list stays as it is where it has a title; only new titles are added.",
    Conflict.THEIRS: "Status, score, episodes and days come from the file. What it leaves open stays.",
    Conflict.NEWEST: "",
}
TIMED = "Each title keeps what was said last, here or there."
UNTIMED = (
    "This file does not tell when you said what. So what you said here stays, and only what came "
    "here without a time is replaced."
)


def page_of(run: ListImport, request: HttpRequest) -> dict[str, Any]:
    """One import with a page of its lines."""
    fate = _fate(run, request.GET.get("fate", ""))
    lines = run.lines.filter(fate=fate) if fate else run.lines.all()
    page = Paginator(lines.order_by("number"), PAGE_SIZE).get_page(request.GET.get("page"))
    return {
        **result_of(run),
        "page": page,
        "shown": shown(run, page.object_list),
        "fate": fate,
        "meaning": WHAT_IT_MEANS[Fate(fate)] if fate else "",
        "tabs": [(one.value, one.label, run.counts.get(one.value, 0)) for one in Fate],
        "conflicts": _conflicts(run),
        "here": request.get_full_path(),
    }


def result_of(run: ListImport) -> dict[str, Any]:
    """What stands beside the lines: where it is, and what came of it."""
    undecided = _undecided(run)
    return {
        "run": run,
        "is_preview": run.state == RunState.QUEUED,
        "is_running": run.state == RunState.RUNNING,
        "is_failed": run.state == RunState.FAILED,
        "is_silent": running.is_silent(run),
        "progress": running.progress(run) if run.state == RunState.RUNNING else None,
        "undecided": undecided,
        "coming": _coming(run, undecided),
    }


def _undecided(run: ListImport) -> int:
    if run.state != RunState.QUEUED or not run.counts.get(Fate.DOUBTFUL):
        return 0
    return run.lines.filter(fate=Fate.DOUBTFUL, mal_id=None).count()


def _coming(run: ListImport, undecided: int) -> int:
    """How many titles the button would write, where the file wins."""
    decided = run.counts.get(Fate.DOUBTFUL, 0) - undecided
    return int(run.counts.get(Fate.NEW, 0) + run.counts.get(Fate.CHANGED, 0) + decided)


def _fate(run: ListImport, asked: str) -> str:
    """The tab that was asked for; else the first that has something to see; '' for all."""
    if asked in Fate.values:
        return asked
    first = (fate.value for fate in FIRST if run.counts.get(fate))
    return "" if asked == "all" else next(first, "")


def _conflicts(run: ListImport) -> list[tuple[str, str, str]]:
    has_times = run.state == RunState.QUEUED and run.lines.filter(said_at__isnull=False).exists()
    meanings = {**BY_CONFLICT, Conflict.NEWEST: TIMED if has_times else UNTIMED}
    return [(one.value, one.label, meanings[one]) for one in Conflict]
