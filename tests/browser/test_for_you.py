"""For you by keyboard and by mouse: reasons, what should not count, what is hidden and why."""

import pytest
from playwright.sync_api import expect

from ratings.models import User
from recommender.demo import DEMO_USERNAME
from tests.browser.conftest import Window
from tests.browser.test_journey import sign_in, titles_shown

pytestmark = pytest.mark.browser


def test_a_cause_is_left_out_on_the_card_and_counted_again(window: Window) -> None:
    page = window.open()
    sign_in(page)
    before = titles_shown(page)
    page.get_by_role("link", name=f"Why this one: {before[0]}", exact=True).click()
    expect(page.locator(".why__heading")).to_be_focused()
    button = page.locator(".why__out[name=title]").first
    cause = (button.get_attribute("aria-label") or "").removeprefix("This one should not count: ")
    button.click()
    expect(page.get_by_text(f"{cause} does not count now.")).to_be_focused()
    assert page.locator("#cards .card__title").all_inner_texts() != before
    page.get_by_role("button", name=f"Count again: {cause}", exact=True).click()
    expect(page.get_by_text(f"{cause} counts again.")).to_be_visible()
    assert page.locator("#cards .card__title").all_inner_texts() == before


def test_single_keys_act_on_the_card_in_focus_and_the_focus_is_never_lost(window: Window) -> None:
    page = window.open()
    sign_in(page)
    first, second = titles_shown(page)[:2]
    page.keyboard.press("j")
    page.keyboard.press("y")
    expect(page.locator(".why__heading")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name=f"Why this one: {first}", exact=True)).to_be_focused()
    page.keyboard.press("x")
    undo = page.get_by_role("button", name=f"Undo: {first}", exact=True)
    expect(undo).to_be_focused()
    page.get_by_role("button", name="Not my genre", exact=True).click()
    expect(page.get_by_text(f"Hidden: {first} (Not my genre)")).to_be_visible()
    member = User.objects.get(username=DEMO_USERNAME)
    assert member.feedback.get().reason == "genre"
    page.keyboard.press("u")
    expect(
        page.get_by_role("button", name=f"Not interested in {first}", exact=True)
    ).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("s")
    expect(page.get_by_label(f"Your score of {second}", exact=True)).to_be_focused()


def test_filters_are_chosen_and_taken_away(window: Window) -> None:
    page = window.open()
    sign_in(page)
    page.locator(".tune .chip", has_text="Movie").click()
    page.wait_for_url("**/for-you/?type=movie*")
    page.get_by_role("link", name="Movie (take away)").click()
    expect(page.get_by_role("link", name="Movie (take away)")).to_be_hidden()
    assert page.url.endswith("/for-you/")
