"""Chapters of sentences and tables, as Markdown or for a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

NOTHING = "–"


@dataclass(frozen=True)
class Table:
    """`head`: the columns' names; `rows`: a text for each of them. `caption`: "" for none."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    caption: str = ""

    def as_markdown(self) -> str:
        caption = [f"{self.caption}:", ""] if self.caption else []
        rule = "|---|" + "---:|" * (len(self.head) - 1)
        return "\n".join([*caption, _row(self.head), rule, *map(_row, self.rows)])

    def as_text(self) -> str:
        widths = [max(map(len, column)) for column in zip(self.head, *self.rows, strict=True)]
        lines = [
            "  ".join(
                text.rjust(width) if place else text.ljust(width)
                for place, (text, width) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
            for row in (self.head, *self.rows)
        ]
        caption = [f"{self.caption}:"] if self.caption else []
        return "\n".join([*caption, lines[0], "-" * max(map(len, lines)), *lines[1:]])


@dataclass(frozen=True)
class Chapter:
    title: str
    sentences: Sequence[str] = ()
    tables: Sequence[Table] = field(default_factory=tuple)

    def as_markdown(self) -> str:
        return "\n\n".join(
            [f"## {self.title}", *self.sentences, *(table.as_markdown() for table in self.tables)]
        )

    def as_text(self) -> str:
        return "\n\n".join(
            [self.title.upper(), *self.sentences, *(table.as_text() for table in self.tables)]
        )


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


# --- cells


def number(value: float | None, digits: int = 3) -> str:
    return NOTHING if value is None else f"{value:,.{digits}f}"


def within(low: float | None, high: float | None, digits: int = 3) -> str:
    return NOTHING if low is None else f"{number(low, digits)} to {number(high, digits)}"


def estimate(value: float | None, low: float | None, high: float | None, digits: int = 3) -> str:
    """A value and its interval in one cell."""
    return NOTHING if value is None else f"{number(value, digits)} ({within(low, high, digits)})"
