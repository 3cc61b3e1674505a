"""Charts of what titles are: genres, source material, length, type."""

from collections import Counter
from collections.abc import Iterable

from catalog.charts import Chart
from catalog.models import AnimeType, Season
from catalog.trends import drawing, findings, shares
from catalog.trends.counting import EPISODES, MINUTES, Numbers

GENRES, SOURCES = 6, 6
# Years and seasons differ by chance: a line takes in so many points on each side.
BESIDE = 2
OTHER, UNKNOWN = "Other", ("", "unknown")
GENRE_WAYS = (("year", "by year"), ("season", "by season"))
LENGTH_WAYS = (("episodes", "episodes"), ("minutes", "minutes an episode"))
LEFT_OUT = f"Years with fewer than {shares.FEWEST} titles are left out."
# How a source reads at the beginning of a sentence; the others are "… adaptations".
CALLED = {"Original": "Original stories", OTHER: "Other sources", "Music": "Titles made of music"}
TYPES = dict(AnimeType.choices)
# 'TV' is a plural of itself.
MANY = {"TV": "TV series", "Music": "music videos", "OVA": "OVAs", "ONA": "ONAs", OTHER: "of other types"}  # fmt: skip


def genres(numbers: Numbers) -> Chart:
    """Of the titles that began in a year or a season, how many have the genre."""
    wish = numbers.wish
    seasons = wish.by == "season"
    totals, counts = numbers.totals(seasons=seasons), numbers.genres(seasons=seasons)
    names = list(wish.genres) or _most_common(counts, GENRES)
    by_year: Counter[int] = Counter()
    for (year, _), n in totals.items():
        by_year[year] += n
    years = shares.years_of(by_year, all_of_them=wish.year_min is not None, fewest=1)
    shown = [
        when for when in sorted(totals) if totals[when] >= shares.FEWEST and when[0] in set(years)
    ]
    series = [
        (name, [100 * counts[name, *when] / totals[when] for when in shown]) for name in names
    ]
    drawn: drawing.Series = [(name, _smooth(counts, totals, shown, name)) for name in names]
    x = [year + part / 4 if seasons else year for year, part in shown]
    labels = [f"{Season.labels[part]} {year}" if seasons else str(year) for year, part in shown]
    figure = drawing.lines(x, drawn)
    return Chart(
        id="genres",
        finding=_of_genres(numbers, counts, totals, shown, names),
        figure=figure,
        columns=["Season" if seasons else "Year", "Titles", *(f"{name}, %" for name in names)],
        rows=[
            [label, totals[when], *(round(values[place], 1) for _, values in series)]
            for place, (label, when) in enumerate(zip(labels, shown, strict=True))
        ],
        note=f"Share of the titles that began then and have any genre; a title has several. Lines are drawn over five points, two to each side; the table has each alone. {'Seasons' if seasons else 'Years'} with fewer than {shares.FEWEST} titles are left out.",
    )


def _smooth(
    counts: Counter[tuple[str, int, int]],
    totals: Counter[tuple[int, int]],
    shown: list[tuple[int, int]],
    name: str,
) -> list[float]:
    """The share of the genre in the titles of each point and its neighbours."""
    around = [shown[max(0, n - BESIDE) : n + BESIDE + 1] for n in range(len(shown))]
    return [
        100 * sum(counts[name, *when] for when in near) / sum(totals[when] for when in near)
        for near in around
    ]


def _of_genres(
    numbers: Numbers,
    counts: Counter[tuple[str, int, int]],
    totals: Counter[tuple[int, int]],
    shown: list[tuple[int, int]],
    names: Iterable[str],
) -> str:
    whole: Counter[int] = Counter()
    parts: Counter[tuple[str, int]] = Counter()
    for when in shown:
        whole[when[0]] += totals[when]
        for name in names:
            parts[name, when[0]] += counts[name, *when]
    return findings.of_change(parts, whole, when=numbers.wish.when)


def _most_common(counts: Counter[tuple[str, int, int]], most: int) -> list[str]:
    whole: Counter[str] = Counter()
    for (name, _, _), n in sorted(counts.items()):
        whole[name] += n
    return [name for name, _ in whole.most_common(most)]


def sources(numbers: Numbers) -> Chart:
    """What titles are made from."""
    known = [
        (_source(group.source), group.year, group.number)
        for group in numbers.groups
        if numbers.is_work(group.type) and group.source.lower() not in UNKNOWN
    ]
    whole: Counter[str] = Counter()
    for name, _, n in known:
        if name != OTHER:
            whole[name] += n
    order = [name for name, _ in sorted(whole.most_common(SOURCES), key=lambda pair: (-pair[1], pair[0]))]  # fmt: skip
    return shares.of_bands(
        "sources",
        ((name if name in order else OTHER, year, n) for name, year, n in known),
        [*order, OTHER],
        wish=numbers.wish,
        call=lambda name: CALLED.get(name, f"{name} adaptations"),
        note=f"Share of the titles that began in a year and whose source material is known. {LEFT_OUT}",
    )


def _source(written: str) -> str:
    """Sources write 'Light novel' and 'light_novel'."""
    return written.replace("_", " ").capitalize()


def length(numbers: Numbers) -> Chart:
    """How many episodes titles have, or how long one is."""
    by_minutes = numbers.wish.by == "minutes"
    names = [name for name, _ in (MINUTES if by_minutes else EPISODES)]
    parts = (
        (names[place], group.year, group.number)
        for group in numbers.groups
        if numbers.is_work(group.type)
        and (place := group.minutes if by_minutes else group.episodes) >= 0
    )
    return shares.of_bands(
        "length",
        parts,
        names,
        wish=numbers.wish,
        call=lambda name: _of_length(name, by_minutes),
        note=f"Share of the titles that began in a year and {'whose episodes are so many minutes long' if by_minutes else 'have so many episodes'}, where that is known. {LEFT_OUT}",
    )


def _of_length(name: str, by_minutes: bool) -> str:
    if by_minutes:
        return f"Episodes of {name.replace('min', 'minutes')}"
    return f"Titles of {name}" + ("" if name.endswith("episode") else " episodes")


def types(numbers: Numbers) -> Chart:
    """How many titles of each type began in a year."""
    counts: Counter[tuple[str, int]] = Counter()
    totals: Counter[int] = Counter()
    for group in numbers.groups:
        counts[TYPES.get(group.type, OTHER), group.year] += group.number
        totals[group.year] += group.number
    years = shares.years_of(totals, all_of_them=numbers.wish.year_min is not None, fewest=1)
    years = list(range(years[0], years[-1] + 1)) if years else []
    order = [name for name in (*TYPES.values(), OTHER) if any(counts[name, y] for y in years)]
    if len(order) > 8:
        order = _fewer(counts, order)
    series: drawing.Series = [(name, [counts[name, year] for year in years]) for name in order]
    return Chart(
        id="types",
        finding=findings.of_output(counts, {y: totals[y] for y in years}, call=lambda name: MANY.get(name, f"{name.lower()}s")),
        figure=drawing.bands(years, series, suffix=""),
        columns=["Year", "Titles", *order],
        rows=[[str(y), totals[y], *(counts[name, y] for name in order)] for y in years],
        note="Titles by the year in which they began; music videos and commercials count here alone. The newest year may not be over.",
    )  # fmt: skip


def _fewer(counts: Counter[tuple[str, int]], order: list[str]) -> list[str]:
    """With the rarest among the others: there are eight colours."""
    whole: Counter[str] = Counter()
    for (name, _), n in counts.items():
        whole[name] += n
    kept = [name for name, _ in whole.most_common() if name != OTHER][:7]
    for name, year in list(counts):
        if name not in kept and name != OTHER:
            counts[OTHER, year] += counts.pop((name, year))
    return [*(name for name in order if name in kept), OTHER]
