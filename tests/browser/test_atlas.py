"""The atlas in a real browser: it is drawn, searched, moved by keyboard, and says what is under it."""

import re

import pytest
from django.db.models import Q
from playwright.sync_api import Page, expect

from catalog.models import Anime
from ratings.models import User
from tests.browser.conftest import Window

pytestmark = pytest.mark.browser


def state(page: Page, name: str) -> str:
    return page.locator("[data-atlas]").get_attribute(f"data-{name}") or ""


def opened(page: Page, address: str = "/atlas/") -> Page:
    page.goto(address)
    expect(page.locator("[data-atlas][data-named]")).to_be_visible()
    return page


def sign_in(page: Page) -> None:
    page.goto("/sign-in/")
    page.get_by_label("Username").fill("demo")
    page.get_by_label("Password").fill("demo")
    page.locator("main").get_by_role("button", name="Sign in").click()
    expect(page.get_by_label("Account of demo")).to_be_visible()


def test_search_flies_to_a_title_whose_card_leads_to_its_page(window: Window) -> None:
    page = opened(window.open())
    assert state(page, "titles") == str(Anime.objects.visible().count())
    search = page.get_by_role("combobox", name="Fly to a title")
    search.fill("cowboy beb")
    expect(page.get_by_role("option").first).to_contain_text("Cowboy Bebop")
    search.press("ArrowDown")
    search.press("Enter")
    expect(page.locator("[data-atlas][data-chosen='1']")).to_be_visible()
    expect(page).to_have_url(re.compile(r"title=1&.*z=3"))
    expect(page.locator("[data-said]")).to_contain_text("Cowboy Bebop")
    # Where one is can be sent to somebody else.
    there = opened(window.open(), page.url)
    assert state(there, "chosen") == "1"
    assert float(state(there, "z")) == 3
    page.get_by_role("article").get_by_role("link", name="Cowboy Bebop").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Cowboy Bebop")


def test_the_keyboard_moves_the_map_and_leaves_it(window: Window) -> None:
    page = opened(window.open())
    canvas = page.get_by_role("application")
    canvas.focus()
    before = float(state(page, "x"))
    page.keyboard.press("ArrowRight")
    page.keyboard.press("+")
    expect(page.locator("[data-atlas][data-z='0.70']")).to_be_visible()
    assert float(state(page, "x")) > before
    page.keyboard.press("Enter")
    expect(page.get_by_role("article")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("article")).to_be_hidden()
    page.keyboard.press("0")
    expect(page.locator("[data-atlas][data-z='0.00']")).to_be_visible()
    page.keyboard.press("Tab")
    expect(canvas).not_to_be_focused()


def test_own_titles_are_lit_and_the_legend_filters(window: Window) -> None:
    page = window.open()
    sign_in(page)
    own = User.objects.get(username="demo").list_entries.count()
    opened(page)
    expect(page.locator(f"[data-atlas][data-own='{own}'][data-lit='{own}']")).to_be_visible()
    page.get_by_label("Show", exact=True).select_option("On my list")
    expect(page.locator(f"[data-atlas][data-shown='{own}']")).to_be_visible()
    page.get_by_role("button", name="Show all").click()
    page.get_by_label("Colour by").select_option("Era")
    page.get_by_label("1990s").check()
    years = (1990, 1999)
    of_nineties = Q(year__range=years) | Q(year=None, aired_from__year__range=years)
    found = Anime.objects.visible().filter(of_nineties).count()
    expect(page.locator(f"[data-atlas][data-shown='{found}']")).to_be_visible()
    expect(page).to_have_url(re.compile(r"color=era.*era=1990s"))
    # The table begins with the same wishes.
    page.get_by_role("link", name="As a table").click()
    expect(page.get_by_role("status").filter(has_text=f"{found} titles")).to_be_visible()


def test_without_javascript_the_table_is_led_to(window: Window) -> None:
    page = window.open(javascript=False)
    page.goto("/atlas/")
    page.get_by_role("link", name="The table", exact=True).last.click()
    expect(page.get_by_role("heading", name="Atlas as a table")).to_be_visible()
    page.get_by_label("Name").fill("cowboy")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_role("rowheader").first).to_have_text("Cowboy Bebop")


def test_a_finger_moves_the_map_on_a_phone(window: Window) -> None:
    page = opened(window.open(phone=True))
    box = page.locator("canvas").bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 60, y, steps=4)
    page.mouse.up()
    expect(page.locator("[data-atlas]:not([data-x='0.5000'])")).to_be_visible()
    assert float(state(page, "x")) > 0.5
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
