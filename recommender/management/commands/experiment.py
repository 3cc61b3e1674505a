from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from recommender.experiments import states, telling, watching
from recommender.models import Experiment, Variant

BY = "manage.py"


class Command(BaseCommand):
    help = (
        "Experiments on members: list them, start and stop one, decide it, and report what came of it. "
        "They are made in admin, or over the API."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        verbs.add_parser("list", help="all of them, the newest first")
        for verb, said in (
            ("start", "deal members to it from now on"),
            ("stop", "show nobody its variants any more"),
            ("decide", "write down what was learned"),
            ("report", "what came of it, up to now"),
        ):
            own = verbs.add_parser(verb, help=said)
            own.add_argument("name")
            if verb == "decide":
                own.add_argument("--winner", help="name of the variant; none where none is better")
            if verb == "report":
                own.add_argument("--json", action="store_true", help="for programs")
            else:
                own.add_argument("--said", default="", help="why, for who reads it later")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["verb"] == "list":
            for one in Experiment.objects.all():
                self.stdout.write(f"{one.name:40} {one.get_state_display()}")
            return
        experiment = Experiment.objects.filter(name=options["name"]).first()
        if experiment is None:
            raise CommandError(f"There is no experiment {options['name']}.")
        try:
            getattr(self, options["verb"])(experiment, options)
        except states.MayNotMove as problem:
            raise CommandError(str(problem)) from None

    def start(self, experiment: Experiment, options: dict[str, Any]) -> None:
        moved = states.start(experiment, by=BY, said=options["said"])
        needs = f" It needs {moved.members_needed:,} members." if moved.members_needed else ""
        self.stdout.write(f"{moved} runs.{needs}")

    def stop(self, experiment: Experiment, options: dict[str, Any]) -> None:
        self.stdout.write(f"{states.stop(experiment, by=BY, said=options['said'])} is stopped.")

    def decide(self, experiment: Experiment, options: dict[str, Any]) -> None:
        winner: Variant | None = None
        if name := options["winner"]:
            winner = experiment.variants.filter(name=name).first()
            if winner is None:
                raise CommandError(f"{experiment} has no variant {name}.")
        states.decide(experiment, by=BY, winner=winner, said=options["said"])
        self.stdout.write(f"{experiment} is decided: {name or 'none is better'}.")

    def report(self, experiment: Experiment, options: dict[str, Any]) -> None:
        if experiment.is_draft:
            raise CommandError(f"{experiment} has not begun.")
        found = watching.report_now(experiment)
        self.stdout.write(telling.as_json(found) if options["json"] else telling.as_text(found))
