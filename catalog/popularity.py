"""How a title became known: its snapshots, day by day."""

from collections.abc import Sequence

from django.urls import reverse
from django.utils.formats import date_format

from catalog.charts import Cell, Chart, Figure, layout, line
from catalog.models import Anime, AnimeSnapshot

COLUMNS = ("Day", "On lists", "Score", "Scored by", "Rank")
# A figure of more points than this is no clearer; the CSV has every day.
MOST_POINTS = 400


def snapshots_of(anime: Anime) -> list[AnimeSnapshot]:
    """What was told of its following, the first day first: one query."""
    return list(anime.snapshots.exclude(members=None, score=None).order_by("taken_on"))


def rows_of(days: Sequence[AnimeSnapshot]) -> list[list[Cell]]:
    return [
        [day.taken_on.isoformat(), day.members, day.score, day.scored_by, day.rank] for day in days
    ]


def popularity(anime: Anime, days: Sequence[AnimeSnapshot]) -> Chart | None:
    """None as long as one day is all that is known: a point is no line."""
    if len(days) < 2:
        return None
    return Chart(
        id="popularity",
        finding=_finding(days),
        figure=_figure(days),
        columns=COLUMNS,
        rows=rows_of(days),
        csv=reverse("catalog:popularity-csv", args=[anime.pk]),
        note="As the catalogue was told day by day, by members of all the sites it reads.",
    )


def _finding(days: Sequence[AnimeSnapshot]) -> str:
    """'On 12,300 lists, 400 more than on 3 May 2026; the score went from 8.05 to 8.12.'"""
    found = [_lists(days), _score(days)]
    return "; ".join(filter(None, found)) + "." if any(found) else "Seen on several days."


def _lists(days: Sequence[AnimeSnapshot]) -> str:
    told = [(day.taken_on, day.members) for day in days if day.members is not None]
    if not told:
        return ""
    (since, before), (_, now) = told[0], told[-1]
    on_lists = f"On {now:,} list{'' if now == 1 else 's'}"
    if len(told) < 2:
        return on_lists
    change = f"{abs(now - before):,} {'more' if now > before else 'fewer'} than"
    return (
        f"{on_lists}, {'as many as' if now == before else change} on {date_format(since, 'j F Y')}"
    )


def _score(days: Sequence[AnimeSnapshot]) -> str:
    scores = [day.score for day in days if day.score is not None]
    if len(scores) < 2:
        return ""
    first, last = f"{scores[0]:.2f}", f"{scores[-1]:.2f}"
    return f"the score stayed {last}" if first == last else f"the score went from {first} to {last}"


def _figure(days: Sequence[AnimeSnapshot]) -> Figure:
    """Lists above, the score below, along the same days."""
    step = -(-len(days) // MOST_POINTS)
    # Counted from the newest, which is always there.
    shown = days[::-1][::step][::-1]
    x = [day.taken_on.isoformat() for day in shown]
    seen: Figure = {"mode": "lines+markers", "connectgaps": True, "showlegend": False}
    lists = line(x, [day.members for day in shown], name="On lists", **seen)
    score = line(
        x, [day.score for day in shown], color="@series-2", name="Score", yaxis="y2", **seen
    )
    plan = layout(y="On lists")
    plan["xaxis"]["type"] = "date"
    plan["yaxis"] |= {"domain": [0.45, 1], "tickformat": ",d", "nticks": 5}
    lower = {**plan["yaxis"], "domain": [0, 0.3], "title": {"text": "Score"}, "nticks": 3}
    plan["yaxis2"] = {**lower, "tickformat": ".2f"}
    return {"data": [lists, score], "layout": plan}
