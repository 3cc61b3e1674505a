"""A file of ratings as blocks of numbers: fast where all is well, line by line where it is not."""

import csv
import io
import re
import warnings
from collections.abc import Iterator, Mapping

import numpy as np

from catalog.etl.files import DataFile
from catalog.etl.reports import BadValueError, Fault, LoadReport
from ratings.importing.entries import Numbers
from ratings.importing.formats import Column, RatingTable

BLOCK_BYTES = 3_000_000
# Rows of one member that are held back at most, so that memory stays bounded.
LONGEST_LIST = 500_000
# The first letter of a text is kept while its column is passed over.
_SKIPPED = "U1"
_WHOLE = re.compile(r"[+-]?[0-9]{1,20}")
# Other ways in which programs write whole numbers: '8.0', '1e1'.
_DECIMAL = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{0,15})?([eE][+-]?[0-9]{1,2})?")


def read_blocks(
    file: DataFile, table: RatingTable, report: LoadReport
) -> Iterator[dict[str, Numbers]]:
    """Column name -> numbers, of the good rows of each block; the bad ones go to the report."""
    while raw := file.block(BLOCK_BYTES):
        text = file.decode(raw, file.line + 1)
        values = _parse_at_once(text, file.header, table)
        if values is None:
            values = _parse_by_line(text, file, table, report)
        file.line += raw.count(b"\n") + (raw[-1:] != b"\n")
        yield values


def _parse_at_once(text: str, header: list[str], table: RatingTable) -> dict[str, Numbers] | None:
    """The whole block by numpy's parser; None when any row of it is not as it should be."""
    wanted = {column.name: column for column in table.columns}
    kinds = [("i8" if name in wanted else _SKIPPED) for name in header]
    layout = np.dtype([(f"field{place}", kind) for place, kind in enumerate(kinds)])
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            rows = np.loadtxt(
                io.StringIO(text), layout, comments=None, delimiter=",", quotechar='"', ndmin=1
            )
    except (ValueError, Warning):
        # Line by line, the row and the field will be found.
        return None
    if len(rows) != text.count("\n") + (not text.endswith("\n")):
        return None
    values = {name: rows[f"field{header.index(name)}"].astype(np.int64) for name in wanted}
    allowed = all(column.allows(values[name]).all() for name, column in wanted.items())
    return values if allowed else None


def _parse_by_line(
    text: str, file: DataFile, table: RatingTable, report: LoadReport
) -> dict[str, Numbers]:
    rows = []
    for number, line in enumerate(text.split("\n"), file.line + 1):
        if not line.strip():
            continue
        try:
            cells = _cells(line, file.header)
            rows.append([_number(cells, column) for column in table.columns])
        except BadValueError as problem:
            report.reject(Fault.of(file.label, number, problem))
    found = np.array(rows, np.int64).reshape(-1, len(table.columns))
    return {column.name: found[:, place] for place, column in enumerate(table.columns)}


def _cells(line: str, header: list[str]) -> dict[str, str]:
    try:
        cells = next(csv.reader([line.rstrip("\r")], strict=True))
    except csv.Error:
        raise BadValueError("row", line, "a row of a CSV file") from None
    if len(cells) > len(header):
        raise BadValueError("row", cells[len(header)], f"the end after {len(header)} fields")
    return dict(zip(header, cells, strict=False))


def _number(cells: Mapping[str, str], column: Column) -> int:
    """The number in the column, if it is one that the column may hold."""
    text = cells.get(column.name, "").strip()
    if not text:
        raise BadValueError(column.name, None, column.expected)
    value = _whole(text)
    if value is None or not column.low <= value <= column.high or value == column.never:
        raise BadValueError(column.name, text, column.expected)
    return value


def _whole(text: str) -> int | None:
    if _WHOLE.fullmatch(text):
        return int(text)
    value = float(text) if _DECIMAL.fullmatch(text) else 0.5
    return int(value) if value.is_integer() else None


def whole_lists(blocks: Iterator[dict[str, Numbers]]) -> Iterator[dict[str, Numbers]]:
    """The same rows, cut between members, so that a list which the file keeps together stays so."""
    held: dict[str, Numbers] = {}
    for block in blocks:
        both = (
            {name: np.concatenate([held[name], block[name]]) for name in block} if held else block
        )
        cut = _end_of_last_list(both["user_id"])
        yield {name: values[:cut] for name, values in both.items()}
        held = {name: values[cut:] for name, values in both.items()}
    if held:
        yield held


def _end_of_last_list(users: Numbers) -> int:
    """Where the last member's rows begin; the end, when those are too many to hold back."""
    changes = np.flatnonzero(users[1:] != users[:-1])
    if len(changes):
        return int(changes[-1]) + 1
    return len(users) if len(users) > LONGEST_LIST else 0
