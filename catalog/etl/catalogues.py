"""Published catalogue files, row by row, as records."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import ValidationError

from catalog.etl.fields import Row
from catalog.etl.files import DataFile
from catalog.etl.loading import load_records
from catalog.etl.recognising import Found, Shape
from catalog.etl.record import AnimeRecord
from catalog.etl.reports import BadValueError, Fault, LoadReport, Progress, no_progress
from catalog.etl.sources import cooperunion, mal2020, mal2023

_EXPECTED = {
    "mal_id": "an id from 1 to 2147483647",
    "title": "a title of 1 to 300 characters",
    "score": "a score from 0 to 10",
    "year": "a year from 1900 to 2200",
}


@dataclass(frozen=True)
class Catalogue:
    """How the rows of one published table become records."""

    source: str
    taken_on: date
    facts: Callable[[Row], dict[str, Any]]
    # Field of the record -> column of the table, to name the right one in a complaint.
    columns: Mapping[str, str]

    def records(self, file: DataFile, report: LoadReport) -> Iterator[AnimeRecord]:
        for line, row in file.rows(report):
            try:
                yield self.record(row)
            except BadValueError as problem:
                report.reject(Fault.of(file.label, line, problem))

    def record(self, row: Row) -> AnimeRecord:
        try:
            return AnimeRecord(**self.facts(row))
        except ValidationError as problem:
            raise self._complaint(problem, row) from None

    def _complaint(self, problem: ValidationError, row: Row) -> BadValueError:
        field = str(problem.errors()[0]["loc"][0])
        column = self.columns.get(field, field)
        expected = _EXPECTED.get(field, f"a {field.replace('_', ' ')} that can be kept")
        return BadValueError(column, row.get(column, ""), expected)


SHAPES = (
    Shape(
        "cooperunion",
        "anime.csv",
        cooperunion.COLUMNS,
        Catalogue("cooperunion", cooperunion.TAKEN_ON, cooperunion.facts, cooperunion.NAMED),
    ),
    Shape(
        "mal2020",
        "anime.csv",
        mal2020.COLUMNS,
        Catalogue("mal2020", mal2020.TAKEN_ON, mal2020.facts, mal2020.NAMED),
    ),
    Shape(
        "mal2020",
        "anime_with_synopsis.csv",
        mal2020.SYNOPSIS_COLUMNS,
        # A source of its own: two tables of one source would take turns in changing a title.
        Catalogue(
            "mal2020-synopses", mal2020.TAKEN_ON, mal2020.synopsis_facts, mal2020.SYNOPSIS_NAMED
        ),
    ),
    Shape(
        "mal2023",
        "anime-dataset-2023.csv",
        mal2023.COLUMNS,
        Catalogue("mal2023", mal2023.TAKEN_ON, mal2023.facts, mal2023.NAMED),
    ),
)


def load_catalogue(
    file: DataFile, found: Found, report: LoadReport, progress: Progress = no_progress
) -> None:
    """Read the whole open file into the catalogue; `report` tells how far it came, also after an error."""
    catalogue: Catalogue = found.shape.reader
    load_records(
        catalogue.records(file, report),
        source=catalogue.source,
        taken_on=catalogue.taken_on,
        progress=progress,
        report=report,
    )
