"""The quiz in a real browser: genres, five answers, and the way to For you."""

import pytest
from playwright.sync_api import Page, expect

from recommender.models import NotSeen
from tests.browser.conftest import Window
from tests.browser.test_journey import sign_up

pytestmark = pytest.mark.browser

QUESTIONS = ".question .card__title"


def titles_asked(page: Page) -> list[str]:
    return page.locator(QUESTIONS).all_inner_texts()


def choose(page: Page, genre: str, *, javascript: bool) -> None:
    page.locator(".chip", has_text=genre).click()
    if not javascript:
        page.get_by_role("button", name="Save genres").click()
    expect(page.locator(".quiz__genres summary").first).to_contain_text(genre)


@pytest.mark.parametrize("javascript", [True, False], ids=["with scripts", "without scripts"])
def test_a_newcomer_answers_five_titles_and_goes_to_recommendations_that_follow(
    window: Window, javascript: bool
) -> None:
    page = window.open(javascript=javascript)
    sign_up(page)
    choose(page, "Mystery", javascript=javascript)
    expect(page.get_by_text("For you goes by the genres you like.")).to_be_visible()
    liked = set()
    for answered in range(1, 6):
        asked = titles_asked(page)
        assert len(set(asked)) == 5
        page.locator("#quiz-2-score-9").click()
        expect(page.locator(QUESTIONS).nth(1)).not_to_have_text(asked[1])
        liked.add(asked[1])
        after = titles_asked(page)
        assert [after[place] for place in (0, 2, 3, 4)] == [asked[place] for place in (0, 2, 3, 4)]
        ready = page.get_by_text("Your list is ready.")
        expect(ready).to_be_visible() if answered == 5 else expect(ready).to_be_hidden()
    page.get_by_role("link", name="Go to For you").first.click()
    expect(page.get_by_text("From 5 titles on your list")).to_be_visible()
    reasons = page.locator(".card__reason").all_inner_texts()
    assert any(f"You gave {title} a 9" in reason for title in liked for reason in reasons)
    assert any("You like Mystery" in reason for reason in reasons)


@pytest.mark.parametrize("javascript", [True, False], ids=["with scripts", "without scripts"])
def test_not_seen_asks_for_another_title_and_can_be_undone(
    window: Window, javascript: bool
) -> None:
    page = window.open(javascript=javascript)
    sign_up(page)
    first = titles_asked(page)[0]
    page.get_by_role("button", name=f"Not seen: {first}", exact=True).click()
    expect(page.locator(QUESTIONS).first).not_to_have_text(first)
    assert NotSeen.objects.count() == 1
    page.get_by_role("button", name=f"Undo: {first}, not seen", exact=True).click()
    expect(page.get_by_role("heading", name="Not seen")).to_be_hidden()
    assert not NotSeen.objects.exists()
    page.goto("/quiz/")
    assert titles_asked(page)[0] == first


def test_the_keyboard_stays_in_its_place(window: Window) -> None:
    page = window.open()
    sign_up(page)
    box = page.get_by_role("checkbox", name="Drama")
    box.focus()
    page.keyboard.press("Space")
    expect(page.locator(".quiz__genres summary").first).to_contain_text("Drama")
    expect(page.get_by_role("checkbox", name="Drama")).to_be_focused()
    first, third = titles_asked(page)[0], titles_asked(page)[2]
    seen = page.locator("#quiz-3-seen")
    seen.focus()
    page.keyboard.press("Enter")
    expect(page.locator(QUESTIONS).nth(2)).not_to_have_text(third)
    expect(seen).to_be_focused()
    expect(page.locator(QUESTIONS).first).to_have_text(first)


def test_two_answers_in_a_hurry_are_both_kept(window: Window) -> None:
    page = window.open()
    sign_up(page)
    asked = titles_asked(page)
    page.evaluate(
        "['quiz-1-not-seen', 'quiz-4-not-seen'].forEach(id => document.getElementById(id).click())"
    )
    for title in (asked[0], asked[3]):
        expect(
            page.get_by_role("button", name=f"Undo: {title}, not seen", exact=True)
        ).to_be_visible()
    assert NotSeen.objects.count() == 2
    assert not {asked[0], asked[3]} & set(titles_asked(page))
