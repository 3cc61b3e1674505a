from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from animerec import backups


class Command(BaseCommand):
    help = (
        "Write the whole site, rows and models, to one file, while it runs. The secret key and what "
        "is in .env are not in it: keep those apart."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="such as animerec-2026-11-26.tar.gz")
        parser.add_argument("--overwrite", action="store_true", help="replace a file of that name")

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path = options["file"]
        if file.exists() and not options["overwrite"]:
            raise CommandError(f"{file} is there already; give another name, or --overwrite")
        try:
            backups.back_up(file, self.stdout.write)
        except OSError as problem:
            raise CommandError(f"{file} cannot be written: {problem}") from None
        self.stdout.write(f"Written: {file}, {file.stat().st_size / 1e6:,.1f} MB.")
