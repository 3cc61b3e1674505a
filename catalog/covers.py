"""Drawn covers: a picture for every title, made from its own facts and always the same."""

import random
from collections.abc import Callable, Sequence
from html import escape
from textwrap import wrap

WIDTH, HEIGHT = 200, 290
# Part of a cover's address cache: raise it when the drawing changes.
VERSION = 3

# Hues and motif by genre; the first genre that is here leads.
HUES = {
    "Sci-Fi": 212, "Mecha": 205, "Space": 228, "Horror": 352, "Gore": 352, "Psychological": 262, "Suspense": 222,
    "Mystery": 240, "Detective": 232, "Supernatural": 276, "Vampire": 345, "Romance": 335, "Drama": 268,
    "Music": 300, "Idols (Female)": 320, "Sports": 22, "Team Sports": 26, "Martial Arts": 14, "Samurai": 10,
    "Historical": 30, "Military": 96, "Action": 12, "Fantasy": 158, "Isekai": 170, "Adventure": 34,
    "Slice of Life": 92, "Iyashikei": 120, "Gourmet": 40, "School": 196, "Comedy": 46, "Parody": 52,
    "Kids": 52, "Avant Garde": 288,
}  # fmt: skip
LEADS: dict[str, str] = {
    "Space": "orbit", "Sci-Fi": "orbit", "Mecha": "grid", "Horror": "eye", "Psychological": "eye", "Suspense": "bars",
    "Mystery": "bars", "Detective": "bars", "Vampire": "moon", "Supernatural": "moon", "Sports": "slash",
    "Team Sports": "slash", "Martial Arts": "slash", "Samurai": "slash", "Music": "waves", "Romance": "petals",
    "Historical": "waves", "Military": "grid", "Slice of Life": "hills", "Iyashikei": "hills", "Fantasy": "peaks",
    "Isekai": "peaks", "Adventure": "hills", "Drama": "rings", "Comedy": "confetti", "Action": "slash",
}  # fmt: skip


def draw_cover(mal_id: int, title: str, genres: Sequence[str], family: int | None = None) -> str:
    """An SVG of less than 4 KB. `family` is a seed that related titles share, so that they look alike."""
    seed = random.Random(family if family is not None else mal_id)  # noqa: S311  # a picture, not a secret
    own = random.Random(mal_id)  # noqa: S311  # same
    hue = next(
        (HUES[name] for name in LEADS if name in genres and name in HUES), seed.randrange(360)
    )
    first = (hue + seed.randint(-10, 10)) % 360
    second = (first + seed.choice((34, -38, 62, 150, 186))) % 360
    motif = next((LEADS[name] for name in LEADS if name in genres), "rings")
    drawing = MOTIFS[motif](own, first, second)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}">'
        f'<defs><linearGradient id="g" x1="0" y1="0" x2=".55" y2="1"><stop stop-color="hsl({first} 52% 36%)"/>'
        f'<stop offset="1" stop-color="hsl({second} 58% 14%)"/></linearGradient>'
        '<linearGradient id="s" x1="0" y1="0" x2="0" y2="1"><stop offset=".42" stop-opacity="0"/>'
        '<stop offset="1" stop-color="#05060a" stop-opacity=".86"/></linearGradient></defs>'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="url(#g)"/>{drawing}'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="url(#s)"/>{_lettering(title)}</svg>'
    )


def _lettering(title: str) -> str:
    """The title at the foot, in up to five lines, smaller the longer it is."""
    words = "".join(char for char in title if char.isprintable())
    # A letter of Chinese or Japanese is as wide as two of ours.
    wide = any(ord(char) > 0x2E80 for char in words)
    for size, columns in ((21, 15), (18, 18), (15, 22), (13, 25)):
        lines = wrap(words, columns // 2 if wide else columns)
        if len(lines) <= (3 if size > 15 else 4):
            break
    lines = lines[:4]
    step = size + 4
    top = HEIGHT - 18 - step * (len(lines) - 1)
    rows = "".join(
        f'<tspan x="14" y="{top + step * n}">{escape(line)}</tspan>' for n, line in enumerate(lines)
    )
    return f'<text font-family="Georgia,Cambria,\'Noto Serif\',serif" font-size="{size}" font-weight="700" fill="#fff">{rows}</text>'


def _orbit(own: random.Random, first: int, second: int) -> str:
    stars = "".join(
        f'<circle cx="{own.randrange(WIDTH)}" cy="{own.randrange(210)}" r="{own.choice((0.7, 1, 1.6))}" fill="#fff" opacity=".{own.randint(3, 9)}"/>'
        for _ in range(22)
    )
    x, y, size = own.randint(70, 130), own.randint(86, 124), own.randint(32, 48)
    tilt = own.randint(-32, 32)
    return (
        f'{stars}<circle cx="{x}" cy="{y}" r="{size}" fill="hsl({second} 66% 62%)"/>'
        f'<circle cx="{x - size // 3}" cy="{y - size // 3}" r="{size}" fill="hsl({first} 80% 86%)" opacity=".14"/>'
        f'<ellipse cx="{x}" cy="{y}" rx="{size + 44}" ry="{size // 3}" fill="none" stroke="hsl({first} 90% 86%)" stroke-opacity=".75" stroke-width="2" transform="rotate({tilt} {x} {y})"/>'
    )


def _grid(own: random.Random, first: int, second: int) -> str:
    horizon = own.randint(130, 160)
    rays = "".join(
        f'<path d="M100 {horizon} L{-160 + 40 * n} {HEIGHT}" stroke="hsl({first} 80% 72%)" stroke-opacity=".4"/>'
        for n in range(14)
    )
    floors = "".join(
        f'<path d="M0 {horizon + n * n * 3} H{WIDTH}" stroke="hsl({first} 80% 72%)" stroke-opacity=".4"/>'
        for n in range(8)
    )
    towers = "".join(
        f'<rect x="{x}" y="{horizon - (tall := own.randint(14, 84))}" width="{own.randint(9, 17)}" height="{tall}" fill="hsl({second} 45% {own.randint(16, 30)}%)"/>'
        for x in range(4, 196, 18)
    )
    sun = f'<circle cx="{own.randint(60, 140)}" cy="{horizon - 44}" r="34" fill="hsl({(second + 30) % 360} 85% 66%)"/>'
    return f"{sun}{towers}{rays}{floors}"


def _eye(own: random.Random, first: int, second: int) -> str:
    y = own.randint(104, 126)
    lids = "".join(
        f'<path d="M{10 + n * 4} {y} Q100 {y - 84 + n * 15} {190 - n * 4} {y} Q100 {y + 84 - n * 15} {10 + n * 4} {y}Z" fill="none" stroke="hsl({first} 70% {70 - n * 6}%)" stroke-opacity=".{8 - n}" stroke-width="2"/>'
        for n in range(5)
    )
    return f'{lids}<circle cx="100" cy="{y}" r="27" fill="hsl({second} 80% 58%)"/><circle cx="100" cy="{y}" r="12" fill="#07070c"/><circle cx="{own.randint(104, 110)}" cy="{y - 9}" r="4" fill="#fff"/>'


def _bars(own: random.Random, first: int, second: int) -> str:
    bars = "".join(
        f'<rect x="{own.randint(-30, 120)}" y="{34 + 26 * n}" width="{own.randint(60, 170)}" height="{own.randint(5, 13)}" fill="hsl({second} 60% {30 + 5 * n}%)" opacity=".7"/>'
        for n in range(8)
    )
    x, y = own.randint(54, 146), own.randint(58, 96)
    return (
        f'{bars}<circle cx="{x}" cy="{y}" r="{own.randint(24, 34)}" fill="hsl({first} 85% 80%)"/>'
    )


def _moon(own: random.Random, first: int, second: int) -> str:
    x, y = own.randint(70, 130), own.randint(76, 104)
    mist = "".join(
        f'<path d="M-10 {150 + 24 * n} Q50 {128 + 24 * n + own.randint(-12, 12)} 100 {150 + 24 * n} T210 {146 + 24 * n} V290 H-10Z" fill="hsl({first} 42% {30 - 4 * n}%)" opacity=".75"/>'
        for n in range(5)
    )
    return f'<circle cx="{x}" cy="{y}" r="46" fill="hsl({second} 55% 84%)"/><circle cx="{x + own.choice((-16, 17))}" cy="{y - 9}" r="41" fill="hsl({first} 50% 26%)"/>{mist}'


def _slash(own: random.Random, first: int, second: int) -> str:
    lean = own.randint(90, 150)
    return "".join(
        f'<path d="M{(x := own.randint(-60, 150))} 300 L{x + lean} 0 h{(w := own.randint(4, 24))} L{x + w * 2} 300Z" fill="hsl({(first + 7 * n) % 360} 86% {46 + 4 * n}%)" opacity=".{own.randint(35, 62)}"/>'
        for n in range(8)
    )


def _waves(own: random.Random, first: int, second: int) -> str:
    high, shift = own.randint(18, 40), own.randint(-30, 30)
    return "".join(
        f'<path d="M-10 {46 + 15 * n} C{50 + shift} {46 + 15 * n - high} {110 + shift} {46 + 15 * n + high} 210 {46 + 15 * n}" fill="none" stroke="hsl({(second + 8 * n) % 360} 78% {72 - 2 * n}%)" stroke-opacity=".{max(3, 9 - n // 2)}" stroke-width="{3.6 - n * 0.22:.1f}"/>'
        for n in range(12)
    )


def _petals(own: random.Random, first: int, second: int) -> str:
    petals = "".join(
        f'<ellipse cx="{own.randrange(WIDTH)}" cy="{own.randrange(240)}" rx="{(r := own.randint(4, 11))}" ry="{r * 0.55:.1f}" fill="hsl({(first + own.randint(-14, 24)) % 360} 82% {own.randint(74, 88)}%)" opacity=".{own.randint(45, 90)}" transform="rotate({own.randrange(180)} 100 130)"/>'
        for _ in range(18)
    )
    return f'<circle cx="{own.randint(60, 140)}" cy="{own.randint(84, 118)}" r="{own.randint(44, 58)}" fill="hsl({second} 70% 70%)" opacity=".5"/>{petals}'


def _hills(own: random.Random, first: int, second: int) -> str:
    hills = "".join(
        f'<path d="M0 {118 + 30 * n} Q{own.randint(34, 66)} {76 + 30 * n + own.randint(-10, 10)} 100 {118 + 30 * n} T{WIDTH} {108 + 30 * n} V{HEIGHT} H0Z" fill="hsl({(first + 11 * n) % 360} 46% {56 - 8 * n}%)" opacity=".9"/>'
        for n in range(6)
    )
    return f'<circle cx="{own.randint(48, 152)}" cy="{own.randint(50, 70)}" r="{own.randint(20, 28)}" fill="hsl({(second + 20) % 360} 95% 84%)"/>{hills}'


def _peaks(own: random.Random, first: int, second: int) -> str:
    rows = "".join(
        f'<path d="M-20 290 L{20 + own.randint(-16, 16)} {120 + 30 * n} L{66 + own.randint(-10, 10)} {168 + 26 * n} L{118 + own.randint(-16, 16)} {96 + 32 * n} L{166 + own.randint(-8, 8)} {164 + 24 * n} L{204 + own.randint(-8, 8)} {126 + 30 * n} L220 290Z" fill="hsl({(first + 10 * n) % 360} 40% {44 - 8 * n}%)"/>'
        for n in range(4)
    )
    return f'<circle cx="{own.randint(50, 150)}" cy="{own.randint(48, 70)}" r="22" fill="hsl({second} 85% 80%)"/>{rows}'


def _rings(own: random.Random, first: int, second: int) -> str:
    x, y = own.randint(80, 120), own.randint(104, 134)
    return "".join(
        f'<circle cx="{x + own.randint(-3, 3)}" cy="{y + own.randint(-7, 7)}" r="{17 + 17 * n}" fill="none" stroke="hsl({(second + 9 * n) % 360} 74% {80 - 5 * n}%)" stroke-opacity=".8" stroke-width="{6.6 - 0.7 * n:.1f}"/>'
        for n in range(8)
    )


def _confetti(own: random.Random, first: int, second: int) -> str:
    return "".join(
        f'<rect x="{own.randint(-8, 196)}" y="{own.randint(-8, 220)}" width="{(s := own.randint(8, 30))}" height="{s}" rx="{own.choice((2, s // 2))}" fill="hsl({own.choice((first, second, first + 40)) % 360} 80% {own.randint(52, 74)}%)" opacity=".{own.randint(30, 85)}" transform="rotate({own.randrange(90)} 100 110)"/>'
        for _ in range(16)
    )


MOTIFS: dict[str, Callable[[random.Random, int, int], str]] = {
    "orbit": _orbit, "grid": _grid, "eye": _eye, "bars": _bars, "moon": _moon, "slash": _slash,
    "waves": _waves, "petals": _petals, "hills": _hills, "peaks": _peaks, "rings": _rings, "confetti": _confetti,
}  # fmt: skip
