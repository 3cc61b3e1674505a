"""No page overflows, jumps, or breaks its own rules; what is to be pressed can be pressed; scripts stay small."""

import pytest

from tests.browser.walker import WIDTHS, Walker, script, unroll
from tests.pages import Page, Who
from tests.walking import fullest_views, name_of

pytestmark = pytest.mark.browser

JUMPS = 0.05
# Before compression, as the browser has to read it; htmx alone is 51 KB.
SCRIPT_BYTES = 60 * 1024
LAYOUT = script("layout.js")
WEIGHT = script("weight.js")


@pytest.mark.parametrize("view", fullest_views(), ids=name_of)
def test_a_page_fits_any_window_and_holds_still(walker: Walker, view: tuple[Page, Who]) -> None:
    page, who = view
    found = []
    for width in WIDTHS:
        tab, faults = walker.open(page, who, width=width)
        found += [f"{width}: {breach}" for breach in tab.evaluate("window.breaches")]
        if (jumped := tab.evaluate("window.shifted")) > JUMPS:
            found.append(f"{width}: jumps by {jumped:.3f}: {tab.evaluate('window.shifts')[:6]}")
        unroll(tab)
        found += [f"{width}: {fault}" for fault in faults + tab.evaluate(LAYOUT)]
    scripts = tab.evaluate(WEIGHT)
    if not page.charts and sum(one["bytes"] for one in scripts) >= SCRIPT_BYTES:
        found.append(f"too much script: {scripts}")
    assert found == []
