"""Drawn covers: a picture for every title, made from its own facts and always the same."""

from collections.abc import Sequence
from html import escape
from random import Random

from catalog import motifs
from catalog.motifs import Motif
from catalog.palettes import MOODS, Palette

WIDTH, HEIGHT = 200, 290
MARGIN = 15
# Sizes of lettering, and the lines that each may take.
SIZES = ((25, 2), (21, 3), (18, 3), (15, 4), (13, 4), (11, 5))
MOST_LINES = 5
# Of letters, in ems: a little more than DejaVu Serif Bold has, the widest of what browsers fall back on.
WIDTHS = {
    char: width
    for letters, width in (
        (" ',./:;\\|ijl", 0.38),
        ("-ft()[]!IJ`", 0.47),
        ('rs"*_', 0.56),
        ("cvxyz?", 0.61),
        ("aeko{}", 0.69),
        ("bdghnpquFLSYZ0123456789$", 0.74),
        ("ACEPTVX", 0.8),
        ("BGRw#+<=>^~", 0.86),
        ("DKNOQU&", 0.91),
        ("Hm%@", 1.06),
        ("MW", 1.12),
    )
    for char in letters
}
# Part of a cover's address: raise it when the drawing changes.
VERSION = 5

# What a genre looks like: its picture and its mood. The telling genres stand first.
LOOKS: dict[str, tuple[Motif, str]] = {
    "Space": (motifs.orbit, "cosmos"),
    "Mecha": (motifs.city, "steel"),
    "Music": (motifs.ribbons, "sound"),
    "Idols (Female)": (motifs.ribbons, "bloom"),
    "Team Sports": (motifs.lanes, "heat"),
    "Sports": (motifs.lanes, "heat"),
    "Horror": (motifs.tree, "dread"),
    "Samurai": (motifs.crests, "history"),
    "Historical": (motifs.crests, "history"),
    "Psychological": (motifs.sliced, "mind"),
    "Detective": (motifs.lamp, "noir"),
    "Mystery": (motifs.lamp, "noir"),
    "Vampire": (motifs.tree, "spirit"),
    "Iyashikei": (motifs.hills, "meadow"),
    "Martial Arts": (motifs.impact, "heat"),
    "Sci-Fi": (motifs.orbit, "cosmos"),
    "Suspense": (motifs.sliced, "noir"),
    "Supernatural": (motifs.torii, "spirit"),
    "Romance": (motifs.blossom, "bloom"),
    "Isekai": (motifs.peaks, "realm"),
    "Fantasy": (motifs.peaks, "realm"),
    "Comedy": (motifs.tiles, "pop"),
    "Parody": (motifs.tiles, "pop"),
    "School": (motifs.cumulus, "sky"),
    "Slice of Life": (motifs.hills, "meadow"),
    "Gourmet": (motifs.tiles, "meadow"),
    "Kids": (motifs.cumulus, "pop"),
    "Military": (motifs.city, "heat"),
    "Action": (motifs.impact, "heat"),
    "Drama": (motifs.sea, "sea"),
    "Adventure": (motifs.hills, "realm"),
    "Avant Garde": (motifs.sliced, "sound"),
}
OTHERS = [(motifs.sea, "sea"), (motifs.hills, "realm"), (motifs.cumulus, "sky")]


def draw_cover(mal_id: int, title: str, genres: Sequence[str], family: int | None = None) -> str:
    """An SVG of less than 4 KB. `family` is a seed that related titles share, so that they look alike."""
    shared = Random(mal_id if family is None else family)  # noqa: S311  # a picture, not a secret
    # One of the two most telling looks, or shelves of one genre would be all alike.
    looks = list(dict.fromkeys(look for genre, look in LOOKS.items() if genre in genres))[:2]
    motif, mood = shared.choices(looks, weights=(3, 2)[: len(looks)])[0] if looks else shared.choice(OTHERS)  # fmt: skip
    palette = shared.choice(MOODS[mood])
    turned = ' transform="matrix(-1 0 0 1 200 0)"' if shared.random() < 0.5 else ""
    picture = motif(Random(mal_id), palette)  # noqa: S311  # same
    size, lines = _fit(title)
    top = HEIGHT - 18 - _step(size) * (len(lines) - 1)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}">'
        f'{_lights(palette, (top - size) / HEIGHT)}<path d="M0 0h200v290H0z" fill="url(#g)"/><g{turned}>{picture}</g>'
        f'<path d="M0 0h200v290H0z" fill="url(#s)"/>{_lettering(lines, size, top, palette)}</svg>'
    )


def _lights(p: Palette, dark_from: float) -> str:
    """The sky, the glow around a light, and the dusk that the lettering stands on."""
    return (
        f'<defs><linearGradient id="g" x2="0" y2="1"><stop stop-color="{p.top}"/><stop offset=".62" stop-color="{p.low}"/></linearGradient>'
        f'<radialGradient id="r"><stop stop-color="{p.glow}" stop-opacity=".9"/><stop offset="1" stop-color="{p.glow}" stop-opacity="0"/></radialGradient>'
        f'<linearGradient id="s" x2="0" y2="1"><stop offset="{dark_from - 0.3:.2f}" stop-color="{p.near}" stop-opacity="0"/>'
        f'<stop offset="{dark_from:.2f}" stop-color="{p.near}" stop-opacity=".82"/><stop offset="1" stop-color="{p.near}"/></linearGradient></defs>'
    )


def _fit(title: str) -> tuple[int, list[str]]:
    """The largest size that the whole title has room in, and its lines."""
    text = "".join(char for char in title if char.isprintable())
    longest = max(map(_width, text.split()), default=0)
    for size, most in SIZES:
        room = (WIDTH - 2 * MARGIN) / size
        lines = _wrap(text, room)
        if len(lines) <= most and longest <= room:
            return size, lines
    if len(lines) > MOST_LINES:
        lines = [*lines[: MOST_LINES - 1], f"{lines[MOST_LINES - 1][:-1]}…"]
    return size, lines


def _step(size: int) -> int:
    return round(size * 1.18)


def _lettering(lines: list[str], size: int, top: int, palette: Palette) -> str:
    rows = "".join(
        f'<tspan x="{MARGIN}" y="{top + _step(size) * n}">{escape(line)}</tspan>'
        for n, line in enumerate(lines)
    )
    font = (
        f'font-family="Georgia,Cambria,\'Noto Serif\',serif" font-size="{size}" font-weight="700"'
    )
    rule = f'<path d="M{MARGIN} {top - size - 8}h22" stroke="{palette.glow}" stroke-width="3"/>'
    return f'{rule}<text {font} fill="#fff">{rows}</text>'


def _wrap(text: str, room: float) -> list[str]:
    """Lines no wider than `room`, in ems; a word that is wider still is cut."""
    lines: list[str] = [""]
    for word in text.split():
        rest = word
        if lines[-1] and _width(f"{lines[-1]} {rest}") <= room:
            lines[-1] += f" {rest}"
            continue
        lines.append("")
        for char in rest:
            if _width(lines[-1] + char) > room:
                lines.append("")
            lines[-1] += char
    return lines[1:] or lines


def _width(text: str) -> float:
    """About how wide it is in a bold serif, in ems."""
    return sum(map(_advance, text))


def _advance(char: str) -> float:
    # A letter of Chinese or Japanese is a square.
    if ord(char) > 0x2E80:
        return 1.05
    if width := WIDTHS.get(char):
        return width
    return 0.92 if char.isupper() else 0.76
