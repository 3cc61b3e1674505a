"""What a line makes of a list entry, and whether that is anything new."""

from datetime import date, datetime
from typing import Any

from catalog.models import Precision
from ratings.importing.lists.line import Line
from ratings.models import Conflict, ListImportLine, UserAnimeRating, WatchStatus

# What a line may say of an entry.
SAID = (
    "status",
    "score",
    "watched_episodes",
    "started_on",
    "started_precision",
    "finished_on",
    "finished_precision",
    "rewatches",
)
# And what is kept so that an import can be undone to the last column.
KEPT = (*SAID, "rated_at", "source")
DAYS = ("started_on", "finished_on")


# A line, as its file tells it or as its row keeps it.
Said = Line | ListImportLine


def merged(line: Said, entry: UserAnimeRating | None) -> dict[str, Any]:
    """The entry as the file would have it: what the file leaves open stays as it is here."""
    mine = entry or UserAnimeRating(status="")
    told: dict[str, Any] = {
        "status": line.status or mine.status or WatchStatus.COMPLETED.value,
        "score": mine.score if line.score is None else line.score,
        "watched_episodes": mine.watched_episodes
        if line.watched_episodes is None
        else line.watched_episodes,
        "rewatches": line.rewatches or mine.rewatches,
    }
    for day, precision in (DAYS[0], "started_precision"), (DAYS[1], "finished_precision"):
        of = mine if _is_less_exact(line, mine, day, precision) else line
        told[day], told[precision] = getattr(of, day), getattr(of, precision)
    return told


def _is_less_exact(line: Said, mine: UserAnimeRating, day: str, precision: str) -> bool:
    """Whether the file has no such day, or only the year or month of the one that is here."""
    said, known = getattr(line, day), getattr(mine, day)
    if said is None or known is None:
        return said is None
    if getattr(line, precision) == Precision.YEAR:
        return bool(said.year == known.year)
    is_month = getattr(line, precision) == Precision.MONTH
    has_one = getattr(mine, precision) != Precision.YEAR
    return is_month and has_one and (said.year, said.month) == (known.year, known.month)


def differs(line: Said, entry: UserAnimeRating) -> bool:
    return any(getattr(entry, name) != value for name, value in merged(line, entry).items())


def file_wins(line: Said, entry: UserAnimeRating, conflict: str) -> bool:
    """Where nobody knows when the entry here was made, the file is taken for the newer one."""
    if conflict == Conflict.NEWEST:
        known = entry.rated_at
        return known is None or (line.said_at is not None and line.said_at > known)
    return conflict == Conflict.THEIRS


def written(line: Said, entry: UserAnimeRating | None, source: str) -> dict[str, Any]:
    """Every column of the entry once the line is on the list."""
    known = entry.rated_at if entry else None
    return {**merged(line, entry), "rated_at": line.said_at or known, "source": source}


def kept(entry: UserAnimeRating) -> dict[str, Any]:
    """The entry as plain JSON."""
    values = {name: getattr(entry, name) for name in KEPT}
    values.update({day: values[day] and values[day].isoformat() for day in DAYS})
    values["rated_at"] = entry.rated_at and entry.rated_at.isoformat()
    return values


def restored(values: dict[str, Any]) -> dict[str, Any]:
    """What `kept` kept, as values of columns."""
    days = {day: values[day] and date.fromisoformat(values[day]) for day in DAYS}
    rated_at = values["rated_at"] and datetime.fromisoformat(values["rated_at"])
    return {**values, **days, "rated_at": rated_at}
