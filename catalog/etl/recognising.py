"""Which file of a directory is which: told by the names of the columns, never by the file's own."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog.etl.files import DataFile
from catalog.etl.reports import Unreadable


@dataclass(frozen=True)
class Shape:
    """A published table: the set it belongs to, the columns that are read, what it is called there."""

    dataset: str
    usual_name: str
    columns: frozenset[str]
    # What reads it; the two apps keep their own kinds of reader here.
    reader: Any = None


@dataclass(frozen=True)
class Found:
    path: Path
    label: str
    shape: Shape


def recognise(
    directories: Sequence[Path], shapes: Iterable[Shape]
) -> tuple[list[Found], list[str]]:
    """The tables of the directories and the labels of the files that are none."""
    shapes = tuple(shapes)
    found, ignored = [], []
    for directory in directories:
        for path in _files(directory):
            label = path.name if len(directories) == 1 else f"{directory.name}/{path.name}"
            shape = shape_of(path, label, shapes)
            if shape is None:
                ignored.append(label)
            else:
                found.append(Found(path, label, shape))
    return found, ignored


def _files(directory: Path) -> list[Path]:
    try:
        return sorted(path for path in directory.iterdir() if path.is_file())
    except FileNotFoundError:
        raise Unreadable(f"{directory}: there is no such directory") from None
    except NotADirectoryError:
        raise Unreadable(f"{directory}: is a file; name the directory that holds it") from None
    except OSError as problem:
        raise Unreadable(f"{directory}: {problem.strerror}") from None


def shape_of(path: Path, label: str, shapes: Sequence[Shape]) -> Shape | None:
    """The shape with the most columns in common, if nothing of it is missing.

    A file that lacks a column of the shape it nearly has, or that is called like a published table and
    is none, is an error: to skip it would look like success.
    """
    known = usual_name(path) in {shape.usual_name for shape in shapes}
    try:
        with DataFile(path, label) as file:
            header = set(file.header)
    except Unreadable:
        if known:
            raise
        return None
    if known and not header:
        raise Unreadable(f"{label}: is empty")
    best = max(shapes, key=lambda shape: _likeness(shape, header))
    missing = best.columns - header
    if not missing:
        return best
    if known or len(missing) == 1 < len(best.columns) - 1:
        namesake = next((s for s in shapes if s.usual_name == usual_name(path)), best)
        raise Unreadable(
            _complaint(label, missing if best.columns & header else namesake.columns, header)
        )
    return None


def _likeness(shape: Shape, header: set[str]) -> tuple[int, int]:
    """Most columns in common; of those that tie, the one that misses least."""
    return len(shape.columns & header), -len(shape.columns - header)


def _complaint(label: str, missing: frozenset[str], header: set[str]) -> str:
    columns = ", ".join(sorted(missing))
    there = ", ".join(sorted(name[:30] for name in header)[:12])
    is_or_are = "column is" if len(missing) == 1 else "columns are"
    return f"{label} line 1: {columns}: {is_or_are} missing (found {there})"


def usual_name(path: Path) -> str:
    return path.name.lower().removesuffix(".gz")
