from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from tqdm import tqdm

from recommender.engine import registry
from recommender.engine.interactions import EngineError
from recommender.listfiles import BatchRecommender, read_lists, write_recommendations
from recommender.serving import model_of


class Command(BaseCommand):
    help = (
        "Recommend for lists in a CSV file (user_id,anime_id,rating; -1 = watched, not rated) "
        "and write user_id,rank,anime_id,score. The lists need not be in the database."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--input", required=True, metavar="FILE", help="the lists")
        parser.add_argument(
            "--output", required=True, metavar="FILE", help="where the recommendations go"
        )
        parser.add_argument(
            "--top",
            type=int,
            default=20,
            metavar="N",
            help="titles a member (default: %(default)s)",
        )
        parser.add_argument(
            "--model",
            choices=list(registry.MODELS),
            help=f"which served model ranks (default: the first trained of {', '.join(registry.RANKING_ORDER)})",
        )
        parser.add_argument(
            "--plain",
            action="store_true",
            help="by score alone: no rules (adult titles, extras, series order); seen titles stay out",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["top"] < 1:
            raise CommandError("--top is at least 1", returncode=2)
        try:
            self._recommend(options)
        except FileNotFoundError as problem:
            raise CommandError(f"there is no file {problem.filename}", returncode=2) from None
        except (EngineError, OSError, DatabaseError, MemoryError) as problem:
            raise CommandError(str(problem) or type(problem).__name__, returncode=2) from None

    def _recommend(self, options: dict[str, Any]) -> None:
        lists = read_lists(Path(options["input"]))
        batch = BatchRecommender(
            model_of(options["model"]), top_n=options["top"], plain=options["plain"]
        )
        answers = (
            (user, batch.recommend(member))
            for user, member in tqdm(lists.items(), desc="Members", disable=None)
        )
        written = write_recommendations(Path(options["output"]), answers)
        self.stdout.write(
            f"{written} recommendations for {len(lists)} members in {options['output']}"
        )
