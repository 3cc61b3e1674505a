"""My list in a real browser: by the keyboard alone, and many titles at once."""

import pytest
from playwright.sync_api import Page, expect

from catalog.models import Anime
from ratings.models import User
from tests.browser.conftest import Window
from tests.browser.test_journey import sign_up

pytestmark = pytest.mark.browser


def listed(page: Page) -> tuple[User, list[Anime]]:
    """Somebody who has just signed up and plans three titles of the demonstration."""
    sign_up(page)
    member = User.objects.filter(origin="").latest("pk")
    found = Anime.objects.visible().filter(episodes__gt=3).most_watched_first()
    titles = sorted(found[:3], key=lambda title: title.display_title.lower())
    for title in titles:
        member.set_status(title, "planned")
    page.goto("/my-list/?sort=title")
    return member, titles


def test_a_list_is_kept_by_the_keyboard_alone(window: Window) -> None:
    page = window.open()
    member, (first, second, third) = listed(page)
    rows = page.locator("[data-rows] tbody tr")
    page.keyboard.press("j")
    page.keyboard.press("ArrowDown")
    expect(rows.nth(1).get_by_role("link", name=second.display_title, exact=True)).to_be_focused()
    # One after the other, faster than the answers come.
    for key in ("0", "w", "+", "+"):
        page.keyboard.press(key)
    expect(rows.nth(1).get_by_label(f"Episodes of {second.display_title} seen")).to_have_value("2")
    expect(rows.nth(1).get_by_role("link", name=second.display_title, exact=True)).to_be_focused()
    entry = member.list_entries.get(anime=second)
    assert (entry.score, entry.watched_episodes) == (10, 2)
    assert entry.status == "watching"
    # A number is typed in the field, and Enter leads back to the row.
    field = rows.nth(1).get_by_label(f"Episodes of {second.display_title} seen")
    field.fill("3")
    field.press("Enter")
    expect(page.locator("#list-said")).to_contain_text("You have seen 3 of")
    page.keyboard.press("k")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("[data-ticked]")).to_have_text("2 ticked")
    page.get_by_label("What to do with them").select_option(label="Dropped")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator(".undo")).to_contain_text("Status set to Dropped: 2 titles.")
    assert set(member.list_entries.filter(status="dropped").values_list("anime", flat=True)) == {first.pk, second.pk}  # fmt: skip
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone: 2 titles as before.")).to_be_visible()
    assert member.list_entries.get(anime=first).status == "planned"
    assert member.list_entries.get(anime=third).status == "planned"


def test_the_same_without_scripts(window: Window) -> None:
    page = window.open(javascript=False, phone=True)
    member, (first, second, _) = listed(page)
    page.get_by_label(f"Score of {first.display_title}").select_option("7")
    page.get_by_label(f"Episodes of {second.display_title} seen").fill("2")
    page.get_by_label(f"Episodes of {second.display_title} seen").press("Enter")
    expect(
        page.get_by_text(f"Saved: {first.display_title}, {second.display_title}.")
    ).to_be_visible()
    page.get_by_role("button", name=f"One more episode of {second.display_title}: 3").click()
    expect(page.get_by_text("You have seen 3 of")).to_be_visible()
    assert member.list_entries.get(anime=second).watched_episodes == 3
    page.get_by_label("Which titles").select_option("all")
    page.get_by_label("What to do with them").select_option(label="Take off my list")
    page.get_by_role("button", name="Apply").click()
    page.get_by_role("button", name="Take off my list: 3 titles").click()
    expect(page.get_by_role("heading", name="Nothing here yet")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("link", name=first.display_title, exact=True)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert member.list_entries.get(anime=first).score == 7
