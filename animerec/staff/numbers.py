"""How many there are, and what the last thirty days brought."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.core.cache import cache
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone

from catalog.charts import Cell, Chart, bars, layout
from catalog.models import Anime, ImportRun, RunState
from ratings.models import ListImport, Origin, User, UserAnimeRating
from recommender.models import ModelState, TrainingRun

DAYS, A_MINUTE = 30, 60
# Up to so many a line each, or the chart would have halves of them.
FEW = 8
# A chart of the day's work is for those of this site, not for a dataset's.
HERE = (Origin.SIGNED_UP, Origin.GUEST)


@dataclass(frozen=True)
class Number:
    name: str
    value: int
    # What it is, in a few words.
    note: str = ""


def totals_lately() -> list[Number]:
    """As of a minute ago at most: they read every member and every entry."""
    return cache.get_or_set("staff:totals", totals, A_MINUTE) or totals()


def totals() -> list[Number]:
    members = User.objects.aggregate(
        here=Count("pk", filter=Q(origin=Origin.SIGNED_UP)),
        guests=Count("pk", filter=Q(origin=Origin.GUEST)),
        others=Count("pk", filter=~Q(origin__in=HERE)),
        active=Count(
            "pk",
            filter=Q(origin__in=HERE, last_login__gte=timezone.now() - timedelta(days=DAYS)),
        ),
    )
    titles = Anime.objects.aggregate(
        described=Count("pk", filter=Q(is_stub=False)), stubs=Count("pk", filter=Q(is_stub=True))
    )
    return [
        Number("Titles", titles["described"], f"and {titles['stubs']:,} stubs"),
        Number("Members", members["here"], f"{members['active']:,} signed in within {DAYS} days"),
        Number("Guests", members["guests"], "rate without an account"),
        Number("Members of datasets", members["others"], "published or simulated lists"),
        Number("List entries", UserAnimeRating.objects.count(), "with a score or without"),
    ]


def going_on() -> list[str]:
    """What the worker has to do at this moment, in words."""
    trainings = TrainingRun.objects.filter(state__in=(ModelState.QUEUED, ModelState.RUNNING))
    waiting = (RunState.QUEUED, RunState.RUNNING)
    found = [
        _words(trainings.count(), "training"),
        _words(ImportRun.objects.filter(state__in=waiting).count(), "import of the catalogue"),
        _words(ListImport.objects.filter(state=RunState.RUNNING).count(), "import of a list"),
    ]
    return [words for words in found if words]


def _words(number: int, what: str) -> str:
    plural = what.replace("training", "trainings").replace("import ", "imports ")
    return "" if not number else f"{number} {what if number == 1 else plural}"


def last_days() -> list[Chart]:
    """Titles rated a day, and members and guests who joined."""
    days = list(_days())
    joined = _by_day(User.objects.filter(origin=Origin.SIGNED_UP), "date_joined", days)
    guests = _by_day(User.objects.filter(origin=Origin.GUEST), "date_joined", days)
    rated = _by_day(UserAnimeRating.objects.filter(user__origin__in=HERE), "rated_at", days)
    return [
        _chart("rated", _of_rated(sum(rated)), days, [("Titles rated", rated)]),
        _chart(
            "joined",
            _of_joined(sum(joined), sum(guests)),
            days,
            [("Members", joined), ("Guests", guests)],
        ),
    ]


def _chart(name: str, finding: str, days: list[date], series: list[tuple[str, list[int]]]) -> Chart:
    shape = layout(barmode="stack", hovermode="x unified", showlegend=len(series) > 1)
    shape["legend"] |= {"traceorder": "normal"}
    shape["yaxis"] |= {"rangemode": "tozero"}
    if max(map(sum, zip(*(values for _, values in series), strict=True))) < FEW:
        shape["yaxis"] |= {"dtick": 1}
    x = [day.isoformat() for day in days]
    traces = [
        bars(x, values, name=label, marker=_marker(place))
        for place, (label, values) in enumerate(series)
    ]
    rows: list[list[Cell]] = [
        [day, *(values[place] for _, values in series)] for place, day in enumerate(x)
    ]
    return Chart(
        id=f"days-{name}",
        finding=finding,
        figure={"data": traces, "layout": shape},
        columns=["Day", *(label for label, _ in series)],
        rows=rows[::-1],
        note="Of members and guests of this site; what came with a dataset does not count.",
        height=240,
    )


def _marker(place: int) -> dict[str, object]:
    """Told apart by pattern as well as by colour."""
    pattern = {"shape": ["", "/"][place], "fillmode": "overlay", "fgcolor": "@bg", "size": 6}
    return {"color": f"@series-{place + 1}", "pattern": pattern}


def _of_rated(rated: int) -> str:
    if not rated:
        return f"Nothing was rated in {DAYS} days."
    return f"{rated:,} {'title was' if rated == 1 else 'titles were'} rated in {DAYS} days."


def _of_joined(joined: int, guests: int) -> str:
    members, came = "member" if joined == 1 else "members", "guest" if guests == 1 else "guests"
    return f"{joined:,} {members} joined and {guests:,} {came} came in {DAYS} days."


def _days() -> Iterator[date]:
    today = timezone.localdate()
    return (today - timedelta(days=back) for back in range(DAYS - 1, -1, -1))


def _by_day(rows: QuerySet[Any], field: str, days: list[date]) -> list[int]:
    recent = rows.filter(**{f"{field}__date__gte": days[0]})
    found = dict(recent.order_by().values_list(TruncDate(field)).annotate(n=Count("pk")))
    return [found.get(day, 0) for day in days]
