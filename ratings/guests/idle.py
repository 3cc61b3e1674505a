"""Guests who do not come back."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from catalog.models import RunState
from ratings.guests.arriving import KEPT
from ratings.models import Feedback, ListImport, Origin, User, UserAnimeRating

BATCH = 200


def delete_idle(now: datetime | None = None) -> int:
    """Delete guests who neither came nor changed anything for `KEPT`; how many."""
    since = (now or timezone.now()) - KEPT
    deleted = 0
    while batch := list(_idle(since).values_list("pk", flat=True)[:BATCH]):
        # Asked again as it is deleted: the guest may have signed up at this moment.
        number = User.objects.filter(pk__in=batch, origin=Origin.GUEST).delete()[1]
        deleted += number.get("ratings.User", 0)
    return deleted


def _idle(since: datetime) -> QuerySet[User]:
    own = OuterRef("pk")
    changed = UserAnimeRating.objects.filter(user=own, rated_at__gte=since)
    dismissed = Feedback.objects.filter(user=own, created_at__gte=since)
    at_work = ListImport.objects.filter(user=own, state=RunState.RUNNING, beat_at__gte=since)
    came = Q(last_login__gte=since) | Q(last_login=None, date_joined__gte=since)
    guests = User.objects.filter(origin=Origin.GUEST).exclude(came)
    return guests.exclude(Exists(changed) | Exists(dismissed) | Exists(at_work)).order_by("pk")
