from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from recommender import families


class Command(BaseCommand):
    help = (
        "Work out anew which titles are of one series and of one franchise, from their relations, "
        "and from their names where no relation is known. Safe to repeat: only what differs is written."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            rebuilt = families.rebuild()
        except DatabaseError as problem:
            raise CommandError(str(problem), returncode=2) from None
        self.stdout.write(f"{rebuilt}.")
