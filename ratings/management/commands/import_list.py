"""A member's export onto their list, with the same preview, rules and undo as on the page."""

from argparse import RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any, ClassVar

from django.core.checks import Tags
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error as DatabaseTrouble

from catalog.etl.reports import Unreadable
from ratings.importing.lists import applying, previewing
from ratings.models import Conflict, Fate, ListImport, User

HELP = """
Import a list from elsewhere onto a member's list.

FILE may be an export of MyAnimeList (.xml or .xml.gz), Kitsu, Anime-Planet or AniList, a list
as MyAnimeList's API answers it, a table (CSV) whose first line names mal_id or title, or this
site's own export. It is recognised by what is in it. Instead of a file, --anilist NAME reads a
public list from AniList, where this site may ask it (ANILIST_URL).

Titles the catalogue does not know wait, and are filled in once it knows them. Titles that are
named without an id and could be several are left out; on the page the member can decide.
Importing again changes nothing. The member can undo the import on the page /import/.

Exit status: 0 imported; 2 nothing was written.
"""
# So many lines that are left out are named.
NAMED = 20
LEFT_OUT = (Fate.INVALID, Fate.DOUBTFUL)


class Command(BaseCommand):
    help = HELP
    requires_system_checks: ClassVar[list[str]] = [Tags.models]  # type: ignore[misc]

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.formatter_class = RawDescriptionHelpFormatter
        return parser

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", nargs="?", type=Path, help="the exported list")
        parser.add_argument("--user", metavar="NAME", required=True, help="whose list it is here")
        parser.add_argument("--anilist", metavar="NAME", help="read this member's list on AniList")
        parser.add_argument(
            "--conflict",
            choices=Conflict.values,
            default=Conflict.THEIRS.value,
            help="which side wins where the list here says something else (default: theirs)",
        )
        parser.add_argument("--preview", action="store_true", help="say what would change, no more")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            run = self._preview(options)
            self._report(run)
            self._finish(run, options)
        except Unreadable as problem:
            raise CommandError(str(problem), returncode=2) from None
        except OSError as problem:
            said = problem.strerror or str(problem)
            raise CommandError(f"{options['file']}: {said}", returncode=2) from None
        except DatabaseTrouble as problem:
            raise CommandError(
                f"the database: {problem}; nothing was written", returncode=2
            ) from None

    def _preview(self, options: dict[str, Any]) -> ListImport:
        file, name = options["file"], options["anilist"]
        if (file is None) == (name is None):
            raise CommandError("Name a FILE, or a member of AniList with --anilist.", returncode=2)
        member = User.objects.filter(username=options["user"]).first()
        if member is None:
            raise CommandError(f"No member is called {options['user']}.", returncode=2)
        if name is not None:
            return previewing.preview_anilist(member, name)
        with file.open("rb") as raw:
            return previewing.preview_file(member, raw, file.name)

    def _finish(self, run: ListImport, options: dict[str, Any]) -> None:
        if options["preview"]:
            run.delete()
            self.stdout.write("Nothing was written.")
            return
        applying.start(run, options["conflict"])
        applying.apply(run.pk)
        run.refresh_from_db()
        kept = run.counts["kept"]
        stayed = f"; {kept:,} stayed as they were" if kept else ""
        self.stdout.write(
            self.style.SUCCESS(f"{run.counts['written']:,} titles written{stayed}.")
            + f" To undo it: /import/{run.pk}/"
        )

    def _report(self, run: ListImport) -> None:
        self.stdout.write(f"{run.subject}: {run.source_name}, {run.total:,} titles")
        for fate in Fate:
            if number := run.counts.get(fate.value):
                self.stdout.write(f"{number:>8,}  {fate.label}")
        for note in run.errors:
            self.stdout.write(note)
        left_out = run.lines.filter(fate__in=LEFT_OUT)
        for line in left_out[:NAMED]:
            self.stdout.write(f"  number {line.number}, {line.title or line.mal_id}: {line.reason}")
        if (more := left_out.count() - NAMED) > 0:
            self.stdout.write(f"  and {more:,} more")
