"""What is drawn on covers: one small picture a function, in a frame of 200 by 290, its foot left to the lettering."""

from collections.abc import Callable
from itertools import pairwise
from math import cos, pi, radians, sin, sqrt, tau
from random import Random

from catalog.palettes import Palette, mix

Motif = Callable[[Random, Palette], str]


def orbit(r: Random, p: Palette) -> str:
    """Stars and a ringed planet."""
    x, y, size, tilt = r.randint(66, 134), r.randint(92, 124), r.randint(34, 50), r.randint(-28, 28)
    wide, flat = size * 1.75, size * 0.42
    ring = f'fill="none" stroke="{p.spark}" stroke-width="2.4"'
    body = f'<linearGradient id="b"><stop offset=".1" stop-color="{p.glow}"/><stop offset="1" stop-color="{mix(p.spark, p.far, 0.6)}"/></linearGradient>'
    bands = "".join(
        f"M{x - half:.0f} {y + step}q{half:.0f} {7 + n * 2} {2 * half:.0f} 0"
        for n, step in enumerate((-size // 2, -size // 5, size // 3, size // 2))
        for half in [sqrt(size**2 - step**2) - 1]
    )
    return (
        f'{_stars(r, 34)}<circle cx="{r.randint(20, 180)}" cy="{r.randint(24, 60)}" r="{r.randint(5, 9)}" fill="{p.spark}" opacity=".8"/>'
        f'<g transform="rotate({tilt} {x} {y})"><ellipse cx="{x}" cy="{y}" rx="{wide:.0f}" ry="{flat:.0f}" {ring} opacity=".55"/>'
        f'{body}<circle cx="{x}" cy="{y}" r="{size}" fill="url(#b)"/>'
        f'<path d="{bands}" fill="none" stroke="{p.low}" stroke-width="{r.randint(2, 4)}" opacity=".35"/>'
        f'<path d="M{x - wide:.0f} {y}a{wide:.0f} {flat:.0f} 0 0 0 {wide * 2:.0f} 0" {ring}/></g>'
    )


def city(r: Random, p: Palette) -> str:
    """A striped sun behind towers with some windows lit."""
    x, y, size = r.randint(60, 140), r.randint(96, 116), r.randint(48, 62)
    stripes = "".join(
        f"M{x - size} {y + step}h{size * 2}v{2 + n * 1.4:.1f}h{-size * 2}z"
        for n, step in enumerate(range(2, size, 11))
    )
    back, front = _towers(r, 150, 62, 15), _towers(r, 196, 54, 24)
    lit = "".join(
        f"M{r.randrange(6, 194)} {r.randrange(198, 262)}h{r.choice((3, 3, 6))}" for _ in range(26)
    )
    return (
        f'<circle cx="{x}" cy="{y}" r="{size}" fill="{p.glow}"/><path d="{stripes}" fill="{mix(p.top, p.low, 0.5)}"/>'
        f'<path d="{back}" fill="{p.far}"/><path d="{front}" fill="{p.near}"/>'
        f'<path d="{lit}" stroke="{p.spark}" stroke-width="3" opacity=".75"/>'
    )


def sliced(r: Random, p: Palette) -> str:
    """A disc whose slices have slipped."""
    x, y, size, parts = r.randint(88, 112), r.randint(108, 124), 66, r.randint(5, 8)
    edges = [-size + 2 * size * n / parts for n in range(parts + 1)]
    slices = ""
    for n, (upper, lower) in enumerate(pairwise(edges)):
        a, b = (sqrt(max(0, size**2 - edge**2)) for edge in (upper, lower))
        slip = x + r.choice((-1, 1)) * r.randint(3, 22) * (n % 2 or 0.35)
        colour = mix(p.glow, p.spark, n / parts)
        slices += (
            f'<path d="M{slip - a:.0f} {y + upper:.0f}A{size} {size} 0 0 0 {slip - b:.0f} {y + lower - 2:.0f}'
            f'H{slip + b:.0f}A{size} {size} 0 0 0 {slip + a:.0f} {y + upper:.0f}Z" fill="{colour}"/>'
        )
    echo = "".join(
        f'<circle cx="{x}" cy="{y}" r="{size + 20 * n}" opacity=".{40 - 9 * n}"/>'
        for n in range(1, 4)
    )
    return f'<g fill="none" stroke="{p.spark}">{echo}</g>{slices}'


def tree(r: Random, p: Palette) -> str:
    """A bare tree before a low moon."""
    x, moon = r.randint(84, 116), r.randint(58, 72)
    lines: dict[int, list[str]] = {}

    def grow(at: tuple[float, float], angle: float, length: float, depth: int) -> None:
        to = (at[0] + length * cos(angle), at[1] - length * sin(angle))
        lines.setdefault(depth, []).append(
            f"M{at[0]:.0f} {at[1]:.0f}Q{at[0] + r.randint(-5, 5):.0f} {(at[1] + to[1]) / 2:.0f} {to[0]:.0f} {to[1]:.0f}"
        )
        if depth:
            for side in (-1, 1):
                turn = side * r.uniform(0.2, 0.62)
                grow(to, angle + turn, length * r.uniform(0.66, 0.84), depth - 1)

    grow((x, 246), pi / 2 + r.uniform(-0.12, 0.12), 62, 4)
    wood = "".join(
        f'<path d="{"".join(paths)}" stroke-width="{1 + depth * 1.7:.1f}"/>'
        for depth, paths in lines.items()
    )
    return (
        f'<circle cx="{x + r.randint(-26, 26)}" cy="{r.randint(96, 116)}" r="{moon}" fill="{p.glow}" opacity=".92"/>'
        f'<g fill="none" stroke="{p.near}" stroke-linecap="round">{wood}</g>{_birds(r, p.near, 4)}'
        f'<path d="{_roll(r, 234, 10)}" fill="{p.near}"/>'
    )


def lamp(r: Random, p: Palette) -> str:
    """A street lamp in the rain."""
    x, top = r.randint(58, 82), r.randint(66, 84)
    rain = "".join(
        f"M{r.randrange(-10, 220)} {r.randrange(-20, 250)}l-5 {r.randint(12, 22)}"
        for _ in range(44)
    )
    return (
        f'<path d="{_towers(r, 176, 76, 26)}" fill="{p.far}"/>'
        '<linearGradient id="c" x2="0" y2="1">'
        f'<stop stop-color="{p.glow}" stop-opacity=".75"/><stop offset="1" stop-color="{p.glow}" stop-opacity="0"/></linearGradient>'
        f'<path d="M{x + 32} {top + 6}L{x - 30} 262H{x + 128}L{x + 48} {top + 6}z" fill="url(#c)"/>'
        f'<path d="M{x - 4} 270V{top + 16}q0-26 26-26h14" fill="none" stroke="{p.near}" stroke-width="5"/>'
        f'<path d="M{x + 26} {top + 6}q2-16 14-18q12 2 14 18z" fill="{p.near}"/><ellipse cx="{x + 40}" cy="{top + 7}" rx="10" ry="4" fill="{p.glow}"/>'
        f'<path d="{rain}" stroke="{p.spark}" stroke-opacity=".42" stroke-width="1.2"/>'
        f'<path d="M0 262q100-14 200 0v28H0z" fill="{p.near}"/>'
    )


def torii(r: Random, p: Palette) -> str:
    """A gate between this world and another, the moon behind it."""
    x, y, half = 100, r.randint(130, 142), r.randint(44, 52)
    red = mix(p.spark, p.near, 0.25)
    gate = (
        f"M{x - half - 20} {y - 12}q{half + 20} 14 {2 * half + 40} 0l-5 13q{-half - 15} 10 {-2 * half - 30} 0z"
        f"M{x - half - 6} {y + 18}h{2 * half + 12}v8h{-2 * half - 12}z"
        f"M{x - half + 3} {y + 4}h9l-4 112h-11zM{x + half - 12} {y + 4}h9l6 112h-11zM{x - 4} {y + 4}h8v15h-8z"
    )
    return (
        f'{_stars(r, 16)}<circle cx="{x + r.randint(-30, 30)}" cy="{r.randint(76, 96)}" r="{r.randint(40, 52)}" fill="{p.glow}"/>'
        f'<path d="{_roll(r, 156, 16)}" fill="{p.far}" opacity=".75"/><path d="{_roll(r, 186, 12)}" fill="{mix(p.far, p.near, 0.5)}"/>'
        f'<path d="{gate}" fill="{red}"/><path d="{_roll(r, 238, 8)}" fill="{p.near}"/>'
    )


def impact(r: Random, p: Palette) -> str:
    """Lines of speed that run to one point."""
    x, y = r.randint(70, 130), r.randint(84, 124)
    wedges: list[str] = []
    angle = r.uniform(0, 10)
    while angle < 360:
        width, inner = r.uniform(1.5, 7), r.randint(40, 78)
        a, b = radians(angle), radians(angle + width)
        wedges.append(
            f"M{x + inner * cos(a + width / 120):.0f} {y + inner * sin(a + width / 120):.0f}"
            f"L{x + 300 * cos(a):.0f} {y + 300 * sin(a):.0f} {x + 300 * cos(b):.0f} {y + 300 * sin(b):.0f}z"
        )
        angle += width + r.uniform(3, 9)
    return (
        f'<circle cx="{x}" cy="{y}" r="120" fill="url(#r)"/>'
        f'<path d="{"".join(wedges[::2])}" fill="{p.glow}" opacity=".85"/><path d="{"".join(wedges[1::2])}" fill="{p.near}" opacity=".7"/>'
        f'<path d="{_burst(r, x, y)}" fill="{p.spark}"/>'
    )


def lanes(r: Random, p: Palette) -> str:
    """A track's bend, a ball on its way."""
    x, y = r.choice((-20, 10)), r.randint(214, 240)
    tracks = "".join(
        f'<circle cx="{x}" cy="{y}" r="{60 + 27 * n}" stroke="{mix(p.low, p.far, n / 7) if n % 2 else mix(p.top, p.far, 0.4 + n / 14)}"/>'
        for n in range(8)
    )
    turn, far = radians(r.randint(-62, -40)), 60 + 27 * r.choice((4, 5))
    bx, by = x + far * cos(turn), y + far * sin(turn)
    trail = f"M{x + far * cos(turn - 0.75):.0f} {y + far * sin(turn - 0.75):.0f}A{far} {far} 0 0 1 {bx:.0f} {by:.0f}"
    return (
        f'<g fill="none" stroke-width="27">{tracks}</g>'
        f'<path d="{trail}" fill="none" stroke="{p.spark}" stroke-width="3" stroke-linecap="round" stroke-dasharray="1 9 14 7 40 0"/>'
        f'<circle cx="{bx:.0f}" cy="{by:.0f}" r="20" fill="{p.glow}"/>'
        f'<path d="M{bx - 6:.0f} {by - 19:.0f}a24 24 0 0 0 0 38" fill="none" stroke="{p.near}" stroke-width="2" opacity=".5"/>'
    )


def crests(r: Random, p: Palette) -> str:
    """A sun over rows of the old wave pattern."""
    wave = "".join(
        f'<circle r="{20 - 6 * n}" fill="{mix(p.far, p.near, n * 0.3)}"/>' for n in range(3)
    )
    row = "".join(f'<use href="#w" x="{20 + 40 * n}"/>' for n in range(-1, 6))
    first = r.randint(152, 168)
    rows = "".join(
        f'<use href="#l" x="{20 * (n % 2) - 10}" y="{first + 13 * n}"/>' for n in range(11)
    )
    return (
        f'<circle cx="{r.randint(62, 138)}" cy="{r.randint(88, 104)}" r="{r.randint(44, 58)}" fill="{p.spark}"/>{_clouds(r, p.glow, 50)}'
        f'<defs><g id="w" stroke="{p.glow}" stroke-opacity=".55" stroke-width="1.3">{wave}</g><g id="l">{row}</g></defs>{rows}'
    )


def ribbons(r: Random, p: Palette) -> str:
    """Strings that sound."""
    base, high, turn = r.randint(104, 132), r.randint(58, 92), r.uniform(0, tau)
    strings = "".join(
        f'<path d="M-10 {base + 34 * sin(turn + n / 6):.0f}C60 {base - high * cos(n / 5):.0f} {120 + n * 2} {base + high * cos(n / 5 + 0.7):.0f} 210 {base + 46 * sin(turn + 2 + n / 5):.0f}" stroke="{mix(p.glow, p.spark, n / 15)}"/>'
        for n in range(16)
    )
    dots = "".join(
        f'<circle cx="{r.randint(14, 186)}" cy="{r.randint(24, 210)}" r="{r.choice((2, 3, 5))}"/>'
        for _ in range(7)
    )
    return f'<circle cx="100" cy="{base}" r="110" fill="url(#r)" opacity=".6"/><g fill="none" stroke-width="1.7" opacity=".9">{strings}</g><g fill="{p.spark}">{dots}</g>'


def blossom(r: Random, p: Palette) -> str:
    """A flowering branch before a soft disc, petals in the wind."""
    y = r.randint(56, 84)
    petals = "".join(
        f'<use href="#e" transform="translate({r.randrange(10, 190)} {r.randrange(110, 262)}) rotate({r.randrange(360)}) scale(.{r.randint(45, 80)})"/>'
        for _ in range(10)
    )
    flowers = "".join(
        f'<use href="#f" transform="translate({at + r.randint(-6, 6)} {y + 26 - at // 5 + r.randint(-16, 16)}) rotate({r.randrange(72)}) scale({r.uniform(0.8, 1.5):.1f})"/>'
        for at in range(0, 176, 19)
    )
    around = "".join(
        f'<use href="#e" transform="rotate({72 * n}) translate(0 -5)"/>' for n in range(5)
    )
    return (
        f'<defs><path id="e" d="M0 4q-6-5-3-10l3 2 3-2q3 5-3 10z"/><g id="f">{around}</g></defs>'
        f'<circle cx="{r.randint(70, 130)}" cy="{r.randint(112, 134)}" r="{r.randint(50, 62)}" fill="{p.glow}" opacity=".85"/>'
        f'<path d="M-6 {y + 34}q60-2 96-24t96-20M60 {y + 24}q24-4 40 16M118 {y - 2}q10-22 30-26" fill="none" stroke="{p.near}" stroke-width="4.5" stroke-linecap="round"/>'
        f'<g fill="{p.spark}" stroke="{p.far}" stroke-opacity=".35">{flowers}{petals}</g>'
    )


def hills(r: Random, p: Palette) -> str:
    """Rolling land, a sun, some birds."""
    rows = "".join(
        f'<path d="{_roll(r, 132 + 31 * n, 24 - 3 * n)}" fill="{mix(p.far, p.near, n / 4)}"/>'
        for n in range(5)
    )
    return (
        f'<circle cx="{r.randint(48, 152)}" cy="{r.randint(70, 108)}" r="{r.randint(24, 36)}" fill="{p.glow}"/>'
        f"{_clouds(r, p.glow, 30)}{rows}{_birds(r, p.near, 3)}"
    )


def peaks(r: Random, p: Palette) -> str:
    """Mountains, one side of each in the light."""
    rows = ""
    for n in range(3):
        foot, lit = 190 + 42 * n, mix(p.low, p.near, 0.25 + n * 0.28)
        for x in sorted(r.sample(range(-10, 211, 20), 4)):
            top, half = 92 + 46 * n + r.randint(-16, 22), r.randint(52, 74)
            bend = x + r.randint(-8, 8)
            rows += (
                f'<path d="M{x - half} {foot + 60}L{x} {top}L{x + half} {foot + 60}z" fill="{lit}"/>'
                f'<path d="M{x} {top}L{bend} {(top + foot) // 2}L{x - 4} {foot + 60}H{x + half}z" fill="{mix(lit, p.near, 0.42)}"/>'
            )
    return f'{_stars(r, 12)}<circle cx="{r.randint(46, 154)}" cy="{r.randint(48, 74)}" r="{r.randint(20, 30)}" fill="{p.glow}"/>{rows}'


def sea(r: Random, p: Palette) -> str:
    """A low sun and its path on the water."""
    x, line, size = r.randint(62, 138), r.randint(138, 152), r.randint(34, 46)
    path = "".join(
        f"M{x - w + r.randint(-7, 7)} {line + 9 + 10 * n}h{2 * w}"
        for n in range(10)
        for w in [max(5, size - 3 * n + r.randint(-7, 7))]
    )
    boat = x + r.choice((-56, 52))
    return (
        f'<circle cx="{x}" cy="{line - r.randint(4, 26)}" r="{size}" fill="{p.glow}"/>{_clouds(r, p.spark, 44)}'
        f'<path d="M0 {line}h200v150H0z" fill="{mix(p.far, p.near, 0.3)}"/>'
        f'<path d="{path}" stroke="{p.glow}" stroke-width="3.4" stroke-linecap="round" opacity=".8"/>'
        f'<path d="M{boat - 11} {line + 8}h24l-5 7h-14zM{boat + 1} {line - 18}v24h12z" fill="{p.near}"/>{_birds(r, p.near, 3)}'
    )


def tiles(r: Random, p: Palette) -> str:
    """Cheerful shapes, a square each."""
    shapes = (
        "h50a50 50 0 0 1-50 50z", "m50 0v50a50 50 0 0 1-50-50z", "m0 50a25 25 0 0 1 50 0z", "m0 25a25 25 0 1 0 50 0a25 25 0 1 0-50 0",
        "l50 50H{x}z", "a25 25 0 0 0 50 0z", "m12 25a13 13 0 1 0 26 0a13 13 0 1 0-26 0", "h50v50a50 50 0 0 1-50-50z",
    )  # fmt: skip
    colours = [p.low, p.far, p.glow, p.spark]
    drawn = dict.fromkeys((*colours, p.near), "")
    grounds = dict.fromkeys((p.top, *colours), "")
    for y in range(0, 250, 50):
        for x in range(0, 200, 50):
            ground, shape = r.sample([p.top, p.top, *colours], 2)
            shape = p.near if shape == ground else shape
            grounds[ground] += f"M{x} {y}h50v50h-50z"
            if shape in drawn:
                drawn[shape] += f"M{x} {y}" + r.choice(shapes).replace("{x}", str(x))
    layers = (*grounds.items(), *drawn.items())
    return "".join(f'<path d="{path}" fill="{colour}"/>' for colour, path in layers if path)


def cumulus(r: Random, p: Palette) -> str:
    """A summer sky, a paper plane."""
    heaps = ""
    for n, (base, count) in enumerate(((178, 7), (222, 8), (262, 8))):
        puffs = "".join(
            f'<circle cx="{-8 + 216 * k // (count - 1) + r.randint(-8, 8)}" cy="{base + r.randint(-14, 12)}" r="{r.randint(24, 44)}"/>'
            for k in range(count)
        )
        heaps += f'<g fill="{mix(p.glow, p.far, n * 0.34)}">{puffs}</g>'
    x, y = r.randint(92, 136), r.randint(52, 84)
    return (
        f'{_clouds(r, p.glow, 40)}{heaps}<path d="M{x - 84} {y + 62}q30 6 46-22t34-26" fill="none" stroke="{p.glow}" stroke-width="2" stroke-dasharray="2 7" stroke-linecap="round"/>'
        f'<path d="M{x} {y + 12}l46-26-20 40-10-10z" fill="{p.glow}"/><path d="M{x + 16} {y + 16}l30-30-34 22 2 20z" fill="{p.near}" opacity=".45"/>'
    )


def _stars(r: Random, number: int) -> str:
    # A line of no length with round ends is a dot, and short to write.
    near, far = (
        "".join(f"M{r.randrange(200)} {r.randrange(210)}h0" for _ in range(part))
        for part in (number // 3, number - number // 3)
    )
    return f'<g stroke="#fff" stroke-linecap="round"><path d="{near}" stroke-width="2.4" opacity=".9"/><path d="{far}" stroke-width="1.3" opacity=".6"/></g>'


def _towers(r: Random, base: int, high: int, wide: int) -> str:
    x, path = -6, "M-6 290"
    while x < 206:
        width = r.randint(wide - 7, wide + 5)
        path += f"V{base - r.randint(0, high)}"
        if r.random() < 0.2:
            path += "h3v-12h2v12"
            x += 5
        path += f"h{width}"
        x += width
    return f"{path}V290z"


def _roll(r: Random, y: int, high: int) -> str:
    a, b, c = (y + r.randint(-high, high) for _ in range(3))
    return f"M0 {a}C{r.randint(30, 60)} {a - high} {r.randint(70, 90)} {b + high} 112 {b}S{r.randint(160, 180)} {c - high} 200 {c}V290H0z"


def _birds(r: Random, colour: str, number: int) -> str:
    x, y = r.randint(30, 140), r.randint(36, 70)
    flock = "".join(
        f"M{x + 17 * n + r.randint(-4, 4)} {y + r.randint(-12, 12)}q4-5 7 0q3-5 7 0"
        for n in range(number)
    )
    return f'<path d="{flock}" fill="none" stroke="{colour}" stroke-width="1.6" stroke-linecap="round"/>'


def _clouds(r: Random, colour: str, top: int) -> str:
    strips = "".join(
        f"M{r.randint(-20, 150)} {top + 17 * n + r.randint(-6, 6)}h{r.randint(26, 84)}"
        for n in range(4)
    )
    return f'<path d="{strips}" stroke="{colour}" stroke-width="5" stroke-linecap="round" opacity=".32"/>'


def _burst(r: Random, x: int, y: int) -> str:
    points, size = r.randint(9, 13), r.randint(20, 30)
    corners = [
        (size * (1 if n % 2 else 0.45) * r.uniform(0.85, 1.2), pi * n / points)
        for n in range(points * 2)
    ]
    return "M" + "L".join(f"{x + d * cos(a):.0f} {y + d * sin(a):.0f}" for d, a in corners) + "z"
