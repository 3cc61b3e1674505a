"""Raw fields into lines: a row that cannot be right becomes a line with its reason, and stops nothing."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from catalog.etl.reports import Unreadable
from catalog.etl.vocabulary import fold
from ratings.importing.lists import values
from ratings.importing.lists.line import MOST_LINES, Line
from ratings.importing.lists.values import Unfit

TOO_MANY = (
    f"The file holds more than {MOST_LINES:,} titles, which is the most that can be "
    "imported at once. Split it and import the parts one after the other."
)


@dataclass(frozen=True)
class Row:
    """What one format says of one title, each field as it stands in the file."""

    mal_id: object = None
    title: object = ""
    status: object = None
    score: object = None
    watched: object = None
    started: object = None
    finished: object = None
    rewatches: object = None
    said_at: object = None
    type: object = ""
    year: object = None
    # Where the format itself says that this line has no place here.
    problem: str = ""


@dataclass(frozen=True)
class Reading:
    """How a format writes what the formats write differently."""

    best: int = 10
    statuses: Mapping[str, str] = field(default_factory=lambda: values.STATUSES)
    dates: Callable[[object], tuple[Any, str]] = values.partial_date


PLAIN = Reading()


def lines_of(rows: Iterable[Row], reading: Reading = PLAIN) -> list[Line]:
    """All rows as lines, numbered from 1, the last one of each title standing for it."""
    lines: list[Line] = []
    for place, row in enumerate(rows, 1):
        if place > MOST_LINES:
            raise Unreadable(TOO_MANY)
        lines.append(_line(place, row, reading))
    return last_of_each(lines)


def _line(place: int, row: Row, reading: Reading) -> Line:
    title = values.text(row.title)
    problem = row.problem
    try:
        fields = {} if problem else _fields(row, reading, title)
    except Unfit as reason:
        problem = str(reason)
    if problem:
        return Line(number=place, mal_id=_id_if_any(row), title=title, problem=problem)
    return Line(number=place, title=title, **fields)


def _fields(row: Row, reading: Reading, title: str) -> dict[str, Any]:
    mal_id = values.mal_id(row.mal_id)
    if mal_id is None and not title:
        raise Unfit("It has neither an id nor a title.")
    status = values.status(row.status, reading.statuses)
    year = values.count(row.year, 2200)
    started, finished = reading.dates(row.started), reading.dates(row.finished)
    return {
        "mal_id": mal_id,
        "status": status,
        "score": values.score(row.score, best=reading.best),
        "watched_episodes": values.episodes(row.watched, status),
        "started_on": started[0],
        "started_precision": started[1],
        "finished_on": finished[0],
        "finished_precision": finished[1],
        "rewatches": values.rewatches(row.rewatches),
        "said_at": values.moment(row.said_at),
        "type": values.text(row.type),
        "year": year or None,
    }


def _id_if_any(row: Row) -> int | None:
    try:
        return values.mal_id(row.mal_id)
    except Unfit:
        return None


def last_of_each(lines: list[Line]) -> list[Line]:
    """Of lines that name one title the last counts; the others say so."""
    last = {_which(line): line.number for line in lines if not line.problem}
    return [_unless_repeated(line, last) for line in lines]


def _which(line: Line) -> Hashable:
    """What names the title. Two may share a name; then the file may tell them apart by more."""
    return line.mal_id or (line.title.casefold(), fold(line.type), line.year)


def _unless_repeated(line: Line, last: Mapping[Hashable, int]) -> Line:
    if line.problem or (by := last[_which(line)]) == line.number:
        return line
    return replace(line, problem=f"The file has this title again as number {by}; that one counts.")


def refuse_if_empty(lines: list[Line], what: str) -> list[Line]:
    if not lines:
        raise Unreadable(f"This {what} holds no titles.")
    return lines


def notes_on(lines: list[Line]) -> list[str]:
    """What a member should know before they say yes."""
    unsaid = Counter(not line.status for line in lines if not line.problem)[True]
    if not unsaid:
        return []
    counted = "One title has" if unsaid == 1 else f"{unsaid:,} titles have"
    return [f"{counted} no status in the file: where your list has none either, it is Completed."]
