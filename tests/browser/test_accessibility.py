"""axe-core finds nothing on any page, in either scheme."""

from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pytest

from tests.browser.walker import SCHEMES, Walker, unroll
from tests.pages import Page, Who
from tests.walking import fullest_views, name_of

pytestmark = pytest.mark.browser

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text()
# WCAG 2.2 A and AA, and what axe itself holds to be good practice.
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Rules about colour only: all others say the same in either scheme.
COLOUR = ["color-contrast", "link-in-text-block"]
# The ninth line of a list is made by the same template as the first, and costs as long again.
MORE_OF_THE_SAME = ":is(ul, ol, tbody, .cards) > :nth-child(n + 9)"
RUN = "([more, options]) => axe.run({ include: [document], exclude: [[more]] }, options)"


@pytest.mark.parametrize("view", fullest_views(), ids=name_of)
def test_nobody_is_shut_out(walker: Walker, view: tuple[Page, Who]) -> None:
    page, who = view
    tab, _ = walker.open(page, who, scheme=SCHEMES[0])
    unroll(tab)
    # By the debugger's protocol, which the Content-Security-Policy leaves alone.
    tab.evaluate(AXE)
    everything = {"runOnly": TAGS, "resultTypes": ["violations"]}
    found = [("dark", tab.evaluate(RUN, [MORE_OF_THE_SAME, everything]))]
    tab.emulate_media(color_scheme="light")
    colours = {"runOnly": COLOUR, "resultTypes": ["violations"]}
    found.append(("light", tab.evaluate(RUN, [MORE_OF_THE_SAME, colours])))
    assert [fault for scheme, result in found for fault in said(scheme, result)] == []


def said(scheme: str, result: dict[str, Any]) -> Iterator[str]:
    for violation in result["violations"]:
        for node in violation["nodes"][:4]:
            why = node["failureSummary"].splitlines()[1:2]
            yield f"{scheme}: {violation['id']}: {node['target']} {node['html'][:120]} {why}"
