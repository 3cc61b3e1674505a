from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from animerec import backups


class Command(BaseCommand):
    help = (
        "Bring a backup into an empty database, of either kind, and its models into DATA_DIR. All of "
        "it or nothing; a backup of an older version is brought up to date."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="what manage.py backup wrote")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            manifest = backups.restore(options["file"], self.stdout.write)
        except (backups.Unfit, backups.NotEmpty) as problem:
            raise CommandError(str(problem), returncode=2) from None
        except DatabaseError as problem:
            raise CommandError(f"nothing was restored: {problem}") from None
        self.stdout.write(f"Restored as it was at {manifest.made_at}.")
