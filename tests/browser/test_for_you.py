"""For you by keyboard and by mouse: reasons, what should not count, what is hidden and why."""

import pytest
from playwright.sync_api import Page, expect

from catalog.models import Anime
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


# What is told while the page is open


def id_of_first(page: Page) -> str:
    address = page.locator("#cards a:has(.card__title)").first.get_attribute("href") or ""
    return address.strip("/").split("/")[-1]


def rate_elsewhere(title: str) -> None:
    member = User.objects.get(username=DEMO_USERNAME)
    member.rate(Anime.objects.get(pk=title), score=10)


def test_a_rating_made_elsewhere_is_followed_while_nobody_is_at_work(window: Window) -> None:
    page = window.open()
    sign_in(page)
    first = titles_shown(page)[0]
    pk = id_of_first(page)
    # The browser forgets after five seconds that somebody did something; looking counts as that here.
    page.wait_for_timeout(5500)
    rate_elsewhere(pk)
    page.wait_for_timeout(2000)
    expect(page.locator("#cards")).not_to_contain_text(first)
    expect(page.locator("[data-new-list]")).to_be_empty()


def test_whoever_is_at_work_is_asked_first(window: Window) -> None:
    page = window.open()
    sign_in(page)
    first = titles_shown(page)[0]
    page.get_by_role("heading", name="For you", exact=True).click()
    rate_elsewhere(id_of_first(page))
    offer = page.get_by_role("button", name="Your list has changed: show what fits now")
    offer.click()
    expect(page.locator("#cards")).not_to_contain_text(first)
    expect(offer).to_have_count(0)


def test_what_the_page_did_itself_and_shows_is_not_offered(window: Window) -> None:
    page = window.open()
    sign_in(page)
    page.get_by_role("link", name="Why this one:").first.click()
    page.locator(".why__out[name=title]").first.click()
    expect(page.get_by_text("does not count now.")).to_be_focused()
    page.wait_for_timeout(800)
    expect(page.locator("[data-new-list]")).to_be_empty()


def test_where_no_socket_comes_about_the_page_asks_by_the_clock(window: Window) -> None:
    page = window.open()
    # As behind a proxy that knows none.
    page.add_init_script("delete window.WebSocket")
    sign_in(page)
    page.reload()
    with page.expect_response("**/api/v1/live") as asked:
        page.reload()
    assert asked.value.status == 200
