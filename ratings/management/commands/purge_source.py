import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from catalog.etl import purging
from catalog.etl.changes import catalogue_changed
from catalog.models import SourceRecord
from ratings.models import User
from ratings.purging import lines_of, members_of


class Command(BaseCommand):
    help = (
        "Take away what came from one source: titles that it alone described, its marks on others, and the "
        "members that came with it, with their lists. Says how much that is, and asks first. A title that is "
        "on the list of somebody who stays keeps its number and loses its description. What several sources "
        "said of a title cannot be told apart: it stays until you load the others again, which then write over it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "source", metavar="NAME", help="as in jikan, mal, cooperunion, mal2020, mal2023"
        )
        parser.add_argument("--yes", action="store_true", help="do not ask")
        parser.add_argument(
            "--dry-run", action="store_true", help="say how much it is, change nothing"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        source = options["source"]
        members, lines = members_of(source), lines_of(source)
        planned = purging.plan(source)
        if planned.is_empty and not members.exists():
            raise CommandError(f"nothing here came from {source!r}; {_known()}", returncode=2)
        self.stdout.write(
            f"From {source}:\n"
            f"  {planned.going + planned.becoming_stubs:,} titles that no other source describes\n"
            f"  {planned.shared:,} titles that others describe too: they stay\n"
            f"  {members.count():,} members with {lines:,} lines on their lists"
        )
        if options["dry_run"]:
            self.stdout.write("Nothing was changed.")
            return
        self._ask(options["yes"])
        with transaction.atomic():
            # First the lists, so that titles which only they held go too.
            members.delete()
            done = purging.purge(source)
        catalogue_changed()
        self.stdout.write(
            f"Taken away. {done.going:,} titles are gone; {done.becoming_stubs:,} are on lists that stay "
            "and keep only their number."
        )

    def _ask(self, agreed: bool) -> None:
        if agreed:
            return
        if not sys.stdin.isatty():
            raise CommandError("nothing was changed: add --yes to take it away", returncode=2)
        if input("Take all of it away? [y/N] ").strip().casefold() not in ("y", "yes"):
            raise CommandError("nothing was changed", returncode=1)


def _known() -> str:
    told = SourceRecord.objects.order_by().values_list("source", flat=True).distinct()
    brought = User.objects.exclude(origin="").order_by().values_list("origin", flat=True).distinct()
    names = sorted({*told, *brought})
    return f"there is {', '.join(names)}" if names else "no source has told of anything yet"
