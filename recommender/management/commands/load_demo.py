from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalog.models import Anime
from recommender import demo
from recommender.engine.interactions import EngineError


class Command(BaseCommand):
    help = "Load the demonstration: well-known titles, a pretrained model and simulated members. Safe to repeat."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--no-members",
            action="store_true",
            help="titles and models only; for a site that others reach, as anybody knows the demo login",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            demo.load(members=not options["no_members"])
        except (EngineError, OSError) as problem:
            raise CommandError(str(problem), returncode=2) from None
        titles = Anime.objects.visible().count()
        members = (
            f"; {demo.SIMULATED_MEMBERS} simulated members, and demo to sign in as (password: demo)"
        )
        self.stdout.write(
            f"The demonstration has {titles} titles{'' if options['no_members'] else members}."
        )
