"""What became of the rows that were read, and the sentences for those that were refused."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

MAX_FAULTS = 1000
KEPT_FAULTS = 100

# Called after each part that is safely in the database.
Progress = Callable[[], None]


def no_progress() -> None:
    """Nobody watches."""


class Unreadable(Exception):
    """Nothing more can be read; the text is the one line that tells why and where."""


class BadValueError(ValueError):
    """A field that does not hold what it must; None for `value` when there is no such field."""

    def __init__(self, column: str, value: str | None, expected: str) -> None:
        super().__init__(column, value, expected)
        self.column, self.value, self.expected = column, value, expected


@dataclass(frozen=True)
class Fault:
    """One refused row: which, and which field is to blame."""

    file: str
    line: int
    column: str
    value: str | None
    expected: str

    @classmethod
    def of(cls, file: str, line: int, problem: BadValueError) -> "Fault":
        return cls(file, line, problem.column, problem.value, problem.expected)

    def __str__(self) -> str:
        found = (
            "missing" if self.value is None else f"{shortened(self.value)} is not {self.expected}"
        )
        return f"{self.file} line {self.line}: {self.column}: {found}"

    @property
    def reason(self) -> str:
        """Shared by all rows with the same trouble, so that they can be counted."""
        if self.value is None:
            return f"{self.column} is missing"
        return f"{self.column} is not {self.expected}"


@dataclass(frozen=True)
class EntryFault(Fault):
    """One refused entry of a live source; `line` is the title's id there, 0 where it has none."""

    def __str__(self) -> str:
        title = f"title {self.line}" if self.line else "a title without an id"
        return f"{self.file}, {title}: {self.column}: {shortened(self.value or '')} is not {self.expected}"


def shortened(value: str) -> str:
    """Quoted, on one line, short enough for a terminal."""
    return repr(value if len(value) <= 40 else value[:37] + "...")


@dataclass
class LoadReport:
    read: int = 0
    loaded: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    # Things an operator may want to know that are nobody's fault.
    notes: Counter[str] = field(default_factory=Counter)
    faults: list[Fault] = field(default_factory=list)

    @classmethod
    def of(cls, counts: dict[str, Any]) -> "LoadReport":
        """What an earlier worker kept, to be counted on."""
        numbers = {name: counts.get(name, 0) for name in ("read", "loaded", "updated", "unchanged")}
        rejected, notes = Counter(counts.get("rejected", {})), Counter(counts.get("notes", {}))
        return cls(**numbers, rejected=rejected, notes=notes)

    def reject(self, fault: Fault) -> None:
        self.read += 1
        self.rejected[fault.reason] += 1
        if len(self.faults) < KEPT_FAULTS:
            self.faults.append(fault)
        if self.rejected.total() > MAX_FAULTS:
            raise Unreadable(
                f"{self.faults[0]}; more than {MAX_FAULTS:,} rows of the file are like that, "
                "so the rest was not read"
            )

    @property
    def counts(self) -> dict[str, Any]:
        return {
            "read": self.read,
            "loaded": self.loaded,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "rejected": dict(self.rejected),
        }

    def add(self, other: "LoadReport") -> None:
        self.read += other.read
        self.loaded += other.loaded
        self.updated += other.updated
        self.unchanged += other.unchanged
        self.rejected.update(other.rejected)
        self.notes.update(other.notes)
        self.faults = [*self.faults, *other.faults][:KEPT_FAULTS]
