"""What every live source is: questions, and readers of their answers. It never sleeps, retries or writes."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from catalog.etl.fetching.client import Client
from catalog.etl.record import AnimeRecord
from catalog.etl.reports import BadValueError

Entry = Mapping[str, Any]


class NotConfigured(Exception):
    """The source is off; the text names the setting that turns it on."""


class Deferred(Exception):
    """An entry that is not ready to be kept; the text says why, in words that many share."""


@dataclass(frozen=True)
class Question:
    path: str
    params: Mapping[str, Any]


@dataclass(frozen=True)
class Page:
    entries: list[Any]
    has_next: bool
    # What the source promises: entries in all, pages in all, entries to a page; None where it does not.
    total: int | None = None
    last: int | None = None
    size: int | None = None


@dataclass(frozen=True)
class LiveSource:
    """A shape and a base URL."""

    name: str
    connect: Callable[[], Client]
    catalogue: Callable[[int], Question]
    season: Callable[[int, str, int], Question]
    title: Callable[[int], Question]
    # Raise BadAnswer for what is no answer to the question.
    read_page: Callable[[Any], Page]
    read_title: Callable[[Any], Entry]
    # Raises Deferred; what it returns is not validated yet.
    facts: Callable[[Entry], dict[str, Any]]

    def id_of(self, entry: Any) -> int | None:
        found = entry.get("mal_id", entry.get("id")) if isinstance(entry, Mapping) else None
        return found if isinstance(found, int) and not isinstance(found, bool) else None

    def record(self, entry: Any) -> AnimeRecord:
        if not isinstance(entry, Mapping):
            raise BadValueError("entry", repr(entry), "an object that describes a title")
        try:
            # What it does not say needs no validating; a third of the time goes into that.
            said = {name: value for name, value in self.facts(entry).items() if value is not None}
            return AnimeRecord(**said)
        except ValidationError as problem:
            first = problem.errors()[0]
            field = str(first["loc"][0])
            raise BadValueError(field, str(first.get("input")), f"a {field} to keep") from None


def part(entry: Entry, *path: str) -> Any:
    """What stands at `path`; None where a step of it is missing."""
    found: Any = entry
    for step in path:
        if not isinstance(found, Mapping):
            return None
        found = found.get(step)
    return found


def parts(entry: Entry, *path: str) -> list[Entry]:
    """The objects in the list at `path`."""
    found = part(entry, *path)
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def texts(values: Iterable[Any]) -> list[str]:
    return [value for value in values if isinstance(value, str) and value.strip()]
