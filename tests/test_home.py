"""Home: doors for a stranger, and for a member the way back to where they were."""

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from catalog.models import Anime
from ratings.models import Origin, User

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nothing_cached")]


def shelves(client: Client) -> dict[str, list[Anime]]:
    return {shelf.name: shelf.titles for shelf in client.get("/").context["shelves"]}


def test_a_stranger_has_three_doors_and_reads_in_one_line_what_this_is(
    client: Client, catalogue: list[Anime]
) -> None:
    page = client.get("/").text
    assert "Anime recommendations that name the titles of yours that led to them." in page
    assert page.count('class="door') == 3 + page.count('class="doors')
    for name in ("recommender:quiz", "ratings:imports", "ratings:sign-up"):
        assert f'href="{reverse(name)}"' in page


def test_a_member_goes_on_where_they_were(as_casual: Client, casual: User, catalogue) -> None:
    casual.set_status(catalogue[5], "watching")
    casual.list_entries.filter(anime=catalogue[5]).update(watched_episodes=4)
    shown = shelves(as_casual)
    assert list(shown)[:2] == ["For you", "Go on watching"]
    assert shown["Go on watching"] == [catalogue[5], catalogue[3]]
    assert not {catalogue[0], catalogue[3], catalogue[5]} & set(shown["For you"])
    page = as_casual.get("/").text
    assert "Watching, 4 of 12" in page
    assert "Welcome back, casual" in page


def test_a_guest_has_no_name_and_is_told_how_to_keep_the_list(
    client: Client, catalogue: list[Anime]
) -> None:
    client.post(reverse("ratings:rate", args=[catalogue[0].pk]), {"score": "8"})
    page = client.get("/").text
    assert "Welcome back</h1>" in page
    assert f'<a href="{reverse("ratings:sign-up")}">Sign up</a> and it stays' in page


def test_of_a_member_of_the_demonstration_it_is_said(as_casual: Client, casual: User) -> None:
    User.objects.filter(pk=casual.pk).update(origin=Origin.SIMULATED)
    assert "simulated" in as_casual.get("/").text


def test_what_is_loved_now_is_of_the_last_years(client: Client, db: None) -> None:
    for year, score in ((1999, 9.9), (2099, 8.0)):
        Anime.objects.bulk_create(
            Anime(mal_id=9_500_000 + year + 200 * n, title=f"{year} {n}", type="tv", status="finished",
                  year=year, members=9, mean_score=score)
            for n in range(8)
        )  # fmt: skip
    assert {title.year for title in shelves(client)["Loved now"]} == {2099}


def test_for_nobody_it_takes_more_than_twelve_queries(
    client: Client, casual: User, catalogue: list[Anime]
) -> None:
    casual.set_status(catalogue[5], "watching")
    for member in (None, casual):
        if member:
            client.force_login(member)
        # What each process reads once is held from then on.
        client.get("/")
        cache.clear()
        with CaptureQueriesContext(connection) as queries:
            client.get("/")
        assert len(queries) <= 12, [query["sql"][:120] for query in queries]
