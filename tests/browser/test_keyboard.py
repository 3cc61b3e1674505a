"""Everything that can be pressed is reached with Tab, in the order of the page, and one sees where one is."""

import pytest
from playwright.sync_api import Page as Tab
from playwright.sync_api import expect

from tests.browser.walker import Walker, script, settle
from tests.pages import PAGES, Page, Who

pytestmark = pytest.mark.browser

TABBED, FOCUSED = script("tabbed.js"), script("focused.js")
# A long list repeats its first lines; after so many the way on is the same.
MOST = 90
MAIN = {
    "home": Who.GUEST, "browse": Who.GUEST, "title": Who.MEMBER, "for-you": Who.MEMBER, "quiz": Who.NEWCOMER,
    "my-list": Who.MEMBER, "taste": Who.MEMBER, "season": Who.MEMBER, "sign-up": Who.GUEST,
    "account": Who.MEMBER, "imports": Who.MEMBER, "atlas": Who.MEMBER, "trends": Who.GUEST,
}  # fmt: skip
VIEWS = [(page, MAIN[page.name]) for page in PAGES if page.name in MAIN]


@pytest.mark.parametrize(("page", "who"), VIEWS, ids=[page.name for page, _ in VIEWS])
def test_tab_reaches_everything_in_order_and_is_seen(walker: Walker, page: Page, who: Who) -> None:
    tab, _ = walker.open(page, who)
    names = at_rest(tab)[:MOST]
    # Some pages begin in their first field; the way is walked from the top all the same.
    tab.evaluate("document.querySelector('.skip').focus()")
    reached, unseen = [0], []
    for _ in names[1:]:
        tab.keyboard.press("Tab")
        now = tab.evaluate(FOCUSED)
        reached.append(now["place"])
        if not now["seen"]:
            unseen.append(names[now["place"]] if 0 <= now["place"] < len(names) else now)
    assert reached == list(range(len(names))), [
        names[n] for n in set(range(len(names))) - set(reached)
    ]
    assert unseen == []


def at_rest(tab: Tab) -> list[str]:
    """What can be reached, once the fragments are there that come when they are scrolled to."""
    before: list[str] = []
    while (names := tab.evaluate(TABBED)) != before:
        before = names
        for _ in range(8):
            tab.mouse.wheel(0, 600)
            tab.wait_for_timeout(80)
        settle(tab)
    return before


def page_named(name: str) -> Page:
    return next(page for page in PAGES if page.name == name)


def test_the_first_tab_skips_the_header(walker: Walker) -> None:
    tab, _ = walker.open(page_named("browse"), Who.GUEST)
    tab.keyboard.press("Tab")
    expect(tab.get_by_role("link", name="Skip to content")).to_be_focused()
    tab.keyboard.press("Enter")
    expect(tab.locator("main")).to_be_focused()


def test_escape_closes_the_sheet_of_keys_and_the_menu(walker: Walker) -> None:
    tab, _ = walker.open(page_named("browse"), Who.MEMBER)
    tab.keyboard.press("?")
    expect(tab.get_by_role("dialog", name="Keyboard")).to_be_visible()
    tab.keyboard.press("Escape")
    expect(tab.get_by_role("dialog", name="Keyboard")).to_be_hidden()
    face = tab.locator("[data-menu] summary")
    face.focus()
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("button", name="Sign out")).to_be_visible()
    tab.keyboard.press("Tab")
    tab.keyboard.press("Escape")
    expect(tab.get_by_role("button", name="Sign out")).to_be_hidden()
    expect(face).to_be_focused()


def test_the_menu_opens_without_scripts(walker: Walker) -> None:
    cookies = walker.tab(Who.MEMBER).context.cookies()
    context = walker.browser.new_context(java_script_enabled=False)
    context.add_cookies(cookies)  # type: ignore[arg-type]
    tab = context.new_page()
    tab.goto(f"{walker.site}/anime/")
    tab.locator("[data-menu] summary").click()
    expect(tab.get_by_role("button", name="Sign out")).to_be_visible()
    context.close()
