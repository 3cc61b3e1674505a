import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from recommender import datasets
from recommender.engine import registry
from recommender.engine.evaluation import Evaluation
from recommender.engine.interactions import EngineError
from recommender.engine.splitting import hold_out_members
from recommender.training import DEFAULT_SEED, measure


class Command(BaseCommand):
    help = (
        "Print a leaderboard: every model fitted on some members and tested on others, "
        "from whose lists a share is hidden. Nothing that is served changes."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--model",
            action="append",
            metavar="NAME",
            choices=list(registry.MODELS),
            help=f"one of {', '.join(registry.MODELS)}; repeat for several (default: all)",
        )
        parser.add_argument(
            "--members", type=int, default=500, help="test members (default: %(default)s)"
        )
        parser.add_argument(
            "--hidden",
            type=float,
            default=0.2,
            help="share of each test list hidden (default: %(default)s)",
        )
        parser.add_argument(
            "--seed", type=int, default=DEFAULT_SEED, help="of the split (default: %(default)s)"
        )
        parser.add_argument("--json", metavar="FILE", help="write the figures there too")

    def handle(self, *args: Any, **options: Any) -> None:
        if not 0 < options["hidden"] < 1 or options["members"] < 1:
            raise CommandError(
                "--hidden lies between 0 and 1, --members is at least 1", returncode=2
            )
        try:
            self._evaluate(options)
        except (EngineError, OSError, DatabaseError, MemoryError) as problem:
            raise CommandError(str(problem) or type(problem).__name__, returncode=2) from None

    def _evaluate(self, options: dict[str, Any]) -> None:
        data = datasets.read_interactions()
        if len(data.member_ids) < 10:
            raise EngineError(
                "fewer than 10 members have a list; load a dataset first: manage.py load_dataset DIR"
            )
        split = hold_out_members(
            data, seed=options["seed"], members=options["members"], hidden_share=options["hidden"]
        )
        self.stdout.write(f"Split: {split.describe()}")
        features = datasets.read_features()
        results = []
        for kind in options["model"] or registry.MODELS:
            results.append(measure(kind, split, features))
            self.stderr.write(f"{kind}: done", ending="\n")
        self.stdout.write(table(results))
        if options["json"]:
            self._write(Path(options["json"]), split.describe(), options, results)

    def _write(
        self, file: Path, split: str, options: dict[str, Any], results: list[Evaluation]
    ) -> None:
        asked = {name: options[name] for name in ("seed", "members", "hidden")}
        figures = {"split": split, **asked, "models": [result.as_dict() for result in results]}
        file.write_text(json.dumps(figures, indent=1) + "\n")


def table(results: list[Evaluation]) -> str:
    """Rankers best first, then what predicts scores."""
    head = f"{'model':<12}{'k':>5}{'NDCG':>8}{'95 % interval':>18}{'recall':>8}{'MAP':>8}{'NDCG liked':>12}{'coverage':>10}{'fit s':>8}{'ms/member':>11}"
    lines = [head, "-" * len(head)]
    rankers = sorted((r for r in results if r.at), key=lambda r: -r.ndcg_at(20))
    for result in rankers:
        for row in result.at:
            interval = f"{row.ndcg_low:.3f} to {row.ndcg_high:.3f}"
            lines.append(
                f"{result.kind:<12}{row.k:>5}{row.ndcg:>8.3f}{interval:>18}{row.recall:>8.3f}{row.map:>8.3f}"
                f"{row.liked_ndcg:>12.3f}{row.coverage:>10.3f}{result.fit_seconds:>8.1f}{result.milliseconds_per_member:>11.2f}"
            )
    lines += [
        f"{r.kind:<12} predicts scores: RMSE {r.rmse:.3f}, MAE {r.mae:.3f} (of 1 to 10); fit {r.fit_seconds:.1f} s"
        for r in results
        if r.rmse is not None
    ]
    return "\n".join(lines)
