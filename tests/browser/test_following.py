"""Following titles of a season, and leaving for good, in a real browser."""

import re
from datetime import time, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from catalog.models import Anime
from catalog.seasons import SeasonOfYear
from ratings.models import User
from tests.browser.conftest import Window
from tests.browser.test_journey import PASSWORD, sign_up

pytestmark = pytest.mark.browser


def put_on_air() -> Anime:
    """The most watched title is on again in two days."""
    season, day = SeasonOfYear.now(), timezone.now().date() + timedelta(days=2)
    (anime,) = Anime.objects.recommendable().most_watched_first()[:1]
    anime.season, anime.year, anime.status, anime.episodes = season.name, season.year, "airing", 12
    anime.aired_from, anime.aired_from_precision = day - timedelta(days=7), "day"
    anime.aired_to, anime.aired_to_precision = None, ""
    anime.broadcast_day, anime.broadcast_time = day.weekday(), time(12, 30)
    anime.broadcast_zone = "UTC"
    anime.save()
    return anime


@pytest.mark.parametrize("javascript", [True, False], ids=["with scripts", "without scripts"])
@pytest.mark.parametrize("phone", [True, False], ids=["phone", "desktop"])
def test_a_title_of_the_season_is_followed_and_its_hour_is_told(
    window: Window, javascript: bool, phone: bool
) -> None:
    anime = put_on_air()
    page = window.open(javascript=javascript, phone=phone)
    sign_up(page)
    page.get_by_role("link", name="Seasons").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(str(SeasonOfYear.now()))
    page.get_by_role("button", name=f"Follow {anime.display_title}", exact=True).click()
    following = page.get_by_role(
        "button", name=f"Following {anime.display_title}: stop", exact=True
    )
    expect(following).to_be_visible()
    if javascript:
        expect(following).to_be_focused()
    page.get_by_role("link", name="What you follow").click()
    expect(page.locator(".airing__when")).to_contain_text(
        re.compile(r"Episode 2 in \d+ (hours|days)")
    )
    # Chromium here runs in UTC unless it is told otherwise, as the site does.
    expect(page.locator(".airing time")).to_contain_text("12:30")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    following.click()
    expect(following).to_be_hidden()


def test_whoever_leaves_is_asked_for_the_password_and_is_gone(window: Window) -> None:
    page = window.open()
    sign_up(page)
    (name,) = User.objects.filter(origin="").values_list("username", flat=True)
    page.goto("/account/")
    with page.expect_download() as download:
        page.get_by_role("link", name="Everything as JSON").click()
    assert download.value.suggested_filename.startswith(f"animerec-{name}-")
    page.get_by_role("link", name="Delete my account").click()
    page.get_by_label("Your password").fill("not this one")
    page.get_by_role("button", name="Delete my account for good").click()
    expect(page.get_by_text("That is not your password.")).to_be_visible()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Delete my account for good").click()
    expect(page.get_by_text("Your account is deleted")).to_be_visible()
    expect(page.get_by_role("link", name="Sign in").first).to_be_visible()
    assert not User.objects.filter(username=name).exists()
