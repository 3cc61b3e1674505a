import sys
from argparse import RawDescriptionHelpFormatter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

from django.core.checks import Tags
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error as DatabaseTrouble
from django.db import ProgrammingError
from tqdm import tqdm

from catalog.etl.files import DataFile
from catalog.etl.reports import LoadReport, Progress, Unreadable
from ratings.importing import datasets

HELP = """
Load published anime datasets: titles into the catalogue, ratings into members' lists.

Each DIR is searched for these tables, plain or gzipped. They are recognised by the names of
their columns, whatever the files are called; other files are left alone.

  Anime Recommendations Database (CooperUnion)   anime.csv, rating.csv
  Anime Recommendation Database 2020             anime.csv, anime_with_synopsis.csv,
                                                 rating_complete.csv, animelist.csv
  Anime Dataset 2023                             anime-dataset-2023.csv, users-score-2023.csv

Several directories enrich one catalogue. Names of members are never stored. Titles that are
rated but in no catalogue are kept out of sight until a catalogue describes them.

Loading again changes nothing that has not changed in the files, and goes on where a run was
cut off. Rows that cannot be right are left out and counted.

Exit status: 0 all rows loaded; 2 some rows refused, or the reading stopped; 130 interrupted.
"""
COLUMNS = ("rows read", "loaded", "updated", "unchanged", "rejected")


class Command(BaseCommand):
    help = HELP
    # The pages are not used, and to check them takes longer than many a load.
    requires_system_checks: ClassVar[list[str]] = [Tags.models]  # type: ignore[misc]

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        # Keeps the table in the help as it is written; Django's own only sorts the options.
        parser.formatter_class = RawDescriptionHelpFormatter
        return parser

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "directories", metavar="DIR", nargs="+", type=Path, help="holds the files of a dataset"
        )
        parser.add_argument("--no-catalogue", action="store_true", help="load ratings only")
        parser.add_argument("--no-ratings", action="store_true", help="load the catalogue only")

    def handle(self, *args: Any, **options: Any) -> None:
        outcome = datasets.Outcome()
        try:
            self._load(outcome, options)
        except Unreadable as problem:
            raise self._stopped(outcome, str(problem)) from None
        except DatabaseTrouble as problem:
            raise self._stopped(outcome, in_the_database(problem, outcome.place)) from None
        except OSError as problem:
            raise self._stopped(outcome, str(problem.strerror or problem)) from None
        except KeyboardInterrupt:
            after = f" after {outcome.place}" if outcome.place else ""
            raise CommandError(
                f"interrupted{after}; run it again to go on", returncode=130
            ) from None
        self._report(outcome)
        self._complain(outcome.total)

    def _load(self, outcome: datasets.Outcome, options: dict[str, Any]) -> None:
        plan = datasets.plan(
            options["directories"],
            catalogue=not options["no_catalogue"],
            ratings=not options["no_ratings"],
        )
        for line in plan.left_out:
            self.stdout.write(f"left out {line}")
        datasets.load(plan.files, self._watch, outcome)

    @contextmanager
    def _watch(self, file: DataFile) -> Iterator[Progress]:
        """A bar where somebody looks; one line for the file where the output goes elsewhere."""
        seen = sys.stderr.isatty()
        if not seen:
            self.stderr.write(f"reading {file.label}", self.style.NOTICE)
        with tqdm(
            total=file.size, desc=file.label, unit="B", unit_scale=True, disable=not seen
        ) as bar:

            def show() -> None:
                bar.update(file.position - bar.n)

            yield show

    def _stopped(self, outcome: datasets.Outcome, problem: str) -> CommandError:
        if outcome.total.read:
            self._report(outcome)
            problem += " (what was loaded stays; run it again to go on)"
        return CommandError(problem, returncode=2)

    def _complain(self, total: LoadReport) -> None:
        if refused := total.rejected.total():
            more = f" (and {refused - 1:,} more)" if refused > 1 else ""
            raise CommandError(f"{total.faults[0]}{more}; all other rows are loaded", returncode=2)

    def _report(self, outcome: datasets.Outcome) -> None:
        width = max(len(label) for label, _ in outcome.files)
        self.stdout.write(f"{'file':<{width}}" + "".join(f"{name:>12}" for name in COLUMNS))
        for label, report in outcome.files:
            cells = (report.read, report.loaded, report.updated, report.unchanged)
            numbers = (*cells, report.rejected.total())
            self.stdout.write(f"{label:<{width}}" + "".join(f"{n:>12,}" for n in numbers))
            for reason, count in report.rejected.most_common():
                self.stdout.write(f"    rejected {count:,}: {reason}")
            for note, count in report.notes.most_common():
                self.stdout.write(f"    {count:,} {note}")


def in_the_database(problem: DatabaseTrouble, place: str) -> str:
    line = (str(problem).strip().splitlines() or [type(problem).__name__])[0]
    after = f", after {place}" if place else ""
    unready = isinstance(problem, ProgrammingError) or "no such table" in line
    return f"the database{after}: {line}" + ("; run manage.py migrate first" if unready else "")
