from typing import Any

from django.core.management.base import BaseCommand

from ratings import guests


class Command(BaseCommand):
    help = (
        "Delete guests, who rate without an account, once they neither came nor changed anything "
        "for 30 days. The clock does it every night."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        deleted = guests.delete_idle()
        self.stdout.write(f"Deleted: {deleted:,} idle guest{'' if deleted == 1 else 's'}")
