"""What one question to a live source was answered with, as records and what was refused of it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from catalog.etl.record import AnimeRecord
from catalog.etl.reports import BadValueError, EntryFault, LoadReport
from catalog.etl.sources.live import Deferred, LiveSource, Page


@dataclass
class Heard:
    # Of the page, or the title's id.
    number: int
    page: Page | None = None
    # Every title that is named in it, also those that are left out.
    ids: set[int] = field(default_factory=set)
    records: list[AnimeRecord] = field(default_factory=list)
    report: LoadReport = field(default_factory=LoadReport)
    absent: bool = False
    # Entries that do not say of which title they are.
    nameless: int = 0

    @property
    def is_short(self) -> bool:
        """Whether it holds fewer titles than a page in the middle has."""
        page = self.page
        return page is not None and page.has_next and len(self.ids) < (page.size or 0)

    def join(self, other: "Heard") -> None:
        """Add what a second look brought."""
        self.records += [one for one in other.records if one.mal_id not in self.ids]
        self.ids |= other.ids

    def leave_out(self, ids: set[int]) -> None:
        """Without what other pages have told already."""
        known = len(self.records)
        self.records = [one for one in self.records if one.mal_id not in ids]
        if repeated := known - len(self.records):
            self.report.notes["entries of titles that another page had already, left out"] += (
                repeated
            )


def page_reader(source: LiveSource, number: int) -> Callable[[Any], Heard]:
    def read(body: Any) -> Heard:
        page = source.read_page(body)
        heard = Heard(number, page)
        _take_in(heard, source, page.entries)
        return heard

    return read


def title_reader(source: LiveSource, number: int) -> Callable[[Any], Heard]:
    def read(body: Any) -> Heard:
        heard = Heard(number)
        _take_in(heard, source, [source.read_title(body)])
        return heard

    return read


def _take_in(heard: Heard, source: LiveSource, entries: Iterable[Any]) -> None:
    for entry in entries:
        mal_id = source.id_of(entry)
        if mal_id is None:
            heard.nameless += 1
        else:
            heard.ids.add(mal_id)
        try:
            record = source.record(entry)
        except Deferred as reason:
            heard.report.read += 1
            heard.report.notes[str(reason)] += 1
        except BadValueError as problem:
            at = mal_id or 0
            heard.report.reject(EntryFault.of(source.name, at, problem))
        else:
            # Worked out here, in a thread that has time while the database works.
            record.content_hash  # noqa: B018
            heard.records.append(record)
