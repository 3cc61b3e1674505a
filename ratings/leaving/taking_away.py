"""An account and all that belongs to it, taken away."""

from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.auth import SESSION_KEY
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import CharField, Model, QuerySet
from django.db.models.functions import Cast

from ratings.leaving.belongings import belongings
from ratings.models import User


class MayNotLeave(Exception):
    """The sentence says why."""


def why_not(member: User) -> str:
    """Why this account cannot be deleted; empty where it can."""
    if member.is_simulated:
        return (
            "This is a simulated member of the demonstration, which everybody may sign in as, "
            "so it stays."
        )
    if member.is_superuser and not _other_superusers(member):
        return "This is the only superuser: without this account nobody could run the site."
    if member.is_staff or member.is_superuser:
        return "This account works for the site: a superuser has to take its rights away first."
    return ""


@transaction.atomic
def erase(member: User) -> None:
    """Every row that refers to the member goes, and the member with them; MayNotLeave if not."""
    # Whoever adds a row for the member meanwhile waits, and then finds no member.
    locked = User.objects.select_for_update().filter(pk=member.pk).first()
    if locked is None:
        # Asked twice at once: the other was quicker.
        return
    if problem := why_not(locked):
        raise MayNotLeave(problem)
    _forget_in_the_log(locked)
    _end_sessions(locked)
    locked.delete()


def _other_superusers(member: User) -> bool:
    return User.objects.filter(is_superuser=True, is_active=True).exclude(pk=member.pk).exists()


def _forget_in_the_log(member: User) -> None:
    """What curators did to rows that go: the log names each of them, by no foreign key."""
    tables: list[tuple[type[Model], QuerySet[Any]]] = [(User, User.objects.filter(pk=member.pk))]
    tables += [(one.model, one.rows_of(member)) for one in belongings()]
    for model, rows in tables:
        ids = rows.order_by().annotate(as_text=Cast("pk", CharField())).values("as_text")
        kind = ContentType.objects.get_for_model(model)
        LogEntry.objects.filter(content_type=kind, object_id__in=ids).delete()


def _end_sessions(member: User) -> None:
    """Sessions know their member by what is written inside them alone."""
    own = str(member.pk)
    ended = [
        session.pk
        for session in Session.objects.iterator(chunk_size=2000)
        if session.get_decoded().get(SESSION_KEY) == own
    ]
    for start in range(0, len(ended), 500):
        Session.objects.filter(pk__in=ended[start : start + 500]).delete()
