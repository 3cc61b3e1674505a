"""What staff did and looked at, in the log that the admin keeps of its own changes too."""

from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.db.models import Model
from django.utils import timezone

from ratings.models import User

LOOKED = "Looked at the list, which is not public."


def note(staff: Any, about: Model, said: str) -> None:
    rows: Any = [about]
    LogEntry.objects.log_actions(staff.pk, rows, CHANGE, said, single_object=True)


def note_a_look(viewer: Any, member: User) -> None:
    """Of what only staff may see, once a day: a look changes nothing, and the member may ask who looked."""
    if member.is_public or member.pk == viewer.pk:
        return
    since = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    before = LogEntry.objects.filter(
        user=viewer, object_id=str(member.pk), change_message=LOOKED, action_time__gte=since
    )
    if not before.exists():
        note(viewer, member, LOOKED)
