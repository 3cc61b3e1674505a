"""Charts of who makes titles, and of how many watch them as days go by."""

from catalog.charts import Chart
from catalog.trends import drawing, findings
from catalog.trends.counting import FEWEST_SCORED, FOLLOWED, Numbers


def studios(numbers: Numbers) -> Chart:
    """The studios with the most titles, and how these score."""
    found = numbers.studios()
    decade = numbers.wish.decade
    labels = [
        f"{one.titles:,} · {one.score:.2f}" if one.score is not None else f"{one.titles:,}"
        for one in found
    ]
    said = findings.of_studios((one.name, one.titles, one.score) for one in found)
    if decade and said != findings.TOO_FEW:
        said = f"In the {decade}s {said}"
    return Chart(
        id="studios",
        finding=said,
        figure=drawing.ranked(
            [one.name for one in found], [one.titles for one in found], labels, x="Titles"
        ),
        columns=["Studio", "Titles", "Mean score"],
        rows=[
            [one.name, one.titles, None if one.score is None else round(one.score, 2)]
            for one in found
        ],
        note=f"Beside each bar the number of titles and, where at least {FEWEST_SCORED} have a score, its mean. A title of two studios counts for both.",
    )


def growth(numbers: Numbers) -> Chart:
    """Members of the most watched titles, day by day."""
    days = numbers.growth()
    figure = drawing.lines(
        [day.isoformat() for day, _, _ in days],
        [("", [round(value, 2) for _, value, _ in days])],
        suffix="",
    )
    figure["layout"]["yaxis"] |= {"range": None, "rangemode": "normal", "autorange": True}
    return Chart(
        id="growth",
        finding=findings.of_growth(days),
        figure=figure,
        columns=["Day", "Members (first day 100)", "Titles compared"],
        rows=[[day.isoformat(), round(value, 1), n] for day, value, n in days],
        note=f"Of the {FOLLOWED} titles with the most members today, those looked at on both days; the first day is 100.",
    )
