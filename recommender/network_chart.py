"""The network around a title as a chart: lines by why, points by members, a table beside it."""

from collections.abc import Iterable, Sequence

import numpy as np
from django.core.cache import cache
from django.urls import reverse

from catalog import viewing
from catalog.charts import Cell, Chart, Figure, Link, layout, plain
from catalog.models import Anime
from recommender import serving
from recommender.engine.ego_layout import Floats, arrange, overlaps
from recommender.network import Network, Pair, Tie, network_of
from recommender.serving.similarity import CACHED_SECONDS, cache_key

COLUMNS = ("Title", "No.", "Why", "Watched together", "Alike", "On lists", "Also tied to")
# Fewer are better read than drawn, and stand on the page already.
FEWEST_NEAR = 3
# Where names are laid out: no narrower than this they stand beside their points.
FRAME = (680.0, 490.0)
ROOM = 700
MOST_LETTERS, LETTER, LINE = 19, 6.4, 16.0
SMALLEST, LARGEST = 24.0, 40.0
# Told apart by colour and by stroke.
KINDS = {
    "related": ("Related", "@accent", "solid", 2.5),
    "watched": ("Watched by the same members", "@series-2", "solid", 1.3),
    "alike": ("Alike in what they are", "@series-3", "dot", 1.6),
}


def chart_around(anime: Anime) -> Chart | None:
    """Kept until the models or the catalogue change, for each language of names."""
    models = serving.active_models()
    key = cache_key("network", models, anime.pk, viewing.current().language)
    kept: tuple[Chart | None] | None = cache.get(key)
    if kept is None:
        csv = reverse("recommender:network-csv", args=[anime.pk])
        kept = (chart_of(network_of(anime, models), csv),)
        cache.set(key, kept, CACHED_SECONDS)
    return kept[0]


def chart_of(network: Network, csv: str = "") -> Chart | None:
    """None where so little is near that a list is better."""
    if len(network.titles) <= FEWEST_NEAR:
        return None
    return Chart(
        id="network",
        finding=_finding(network),
        figure=_figure(network),
        columns=COLUMNS,
        rows=rows_of(network),
        csv=csv,
        note="The larger a point, the more members have the title on a list. "
        "Watched together: the strongest tie is 100. Alike: 100 would be the same in all that is told.",
        height=560,
    )


def rows_of(network: Network) -> list[list[Cell]]:
    """The nearest first, numbered as in the figure."""
    return [
        [
            Link(title.display_title, title.get_absolute_url()),
            place,
            _tied(network, 0, place).words,
            round(100 * network.together[place]),
            round(100 * network.alike[place]),
            title.members,
            ", ".join(str(other) for other in _others(network, place)),
        ]
        for place, title in enumerate(network.titles)
        if place
    ]


def _tied(network: Network, first: int, second: int) -> Tie:
    return network.ties[first, second]


def _others(network: Network, place: int) -> list[int]:
    """Numbers of the titles that it is tied to, beside the middle."""
    pairs = (pair for pair in network.ties if place in pair and 0 not in pair)
    return sorted(sum(pair) - place for pair in pairs)


def _finding(network: Network) -> str:
    """'Nearest: Harbour Lights, and 23 more; 5 of them are related to it.'"""
    names = [title.display_title for title in network.titles[1:]]
    kinds = [network.ties[0, place].kind for place in range(1, len(names) + 1)]
    like = [name for name, kind in zip(names, kinds, strict=True) if kind != "related"]
    related = len(names) - len(like)
    nearest = like[0] if like else names[0]
    told = f"; {related} of them {'is' if related == 1 else 'are'} related to it" if related else ""
    return f"Nearest to it: {nearest}, and {len(names) - 1} more{told}"


def _figure(network: Network) -> Figure:
    sizes = _sizes(network.titles)
    labels = [_short(title.display_title) for title in network.titles]
    boxes = _boxes(labels, sizes)
    middles = arrange(_pull(network), boxes, FRAME)
    fits = ~overlaps(middles, boxes)
    # A point stands above its name.
    places = middles + np.array([0, LINE / 2])
    data = [
        *_lines(network, places),
        _words_of_lines(network, places),
        _points(network, places, sizes),
        _names(labels, places, sizes, fits),
    ]
    return {"data": data, "layout": _plan()}


def _sizes(titles: Sequence[Anime]) -> Floats:
    """Diameters by the logarithm of the members; the smallest where nobody knows them."""
    known = np.log1p([title.members or 0 for title in titles])
    spread = float(np.ptp(known)) or 1.0
    sizes: Floats = SMALLEST + (LARGEST - SMALLEST) * (known - known.min()) / spread
    return sizes


def _short(name: str) -> str:
    return name if len(name) <= MOST_LETTERS else f"{name[: MOST_LETTERS - 1].rstrip()}…"


def _boxes(labels: Sequence[str], sizes: Floats) -> Floats:
    """Room for a point and the name below it."""
    # Letters beyond Latin are about as wide as high.
    widths = [
        sum(LETTER if ord(letter) < 0x2E80 else 2 * LETTER for letter in label) for label in labels
    ]
    return np.stack([np.maximum(widths, sizes), sizes + LINE], axis=1)


def _pull(network: Network) -> Floats:
    n = len(network.titles)
    near = np.zeros((n, n))
    for (first, second), tie in network.ties.items():
        strong = 0.5 + (network.together[second] + network.alike[second]) / 2
        near[first, second] = near[second, first] = strong if first == 0 else 0.6
        if tie.relation:
            near[first, second] = near[second, first] = 1.0
    return near


def _lines(network: Network, places: Floats) -> list[Figure]:
    found = []
    for kind, (name, color, dash, width) in KINDS.items():
        pairs = [pair for pair, tie in network.ties.items() if tie.kind == kind]
        if pairs:
            found.append(
                {
                    "type": "scatter",
                    "mode": "lines",
                    "name": name,
                    "x": _along(pairs, places[:, 0]),
                    "y": _along(pairs, places[:, 1]),
                    "line": {"color": color, "dash": dash, "width": width},
                    "opacity": 0.75,
                    "hoverinfo": "skip",
                }
            )
    return found


def _along(pairs: Iterable[Pair], at: Floats) -> list[float | None]:
    found: list[float | None] = []
    for first, second in pairs:
        found += [round(float(at[first]), 1), round(float(at[second]), 1), None]
    return found


def _words_of_lines(network: Network, places: Floats) -> Figure:
    """Where the middle of a line is, there it says why: Plotly tells of points alone."""
    pairs = np.array(list(network.ties)).reshape(-1, 2)
    middles = (places[pairs[:, 0]] + places[pairs[:, 1]]) / 2
    names = [plain(title.display_title) for title in network.titles]
    return {
        "type": "scatter",
        "mode": "markers",
        "x": middles[:, 0].round(1).tolist(),
        "y": middles[:, 1].round(1).tolist(),
        "marker": {"size": 14, "opacity": 0, "color": "@line-strong"},
        "hovertext": [
            f"{names[first]} – {names[second]}<br>{tie.words}"
            for (first, second), tie in network.ties.items()
        ],
        "hoverinfo": "text",
        "showlegend": False,
    }


def _points(network: Network, places: Floats, sizes: Floats) -> Figure:
    kinds = [network.ties[0, place].kind for place in range(1, len(network.titles))]
    colors = ["@text", *(KINDS[kind][1] for kind in kinds)]
    return {
        "type": "scatter",
        "mode": "markers+text",
        "x": places[:, 0].round(1).tolist(),
        "y": places[:, 1].round(1).tolist(),
        "text": ["", *(str(place) for place in range(1, len(network.titles)))],
        "textfont": {"color": "@bg", "size": 12},
        "marker": {
            "size": sizes.round(1).tolist(),
            "color": colors,
            "opacity": 1,
            "line": {"color": "@raised", "width": 2},
        },
        "customdata": ["", *(title.get_absolute_url() for title in network.titles[1:])],
        "hovertext": [_said(network, place) for place in range(len(network.titles))],
        "hoverinfo": "text",
        "showlegend": False,
    }


def _said(network: Network, place: int) -> str:
    title = network.titles[place]
    lists = f"On {title.members:,} lists" if title.members else ""
    words = _tied(network, 0, place).words if place else "The title of this page"
    said = [f"<b>{plain(title.display_title)}</b>", plain(title.facts), lists, words]
    return "<br>".join(filter(None, said))


def _names(
    labels: Sequence[str],
    places: Floats,
    sizes: Floats,
    fits: np.ndarray[tuple[int], np.dtype[np.bool_]],
) -> Figure:
    """Below each point; a name that found no room is left out, its number stands."""
    shown = np.flatnonzero(fits).tolist()
    return {
        "type": "scatter",
        "mode": "text",
        "x": places[shown, 0].round(1).tolist(),
        "y": (places[shown, 1] - sizes[shown] / 2 - 1).round(1).tolist(),
        "text": [plain(labels[place]) for place in shown],
        "textposition": "bottom center",
        "textfont": {"color": "@text", "size": 12},
        "hoverinfo": "skip",
        "showlegend": False,
        "meta": {"room": ROOM},
    }


def _plan() -> Figure:
    width, height = FRAME
    plan = layout(margin={"l": 4, "r": 4, "t": 4, "b": 56})
    bare = {"visible": False, "fixedrange": True}
    plan["xaxis"] = {**bare, "range": [-width / 2 - 8, width / 2 + 8]}
    plan["yaxis"] = {**bare, "range": [-height / 2 - 4, height / 2 + 4]}
    plan["legend"] = {"orientation": "h", "y": -0.01, "yanchor": "top", "x": 0, "entrywidth": 215}
    return plan
