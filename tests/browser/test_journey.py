"""The main journey: sign up, rate five titles, see recommendations change, read a reason."""

import pytest
from playwright.sync_api import Page, expect

from ratings.models import User
from recommender.demo import DEMO_PASSWORD, DEMO_USERNAME
from tests.browser.conftest import Window

pytestmark = pytest.mark.browser

PASSWORD = "lantern-on-the-quay"
CARD_TITLES = "#cards .card__title"


def sign_up(page: Page, name: str = "ines") -> None:
    page.goto("/")
    page.get_by_role("link", name="Sign up").first.click()
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password again").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign up").click()
    page.wait_for_url("**/quiz/")


def sign_in(page: Page) -> None:
    page.goto("/sign-in/?next=/for-you/")
    page.get_by_label("Username").fill(DEMO_USERNAME)
    page.get_by_label("Password").fill(DEMO_PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/for-you/")


def titles_shown(page: Page) -> list[str]:
    page.goto("/for-you/")
    return page.locator(CARD_TITLES).all_inner_texts()


def open_title(page: Page, title: str) -> None:
    """The way of somebody who remembers the name."""
    page.goto("/for-you/")
    page.get_by_role("searchbox", name="Search titles").fill(title)
    page.keyboard.press("Enter")
    page.locator(".card__link", has=page.get_by_text(title, exact=True)).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)


def rate_with_script(page: Page, title: str, score: int) -> None:
    open_title(page, title)
    page.get_by_role("button", name=str(score), exact=True).click()
    expect(page.locator(".mine__state")).to_contain_text(f"You gave it a {score}")


def rate_without_script(page: Page, title: str, score: int) -> None:
    open_title(page, title)
    page.get_by_role("link", name="Rate it or put it on your list").click()
    page.get_by_role("button", name=str(score), exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    expect(page.get_by_text(f"{title}: You gave it a {score}.")).to_be_visible()


@pytest.mark.parametrize("javascript", [True, False], ids=["with scripts", "without scripts"])
def test_a_newcomer_rates_five_titles_and_gets_recommendations_with_reasons(
    window: Window, javascript: bool
) -> None:
    page = window.open(javascript=javascript)
    sign_up(page)
    page.get_by_role("link", name="Go to For you").first.click()
    expect(page.get_by_text("Rate five titles you know")).to_be_visible()
    expect(page.get_by_role("heading", name="Popular with members")).to_be_visible()
    before = titles_shown(page)
    rate = rate_with_script if javascript else rate_without_script
    chosen = before[:5]
    for title, score in zip(chosen, (10, 9, 7, 3, 9), strict=True):
        rate(page, title, score)
    after = titles_shown(page)
    assert after != before
    assert not set(after) & set(chosen)
    expect(page.get_by_text("From 5 titles on your list")).to_be_visible()
    reasons = page.locator(".card__reason").all_inner_texts()
    liked = {f"You gave {chosen[0]} a 10", f"You gave {chosen[1]} a 9", f"You gave {chosen[4]} a 9"}
    assert any(reason.startswith(tuple(liked)) for reason in reasons)


def test_not_interested_hides_a_card_and_undo_brings_it_back(window: Window) -> None:
    page = window.open()
    sign_in(page)
    before = titles_shown(page)
    first = before[0]
    page.get_by_role("button", name=f"Not interested in {first}", exact=True).click()
    expect(page.get_by_text(f"Hidden: {first}")).to_be_visible()
    assert first not in titles_shown(page)
    second = page.locator(CARD_TITLES).first.inner_text()
    page.get_by_role("button", name=f"Not interested in {second}", exact=True).click()
    undo = page.get_by_role("button", name=f"Undo: {second}", exact=True)
    expect(undo).to_be_focused()
    undo.click()
    expect(
        page.get_by_role("button", name=f"Not interested in {second}", exact=True)
    ).to_be_focused()
    assert titles_shown(page)[0] == second


def test_not_interested_works_without_scripts(window: Window) -> None:
    page = window.open(javascript=False)
    sign_in(page)
    first = titles_shown(page)[0]
    page.get_by_role("button", name=f"Not interested in {first}", exact=True).click()
    expect(page.get_by_text(f"Hidden: {first}.")).to_be_visible()
    page.get_by_role("link", name="1 hidden title").click()
    page.get_by_role("button", name=f"Bring back: {first}", exact=True).click()
    expect(page.get_by_text("You have hidden nothing")).to_be_visible()
    assert titles_shown(page)[0] == first


def test_seen_it_asks_for_a_score_on_the_card_and_can_be_undone(window: Window) -> None:
    page = window.open()
    sign_in(page)
    first = titles_shown(page)[0]
    page.get_by_role("button", name=f"Seen it: {first}", exact=True).click()
    score = page.get_by_label(f"Your score of {first}", exact=True)
    expect(score).to_be_focused()
    score.select_option("9")
    expect(page.get_by_text("You gave it a 9")).to_be_visible()
    entries = User.objects.get(username=DEMO_USERNAME).list_entries.order_by("-rated_at")
    assert entries.filter(score=9, status="completed", rated_at__isnull=False).exists()
    page.get_by_role("button", name=f"Undo: {first}", exact=True).click()
    expect(page.get_by_role("button", name=f"Seen it: {first}", exact=True)).to_be_visible()
    assert titles_shown(page)[0] == first


def test_my_list_is_edited_in_place(window: Window) -> None:
    page = window.open()
    sign_in(page)
    page.goto("/my-list/?sort=score")
    title = page.locator(".list__title a").first.inner_text()
    score = page.get_by_label(f"Score of {title}", exact=True)
    score.focus()
    score.select_option("2")
    expect(page.locator("#list-said")).to_have_text(f"{title}: You gave it a 2.")
    # The field keeps the keyboard after its row was exchanged.
    expect(score).to_be_focused()
    page.reload()
    expect(page.get_by_label(f"Score of {title}", exact=True)).to_have_value("2")


def test_who_signs_in_is_brought_back_to_the_title_they_looked_at(window: Window) -> None:
    page = window.open()
    page.goto("/anime/1/")
    page.get_by_role("banner").get_by_role("link", name="Sign in", exact=True).click()
    page.get_by_label("Username").fill(DEMO_USERNAME)
    page.get_by_label("Password").fill(DEMO_PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/anime/1/")


ADDRESSES = [
    "/",
    "/anime/",
    "/anime/1/",
    "/anime/1/mine/",
    "/anime/1/similar/",
    "/for-you/",
    "/for-you/hidden/",
    "/quiz/",
    "/my-list/",
    "/account/",
    "/account/password/",
]


@pytest.mark.parametrize("javascript", [True, False], ids=["with scripts", "without scripts"])
def test_on_a_phone_nothing_is_wider_than_the_screen(window: Window, javascript: bool) -> None:
    page = window.open(javascript=javascript, phone=True)
    wide = [too_wide(page, address) for address in ["/", "/sign-up/", "/sign-in/"]]
    sign_in(page)
    wide += [too_wide(page, address) for address in ADDRESSES]
    assert [address for address in wide if address] == []


def too_wide(page: Page, address: str) -> str:
    page.goto(address)
    page.wait_for_load_state("networkidle")  # fragments too
    content, screen = page.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    return f"{address}: {content} on {screen}" if content > screen else ""
