"""A file of a dataset, plain or gzipped, read once from its start to its end."""

import csv
import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self, cast

from catalog.etl.reports import BadValueError, Fault, LoadReport, Unreadable

GZIP = b"\x1f\x8b"
# Longer lines are no table: the longest synopsis has a tenth of it.
LONGEST_LINE = 1 << 20
csv.field_size_limit(LONGEST_LINE)


class DataFile:
    """`line` is the number of the last line that was handed out, `header` the names in the first."""

    def __init__(self, path: Path, label: str = "") -> None:
        self.path = path
        self.label = label or path.name
        self.line = 0
        self.header: list[str] = []

    def __enter__(self) -> Self:
        with self._readable():
            self.size = self.path.stat().st_size
            self._raw = self.path.open("rb")
            packed = self._raw.peek(2)[:2] == GZIP
            unpacked = gzip.GzipFile(fileobj=self._raw) if packed else self._raw
            self._stream = cast(BinaryIO, unpacked)
        self.header = self._read_header()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._raw.close()

    @property
    def position(self) -> int:
        """How many bytes of the file on disk have been read."""
        return self._raw.tell()

    @property
    def place(self) -> str:
        return f"{self.label} line {self.line}"

    def block(self, size: int) -> bytes:
        """About `size` bytes that end where a line ends; empty at the end of the file.

        `line` moves only once the caller has counted the block's lines.
        """
        with self._readable():
            start = self._stream.read(size)
            rest = self._stream.readline(LONGEST_LINE) if start and start[-1:] != b"\n" else b""
        if len(rest) == LONGEST_LINE:
            raise Unreadable(self._endless(start))
        return start + rest

    def lines(self) -> Iterator[str]:
        """The lines that follow, decoded, each with its end."""
        while True:
            with self._readable():
                raw = self._stream.readline(LONGEST_LINE)
            if not raw:
                return
            if len(raw) == LONGEST_LINE:
                raise Unreadable(self._endless(b""))
            self.line += 1
            yield self.decode(raw, self.line)

    def decode(self, raw: bytes, line: int) -> str:
        """The text of `raw`, whose first line is number `line`."""
        if (nul := raw.find(b"\0")) >= 0:
            at = line + raw.count(b"\n", 0, nul)
            raise Unreadable(f"{self.label} line {at}: holds a NUL byte, so this is not text")
        try:
            return raw.decode()
        except UnicodeDecodeError as problem:
            at = line + raw.count(b"\n", 0, problem.start)
            raise Unreadable(f"{self.label} line {at}: is not UTF-8 text") from None

    def rows(self, report: LoadReport) -> Iterator[tuple[int, dict[str, str]]]:
        """Each row of the table with the number of its first line; rows that are no CSV are rejected."""
        reader = csv.reader(self.lines(), strict=True)
        while True:
            start = self.line + 1
            try:
                cells = next(reader)
                if cells:
                    yield start, self._named(cells)
            except StopIteration:
                return
            except csv.Error as problem:
                self._refuse_what_is_cut_off(problem, start)
                report.reject(Fault(self.label, start, "row", str(problem), "a row of a CSV file"))
            except BadValueError as problem:
                report.reject(Fault.of(self.label, start, problem))

    def _named(self, cells: list[str]) -> dict[str, str]:
        if len(cells) < len(self.header):
            raise BadValueError(self.header[len(cells)], None, "given")
        if len(cells) > len(self.header):
            extra = cells[len(self.header)]
            raise BadValueError("row", extra, f"expected after {len(self.header)} fields")
        return dict(zip(self.header, cells, strict=True))

    def _refuse_what_is_cut_off(self, problem: csv.Error, start: int) -> None:
        if "unexpected end of data" in str(problem) or "field larger" in str(problem):
            raise Unreadable(
                f"{self.label} line {start}: a quoted field begins here and never ends; "
                "the file is cut off or damaged"
            ) from None

    def _read_header(self) -> list[str]:
        with self._readable():
            raw = self._stream.readline(LONGEST_LINE)
        if not raw:
            return []
        self.line = 1
        text = self.decode(raw, 1).removeprefix("\ufeff")
        try:
            cells = next(csv.reader([text], strict=True), [])
        except csv.Error:
            raise Unreadable(f"{self.label} line 1: is not the header of a CSV file") from None
        return [cell.strip() for cell in cells]

    def _endless(self, before: bytes) -> str:
        line = self.line + 1 + before.count(b"\n")
        return f"{self.label} line {line}: is longer than {LONGEST_LINE:,} bytes; this is no table"

    @contextmanager
    def _readable(self) -> Iterator[None]:
        """Turn every way in which reading can fail into one line."""
        try:
            yield
        except (EOFError, zlib.error, gzip.BadGzipFile):
            raise Unreadable(
                f"{self.label} after line {self.line}: the gzip file is cut off or damaged"
            ) from None
        except OSError as problem:
            raise Unreadable(f"{self.label}: {problem.strerror or problem}") from None
