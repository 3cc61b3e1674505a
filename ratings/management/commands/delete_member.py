from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ratings.leaving import MayNotLeave, erase, how_many, why_not
from ratings.management.members import member_named
from ratings.models import User


class Command(BaseCommand):
    help = (
        "Delete a member and every row that refers to them, as the member can on their account "
        "page. Without --yes it only says what would go. Staff, and the simulated members of the "
        "demonstration, are refused."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", metavar="NAME", help="the name the member signs in with")
        parser.add_argument("--yes", action="store_true", help="really delete")

    def handle(self, *args: Any, **options: Any) -> None:
        member = member_named(options["name"])
        if problem := why_not(member):
            raise CommandError(problem)
        goes = self._what_goes(member)
        if not options["yes"]:
            raise CommandError(f"{goes} would go, for good; say --yes if you mean it")
        try:
            erase(member)
        except MayNotLeave as problem:
            raise CommandError(str(problem)) from None
        self.stdout.write(f"Deleted: {goes}")

    def _what_goes(self, member: User) -> str:
        return ", ".join([member.username, *how_many(member)])
