"""Following titles, what is on next, and the calendar behind a secret address."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
import vobject
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalog.models import Anime
from catalog.seasons import JAPAN
from ratings.feeds import SIGNER, member_of, renew, token_of
from ratings.following import following
from ratings.models import User

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
FOLLOWING, ACCOUNT = reverse("ratings:following"), reverse("ratings:account")


def address(name: str, anime: Anime) -> str:
    return reverse(f"ratings:{name}", args=[anime.pk])


@pytest.fixture
def on_air(catalogue: list[Anime]) -> list[Anime]:
    """Three that are on: in three days, in one day, and nobody knows when."""
    today = timezone.now().astimezone(JAPAN)
    for anime, days in ((catalogue[0], 3), (catalogue[1], 1), (catalogue[2], None)):
        anime.status, anime.episodes = "airing", None
        if days:
            coming = (today + timedelta(days=days)).date()
            anime.aired_from = coming - timedelta(days=14)
            anime.aired_from_precision = "day"
            anime.broadcast_day, anime.broadcast_time = coming.weekday(), time(12, 0)
            anime.broadcast_zone = "Asia/Tokyo"
        anime.save()
    return catalogue[:3]


# Follow and unfollow


def test_followed_and_unfollowed_from_the_page_of_a_title(
    as_newcomer: Client, newcomer: User, on_air: list[Anime]
) -> None:
    page = as_newcomer.get(address("mine", on_air[0]), headers=HTMX).text
    assert f'hx-post="{address("follow", on_air[0])}"' in page
    answer = as_newcomer.post(address("follow", on_air[0]), headers=HTMX)
    assert "Following" in answer.text
    assert "<html" not in answer.text
    assert newcomer.follows.get().anime == on_air[0]
    answer = as_newcomer.post(address("unfollow", on_air[0]), headers=HTMX)
    assert address("follow", on_air[0]) in answer.text
    assert not newcomer.follows.exists()


def test_twice_is_once(as_newcomer: Client, newcomer: User, on_air: list[Anime]) -> None:
    for name in ("follow", "follow"):
        as_newcomer.post(address(name, on_air[0]))
    assert newcomer.follows.count() == 1
    for name in ("unfollow", "unfollow"):
        as_newcomer.post(address(name, on_air[0]))
    assert newcomer.follows.count() == 0


@pytest.mark.parametrize(
    ("name", "said"), [("follow", "You follow it."), ("unfollow", "You follow it no more.")]
)
def test_without_htmx_the_member_is_back_where_they_were(
    as_newcomer: Client, on_air: list[Anime], name: str, said: str
) -> None:
    answer = as_newcomer.post(address(name, on_air[0]), {"next": FOLLOWING})
    assert answer["Location"] == FOLLOWING
    assert f"Harbour Lights: {said}" in as_newcomer.get(FOLLOWING).text
    elsewhere = as_newcomer.post(address(name, on_air[0]), {"next": "//evil.example"})
    assert elsewhere["Location"] == on_air[0].get_absolute_url()


def test_the_page_of_a_title_tells_when_it_is_on(client: Client, on_air: list[Anime]) -> None:
    assert 'class="numbers__next">Episode 3 in ' in client.get(on_air[0].get_absolute_url()).text
    assert "numbers__next" not in client.get(on_air[2].get_absolute_url()).text


def test_what_is_over_cannot_be_followed_from_its_page(
    as_newcomer: Client, catalogue: list[Anime]
) -> None:
    page = as_newcomer.get(address("mine", catalogue[0]), headers=HTMX).text
    assert "Follow" not in page


def test_my_list_offers_it_where_something_is_to_come(
    as_casual: Client, casual: User, on_air: list[Anime]
) -> None:
    page = as_casual.get(reverse("ratings:my-list")).text
    assert page.count('hx-post="/anime/9000001/follow/"') == 1
    assert page.count("/follow/") == 2  # one button, by htmx and without
    row = as_casual.post(
        address("status", on_air[0]), {"status": "watching", "shape": "row"}, headers=HTMX
    )
    assert "/follow/" in row.text


@pytest.mark.parametrize("name", ["follow", "unfollow"])
def test_only_by_post_and_only_what_is_shown(
    client: Client, on_air: list[Anime], hidden_titles: list[Anime], newcomer: User, name: str
) -> None:
    client.force_login(newcomer)
    assert client.get(address(name, on_air[0])).status_code == 405
    assert client.post(address(name, hidden_titles[0])).status_code == 404


# The page


def test_what_is_on_next_comes_first(newcomer: User, on_air: list[Anime]) -> None:
    for anime in on_air:
        newcomer.follow(anime)
    found = following(newcomer, timezone.now())
    assert [one.anime.pk for one in found.coming] == [on_air[1].pk, on_air[0].pk]
    assert [one.anime.pk for one in found.unknown] == [on_air[2].pk]
    assert found.coming[0].episode is not None
    assert found.coming[0].episode.number == 3


def test_the_page_tells_when_and_lets_go(
    as_newcomer: Client, newcomer: User, on_air: list[Anime], catalogue: list[Anime]
) -> None:
    for anime in (*on_air, catalogue[5]):
        newcomer.follow(anime)
    page = as_newcomer.get(FOLLOWING).text
    assert page.count("Episode 3 in ") == 2
    assert page.count("data-clock") == 2
    assert "Day or hour not known" in page
    assert "Ended" in page
    assert page.count("/unfollow/") == 3 * 2 + 1


def test_what_i_watch_or_plan_is_suggested_until_i_follow_it(
    as_newcomer: Client, newcomer: User, on_air: list[Anime]
) -> None:
    newcomer.set_status(on_air[0], "watching")
    newcomer.set_status(on_air[1], "planned")
    newcomer.set_status(on_air[2], "dropped")
    newcomer.follow(on_air[1])
    found = following(newcomer, timezone.now())
    assert [one.anime.pk for one in found.suggested] == [on_air[0].pk]
    assert "On your list and still to come" in as_newcomer.get(FOLLOWING).text


def test_who_follows_nothing_reads_how(as_newcomer: Client) -> None:
    page = as_newcomer.get(FOLLOWING).text
    assert "You follow nothing that is still to come" in page
    assert reverse("recommender:seasons") in page


def test_a_stranger_reads_how_to_begin_and_follows_without_an_account(
    client: Client, on_air: list[Anime]
) -> None:
    assert "You follow nothing that is still to come" in client.get(FOLLOWING).text
    client.post(address("follow", on_air[0]))
    assert on_air[0].follows.get().user.is_guest
    assert on_air[0].display_title in client.get(FOLLOWING).text


def test_the_page_takes_few_queries(
    as_newcomer: Client, newcomer: User, on_air: list[Anime], django_assert_max_num_queries
) -> None:
    for anime in Anime.objects.all():
        newcomer.follow(anime)
        newcomer.set_status(anime, "watching")
    with django_assert_max_num_queries(5):
        assert as_newcomer.get(FOLLOWING).status_code == 200


def test_my_list_takes_one_query_more_for_all_its_buttons(
    as_newcomer: Client, newcomer: User, catalogue: list[Anime], django_assert_max_num_queries
) -> None:
    Anime.objects.update(status="airing")
    for anime in catalogue:
        newcomer.set_status(anime, "watching")
    with django_assert_max_num_queries(7):
        as_newcomer.get(reverse("ratings:my-list"))


# The calendar


def feed(client: Client, token: str):
    return client.get(reverse("ratings:feed", args=[token]))


def test_it_is_made_shown_and_reset_on_the_account_page(
    as_newcomer: Client, newcomer: User, client: Client
) -> None:
    assert ".ics" not in as_newcomer.get(ACCOUNT).text
    as_newcomer.post(reverse("ratings:renew-feed"))
    newcomer.refresh_from_db()
    old = token_of(newcomer)
    assert f"http://testserver/calendar/{old}.ics" in as_newcomer.get(ACCOUNT).text
    as_newcomer.post(reverse("ratings:renew-feed"))
    page = as_newcomer.get(ACCOUNT).text
    assert "The old address works no more" in page
    assert old not in page
    assert feed(Client(), old).status_code == 404
    newcomer.refresh_from_db()
    assert feed(Client(), token_of(newcomer)).status_code == 200


def test_it_holds_what_i_follow_and_asks_for_no_session(
    newcomer: User, on_air: list[Anime], catalogue: list[Anime]
) -> None:
    for anime in on_air:
        newcomer.follow(anime)
    renew(newcomer)
    answer = feed(Client(), token_of(newcomer))
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert "private" in answer["Cache-Control"]
    assert answer["X-Robots-Tag"] == "noindex"
    assert "Cookie" not in answer.get("Vary", "")
    found = vobject.readOne(answer.text).contents["vevent"]
    assert {event.summary.value for event in found} == {"Harbour Lights", "Album of Rain"}
    assert found[0].url.value.startswith("http://testserver/anime/")


@pytest.mark.parametrize(
    "token", ["x", "1-1", "1-1.AAAA", ".", "-.", "a" * 5000, "%00", "1-0.", "灯台", "..%2F"]
)
def test_a_token_that_is_none_leads_nowhere(client: Client, newcomer: User, token: str) -> None:
    assert client.get(f"/calendar/{token}.ics").status_code == 404


def test_a_token_of_another_member_is_not_mine(newcomer: User, keen: User) -> None:
    renew(keen)
    signature = token_of(keen).rpartition(".")[2]
    assert member_of(f"{newcomer.pk}-1.{signature}") is None
    assert member_of(SIGNER.sign(f"{newcomer.pk}-1")) is None


def test_a_closed_account_has_no_calendar(newcomer: User) -> None:
    renew(newcomer)
    User.objects.filter(pk=newcomer.pk).update(is_active=False)
    assert member_of(token_of(newcomer)) is None


def test_only_by_post_and_only_by_members(client: Client, newcomer: User) -> None:
    assert client.post(reverse("ratings:renew-feed")).status_code == 302
    client.force_login(newcomer)
    assert client.get(reverse("ratings:renew-feed")).status_code == 405
    newcomer.refresh_from_db()
    assert newcomer.calendar_generation == 0


def test_it_takes_two_queries_however_much_is_followed(
    newcomer: User, catalogue: list[Anime], django_assert_max_num_queries
) -> None:
    Anime.objects.update(aired_from=date(2026, 10, 3), aired_from_precision="day", status="airing")
    for anime in catalogue:
        newcomer.follow(anime)
    renew(newcomer)
    with django_assert_max_num_queries(2):
        assert feed(Client(), token_of(newcomer)).text.count("BEGIN:VEVENT") == 8


def test_the_hour_is_told_in_words(newcomer: User, on_air: list[Anime]) -> None:
    newcomer.follow(on_air[1])
    starts = following(newcomer, timezone.now()).coming[0].episode.starts  # type: ignore[union-attr]
    for before, said in (
        (timedelta(days=6, hours=23), "Episode 3 in 7 days"),
        (timedelta(days=2), "Episode 3 in 2 days"),
        (timedelta(hours=30), "Episode 3 in 30 hours"),
        (timedelta(hours=1), "Episode 3 in an hour"),
        (timedelta(minutes=5), "Episode 3 in 5 minutes"),
        (timedelta(seconds=1), "Episode 3 in 1 minute"),
    ):
        now = (starts - before).astimezone(UTC)
        assert following(newcomer, now).coming[0].countdown == said
    assert isinstance(starts, datetime)
