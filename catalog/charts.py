"""Charts as data: what is seen, in one sentence; the figure; and the same as a table.

Figures are plain dictionaries in Plotly's terms. Colours are roles (`@accent`, `@series-1`), which
`static/js/charts.js` turns into those of the scheme.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpResponse

Figure = dict[str, Any]


@dataclass(frozen=True)
class Link:
    """A cell of the table that leads to a page of this site."""

    text: str
    href: str

    def __str__(self) -> str:
        return self.text


Cell = str | int | float | Link | None

# What begins so would be a formula where the file is opened in a spreadsheet.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Chart:
    """`id`: of the element, unique on its page. `finding`: what one sees, a sentence."""

    id: str
    finding: str
    figure: Figure
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    # Where the table can be had as CSV; empty where it cannot.
    csv: str = ""
    # What the numbers are, below the chart: "Titles by the season in which they began."
    note: str = ""
    height: int = 320
    # The heading's level on its page.
    level: int = 2
    # Rows that the page shows before "all of them are in the CSV".
    most_rows: int = field(default=200)

    @property
    def figure_id(self) -> str:
        """Of the element that holds the figure's JSON."""
        return f"{self.id}-figure"

    @property
    def shown_rows(self) -> Sequence[Sequence[Cell]]:
        return self.rows[: self.most_rows]

    @property
    def has_more(self) -> bool:
        return len(self.rows) > self.most_rows


def layout(*, x: str = "", y: str = "", **more: Any) -> Figure:
    """Axes that are named, nothing that moves, room for a legend below."""
    axis = {"gridcolor": "@line", "zerolinecolor": "@line", "fixedrange": True, "automargin": True}
    return {
        "margin": {"l": 48, "r": 12, "t": 8, "b": 40},
        "xaxis": {**axis, "title": {"text": x}, "showgrid": False},
        "yaxis": {**axis, "title": {"text": y}},
        "legend": {"orientation": "h", "y": -0.2},
        "hovermode": "closest",
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": "@text", "size": 13},
        "dragmode": False,
        **more,
    }


def bars(x: Sequence[Any], y: Sequence[Any], *, color: str = "@accent", **more: Any) -> Figure:
    return {"type": "bar", "x": list(x), "y": list(y), "marker": {"color": color}, **more}


def line(x: Sequence[Any], y: Sequence[Any], *, color: str = "@accent", **more: Any) -> Figure:
    trace = {"type": "scatter", "mode": "lines", "x": list(x), "y": list(y)}
    return {**trace, "line": {"color": color, "width": 2}, **more}


def csv_answer(name: str, columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> HttpResponse:
    """The table as a file that a spreadsheet opens; no text of a source becomes a formula in it."""
    text = "".join(csv_lines(columns, rows))
    answer = HttpResponse(text, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer


def plain(text: str) -> str:
    """Text of a source for a figure: Plotly would take <b> in it for markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def csv_lines(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """The same a line at a time, for what is too long to be held."""
    writer = csv.writer(_Echo(), lineterminator="\r\n")
    # Spreadsheets take UTF-8 for what it is by its mark.
    yield "\ufeff" + writer.writerow(columns)
    for row in rows:
        yield writer.writerow([_harmless(cell) for cell in row])


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def _harmless(cell: Cell) -> Cell:
    cell = cell.text if isinstance(cell, Link) else cell
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
