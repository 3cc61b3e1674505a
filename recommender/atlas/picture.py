"""A small picture of the map for other pages: the most watched titles as dots, by genre."""

import base64
import hashlib

import numpy as np
from django.core.cache import cache

from recommender.atlas import shades
from recommender.atlas.sheet import A_DAY, WHOLE, Served, Sheet, sheet_of

WIDTH, HEIGHT = 1200, 480
DOTS = 1500
# The most watched ones are drawn larger: up to this place, with this width.
SIZES = ((40, 11), (200, 7.5), (600, 5.2), (DOTS, 3.6))
# As in static/css/variables.css, which a picture of its own cannot read.
DARK = [
    "#c98f5e",
    "#5fb3f0",
    "#c79bff",
    "#ff9ecb",
    "#5ad1a4",
    "#a5c97f",
    "#ff7a59",
    "#f0c05a",
    "#737d94",
]
LIGHT = [
    "#7d4d1f",
    "#1769aa",
    "#7a3fc4",
    "#b8316f",
    "#0d7a55",
    "#54732b",
    "#bd3a1e",
    "#9a6b00",
    "#867f73",
]


def _rules(colours: list[str]) -> str:
    return "".join(f".g{n}{{stroke:{colour}}}" for n, colour in enumerate(colours))


STYLE = (
    f"path{{fill:none;stroke-linecap:round;stroke-opacity:.85}}{_rules(DARK)}"
    f"@media(prefers-color-scheme:light){{path{{stroke-opacity:.75}}{_rules(LIGHT)}}}"
)
# By which the Content-Security-Policy lets this one style through where the picture is opened alone.
STYLE_HASH = f"'sha256-{base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}'"


def picture(map_: Served | None) -> str:
    """An SVG of about 20 KB; without a map an empty one."""
    if map_ is None:
        return _svg("")
    key = f"atlas-picture:{map_.version}"
    held = cache.get(key)
    if held is None:
        held = _svg(_dots(sheet_of(map_)))
        cache.set(key, held, A_DAY)
    return str(held)


def _svg(dots: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" '
        f'height="{HEIGHT}"><style>{STYLE}</style>{dots}</svg>'
    )


def _dots(sheet: Sheet) -> str:
    """A path for each size and genre, of lines without length whose round ends are the dots."""
    x, y = _laid_flat(sheet)
    genres = sheet.genres[:DOTS]
    paths, begin = [], 0
    for end, width in SIZES:
        for genre in range(shades.OTHER_GENRE + 1):
            rows = begin + np.flatnonzero(genres[begin:end] == genre)
            if len(rows):
                line = "".join(f"M{x[row]} {y[row]}h0" for row in rows.tolist())
                paths.append(f'<path class="g{genre}" stroke-width="{width}" d="{line}"/>')
        begin = end
    # The small ones first, so that the large ones lie on top.
    return "".join(reversed(paths))


def _laid_flat(sheet: Sheet) -> tuple[np.ndarray, np.ndarray]:
    """The square map on a wide picture: its middle, spread so that it fills the width."""
    x = sheet.x[:DOTS] / WHOLE
    y = sheet.y[:DOTS] / WHOLE
    across, down = _spread(x), _spread(y)
    return np.rint(across * (WIDTH - 40) + 20).astype(int), np.rint(
        down * (HEIGHT - 40) + 20
    ).astype(int)


def _spread(values: np.ndarray) -> np.ndarray:
    """0..1, half of the way towards an even spread: a few titles far out leave no empty half."""
    if not len(values):
        return values
    low, high = float(values.min()), float(values.max())
    ranks = np.argsort(np.argsort(values)) / max(len(values) - 1, 1)
    return np.asarray((values - low) / ((high - low) or 1.0) / 2 + ranks / 2)
