"""My list, and the lists of others."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from catalog.models import Anime
from ratings.listing import PAGE_SIZE
from ratings.models import Origin, User, UserAnimeRating

pytestmark = pytest.mark.django_db

MY_LIST = reverse("ratings:my-list")


def list_of(member: User) -> str:
    return reverse("ratings:member-list", args=[member.pk])


def shown(answer) -> list[str]:
    return [entry.anime.display_title for entry in answer.context["listing"].page]


def fill(member: User, count: int) -> None:
    first = 9_200_000 + member.list_entries.count()
    titles = Anime.objects.bulk_create(
        Anime(mal_id=first + n, title=f"Filler {n}") for n in range(count)
    )
    now = timezone.now()
    UserAnimeRating.objects.bulk_create(
        UserAnimeRating(user=member, anime=title, score=1 + n % 10, rated_at=now - timedelta(n))
        for n, title in enumerate(titles)
    )


def test_my_list_shows_what_i_listed_and_can_be_edited(as_casual: Client) -> None:
    page = as_casual.get(MY_LIST)
    assert shown(page) == ["Snow Journey", "Harbour Lights"]
    assert "<option data-key=8 selected>8" in page.text
    assert "<option value=planned data-key=p selected>" in page.text


def test_an_empty_list_says_what_to_do(as_newcomer: Client) -> None:
    page = as_newcomer.get(MY_LIST).text
    assert "Nothing here yet" in page
    assert f'href="{reverse("catalog:browse")}"' in page


@pytest.mark.parametrize(
    ("sort", "titles"),
    [
        ("title", ["Album of Rain", "Garden of Machines", "Harbour Lights", "Hoshi no Eki"]),
        ("score", ["Garden of Machines", "Album of Rain", "Harbour Lights", "Hoshi no Eki"]),
        ("status", ["Hoshi no Eki", "Album of Rain", "Garden of Machines", "Harbour Lights"]),
        ("changed", ["Hoshi no Eki", "Garden of Machines", "Album of Rain", "Harbour Lights"]),
    ],
)
def test_the_list_is_put_in_order(
    as_newcomer: Client, newcomer: User, catalogue: list[Anime], sort: str, titles: list[str]
) -> None:
    newcomer.set_status(catalogue[0], "planned")
    newcomer.rate(catalogue[1], score=7)
    newcomer.rate(catalogue[2], score=9)
    newcomer.set_status(catalogue[4], "watching")
    assert shown(as_newcomer.get(MY_LIST, {"sort": sort})) == titles


def test_published_lines_without_a_day_come_last(
    as_casual: Client, casual: User, catalogue: list[Anime]
) -> None:
    UserAnimeRating.objects.create(user=casual, anime=catalogue[5], score=9)
    assert shown(as_casual.get(MY_LIST))[-1] == "Sounds of the Town"


def test_tabs_count_each_status_and_narrow_the_list(as_casual: Client) -> None:
    page = as_casual.get(MY_LIST, {"status": "planned"})
    assert shown(page) == ["Snow Journey"]
    assert [tab[:3] for tab in page.context["listing"].tabs if tab[2]] == [
        ("", "All", 2),
        ("completed", "Completed", 1),
        ("planned", "Plan to watch", 1),
    ]


def test_a_status_without_titles_says_so(as_casual: Client) -> None:
    assert "No title fits all of that" in as_casual.get(MY_LIST, {"status": "dropped"}).text


@pytest.mark.parametrize(
    "asked",
    [{"sort": "password"}, {"status": "x"}, {"page": "x"}, {"page": "-1"}, {"page": "9" * 30}, {"sort": "\0"}],
)  # fmt: skip
def test_an_address_that_makes_no_sense_shows_the_list(as_casual: Client, asked: dict) -> None:
    assert len(shown(as_casual.get(MY_LIST, asked))) == 2


def test_a_long_list_comes_in_pages(as_casual: Client, casual: User) -> None:
    fill(casual, 2 * PAGE_SIZE + 30)
    page = as_casual.get(MY_LIST, {"page": 3, "sort": "score"})
    assert len(shown(page)) == 32
    assert (
        '<span aria-current="page"><span class="visually-hidden">Page </span>3</span>' in page.text
    )
    assert "?sort=score&amp;page=2" in page.text


def test_titles_that_are_hidden_here_are_not_on_the_page(
    as_casual: Client, casual: User, hidden_titles: list[Anime]
) -> None:
    for anime in hidden_titles:
        casual.rate(anime, score=9)
    page = as_casual.get(MY_LIST)
    assert len(shown(page)) == page.context["listing"].tally.titles == 2


def test_a_public_list_is_read_by_anybody_and_changed_by_nobody(client: Client, keen: User) -> None:
    page = client.get(list_of(keen))
    assert len(shown(page)) == 7
    assert 'method="post"' not in page.text.partition('<main id="content"')[2]
    assert "formaction" not in page.text


def test_a_private_list_is_not_found_but_by_its_member_and_staff(
    client: Client, casual: User, curator: User, newcomer: User
) -> None:
    assert client.get(list_of(casual)).status_code == 404
    for reader, code in ((newcomer, 404), (casual, 200), (curator, 200)):
        client.force_login(reader)
        assert client.get(list_of(casual)).status_code == code


@pytest.mark.parametrize("pk", [0, 2**63, 10**30])
def test_an_unknown_member_is_not_found(client: Client, pk: int) -> None:
    assert client.get(reverse("ratings:member-list", args=[pk])).status_code == 404


def test_a_closed_account_is_not_found(client: Client, keen: User) -> None:
    User.objects.filter(pk=keen.pk).update(is_active=False)
    assert client.get(list_of(keen)).status_code == 404


def test_simulated_members_are_called_simulated(client: Client, catalogue: list[Anime]) -> None:
    member = User.objects.create(
        username="simulated-7", origin=Origin.SIMULATED, external_id=7, is_public=True
    )
    member.rate(catalogue[0], score=8)
    page = client.get(list_of(member)).text
    assert "Simulated member 7" in page
    assert "a program drew this list" in page


def test_the_list_page_never_gives_away_who_is_staff_or_their_address(
    client: Client, keen: User
) -> None:
    User.objects.filter(pk=keen.pk).update(email="keen@example.org", is_staff=True)
    page = client.get(list_of(keen)).text
    assert "keen@example.org" not in page
    assert "taff" not in page


@pytest.mark.parametrize(("is_own", "budget"), [(True, 6), (False, 6)])
def test_the_number_of_queries_does_not_grow_with_the_list(
    as_keen: Client, keen: User, is_own: bool, budget: int
) -> None:
    # session, member, (whose list,) genres to choose from, numbers by status, one page of lines, (what can be undone)
    numbers = []
    for more in (0, 40):
        fill(keen, more)
        with CaptureQueriesContext(connection) as queries:
            page = as_keen.get(MY_LIST if is_own else list_of(keen))
        assert len(shown(page)) == 7 + more
        numbers.append(len(queries))
    assert numbers == [budget, budget]


def test_a_list_of_five_thousand_still_comes_in_pages(
    as_casual: Client, casual: User, django_assert_num_queries
) -> None:
    fill(casual, 5000)
    for sort in ("title", "score", "changed", "status"):
        with django_assert_num_queries(6):
            assert len(shown(as_casual.get(MY_LIST, {"sort": sort, "page": 20}))) == PAGE_SIZE
