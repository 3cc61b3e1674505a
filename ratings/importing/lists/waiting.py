"""Lines whose titles the catalogue did not know when they were imported, and knows now."""

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from catalog.models import Anime, RunState
from ratings.importing.lists.applying import Writer, locked
from ratings.importing.lists.line import Line
from ratings.importing.lists.matching import Names
from ratings.importing.lists.previewing import counted
from ratings.models import Fate, ListImport, ListImportLine


def fill_in() -> int:
    """Put them on their members' lists; how many. Call it after the catalogue changed."""
    _find_by_name()
    ready = ListImport.objects.filter(pk__in=_ready().order_by().values("list_import"))
    # What the member imported last has the last word.
    in_turn = ready.order_by("finished_at", "pk").values_list("pk", flat=True)
    return sum(_fill_in(pk) for pk in list(in_turn))


def _waiting() -> QuerySet[ListImportLine]:
    """Of imports that were carried out and not undone."""
    fates = Q(fate=Fate.WAITING)
    # The operator may have begun to show what was hidden, or the member to ask for it.
    if settings.SHOW_ADULT:
        fates |= Q(fate=Fate.ADULT)
    elif settings.ADULT_ON_REQUEST:
        fates |= Q(fate=Fate.ADULT, list_import__user__wants_adult=True)
    return ListImportLine.objects.filter(
        fates, list_import__state=RunState.DONE, list_import__undone_at=None
    )


def _ready() -> QuerySet[ListImportLine]:
    return _waiting().filter(mal_id__in=Anime.objects.described().values("pk"))


def _find_by_name() -> None:
    nameless = _waiting().filter(mal_id=None, fate=Fate.WAITING)
    lines = list(nameless.only("pk", "number", "title", "watched_episodes"))
    names = Names() if lines else None
    for line in lines:
        match = names.find(_named(line)) if names else None
        if match and match.pk:
            ListImportLine.objects.filter(pk=line.pk).update(mal_id=match.pk)


def _named(line: ListImportLine) -> Line:
    return Line(number=line.number, title=line.title, watched_episodes=line.watched_episodes)


def _fill_in(list_import_id: int) -> int:
    with transaction.atomic():
        run = locked(list_import_id)
        # It may have been undone while this waited.
        if run is None or run.undone_at is not None:
            return 0
        lines = _not_said_twice(run, list(_ready().filter(list_import=run).order_by("number")))
        written = Writer(run).write(lines)["written"]
        run.counts = {**run.counts, **_counts(run, written)}
        run.save(update_fields=["counts"])
        return written


def _not_said_twice(run: ListImport, lines: list[ListImportLine]) -> list[ListImportLine]:
    """A name that turns out to be a title which another line has written already waits no longer."""
    has = dict(run.lines.filter(is_written=True).values_list("mal_id", "number"))
    for line in lines:
        if line.mal_id in has:
            line.fate = Fate.INVALID
            line.reason = f"Number {has[line.mal_id]} is the same title; that one counts."
            line.save(update_fields=["fate", "reason"])
    return [line for line in lines if line.mal_id not in has]


def _counts(run: ListImport, written: int) -> dict[str, int]:
    fates = counted(run.lines.order_by().values_list("fate", flat=True))
    return {
        **{fate.value: 0 for fate in Fate if fate.value in run.counts},
        **fates,
        "written": run.counts.get("written", 0) + written,
    }
