"""What one sees in a chart, in a sentence: pure arithmetic and words, true for any catalogue."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from statistics import median

TOO_FEW = "Too few titles to say."
# A decade with fewer titles is not compared.
ENOUGH = 30
# Shares that differ by less have not changed.
NOTHING = 1.0

# (series, year) -> titles; year -> all titles.
Counts = Mapping[tuple[str, int], int]
Totals = Mapping[int, int]


def percent(share: float) -> str:
    """'61 %'; what is not nothing is not said to be."""
    return "under 1\u00a0%" if 0 < share < 0.5 else f"{share:.0f}\u00a0%"


def number(value: float) -> str:
    return f"{value:,.0f}"


def shares_by_decade(counts: Counts, totals: Totals) -> dict[int, dict[str, float]]:
    """Decade -> series -> percent, of decades with enough titles, in their order."""
    whole: Counter[int] = Counter()
    parts: Counter[tuple[int, str]] = Counter()
    for year, n in totals.items():
        whole[year // 10 * 10] += n
    for (name, year), n in counts.items():
        parts[year // 10 * 10, name] += n
    names = sorted({name for name, _ in counts})
    return {
        decade: {name: 100 * parts[decade, name] / whole[decade] for name in names}
        for decade in sorted(whole)
        if whole[decade] >= ENOUGH
    }


def decade_of(decade: int) -> str:
    return f"the {decade}s"


def of_change(
    counts: Counts,
    totals: Totals,
    *,
    call: Callable[[str], str] = str,
    when: Callable[[int], str] = decade_of,
) -> str:
    """The series that changed most from the first decade to the last.

    `call`: how a series is called at the beginning of a sentence; `when`: how a decade is.
    """
    decades = shares_by_decade(counts, totals)
    if not decades or not counts:
        return TOO_FEW
    first, last = min(decades), max(decades)
    then, now = decades[first], decades[last]
    name = max(now, key=lambda one: (abs(now[one] - then[one]), now[one], one))
    if first == last:
        name = max(now, key=lambda one: (now[one], one))
        return f"{call(name)}: {percent(now[name])} of titles of {when(last)}, more than any other."
    change = now[name] - then[name]
    if abs(change) < NOTHING:
        return f"Shares have hardly changed from {when(first)} to {when(last)}."
    went = "rose" if change > 0 else "fell"
    return (
        f"{call(name)} {went} from {percent(then[name])} of titles in {when(first)} "
        f"to {percent(now[name])} in {when(last)}."
    )


def of_output(counts: Counts, totals: Totals, *, call: Callable[[str], str] = str) -> str:
    """The year in which most began, and what most of them were."""
    if sum(totals.values()) < ENOUGH:
        return TOO_FEW
    year = max(totals, key=lambda one: (totals[one], one))
    kinds = {name: n for (name, of), n in counts.items() if of == year}
    name = max(kinds, key=lambda one: (kinds[one], one))
    share = percent(100 * kinds[name] / totals[year])
    return f"{year} has the most titles, {number(totals[year])}; {share} of them are {call(name)}."


def of_popularity(
    members: Mapping[int, Sequence[int]], *, when: Callable[[int], str] = decade_of
) -> str:
    """The decade whose middle title has the most members, against the one that has the fewest."""
    pooled: dict[int, list[int]] = {}
    for year, some in members.items():
        pooled.setdefault(year // 10 * 10, []).extend(some)
    middles = {decade: median(some) for decade, some in pooled.items() if len(some) >= ENOUGH}
    if not middles:
        return TOO_FEW
    best = max(middles, key=lambda one: (middles[one], one))
    least = min(middles, key=lambda one: (middles[one], one))
    said = f"Half of the titles of {when(best)} have {number(middles[best])} members or more"
    if middles[best] == middles[least]:
        return f"{said}."
    return f"{said}; of {when(least)}, {number(middles[least])} or more."


def of_scores(scores: Sequence[float], *, high: float = 8) -> str:
    """Between which scores the middle half is, and how many are high."""
    if len(scores) < ENOUGH:
        return TOO_FEW
    ordered = sorted(scores)
    low, top = (ordered[round((len(ordered) - 1) * part)] for part in (0.25, 0.75))
    share = 100 * sum(score >= high for score in ordered) / len(ordered)
    reach = "none reaches" if not share else f"{percent(share)} reach"
    return f"Half of all titles score between {low:.1f} and {top:.1f}; {reach} {high:g}."


def of_studios(studios: Iterable[tuple[str, int, float | None]]) -> str:
    """The one with the most titles, and the best loved of all that are given."""
    rows = list(studios)
    if len(rows) < 2:
        return TOO_FEW
    name, titles, _ = rows[0]
    plural = "" if titles == 1 else "s"
    said = f"{name} made the most, {number(titles)} title{plural}"
    scored = [(score, other) for other, _, score in rows if score is not None]
    if not scored:
        return f"{said}."
    score, best = max(scored)
    if best == name:
        return f"{said}, and they score best too: {score:.2f} on average."
    return f"{said}; of the {len(rows)} with most, {best} scores best: {score:.2f} on average."


def of_growth(days: Sequence[tuple[date, float, int]]) -> str:
    """By how much members of the most watched titles grew."""
    if len(days) < 2:
        return "Too few days to say."
    change = days[-1][1] - 100
    since = f"on {days[0][0].day} {days[0][0]:%B %Y}"
    if abs(change) < 0.05:
        return f"The most watched titles have as many members as {since}."
    went = "more" if change > 0 else "fewer"
    size = f"{abs(change):.0f}" if abs(change) >= 10 else f"{abs(change):.1f}"
    return f"The most watched titles have {size}\u00a0% {went} members than {since}."
