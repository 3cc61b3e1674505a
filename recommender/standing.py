"""What For you knows of a member beside their recommendations."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from django.core.cache import cache
from django.db.models import Case, Count, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from catalog import viewing
from ratings.models import Feedback, User, UserAnimeRating
from ratings.querysets import WATCHED
from recommender.models import ForYouVisit, MutedFeature
from recommender.muting import LeftOut

# Who comes back after so long comes anew.
A_VISIT = timedelta(minutes=30)
CACHED_SECONDS = 3600


@dataclass(frozen=True)
class Standing:
    """How many titles are watched, scored, hidden; and what does not count."""

    watched: int
    scored: int
    hidden: int
    left_out: LeftOut | None

    @classmethod
    def of(cls, member: User, version: int) -> Self:
        """Kept until the member's list or the catalogue (its `version`) changes; three queries at most."""
        viewer = f"{viewing.current().language}:{viewing.shows_adult()}"
        key = f"standing:{member.pk}:{member.list_version}:{version}:{viewer}"
        found: Self | None = cache.get(key)
        if found is None:
            found = cls._read(member)
            cache.set(key, found, CACHED_SECONDS)
        return found

    @classmethod
    def _read(cls, member: User) -> Self:
        row: Any = (
            User.objects.filter(pk=member.pk)
            .values(
                watched=_number(_visible(), Count("pk", filter=Q(status__in=WATCHED))),
                scored=_number(_visible(), Count("score")),
                left_out=_number(_visible().filter(counts=False)),
                hidden=_number(Feedback.objects.all()),
                muted=_number(MutedFeature.objects.all(), of="member"),
            )
            .first()
        )
        if row is None:  # A stranger, or somebody who has just left.
            return cls(watched=0, scored=0, hidden=0, left_out=None)
        is_any = row.pop("left_out") + row.pop("muted")
        return cls(left_out=LeftOut.of(member) if is_any else None, **row)


def _visible() -> "QuerySet[UserAnimeRating]":
    return UserAnimeRating.objects.of_visible_titles()


def _number(rows: "QuerySet[Any]", number: Count | None = None, *, of: str = "user") -> Coalesce:
    own = rows.filter(**{of: OuterRef("pk")}).order_by().values(of)
    counted = own.annotate(number=number or Count("pk")).values("number")
    return Coalesce(Subquery(counted), Value(0))


def last_visit(member: User, now: datetime) -> ForYouVisit | None:
    """With `rated_since`: how many titles the member has rated since they looked before this time."""
    last = Case(When(seen_at__lt=now - A_VISIT, then=F("seen_at")), default=F("before_at"))
    later = UserAnimeRating.objects.scored().filter(rated_at__gt=OuterRef("last"))
    rated = _number(later)
    return ForYouVisit.objects.filter(pk=member.pk).annotate(last=last, rated_since=rated).first()
