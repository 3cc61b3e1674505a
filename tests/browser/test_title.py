"""A title's page: its parts come when one reaches them, and follow what the member does."""

import pytest
from playwright.sync_api import Error, Page, expect

from catalog.models import Anime
from tests.browser.conftest import Window
from tests.browser.test_journey import sign_in

pytestmark = pytest.mark.browser

NARUTO, SHIPPUDEN = 20, 1735
BAD = "<img src=x onerror=alert(1)></script><b>"
# Plotly says what is wrong with a figure, or nothing.
JUDGE = """element => {
  const figure = JSON.parse(document.getElementById(element.dataset.chart).textContent);
  return (Plotly.validate(figure.data, figure.layout) ?? []).map((fault) => fault.msg).filter((msg) => !/color/.test(msg));
}"""


def reach(page: Page, part: str) -> None:
    """A part takes the place of its link while one scrolls to it: then the new one is scrolled to."""
    try:
        page.locator(part).scroll_into_view_if_needed()
    except Error:
        page.locator(part).scroll_into_view_if_needed()


def test_its_parts_follow_what_the_member_does(window: Window) -> None:
    page = window.open()
    sign_in(page)
    page.goto(f"/anime/{NARUTO}/")
    mark = page.locator(f"#mark-{SHIPPUDEN}")
    expect(page.locator(f"#mark-{NARUTO}")).to_have_text("Completed · 9")
    expect(page.locator("#family-own")).to_contain_text(
        "You have seen 1 of 5 parts; next is Part 2"
    )
    expect(mark).to_be_hidden()

    page.locator("#family-own a").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Naruto Shippuden")
    page.get_by_role("button", name="One more episode seen: 1").click()
    expect(page.locator("#mine-said")).to_have_text("You have seen 1 of 500 episodes.")
    expect(mark).to_have_text("Watching · 1 of 500")
    expect(page.get_by_role("button", name="One more episode seen: 2")).to_be_focused()


def test_its_network_is_drawn_and_its_points_lead_on(window: Window) -> None:
    Anime.objects.filter(pk=SHIPPUDEN).update(title=BAD, title_english=BAD, synopsis=BAD)
    page = window.open()
    page.goto(f"/anime/{NARUTO}/")
    for part in (
        ".about__fit, .fit",
        ".about__scores, #scores",
        ".about__similar, .alike >> nth=0",
    ):
        reach(page, part)
    reach(page, ".about__network, #network")
    plot = page.locator("#network .chart__plot")
    expect(plot.locator(".scatterlayer .point").first).to_be_attached()
    # Of the network alone: over the bars of scores, where these are drawn by then, Plotly's judge itself breaks.
    assert page.locator("#network [data-drawn]").evaluate(JUDGE) == []
    assert page.locator("b", has_text="onerror").count() == 0
    page.locator("#network summary").click()
    first = page.locator("#network tbody a").first
    there = first.get_attribute("href")
    first.click()
    page.wait_for_url(f"**{there}")


def test_without_scripts_each_part_is_a_page(window: Window) -> None:
    page = window.open(javascript=False)
    for name, said in (
        ("Would you like it?", "What would you give it?"),
        ("How much of it you have seen", "your own marks stand here"),
        ("Who gave it which score", "members give it"),
        ("Show what stands around it", "Nearest to it"),
    ):
        page.goto(f"/anime/{NARUTO}/")
        page.get_by_role("link", name=name).click()
        expect(page.get_by_text(said).first).to_be_visible()
