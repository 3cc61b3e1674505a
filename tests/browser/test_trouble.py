"""What one sees when something takes long or goes wrong, and where Back leads."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page as Tab
from playwright.sync_api import Route, expect

from tests.browser.test_keyboard import page_named
from tests.browser.walker import Walker
from tests.pages import Who

pytestmark = pytest.mark.browser

WHOLE_PAGE = "<!doctype html><html><body><h1>A whole page</h1></body></html>"
PRESSED = "**/anime/*/*/"


@pytest.fixture
def for_you(walker: Walker) -> Iterator[Tab]:
    """The page, whose buttons reach no server: what comes back is up to the test."""
    tab, _ = walker.open(page_named("for-you"), Who.MEMBER)
    yield tab
    tab.unroute(PRESSED)


def press(tab: Tab) -> None:
    tab.get_by_role("button", name="Not interested in").first.click()


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (403, "That was refused"),
        (404, "not there any more"),
        (429, "a lot at once"),
        (500, "broke on our side"),
        (400, "did not work"),
    ],
)
def test_an_answer_that_is_an_error_is_said_and_never_pasted_in(
    for_you: Tab, status: int, said: str
) -> None:
    for_you.route(PRESSED, lambda route: route.fulfill(status=status, content_type="text/html", body=WHOLE_PAGE))  # fmt: skip
    press(for_you)
    expect(for_you.locator("[data-toast]")).to_contain_text(said)
    expect(for_you.get_by_text("A whole page")).to_have_count(0)


def test_a_line_that_is_down_is_said(for_you: Tab) -> None:
    for_you.route(PRESSED, lambda route: route.abort())
    press(for_you)
    expect(for_you.locator("[data-toast]")).to_contain_text("No answer from the site")


def test_what_takes_long_is_shown_and_then_told(for_you: Tab) -> None:
    held: list[Route] = []
    for_you.route(PRESSED, lambda route: held.append(route))
    press(for_you)
    bar, words = for_you.locator("[data-busy]"), for_you.locator("[data-busy-said]")
    assert words.inner_text() == ""
    expect(bar).to_have_css("visibility", "visible")
    expect(words).to_have_text("Loading")
    held[0].abort()
    expect(words).to_have_text("")
    expect(bar).to_have_css("visibility", "hidden")


def test_a_form_is_sent_once_however_often_it_is_pressed(walker: Walker) -> None:
    tab, _ = walker.open(page_named("sign-in"), Who.GUEST)
    sent: list[str] = []
    tab.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)  # fmt: skip
    tab.get_by_label("Username").fill("nobody")
    tab.get_by_label("Password").fill("nothing")
    with tab.expect_navigation():
        tab.evaluate("""() => {
            const button = document.querySelector("main form button");
            for (let press = 0; press < 3; press += 1) button.click();
        }""")
    expect(tab.get_by_role("main")).to_contain_text("do not go together")
    assert len(sent) == 1
    # Back finds a form that can be sent again.
    tab.go_back()
    expect(tab.locator("[data-sent]")).to_have_count(0)


def test_back_after_a_filter_shows_what_was_there_before(walker: Walker) -> None:
    tab, _ = walker.open(page_named("browse"), Who.GUEST)
    everything = tab.locator("#results .card__title").all_inner_texts()
    search = tab.locator("#id_q")
    search.fill("mushi")
    tab.wait_for_url("**/anime/?*q=mushi*")
    expect(tab.locator("#results .card__title").first).to_contain_text("Mushi")
    tab.go_back()
    tab.wait_for_url("**/anime/")
    expect(tab.locator("#results .card__title").first).to_have_text(everything[0])
    assert tab.locator("#results .card__title").all_inner_texts() == everything
    expect(search).to_have_value("")
    tab.go_forward()
    expect(search).to_have_value("mushi")
    expect(tab.locator("#results .card__title").first).to_contain_text("Mushi")
