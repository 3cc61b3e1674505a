"""What members did with the titles they were shown: found on their lists, where it stays when a process dies.

Nothing is noted when somebody rates. The list itself says what was done and when; a title counts for the variant in
which it was last shown to the member, within the experiment's window before. So attribution may be done again at any
time, and finds the same.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.db.models import (
    DateTimeField,
    Exists,
    ExpressionWrapper,
    OuterRef,
    QuerySet,
    Subquery,
    Value,
)
from django.utils import timezone

from ratings.models import Feedback, User, UserAnimeRating, WatchStatus
from recommender.models import Experiment, Exposure, Metric, Outcome

HIGH, LOW = 8, 4
CHUNK = 2000
# What was shown may reach the database late: so far back it is looked at again.
AGAIN = timedelta(days=3)


def attribute(experiment: Experiment, now: datetime | None = None) -> int:
    """Write what was done since the last time; how many outcomes were looked at."""
    now = now or timezone.now()
    since = experiment.started_at
    if since is None:
        return 0
    if experiment.counted_at:
        since = max(since, experiment.counted_at - AGAIN)
    number = _write(_outcomes(experiment, since))
    Experiment.objects.filter(pk=experiment.pk).update(counted_at=now)
    return number


def adopt(experiment: Experiment) -> None:
    """What a stranger was shown belongs to the member they became."""
    members = User.objects.filter(visitor=OuterRef("visitor")).order_by("pk")
    strange = Exposure.objects.filter(
        Exists(members), experiment=experiment.pk, member=None, visitor__isnull=False
    )
    strange.update(member=Subquery(members.values("pk")[:1]))


def opened(rows: Sequence[tuple[int, int, datetime]]) -> None:
    """(member, title, when) of pages of titles that were opened."""
    for experiment in Experiment.objects.running():
        window = timedelta(days=experiment.window_days)
        found = []
        for member, anime, at in rows:
            shown = Exposure.objects.filter(
                experiment=experiment.pk, member=member, anime=anime,
                shown_at__lte=at, shown_at__gte=at - window,
            )  # fmt: skip
            variant = shown.order_by("-shown_at").values_list("variant", flat=True).first()
            if variant is not None:
                found.append(_outcome(experiment, variant, member, anime, Metric.OPENED, at))
        _write(found)


def _outcomes(experiment: Experiment, since: datetime) -> Iterator[Outcome]:
    entries = UserAnimeRating.objects.filter(rated_at__gte=since, source="")
    told = _shown_before(entries, experiment, "rated_at").values_list(
        "variant", "user", "anime", "rated_at", "status", "score"
    )
    for variant, member, anime, at, status, score in told.iterator(chunk_size=CHUNK):
        for kind in kinds_of(status, score):
            yield _outcome(experiment, variant, member, anime, kind, at)
    said = Feedback.objects.filter(created_at__gte=since)
    refused = _shown_before(said, experiment, "created_at").values_list(
        "variant", "user", "anime", "created_at"
    )
    for variant, member, anime, at in refused.iterator(chunk_size=CHUNK):
        yield _outcome(experiment, variant, member, anime, Metric.NOT_INTERESTED, at)


def kinds_of(status: str, score: int | None) -> list[Metric]:
    """All that one line of a list says."""
    found = [Metric.TAKEN_UP]
    if status == WatchStatus.PLANNED:
        found.append(Metric.PLANNED)
    if score is not None:
        found.append(Metric.RATED)
    if status == WatchStatus.COMPLETED:
        found.append(Metric.FINISHED)
    if score is not None and score >= HIGH:
        found.append(Metric.LIKED)
    if status == WatchStatus.DROPPED or (score is not None and score <= LOW):
        found.append(Metric.DISLIKED)
    return found


def _shown_before(
    rows: "QuerySet[Any, Any]", experiment: Experiment, moment: str
) -> "QuerySet[Any, Any]":
    """With the variant in which the title was last shown to its member, within the window."""
    begin = ExpressionWrapper(
        OuterRef(moment) - Value(timedelta(days=experiment.window_days)), DateTimeField()
    )
    shown = Exposure.objects.filter(
        experiment=experiment.pk, member=OuterRef("user_id"), anime=OuterRef("anime_id"),
        shown_at__lte=OuterRef(moment), shown_at__gte=begin,
    )  # fmt: skip
    last = shown.order_by("-shown_at").values("variant")[:1]
    found: QuerySet[Any, Any] = rows.order_by("pk").annotate(variant=Subquery(last))
    return found.filter(variant__isnull=False)


def _outcome(
    experiment: Experiment, variant: int, member: int, anime: int, kind: Metric, at: datetime
) -> Outcome:
    return Outcome(
        experiment=experiment.pk, variant=variant, member_id=member, anime=anime, kind=kind, at=at
    )


def _write(outcomes: Iterable[Outcome]) -> int:
    """Once each; the first of its kind stays."""
    rows, number = iter(outcomes), 0
    while chunk := list(islice(rows, CHUNK)):
        Outcome.objects.bulk_create(chunk, ignore_conflicts=True)
        number += len(chunk)
    return number
