"""A stranger rates, sees what fits, and keeps it by signing up."""

import pytest
from playwright.sync_api import Page, expect

from ratings.models import User
from tests.browser.conftest import Window
from tests.browser.test_journey import PASSWORD
from tests.browser.test_quiz import titles_asked

pytestmark = pytest.mark.browser


def fill_sign_up(page: Page, name: str) -> None:
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password again").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign up").click()


@pytest.mark.parametrize("javascript", [True, False], ids=["with scripts", "without scripts"])
def test_a_stranger_takes_the_quiz_sees_for_you_signs_up_and_keeps_the_list(
    window: Window, javascript: bool
) -> None:
    page = window.open(javascript=javascript)
    page.goto("/")
    page.get_by_role("link", name="Rate five titles").click()
    liked = []
    for _ in range(5):
        asked = titles_asked(page)[0]
        page.locator("#quiz-1-score-9").click()
        expect(page.locator(".question .card__title").first).not_to_have_text(asked)
        liked.append(asked)
    page.get_by_role("link", name="Go to For you").first.click()
    expect(page.get_by_text("From 5 titles on your list")).to_be_visible()
    reasons = page.locator(".card__reason").all_inner_texts()
    assert any(f"You gave {title} a 9" in reason for title in liked for reason in reasons)
    page.get_by_role("link", name="Sign up to keep your list").click()
    expect(page.get_by_text("Your list of 5 titles is kept")).to_be_visible()
    fill_sign_up(page, "ines")
    page.wait_for_url("**/for-you/")
    page.goto("/my-list/")
    assert sorted(page.locator(".list__title a").all_inner_texts()) == sorted(liked)
    assert not User.objects.filter(origin="guest").exists()


def test_two_first_answers_in_a_hurry_are_both_a_single_guests(window: Window) -> None:
    page = window.open()
    page.goto("/quiz/")
    page.evaluate(
        "['quiz-1-not-seen', 'quiz-4-not-seen'].forEach(id => document.getElementById(id).click())"
    )
    expect(page.locator(".quiz__said li")).to_have_count(2)
    assert User.objects.filter(origin="guest").count() == 1
