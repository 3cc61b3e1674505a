from typing import Any, Never

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from tqdm import tqdm

from recommender.engine import registry
from recommender.engine.interactions import EngineError
from recommender.models import TrainedModel, TrainingRun
from recommender.training import DEFAULT_SEED, FEWEST_MEMBERS, train

BAR = "{desc:<50} {percentage:3.0f}% {bar}"


def show(bar: "tqdm[Never]", stage: str, percent: int) -> None:
    bar.set_description(stage)
    bar.update(percent - bar.n)


class Command(BaseCommand):
    help = (
        "Learn from the lists in the database, test on members held out, and serve the result. "
        "What is served now stays until every model is ready."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--model",
            action="append",
            metavar="NAME",
            choices=list(registry.KINDS),
            help=f"one of {', '.join(registry.KINDS)}; repeat for several (default: all)",
        )
        parser.add_argument(
            "--seed", type=int, default=DEFAULT_SEED, help="of the split (default: %(default)s)"
        )
        parser.add_argument("--no-evaluation", action="store_true", help="fit only; half the time")
        parser.add_argument("--no-activate", action="store_true", help="keep, but do not serve")
        parser.add_argument(
            "--min-members",
            type=int,
            default=FEWEST_MEMBERS,
            help="refuse to learn from fewer members (default: %(default)s)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        run = TrainingRun.objects.create(kinds=options["model"] or list(registry.KINDS))
        try:
            with tqdm(total=100, bar_format=BAR, disable=None) as bar:
                trained = train(
                    run,
                    seed=options["seed"],
                    fewest_members=options["min_members"],
                    evaluate=not options["no_evaluation"],
                    activate=not options["no_activate"],
                    on_progress=lambda stage, percent: show(bar, stage, percent),
                )
        except (EngineError, OSError, DatabaseError, MemoryError) as problem:
            raise CommandError(str(problem) or type(problem).__name__, returncode=2) from None
        for model in trained:
            self.stdout.write(self._line(model))

    def _line(self, model: TrainedModel) -> str:
        rows = model.metrics.get("at", [])
        quality = ", ".join(f"NDCG@{row['k']} {row['ndcg']:.3f}" for row in rows)
        if model.metrics.get("rmse"):
            quality = f"RMSE {model.metrics['rmse']:.3f}, MAE {model.metrics['mae']:.3f}"
        place = "served now" if model.is_active else "kept, not served"
        return f"{model.kind}: {model.provenance}; {quality or 'not evaluated'}; {place}"
