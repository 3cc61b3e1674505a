"""How a member scores and watches beside others, in charts, findings and titles."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, pstdev

from django.core.cache import cache
from django.db.models import Count, F
from django.db.models.functions import Mod

from catalog.charts import Chart, bars, layout
from ratings.models import User, UserAnimeRating
from recommender.own_lines import OwnLine

SCORES = range(1, 11)
# Others' scores are counted on a sample of members: all of a large site's would be a long scan.
SAMPLED, CACHED_SECONDS = 500, 24 * 3600
SHOWN = 5
# Every score has its tick.
XAXIS = {"fixedrange": True, "dtick": 1, "showgrid": False}
# Fewer scores make no histogram, fewer dated titles no years; a point apart is worth naming.
ENOUGH, APART = 5, 1.0


@dataclass(frozen=True)
class Numbers:
    """`others_mean`, `others_spread` are None where nobody real but the member is here."""

    scored: int
    mean: float
    spread: float
    others_mean: float | None
    others_spread: float | None


@dataclass(frozen=True)
class Habits:
    numbers: Numbers | None
    scores: Chart | None
    years: Chart | None
    above: Sequence[OwnLine]
    below: Sequence[OwnLine]
    ended: Sequence[tuple[str, int, int]]  # state, titles, per cent

    @property
    def is_alone(self) -> bool:
        return self.numbers is not None and self.numbers.others_mean is None


def habits_of(lines: Sequence[OwnLine]) -> Habits:
    own = Counter(line.score for line in lines if line.score is not None)
    enough = own.total() >= ENOUGH
    others = others_scores() if enough else {}
    apart = sorted((line for line in lines if line.difference is not None), key=_difference)
    return Habits(
        numbers=_numbers(own, others) if enough else None,
        scores=_scores_chart(own, others) if enough else None,
        years=_years_chart(lines),
        above=[line for line in apart[::-1][:SHOWN] if _difference(line) >= APART],
        below=[line for line in apart[:SHOWN] if _difference(line) <= -APART],
        ended=_ended(lines),
    )


def others_scores() -> dict[int, int]:
    """How often each score is given by real members, by a sample of them; three queries a day."""
    key = "habits:others"
    found: dict[int, int] | None = cache.get(key)
    if found is None:
        real = User.objects.real()
        step = max(1, real.count() // SAMPLED)
        sample = real.annotate(place=Mod(F("pk"), step)).filter(place=0).values("pk")
        rows = UserAnimeRating.objects.scored().filter(user__in=sample).order_by()
        found = dict(rows.values_list("score").annotate(number=Count("pk")))
        cache.set(key, found, CACHED_SECONDS)
    return found


def _difference(line: OwnLine) -> float:
    return line.difference or 0.0


def _numbers(own: Mapping[int, int], others: Mapping[int, int]) -> Numbers:
    given = _spelt_out(own)
    mean, spread = _mean_and_spread(others) if others else (None, None)
    return Numbers(len(given), fmean(given), pstdev(given), mean, spread)


def _spelt_out(counts: Mapping[int, int]) -> list[int]:
    return [score for score, number in counts.items() for _ in range(number)]


def _mean_and_spread(counts: Mapping[int, int]) -> tuple[float, float]:
    total = sum(counts.values())
    mean = sum(score * number for score, number in counts.items()) / total
    return mean, (sum(n * (score - mean) ** 2 for score, n in counts.items()) / total) ** 0.5


def _scores_chart(own: Mapping[int, int], others: Mapping[int, int]) -> Chart:
    mine = _percents(own)
    traces = [bars(list(SCORES), mine, name="You")]
    columns = ["Score", "Your titles", "You, %"]
    rows: list[list[int | float | None]] = [
        [score, own.get(score, 0), mine[score - 1]] for score in SCORES
    ]
    if others:
        theirs = _percents(others)
        traces.append(bars(list(SCORES), theirs, color="@series-7", name="Others"))
        columns.append("Others, %")
        rows = [[*row, theirs[place]] for place, row in enumerate(rows)]
    return Chart(
        id="scores",
        finding=_scores_finding(own, others),
        figure={
            "data": traces,
            "layout": layout(y="% of scores", barmode="group", xaxis=XAXIS),
        },
        columns=columns,
        rows=rows,
        note="Shares of all scores given. Others: a sample of the real members of this site."
        if others
        else "Shares of all scores given.",
        height=240,
        level=3,
    )


def _percents(counts: Mapping[int, int]) -> list[float]:
    total = sum(counts.values()) or 1
    return [round(100 * counts.get(score, 0) / total, 1) for score in SCORES]


def _scores_finding(own: Mapping[int, int], others: Mapping[int, int]) -> str:
    mine = max(own, key=lambda score: (own[score], score))
    begun = f"The score you give most is {_a(mine)} {mine}"
    if not others:
        return f"{begun}."
    theirs = max(others, key=lambda score: (others[score], score))
    return (
        f"{begun}, as with others."
        if mine == theirs
        else f"{begun}; others give {_a(theirs)} {theirs} most."
    )


def _a(score: int) -> str:
    return "an" if score == 8 else "a"


def _years_chart(lines: Sequence[OwnLine]) -> Chart | None:
    """Episodes by the year in which their titles were finished, where the list has dates."""
    dated = [line for line in lines if line.finished_on and line.seen_episodes]
    episodes: Counter[int] = Counter()
    titles: Counter[int] = Counter()
    for line in dated:
        if line.finished_on:
            episodes[line.finished_on.year] += line.seen_episodes
            titles[line.finished_on.year] += 1
    if len(dated) < ENOUGH or len(episodes) < 2:
        return None
    years = list(range(min(episodes), max(episodes) + 1))
    best = max(years, key=lambda year: (episodes[year], year))
    return Chart(
        id="episodes",
        finding=f"You saw most in {best}: {episodes[best]:,} episodes of the titles you finished.",
        figure={
            "data": [bars(years, [episodes[year] for year in years])],
            "layout": layout(y="Episodes"),
        },
        columns=["Year", "Episodes", "Titles finished"],
        rows=[[year, episodes[year], titles[year]] for year in years],
        note=f"Of the {len(dated):,} titles whose last day your list tells.",
        height=240,
        level=3,
    )


def _ended(lines: Sequence[OwnLine]) -> list[tuple[str, int, int]]:
    """What has become of what was begun: state, titles, per cent."""
    watched = Counter(line.status for line in lines if line.is_watched)
    total = watched.total()
    names = {
        "completed": "Completed",
        "watching": "Watching",
        "on_hold": "On hold",
        "dropped": "Dropped",
    }
    return [
        (name, watched[state], round(100 * watched[state] / total))
        for state, name in names.items()
        if watched[state]
    ]
