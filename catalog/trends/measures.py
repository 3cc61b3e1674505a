"""Charts of how titles are watched and scored."""

from collections import Counter, defaultdict
from statistics import quantiles

from catalog.charts import Chart, bars, layout
from catalog.models import AnimeType
from catalog.trends import drawing, findings, shares
from catalog.trends.counting import Numbers

SCORE_WAYS = (("all", "all titles"), ("type", "by type"))
# Of the histogram, in quarters of a point: a bar a quarter.
PARTS = 4
TYPES = dict(AnimeType.choices)
MOST_TYPES = 6


def popularity(numbers: Numbers) -> Chart:
    """Members of titles by the year in which they began: of the middle one, and of the top tenth."""
    by_year: dict[int, list[int]] = defaultdict(list)
    for year, _, members, _ in numbers.measures:
        if year is not None and members is not None:
            by_year[year].append(members)
    sizes = {year: len(members) for year, members in by_year.items()}
    years = shares.years_of(sizes, all_of_them=numbers.wish.year_min is not None)
    tenths = [quantiles(by_year[year], n=10, method="inclusive") for year in years]
    series: drawing.Series = [
        ("top tenth", [tenth[8] for tenth in tenths]),
        ("middle title", [tenth[4] for tenth in tenths]),
    ]
    return Chart(
        id="popularity",
        finding=findings.of_popularity(
            {year: by_year[year] for year in by_year if years and year >= years[0]},
            when=numbers.wish.when,
        ),
        figure=drawing.lines(years, series, suffix="", log=True),
        columns=["Year", "Titles", "Members of the middle title", "A tenth have more than"],
        rows=[
            [str(year), sizes[year], round(tenth[4]), round(tenth[8])]
            for year, tenth in zip(years, tenths, strict=True)
        ],
        note=f"Members, as the source counts them, by the year in which a title began; each line upwards is ten times as many. Years with fewer than {shares.FEWEST} titles are left out.",
    )


def scores(numbers: Numbers) -> Chart:
    """How many titles have which mean score."""
    scored = [
        (TYPES.get(kind, "Other"), score)
        for _, kind, _, score in numbers.measures
        if score is not None
    ]
    return _by_type(scored) if numbers.wish.by == "type" else _of_all(scored)


def _part(score: float) -> float:
    """The lower end of its bar; a 10 stands with what is just below it."""
    # A score has two decimals: the sum keeps 7.25 from being 7.2499.
    return min(int(score * PARTS + 1e-9), 10 * PARTS - 1) / PARTS


def _span(places: list[float]) -> list[float]:
    if not places:
        return []
    first, last = (round(end * PARTS) for end in (min(places), max(places)))
    return [place / PARTS for place in range(first, last + 1)]


def _words(place: float) -> str:
    return f"{place:.2f} to {place + 1 / PARTS:.2f}"


def _of_all(scored: list[tuple[str, float]]) -> Chart:
    counts = Counter(_part(score) for _, score in scored)
    span = _span(list(counts))
    trace = bars(
        [place + 1 / PARTS / 2 for place in span],
        [counts[place] for place in span],
        color="@series-1",
        width=1 / PARTS * 0.92,
        customdata=[_words(place) for place in span],
        hovertemplate="%{customdata}: %{y:,} titles<extra></extra>",
    )
    shape = layout(x="Mean score", y="Titles", hoverlabel=drawing.HOVER)
    return Chart(
        id="scores",
        finding=findings.of_scores([score for _, score in scored]),
        figure={"data": [trace], "layout": shape},
        columns=["Mean score", "Titles"],
        rows=[[_words(place), counts[place]] for place in span],
        note="Titles by their mean score; those that nobody has scored are left out.",
    )


def _by_type(scored: list[tuple[str, float]]) -> Chart:
    sizes = Counter(name for name, _ in scored)
    names = [name for name, n in sizes.most_common(MOST_TYPES) if n >= findings.ENOUGH]
    counts = Counter((name, _part(score)) for name, score in scored)
    span = _span([place for name, place in counts if name in names])
    series: drawing.Series = [
        (name, [100 * counts[name, place] / sizes[name] for place in span]) for name in names
    ]
    figure = drawing.lines([place + 1 / PARTS / 2 for place in span], series)
    # All of them end at nothing, where names beside them would tell nothing: the legend has their dashes.
    figure["layout"] |= {"annotations": [], "showlegend": True, "margin": {"l": 48, "r": 12, "t": 8, "b": 40}}  # fmt: skip
    return Chart(
        id="scores",
        finding=_best_type(scored, names),
        figure=figure,
        columns=["Mean score", *(f"{name}, %" for name in names)],
        rows=[
            [_words(place), *(round(values[n] or 0, 1) for _, values in series)]
            for n, place in enumerate(span)
        ],
        note=f"Share of the titles of a type; types with fewer than {findings.ENOUGH} scored titles are left out.",
    )


def _best_type(scored: list[tuple[str, float]], names: list[str]) -> str:
    if not names:
        return findings.TOO_FEW
    means = {
        name: sum(score for other, score in scored if other == name)
        / sum(other == name for other, _ in scored)
        for name in names
    }
    best, least = max(names, key=means.__getitem__), min(names, key=means.__getitem__)
    if best == least:
        return f"{best}: {means[best]:.2f} is the mean of all scores."
    return f"{best} scores best, {means[best]:.2f} on average; {least} least, {means[least]:.2f}."
