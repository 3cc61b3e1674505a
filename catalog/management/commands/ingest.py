import sys
from argparse import ArgumentTypeError, RawDescriptionHelpFormatter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error as DatabaseTrouble
from django.utils import timezone
from tqdm import tqdm

from catalog.etl import crawl_plans, crawling
from catalog.etl.live_sources import LIVE_SOURCES
from catalog.etl.reports import Progress
from catalog.etl.sources.live import NotConfigured
from catalog.models import ImportRun, RunState

HELP = """
Bring the catalogue up to date from a live source.

  jikan   a server of the Jikan v4 shape, named by JIKAN_BASE_URL: your own Jikan, or a service
          that speaks its shape. The public one of old has been shut down.
  mal     MyAnimeList's own API, with the key in MAL_CLIENT_ID.

Choose what to read:

  --full                   every title, page by page
  --season "spring 2026"   the titles of a season; or now, or next
  --since 30               titles not asked about for 30 days, one by one, with their relations;
                           or a date: not asked about since 2026-01-31
  --ids 1,5                these titles
  --resume                 what the last run of this source left unread

A source is asked no faster than its rate in the settings (JIKAN_RATE, MAL_RATE), by all workers
together. A run can be stopped with Ctrl-C, or killed: --resume goes on where it was. Nothing is
ever deleted because a source left it out.

Exit status: 0 all was read; 1 the source stopped answering before the end, so --resume later;
2 it could not be read; 130 interrupted.
"""
_ENDED = {RunState.PARTIAL: 1, RunState.CANCELLED: 1, RunState.FAILED: 2}
_COUNTS = ("read", "loaded", "updated", "unchanged")


def ids(text: str) -> list[int]:
    words = [word for word in text.replace(" ", "").split(",") if word]
    if not words or not all(word.isdecimal() for word in words):
        raise ArgumentTypeError(f"{text!r} is not a list of ids like 1,5,20")
    return [int(word) for word in words]


def day(text: str) -> date:
    if text.isdecimal() and int(text) <= 36500:
        return timezone.localdate() - timedelta(days=int(text))
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(
            f"{text!r} is neither a number of days nor a date like 2026-01-31"
        ) from None


class Command(BaseCommand):
    help = HELP

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        # Keeps the tables in the help as they are written.
        parser.formatter_class = RawDescriptionHelpFormatter
        return parser

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--source", required=True, choices=sorted(LIVE_SOURCES))
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--full", action="store_true", help="every title")
        what.add_argument("--season", metavar="SEASON", help='as in "spring 2026", or now, or next')
        what.add_argument(
            "--since", type=day, metavar="DAYS|DATE", help="titles not asked about since"
        )
        what.add_argument("--ids", type=ids, metavar="ID,ID", help="these titles")
        what.add_argument("--resume", action="store_true", help="go on where the last run stopped")
        parser.add_argument(
            "--only", choices=crawl_plans.ONLY, default="", help="with --since: of this age alone"
        )
        parser.add_argument(
            "--at-most", type=int, metavar="N", help="with --since: so many, the stalest first"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            LIVE_SOURCES[options["source"]].connect().close()
            run = self._run(options)
            self.stdout.write(f"{run.source}: {run.subject}")
            with self._watch(run) as progress:
                crawling.crawl(run, progress=progress)
        except (NotConfigured, crawl_plans.BadWish, crawling.Busy) as problem:
            raise CommandError(str(problem), returncode=2) from None
        except DatabaseTrouble as problem:
            raise CommandError(f"the database: {problem}".strip(), returncode=2) from None
        except KeyboardInterrupt:
            raise CommandError("interrupted; --resume goes on from here", returncode=130) from None
        self._report(run)

    def _run(self, options: dict[str, Any]) -> ImportRun:
        if options["resume"]:
            run = crawling.unfinished(options["source"])
            if run is None:
                raise crawl_plans.BadWish(f"no run of {options['source']} was left unfinished")
            return crawling.take_over(run)
        wish = crawl_plans.wish(
            full=options["full"],
            season=options["season"] or "",
            ids=options["ids"],
            since=options["since"],
            only=options["only"],
            at_most=options["at_most"],
        )
        return crawling.begin(options["source"], wish)

    @contextmanager
    def _watch(self, run: ImportRun) -> Iterator[Progress]:
        """A bar where somebody looks; nothing where the output goes elsewhere."""
        seen = sys.stderr.isatty()
        with tqdm(total=run.total, desc=run.source, unit=" titles", disable=not seen) as bar:

            def show() -> None:
                bar.total = run.total
                bar.update(crawling.read_so_far(run) - bar.n)

            yield show

    def _report(self, run: ImportRun) -> None:
        counts = run.counts
        self.stdout.write(", ".join(f"{name} {counts.get(name, 0):,}" for name in _COUNTS))
        for name, said in (
            ("absent", "denied by the source"),
            ("gone", "believed gone, after days of denial"),
            ("back", "that had been gone, back"),
        ):
            if counts.get(name):
                self.stdout.write(f"    {counts[name]:,} {said}")
        for reason, count in counts.get("rejected", {}).items():
            self.stdout.write(f"    rejected {count:,}: {reason}")
        for note, count in counts.get("notes", {}).items():
            self.stdout.write(f"    {count:,} {note}")
        for error in run.errors[-10:]:
            self.stderr.write(f"    {error}")
        if run.state in _ENDED:
            reason = run.errors[-1] if run.errors else "fewer titles were seen than promised"
            if run.state == RunState.FAILED:
                reason = run.errors[0]
            hint = "; --resume goes on from here" if run.state != RunState.FAILED else ""
            said = RunState(run.state).label.lower()
            raise CommandError(f"{said}: {reason}{hint}", returncode=_ENDED[RunState(run.state)])
        if run.state == RunState.RUNNING:
            raise CommandError("another worker has taken the run over", returncode=1)
