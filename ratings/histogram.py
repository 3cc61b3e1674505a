"""What members here gave a title, score by score."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Case, Count, When
from django.db.models.functions import ExtractYear
from django.urls import reverse

from catalog.charts import Cell, Chart, Figure, bars, layout
from catalog.models import Anime
from ratings.models import Origin

COLUMNS = ("Score", "Members", "Share, %")
SCORES = range(1, 11)
# With fewer scores a bar would tell what one member gave.
FEWEST = 5
FEWEST_YEARS = 2


@dataclass(frozen=True)
class Scores:
    """How many members gave each score of 1 to 10; of real ones, and of simulated ones apart."""

    real: Sequence[int]
    simulated: Sequence[int]

    @property
    def is_simulated(self) -> bool:
        """Whether simulated members are all there is to show."""
        return sum(self.real) < FEWEST <= sum(self.simulated)

    @property
    def shown(self) -> Sequence[int]:
        return self.simulated if self.is_simulated else self.real

    @property
    def who(self) -> str:
        return "simulated members" if self.is_simulated else "members here"

    @property
    def rows(self) -> list[list[Cell]]:
        """The highest score first; none where single members could be told from them."""
        total = sum(self.shown)
        if total < FEWEST:
            return []
        shares = [round(100 * number / total, 1) for number in self.shown]
        return [[score, self.shown[score - 1], shares[score - 1]] for score in reversed(SCORES)]


def scores_of(anime: Anime) -> Scores:
    """One query. Guests are left out: they have not said yet that they stay."""
    found = (
        anime.list_entries.scored()
        .exclude(user__origin=Origin.GUEST)
        .order_by()
        .values_list("score")
        .annotate(
            all=Count("pk"),
            simulated=Count(Case(When(user__origin=Origin.SIMULATED, then=1))),
        )
    )
    counts = {score: (all_ - simulated, simulated) for score, all_, simulated in found}
    real, simulated = zip(*(counts.get(score, (0, 0)) for score in SCORES), strict=True)
    return Scores(real, simulated)


def histogram(anime: Anime, scores: Scores, own: int | None = None) -> Chart | None:
    """None where so few gave a score that a bar would be somebody's. `own`: what the viewer gave."""
    if not scores.rows:
        return None
    return Chart(
        id="scores",
        finding=_finding(scores),
        figure=_figure(scores, own),
        columns=COLUMNS,
        rows=scores.rows,
        csv=reverse("ratings:scores-csv", args=[anime.pk]),
        note=_note(scores, own),
        height=240,
    )


def few(scores: Scores) -> str:
    """Instead of a chart: how many scores there are."""
    number = sum(scores.real)
    if not number:
        return "Nobody here has given it a score yet."
    who = "One member" if number == 1 else f"{number} members"
    have = "has" if number == 1 else "have"
    return f"{who} here {have} given it a score; the chart begins with {FEWEST}."


def _finding(scores: Scores) -> str:
    """'63 % of 412 members give it 8 or more': the highest score that at least half give or exceed."""
    total = sum(scores.shown)
    reached, score = 0, 10
    for score in reversed(SCORES):
        reached += scores.shown[score - 1]
        if 2 * reached >= total:
            break
    who = scores.who.removesuffix(" here")
    if reached == total:
        return f"All of {total:,} {who} give it {_or_more(score)}"
    return f"{round(100 * reached / total)} % of {total:,} {who} give it {_or_more(score)}"


def _or_more(score: int) -> str:
    return "a 10" if score == 10 else f"{score} or more"


def _note(scores: Scores, own: int | None) -> str:
    total = sum(scores.shown)
    mean = sum(score * number for score, number in zip(SCORES, scores.shown, strict=True)) / total
    parts = [f"Scores of {total:,} {scores.who}, {mean:.2f} on the mean."]
    left_out = 0 if scores.is_simulated else sum(scores.simulated)
    if left_out:
        parts.append(f"{left_out:,} simulated members are left out.")
    if own:
        parts.append(f"You gave it {'an' if own == 8 else 'a'} {own}.")
    return " ".join(parts)


def _figure(scores: Scores, own: int | None) -> Figure:
    colors = ["@accent" if score == own else "@series-2" for score in SCORES]
    trace = bars(
        list(SCORES), scores.shown, hovertemplate="Score %{x}: %{y} members<extra></extra>"
    )
    trace["marker"] = {"color": colors}
    plan = layout(x="Score", y="Members", bargap=0.15)
    plan["margin"] = {**plan["margin"], "b": 52}
    plan["xaxis"] |= {"tickmode": "linear", "dtick": 1, "range": [0.4, 10.6]}
    plan["yaxis"] |= {"rangemode": "tozero", "nticks": 5}
    return {"data": [trace], "layout": plan}


def by_year(anime: Anime) -> Chart | None:
    """When members here said so; published lists do not tell, so most titles have no such chart."""
    found = (
        anime.list_entries.exclude(user__origin__in=(Origin.GUEST, Origin.SIMULATED))
        .exclude(rated_at=None)
        .order_by()
        .values_list(ExtractYear("rated_at"))
        .annotate(number=Count("pk"))
    )
    told = dict(found)
    if len(told) < FEWEST_YEARS or sum(told.values()) < FEWEST:
        return None
    years = range(min(told), max(told) + 1)
    rows: list[list[Cell]] = [[year, told.get(year, 0)] for year in years]
    most = max(years, key=lambda year: told.get(year, 0))
    plan = layout(x="Year", y="List entries")
    plan["xaxis"] |= {"dtick": max(1, len(years) // 8)}
    numbers = [told.get(year, 0) for year in years]
    return Chart(
        id="rated-when",
        finding=f"Most of its {sum(numbers):,} list entries here were last changed in {most}"
        if 2 * told[most] > sum(numbers)
        else f"More of its {sum(numbers):,} list entries here are of {most} than of any other year",
        figure={"data": [bars(list(years), numbers, color="@series-3")], "layout": plan},
        columns=("Year", "List entries"),
        rows=rows,
        note="By the day on which members here last changed the entry.",
        height=240,
    )
