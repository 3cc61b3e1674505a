"""Bands, lines and bars with their names beside them, so that no colour needs to be known."""

from collections.abc import Sequence
from math import log10
from typing import Any

from catalog.charts import Figure, bars, layout, line

DASHES = ["solid", "dash", "dot", "dashdot", "longdash", "longdashdot", "6px 2px", "2px 6px"]
HOVER = {"bgcolor": "@raised", "bordercolor": "@line-strong", "font": {"color": "@text"}}
# Years a little below the line, so that the first does not lie on the zero.
LOWER = {"ticks": "outside", "ticklen": 6, "tickcolor": "rgba(0,0,0,0)"}
# Of a letter of a name, in pixels; and at most so many for all of it.
LETTER, WIDEST = 7.6, 130
# Names closer than this part of the height would lie on each other.
APART = 0.078

Series = Sequence[tuple[str, Sequence[float | None]]]


def plain(text: str) -> str:
    """Plotly reads a few marks of HTML in texts; names have none."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def bands(x: Sequence[Any], series: Series, *, y: str = "", suffix: str = " %") -> Figure:
    """On each other, the first at the foot; they add up."""
    traces = [
        line(
            x,
            values,
            color="@bg",
            name=plain(name),
            stackgroup="all",
            fillcolor=f"@series-{place % 8 + 1}",
            line={"color": "@bg", "width": 1},
            hovertemplate=f"%{{fullData.name}} %{{y:.0f}}{suffix}<extra></extra>",
        )
        for place, (name, values) in enumerate(series)
    ]
    heights = [sum(values[n] or 0 for _, values in series) for n in range(len(x))]
    top = max(heights, default=1)
    # Names stand at the heights of the last year, unless that has hardly begun.
    last = next((n for n in range(len(x) - 1, -1, -1) if heights[n] >= top / 2), 0)
    tops, height = [], 0.0
    for name, values in series:
        size = (values[last] if values else 0) or 0
        tops.append((name, height + size / 2))
        height += size
    return _figure(traces, tops, top, y=y, suffix=suffix, hovermode="x unified")


def lines(
    x: Sequence[Any], series: Series, *, y: str = "", suffix: str = " %", log: bool = False
) -> Figure:
    """Each with its own dash. `log`: where the highest is many times the lowest."""
    traces = [
        line(
            x,
            values,
            name=plain(name),
            line={"color": f"@series-{place % 8 + 1}", "width": 2, "dash": DASHES[place % 8]},
            connectgaps=True,
            hovertemplate=f"%{{fullData.name}} %{{y:,.{0 if log else 1}f}}{suffix}<extra></extra>",
        )
        for place, (name, values) in enumerate(series)
    ]
    ends = [(name, _last(values)) for name, values in series]
    top = max((value for _, values in series for value in values if value is not None), default=1)
    if not log:
        return _figure(traces, ends, top, y=y, suffix=suffix, hovermode="x unified")
    # On such an axis Plotly wants places as powers of ten, and the axis begins at one.
    powers = [(name, log10(max(value, 1))) for name, value in ends]
    figure = _figure(traces, powers, log10(top) * 1.02, y=y, suffix=suffix, hovermode="x unified")
    figure["layout"]["yaxis"] |= {"type": "log", "dtick": 1}
    return figure


def ranked(
    names: Sequence[str], values: Sequence[float], labels: Sequence[str], *, x: str
) -> Figure:
    """Bars that lie, the longest on top, each with its label."""
    trace = bars(
        values,
        [plain(name) for name in names],
        color="@series-1",
        orientation="h",
        # Spaces, or the first figure lies on the end of the bar.
        text=[f"\u00a0\u00a0{label}" for label in labels],
        textposition="outside",
        textfont={"color": "@text"},
        cliponaxis=False,
        hovertemplate="%{y}: %{text}<extra></extra>",
    )
    shape = layout(x=x, margin={"l": 8, "r": 88, "t": 8, "b": 40}, hoverlabel=HOVER)
    shape["yaxis"] |= {"autorange": "reversed", "type": "category", "showgrid": False}
    shape["xaxis"] |= {"nticks": 4, "tickangle": 0}
    return {"data": [trace], "layout": shape}


def shortened(figure: Figure, most: int) -> Figure:
    """The first bars of a ranking, for where there is little room."""
    trace = figure["data"][0]
    fewer = {name: trace[name][:most] for name in ("x", "y", "text")}
    return {**figure, "data": [trace | fewer]}


def _last(values: Sequence[float | None]) -> float:
    return next((value for value in reversed(values) if value is not None), 0.0)


def _figure(
    traces: list[Figure],
    ends: list[tuple[str, float]],
    top: float,
    *,
    y: str,
    suffix: str,
    hovermode: str,
) -> Figure:
    widest = max((len(name) for name, _ in ends), default=0)
    shape = layout(
        y=y,
        showlegend=False,
        hovermode=hovermode,
        hoverlabel=HOVER,
        annotations=[_beside(name, height) for name, height in apart(ends, top)],
        margin={"l": 48, "r": round(min(widest * LETTER, WIDEST)) + 14, "t": 8, "b": 32},
    )
    shape["xaxis"] |= LOWER
    shape["yaxis"] |= {"ticksuffix": suffix, "rangemode": "tozero", "range": [0, top or 1]}
    return {"data": traces, "layout": shape}


def apart(ends: list[tuple[str, float]], top: float) -> list[tuple[str, float]]:
    """The names at the heights of their lines, pushed so far that each can be read."""
    step = APART * (top or 1)
    placed: list[tuple[str, float]] = []
    for name, height in sorted(ends, key=lambda end: end[1]):
        placed.append((name, max(height, placed[-1][1] + step if placed else 0)))
    # What was pushed over the edge goes down again, and pushes those below it.
    ceiling = float(top or 1)
    for place in range(len(placed) - 1, -1, -1):
        name, height = placed[place]
        placed[place] = (name, min(height, ceiling))
        ceiling = placed[place][1] - step
    return placed


def _beside(name: str, height: float) -> Figure:
    short = name if len(name) * LETTER <= WIDEST else f"{name[: int(WIDEST / LETTER) - 1]}…"
    return {
        "x": 1, "xref": "paper", "xanchor": "left", "xshift": 6, "y": height, "yref": "y",
        "text": plain(short), "showarrow": False, "align": "left", "font": {"size": 12, "color": "@text"},
    }  # fmt: skip
