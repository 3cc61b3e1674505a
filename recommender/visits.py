"""What has changed at the top since a member last looked."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import DatabaseError
from django.utils import timezone

from ratings.models import User
from recommender.models import ForYouVisit
from recommender.standing import A_VISIT

log = logging.getLogger(__name__)

# A visit that goes on is written down no more often than this.
A_WHILE = timedelta(minutes=5)
A_WEEK = timedelta(days=6)


@dataclass(frozen=True)
class News:
    """`titles`: those at the top that were not there. `rated`: how many the member rated meanwhile."""

    since: datetime
    titles: frozenset[int]
    rated: int

    @property
    def day(self) -> str:
        """'Tuesday', 'yesterday', '3 March', by the reader's clock."""
        then, today = timezone.localtime(self.since).date(), timezone.localdate()
        if then == today:
            return "earlier today"
        if (today - then).days == 1:
            return "yesterday"
        if today - then <= A_WEEK:
            return f"{then:%A}"
        return f"{then.day} {then:%B}" if then.year == today.year else f"{then.day} {then:%B %Y}"


def news(visit: ForYouVisit | None, shown: Sequence[int], now: datetime) -> News | None:
    """What is new since the last `visit`; None on the first one, and where nothing is new."""
    if visit is None:
        return None
    is_new_visit = now - visit.seen_at > A_VISIT
    since, before = (
        (visit.seen_at, visit.titles) if is_new_visit else (visit.before_at, visit.before)
    )
    titles = frozenset(shown).difference(before)
    if since is None or not before or not titles:
        return None
    return News(since, titles, getattr(visit, "rated_since", 0))


def remember(member: User, visit: ForYouVisit | None, shown: Sequence[int], now: datetime) -> None:
    """Write down what the member sees, where that is news; whatever fails, the page goes on."""
    try:
        _remember(member, visit, list(shown), now)
    except DatabaseError:
        log.exception("A visit of member %s was not written down", member.pk)


def _remember(member: User, visit: ForYouVisit | None, shown: list[int], now: datetime) -> None:
    if visit is None:
        first = ForYouVisit(member=member, began_at=now, seen_at=now, titles=shown)
        # Another tab may have been quicker.
        ForYouVisit.objects.bulk_create([first], ignore_conflicts=True)
        return
    changed: dict[str, object] = {"seen_at": now, "titles": shown}
    if now - visit.seen_at > A_VISIT:
        changed |= {"began_at": now, "before_at": visit.seen_at, "before": visit.titles}
    elif visit.titles == shown and now - visit.seen_at < A_WHILE:
        return
    # Of two tabs that both begin a visit only one does: the other finds another `seen_at`.
    ForYouVisit.objects.filter(pk=member.pk, seen_at=visit.seen_at).update(**changed)
