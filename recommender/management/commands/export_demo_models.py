from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from recommender import demo
from recommender.engine.interactions import EngineError


class Command(BaseCommand):
    help = (
        "Write the served models, cut to the demonstration's titles, as the models that a fresh "
        "clone starts with. Train on real lists first."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--output", default=str(demo.MODELS), metavar="DIR")
        parser.add_argument(
            "--only", nargs="+", default=[], choices=[*demo.SHIPPED, *demo.SHIPPED_IF_TRAINED],
            metavar="KIND", help="these alone; the others' files stay as they are",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            written = demo.export_models(Path(options["output"]), demo.demo_ids(), options["only"])
        except (EngineError, OSError) as problem:
            raise CommandError(str(problem), returncode=2) from None
        self.stdout.write("\n".join(written) or "nothing is served: train first")
