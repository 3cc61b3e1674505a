"""What was shown, on its way from a request to the database: lines of a file, which outlive whoever wrote them.

A request appends a line. A thread of the same process, twice a second at most, closes the file and writes its
lines into the database, all or none; then the file goes. Whoever dies leaves a file that the next takes up. A file
that is taken up twice is written once, because rows say which list and place they are.
"""

import fcntl
import json
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TextIO

from django.conf import settings
from django.db import DatabaseError, DataError, close_old_connections

log = logging.getLogger(__name__)

Line = dict[str, Any]
Collect = Callable[[list[Line]], None]
NEW, OPEN, WRITTEN, UNREAD = ".new", ".open", ".full", ".unread"
# So many lines at once; so many bytes may wait where the database is away for long.
BATCH, MOST_BYTES = 2000, 200 * 2**20


class Spool:
    """`collect` writes lines into the database; it raises DatabaseError where that must be tried again."""

    def __init__(self, collect: Collect) -> None:
        self.collect = collect
        self.writing = threading.Lock()
        self.collecting = threading.Lock()
        self.file: TextIO | None = None
        self.owner, self.folder, self.path = 0, Path(), Path()
        self.waiting = threading.Event()

    def note(self, line: Line) -> None:
        """Some ten microseconds; an error of the disk costs the line and not the request."""
        text = json.dumps(line, separators=(",", ":")) + "\n"
        try:
            with self.writing:
                self._opened().write(text)
        except OSError:
            log.exception("What was shown in an experiment could not be written down")
        self.waiting.set()

    def _opened(self) -> TextIO:
        """A file of this process; after a fork, another."""
        folder = Path(settings.EXPOSURES_DIR)
        if self.file is None or self.owner != os.getpid() or self.folder != folder:
            if self.owner != os.getpid():
                self.owner = os.getpid()
                if settings.EXPOSURES_EVERY:
                    threading.Thread(target=self._run, name="exposures", daemon=True).start()
            self.folder = folder
            folder.mkdir(parents=True, exist_ok=True)
            self.path = folder / f"{os.getpid()}-{time.time_ns()}{OPEN}"
            made = self.path.with_suffix(NEW)
            # Each line goes out at once, so that a killed process has lost none.
            self.file = made.open("a", buffering=1, encoding="utf-8")
            # For as long as the process lives: who gets the lock knows that it does not. Only then
            # does anybody look for the file.
            fcntl.flock(self.file, fcntl.LOCK_EX)
            made.rename(self.path)
        return self.file

    def _run(self) -> None:
        while True:
            self.waiting.wait()
            self.waiting.clear()
            time.sleep(settings.EXPOSURES_EVERY)
            try:
                self.empty()
            except DatabaseError:
                # It stays where it is; the next line, or the worker's clock, tries again.
                log.warning("What was shown in experiments waits for the database")
            except Exception:
                log.exception("What was shown in experiments could not be collected")
            finally:
                close_old_connections()

    def empty(self) -> int:
        """Everything that any process has written down; how many lines."""
        with self.collecting:
            self._close()
            number = 0
            for path in _waiting():
                number += self._taken(path)
            return number

    def _taken(self, path: Path) -> int:
        """Into the database and away; what can never be written is put aside, and holds up nothing."""
        number = 0
        try:
            for lines in _batches(path):
                self.collect(lines)
                number += len(lines)
        except (DataError, KeyError, TypeError, ValueError):
            log.exception("%s cannot be read, and is put aside", path.name)
            path.rename(path.with_suffix(UNREAD))
        else:
            path.unlink(missing_ok=True)
        return number

    def _close(self) -> None:
        with self.writing:
            if self.file is not None and self.owner == os.getpid():
                self.path.rename(self.path.with_suffix(WRITTEN))
                self.file.close()
            self.file = None


def _waiting() -> list[Path]:
    """Closed files, the oldest first; and what a process that is gone has left open."""
    folder = Path(settings.EXPOSURES_DIR)
    for path in folder.glob(f"*{OPEN}"):
        try:
            with path.open("r+", encoding="utf-8") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                path.rename(path.with_suffix(WRITTEN))
        except (BlockingIOError, FileNotFoundError):
            # It is being written; or its process closed it, or another took it up, just now.
            continue
    return _not_too_many(sorted(folder.glob(f"*{WRITTEN}"), key=lambda path: path.name))


def _not_too_many(paths: list[Path]) -> list[Path]:
    sizes = [path.stat().st_size if path.exists() else 0 for path in paths]
    while sum(sizes) > MOST_BYTES:
        log.error("Too much waits for the database: %s is dropped", paths[0].name)
        paths.pop(0).unlink(missing_ok=True)
        sizes.pop(0)
    return paths


def _batches(path: Path) -> Iterator[list[Line]]:
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return
    found: list[Line] = []
    for row in text.splitlines():
        try:
            line = json.loads(row)
        except ValueError:
            # The machine stopped in the middle of it.
            log.warning("A line of %s is no whole one", path.name)
            continue
        found.append(line)
        if len(found) == BATCH:
            yield found
            found = []
    if found:
        yield found
