from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from recommender import datasets
from recommender.engine.interactions import EngineError
from recommender.engine.prior import LEAST_MEMBERS, TITLES, Prior

FOLDER = settings.BASE_DIR / "fixtures" / "prior"


class Command(BaseCommand):
    help = (
        "Write what the lists in the database say of titles together, as the prior that small "
        "instances learn from beside their own lists. Titles and pairs of titles that few members "
        "share are left out, and no list is in it. Load a published set first."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--output", default=str(FOLDER), metavar="DIR", help="folder to write")
        parser.add_argument(
            "--titles", type=int, default=TITLES, metavar="N", help="the N most watched titles"
        )
        parser.add_argument(
            "--min-members",
            type=int,
            default=LEAST_MEMBERS,
            metavar="K",
            help="leave out what fewer than K members share",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        folder = Path(options["output"])
        data = datasets.read_interactions()
        try:
            prior = Prior.of(data, titles=options["titles"], least_members=options["min_members"])
            prior.save(folder, data_fingerprint=data.fingerprint())
        except (EngineError, OSError) as problem:
            raise CommandError(str(problem), returncode=2) from None
        size = sum(file.stat().st_size for file in folder.iterdir())
        self.stdout.write(
            f"{folder}: {len(prior.vocabulary):,} titles of {prior.members:,} members, {size:,} bytes"
        )
