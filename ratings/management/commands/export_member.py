import os
from argparse import RawDescriptionHelpFormatter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ratings.leaving import FORMATS
from ratings.management.members import member_named

HELP = """
Write all that is kept about a member to a file, as the member gets it on their account page.

  json   everything, the list first; passwords, sessions and API tokens are left out
  xml    the list alone, as MyAnimeList exports and imports it

Exit status: 0 written; 1 no such member, or the file cannot be written.
"""


class Command(BaseCommand):
    help = HELP

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.formatter_class = RawDescriptionHelpFormatter
        return parser

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", metavar="NAME", help="the name the member signs in with")
        parser.add_argument("--format", choices=list(FORMATS), default="json")
        parser.add_argument("--output", metavar="FILE", type=Path, help="default: the screen")

    def handle(self, *args: Any, **options: Any) -> None:
        member = member_named(options["name"])
        parts = FORMATS[options["format"]](member)
        if options["output"] is None:
            for part in parts:
                self.stdout.write(part, ending="")
            return
        try:
            with written_whole(options["output"]) as file:
                file.writelines(parts)
        except OSError as problem:
            raise CommandError(f"{options['output']}: {problem.strerror or problem}") from None
        self.stderr.write(f"{member.username} is written to {options['output']}")


@contextmanager
def written_whole(path: Path) -> Iterator[TextIO]:
    """A file that is there when all of it is, for its owner's eyes alone."""
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "w", encoding="utf-8") as file:
            yield file
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
