"""Shares of titles by year: what four of the charts have in common."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from catalog.charts import Cell, Chart
from catalog.trends import drawing, findings
from catalog.trends.wishes import Wish

# A year with fewer titles has no shares worth drawing.
FEWEST = 5
# As long as the charts look back, unless they are asked to go further.
YEARS = 60


def years_of(totals: findings.Totals, *, all_of_them: bool, fewest: int = FEWEST) -> list[int]:
    """The years with enough titles, of the last sixty unless the wish names a first."""
    known = sorted(year for year, n in totals.items() if n >= fewest)
    if all_of_them or not known:
        return known
    # Whole decades: what is said of the first must be true of it.
    first = (known[-1] - YEARS + 1) // 10 * 10
    return [year for year in known if year >= first]


def of_bands(
    name: str,
    parts: Iterable[tuple[str, int, int]],
    order: Sequence[str],
    *,
    wish: Wish,
    call: Callable[[str], str],
    note: str,
) -> Chart:
    """`parts`: series, year, number of titles. `order`: of the series, the lowest band first."""
    counts: Counter[tuple[str, int]] = Counter()
    totals: Counter[int] = Counter()
    for part, year, n in parts:
        counts[part, year] += n
        totals[year] += n
    years = years_of(totals, all_of_them=wish.year_min is not None)
    order = [part for part in order if any(counts[part, year] for year in years)]
    series = [(part, [100 * counts[part, y] / totals[y] for y in years]) for part in order]
    # Also of the years with too few titles to draw.
    since = {year: n for year, n in totals.items() if years and year >= years[0]}
    seen = {key: n for key, n in counts.items() if key[1] in since}
    return Chart(
        id=name,
        finding=findings.of_change(seen, since, call=call, when=wish.when),
        figure=drawing.bands(years, series),
        columns=["Year", "Titles", *(f"{part}, %" for part in order)],
        rows=rows_of(years, totals, series),
        note=note,
    )


def rows_of(
    years: Sequence[int], totals: findings.Totals, series: drawing.Series
) -> list[list[Cell]]:
    return [
        [str(year), totals[year], *(_rounded(values[place]) for _, values in series)]
        for place, year in enumerate(years)
    ]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
