"""A file becomes rows that a page can list, before anything is written to the member's list."""

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from catalog import viewing
from catalog.etl.reports import Unreadable
from catalog.models import RunState
from ratings.importing.lists import anilist, recognising, rows, values
from ratings.importing.lists.files import Readable
from ratings.importing.lists.line import ListFile
from ratings.importing.lists.sorting import Sorter
from ratings.models import Fate, ListImport, ListImportLine, User

PREVIEWS_KEPT = timedelta(days=7)
MOST_PREVIEWS = 5
MOST_KEPT = 50
TOO_MANY_KEPT = (
    f"{MOST_KEPT} imports of yours are kept here. Delete one below; your list stays as it is."
)
NO_ANILIST = "This site does not ask AniList. Export your list from there and send the file."
NAME_IT = "Give your name on AniList."


def preview_file(member: User, raw: Readable, name: str) -> ListImport:
    """Unreadable says in a sentence why there is nothing to preview."""
    make_room(member)
    network = anilist.reachable()
    found = recognising.read_list(raw, network.mal_ids if network else None)
    return keep(member, found, values.text(name)[:200] or "A list")


def preview_anilist(member: User, name: str) -> ListImport:
    make_room(member)
    if (network := anilist.reachable()) is None:
        raise Unreadable(NO_ANILIST)
    if not (asked := values.text(name)[: anilist.LONGEST_NAME]):
        raise Unreadable(NAME_IT)
    return keep(member, anilist.read_member(asked, network), f"{asked} on AniList")


def make_room(member: User) -> None:
    """Forget previews that nobody said yes to, and refuse where too much is kept all the same."""
    prune()
    kept = ListImport.objects.filter(user=member)
    unsaid = kept.filter(state=RunState.QUEUED).order_by("-started_at", "-pk")
    kept.filter(pk__in=list(unsaid.values_list("pk", flat=True)[MOST_PREVIEWS - 1 :])).delete()
    if kept.count() >= MOST_KEPT:
        raise Unreadable(TOO_MANY_KEPT)


def prune() -> int:
    """Previews that have waited too long for an answer."""
    before = timezone.now() - PREVIEWS_KEPT
    old = ListImport.objects.filter(state=RunState.QUEUED, started_at__lt=before)
    return old.delete()[1].get("ratings.ListImport", 0)


def keep(member: User, found: ListFile, subject: str) -> ListImport:
    with viewing.seen_by(member.viewer):
        sorted_lines = Sorter(member).sort(found.lines)
    with transaction.atomic():
        preview = ListImport.objects.create(
            user=member,
            state=RunState.QUEUED,
            source=found.source,
            subject=subject,
            total=len(found.lines),
            counts=counted(one.fate for one in sorted_lines),
            errors=found.notes,
        )
        rows.append(preview, zip(found.lines, sorted_lines, strict=True))
    return preview


def counted(fates: Iterable[str]) -> dict[str, int]:
    """How many lines have each fate, those that none has left out."""
    numbers = Counter(fates)
    return {fate.value: numbers[fate.value] for fate in Fate if numbers[fate.value]}


def choose(preview: ListImport, number: int, mal_id: int | None) -> ListImportLine | None:
    """Which of its candidates a doubtful line means; None for none of them. None where that makes no sense."""
    doubtful = preview.lines.filter(number=number, fate=Fate.DOUBTFUL)
    line = doubtful.first() if preview.state == RunState.QUEUED else None
    if line is None or (mal_id is not None and mal_id not in line.candidates):
        return None
    line.mal_id = mal_id
    line.save(update_fields=["mal_id"])
    return line
