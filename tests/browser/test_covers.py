"""Drawn covers: their lettering stays on them in the widest of the fonts that browsers fall back on."""

import pytest

from catalog.covers import WIDTH, draw_cover
from tests.browser.conftest import Window

pytestmark = pytest.mark.browser

TITLES = (
    "A Certain Magical Index II",
    "Dusk Maiden of Amnesia",
    "Laid-Back Camp Season 3",
    "MUSHI-SHI -Next Passage-",
    "The Magical Revolution of the Reincarnated Princess and the Genius Young Lady",
    "WWW.WORKING!! MMMM",
    "Hokkaido Gals Are Super Adorable!",
    "進撃の巨人 最終章",
    "Лунный камень",
    "x" * 80,
)
# The pixels of air to the right that lettering may not enter.
AIR = 6


def test_no_line_runs_over_the_edge(window: Window) -> None:
    page = window.open()
    page.set_content("".join(draw_cover(1, title, []) for title in TITLES))
    ends = page.locator("tspan").evaluate_all(
        "all => all.map((one) => [one.textContent, +one.getAttribute('x') + one.getComputedTextLength()])"
    )
    assert len(ends) >= len(TITLES)
    assert [(line, end) for line, end in ends if end > WIDTH - AIR] == []
