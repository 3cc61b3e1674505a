"""Recommendations follow what a member asks to be shown."""

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import Anime
from ratings.models import User
from recommender import serving
from recommender.tests.worlds import FIRST_ID, make_sequel

pytestmark = pytest.mark.django_db

FOR_YOU, PREFERENCES = reverse("recommender:for-you"), reverse("ratings:preferences")
PLAIN = {"title_language": "english", "time_zone": ""}
ADULT = FIRST_ID + 4


@pytest.fixture
def fan(trained: list[User], as_newcomer: Client, newcomer: User) -> Client:
    """Likes robots, of which one is for adults."""
    Anime.objects.filter(pk=ADULT).update(is_adult=True)
    for n in (0, 2, 6):
        newcomer.rate(Anime.objects.get(pk=FIRST_ID + n), score=9)
    return as_newcomer


def shown(page: Client) -> list[int]:
    return [card["anime"].pk for card in page.get(FOR_YOU).context["cards"]]


def test_titles_for_adults_come_and_go_with_the_members_word(fan: Client) -> None:
    assert ADULT not in shown(fan)
    fan.post(PREFERENCES, {**PLAIN, "wants_adult": "on", "of_age": "on"})
    assert ADULT in shown(fan)
    fan.post(PREFERENCES, PLAIN)
    assert ADULT not in shown(fan)


def test_what_one_member_asks_for_is_shown_to_no_other(fan: Client, client: Client) -> None:
    fan.post(PREFERENCES, {**PLAIN, "wants_adult": "on", "of_age": "on"})
    assert ADULT in shown(fan)
    stranger = Client()
    assert ADULT not in shown(stranger)
    assert f"/anime/{ADULT}/" not in stranger.get("/anime/").text


def test_reasons_name_titles_in_the_members_language(fan: Client) -> None:
    Anime.objects.filter(pk=FIRST_ID).update(title_english="Iron Zero", title="Tetsu Zero")
    Anime.objects.exclude(pk__in=(FIRST_ID, FIRST_ID + 8)).update(gone_on="2020-01-01")
    assert "Iron Zero" in fan.get(FOR_YOU).text
    fan.post(PREFERENCES, {**PLAIN, "title_language": "romaji"})
    page = fan.get(FOR_YOU).text
    assert "Tetsu Zero" in page
    assert "Iron Zero" not in page


def test_order_of_a_series_does_not_depend_on_who_asked_first(
    fan: Client, trained: list[User]
) -> None:
    """A first season that is hidden holds back no second, whoever made the site look it up."""
    make_sequel(ADULT, FIRST_ID + 8)
    serving.forget_loaded()
    fan.post(PREFERENCES, {**PLAIN, "wants_adult": "on", "of_age": "on"})
    fan.get(FOR_YOU)
    fan.post(PREFERENCES, PLAIN)
    assert FIRST_ID + 8 in shown(fan)
