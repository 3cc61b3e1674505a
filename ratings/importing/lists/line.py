"""One title of an imported list, as its file tells of it."""

from dataclasses import dataclass, field
from datetime import date, datetime

MOST_LINES = 30_000
# What the keys of the database hold.
HIGHEST_ID = 2**31 - 1
LONGEST_TITLE = 300


@dataclass(frozen=True)
class Line:
    """What is None or empty the file does not tell, and so takes nothing away."""

    number: int
    mal_id: int | None = None
    title: str = ""
    status: str = ""
    score: int | None = None
    watched_episodes: int | None = None
    started_on: date | None = None
    started_precision: str = ""
    finished_on: date | None = None
    finished_precision: str = ""
    rewatches: int = 0
    said_at: datetime | None = None
    # Why it cannot be taken, in a sentence; empty where it can.
    problem: str = ""
    # What tells titles of one name apart, where the file has it.
    type: str = ""
    year: int | None = None


@dataclass(frozen=True)
class ListFile:
    """A whole file: which format it is in, its lines, and what is worth knowing of it."""

    source: str
    lines: list[Line]
    notes: list[str] = field(default_factory=list)
