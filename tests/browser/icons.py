"""Draws what phones and other sites show of this one: `make icons` writes to static/img/.

The icons are `static/favicon.svg` at the sizes that are asked for; the card is what a link to the
site looks like elsewhere. Both are committed: only a change of the drawing calls for this.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Page, sync_playwright

from tests.browser.chrome import chromium

STATIC = ROOT / "static"
SUN = re.search(r"<circle[^>]*/>", (STATIC / "favicon.svg").read_text()).group()  # type: ignore[union-attr]
# file, size, share of the square that the mark takes, and whether its corners are round
ICONS = [
    ("icon-180.png", 180, 1.0, False),
    ("icon-192.png", 192, 1.0, True),
    ("icon-512.png", 512, 1.0, True),
    # Whatever shape a phone cuts out, the middle four fifths stay.
    ("icon-maskable-512.png", 512, 0.72, False),
]
CARD = (1200, 630)


def mark(edge: float, *, rounded: bool) -> str:
    """Sun and hills of the favicon on a square `edge` wide about the same middle, to its borders."""
    start, end = (32 - edge) / 2, (32 + edge) / 2
    clip = f'<clipPath id="square"><rect x="{start}" y="{start}" width="{edge}" height="{edge}" rx="{8 if rounded else 0}"/></clipPath>'
    hills = f"M{start} 28 Q{(start + 2) / 2} 28 2 25 Q10 15 17 22 T30 19 Q{(30 + end) / 2} 16 {end} 17 V{end} H{start}Z"
    return f'{clip}<g clip-path="url(#square)"><rect x="{start}" y="{start}" width="{edge}" height="{edge}" fill="#12151f"/>{SUN}<path d="{hills}" fill="#7b5cff"/></g>'


def icon(size: int, share: float, *, rounded: bool) -> str:
    edge = 32 / share
    start = (32 - edge) / 2
    box = f'width="{size}" height="{size}" viewBox="{start} {start} {edge} {edge}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {box}>{mark(edge, rounded=rounded)}</svg>'


def card() -> str:
    """The name and its promise on a night sky, hills below, a few cards on the right."""
    tiles = "".join(
        f'<g transform="translate({x} {y}) rotate({turn})"><rect width="190" height="276" rx="14" fill="{ground}"/>{motif}'
        f'<rect x="18" y="226" width="{width}" height="12" rx="6" fill="#eceef4"/><rect x="18" y="248" width="150" height="6" rx="3" fill="#2a3040"/><rect x="18" y="248" width="{share}" height="6" rx="3" fill="#5ad1a4"/></g>'
        for x, y, turn, ground, motif, width, share in [
            (690, 200, -7, "#22325f", '<circle cx="95" cy="96" r="44" fill="#5fb3f0"/><ellipse cx="95" cy="98" rx="84" ry="17" fill="none" stroke="#eceef4" stroke-width="3" transform="rotate(-18 95 98)"/>', 110, 120),
            (966, 177, 7, "#1f4038", '<circle cx="120" cy="66" r="26" fill="#f0c05a"/><path d="M0 150 Q48 92 95 150 T190 128 V210 H0Z" fill="#5ad1a4"/><path d="M0 182 Q60 132 110 180 T190 172 V210 H0Z" fill="#2f8f6f"/>', 90, 96),
            (828, 150, 0, "#4a2438", '<circle cx="95" cy="92" r="58" fill="none" stroke="#ff9ecb" stroke-width="6"/><circle cx="95" cy="92" r="36" fill="none" stroke="#ff7a59" stroke-width="6"/><circle cx="95" cy="92" r="14" fill="#ff7a59"/>', 130, 138),
        ]
    )  # fmt: skip
    return f"""<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="630" viewBox="0 0 1200 630">
<rect width="1200" height="630" fill="#0f1117"/><path d="M0 520 Q220 430 430 500 T820 470 T1200 520 V630 H0Z" fill="#171a23"/><path d="M0 575 Q260 510 520 566 T1200 560 V630 H0Z" fill="#1e222d"/>{tiles}
<g transform="translate(80 96) scale(2.4)">{mark(32, rounded=True)}</g>
<g font-family="Georgia, 'DejaVu Serif', serif" font-weight="700" fill="#eceef4"><text x="80" y="292" font-size="84">anime<tspan fill="#ff7a59">rec</tspan></text>
<text x="80" y="366" font-size="42">What to watch next,</text><text x="80" y="420" font-size="42" fill="#ff7a59">and why</text></g></svg>"""


def save(tab: Page, drawing: str, size: tuple[int, int], file: str) -> None:
    tab.set_viewport_size({"width": size[0], "height": size[1]})
    tab.set_content(f"<style>body{{margin:0}}svg{{display:block}}</style>{drawing}")
    tab.screenshot(path=STATIC / "img" / file, omit_background=True)
    print(file, (STATIC / "img" / file).stat().st_size)


def main() -> None:
    program = chromium()
    if program is None:
        sys.exit("There is no Chromium: install it, or name one in CHROMIUM.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        tab = browser.new_page()
        for file, size, share, rounded in ICONS:
            save(tab, icon(size, share, rounded=rounded), (size, size), file)
        save(tab, card(), CARD, "social.png")
        browser.close()


if __name__ == "__main__":
    main()
