"""GET /api/v1/anime, genres, studios, seasons and trends."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.test import Client

from catalog.models import Anime, AnimeGenre, AnimeStudio, Genre, Studio

pytestmark = pytest.mark.django_db

V1 = "/api/v1"
FIRST = 9_000_000


@pytest.fixture
def harbour(db: None) -> list[Anime]:
    """Twelve titles: every third of the sea, every fourth without members, one for adults."""
    sea, tea = (Genre.objects.create(name=name) for name in ("Sea", "Tea"))
    studio = Studio.objects.create(name="Lantern House")
    titles = [
        Anime(
            mal_id=FIRST + n,
            title=f"Story {n:02}",
            search_text=f"story {n:02}",
            type=("movie", "tv")[n % 2],
            status="finished",
            season="spring" if n < 6 else "",
            year=2001 if n < 6 else None,
            aired_from=date(2001, 4, 1 + n) if n < 6 else None,
            aired_from_precision="day" if n < 6 else "",
            members=None if n % 4 == 0 else 1000 - 10 * (n // 2),
            mean_score=7 + n / 10,
            is_adult=n == 11,
        )
        for n in range(12)
    ]
    Anime.objects.bulk_create(titles)
    AnimeGenre.objects.bulk_create(
        AnimeGenre(anime=anime, genre=sea if n % 3 == 0 else tea) for n, anime in enumerate(titles)
    )
    AnimeStudio.objects.create(anime=titles[1], studio=studio)
    return titles


def walked(client: Client, address: str) -> Iterator[dict[str, Any]]:
    """The results of all pages."""
    for _ in range(50):
        answer = client.get(address)
        assert answer.status_code == 200, answer.content
        yield from answer.json()["results"]
        address = answer.json()["next"]
        if address is None:
            return
    raise AssertionError("the pages have no end")


def ids(client: Client, asked: str) -> list[int]:
    return [one["mal_id"] - FIRST for one in walked(client, f"{V1}/anime?{asked}")]


@pytest.mark.parametrize("size", [1, 2, 3, 11, 100])
@pytest.mark.parametrize("sort", ["", "&sort=score", "&sort=newest", "&sort=title"])
def test_pages_of_any_size_tell_every_title_once(
    client: Client, harbour: list[Anime], size: int, sort: str
) -> None:
    """Without a value too, and among equals."""
    told = ids(client, f"page_size={size}{sort}")
    assert sorted(told) == list(range(11))
    assert told == ids(client, f"page_size=100{sort}")


def test_the_most_watched_come_first_and_the_unknown_last(
    client: Client, harbour: list[Anime]
) -> None:
    assert ids(client, "page_size=4") == [1, 2, 3, 5, 6, 7, 9, 10, 0, 4, 8]


def test_a_title_that_comes_or_goes_meanwhile_moves_no_other(
    client: Client, harbour: list[Anime]
) -> None:
    first = client.get(f"{V1}/anime?page_size=4").json()
    Anime.objects.create(mal_id=FIRST + 50, title="New and famous", members=5000)
    Anime.objects.filter(pk=FIRST + 5).delete()
    rest = [one["mal_id"] - FIRST for one in walked(client, first["next"])]
    assert rest == [6, 7, 9, 10, 0, 4, 8]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("genre=Sea", [3, 6, 9, 0]),
        ("genre=Sea,Tea", []),
        ("type=movie&genre=Tea", [2, 10, 4, 8]),
        ("season=spring&year_min=2001&year_max=2001", [1, 2, 3, 5, 0, 4]),
        ("studio=lantern", [1]),
        ("q=story&sort=score", [10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0]),
    ],
)
def test_it_is_narrowed_as_the_page_is(
    client: Client, harbour: list[Anime], asked: str, found: list[int]
) -> None:
    assert ids(client, f"{asked}&page_size=2") == found


def test_a_search_is_paged_in_the_order_of_likeness(client: Client, harbour: list[Anime]) -> None:
    whole = ids(client, "q=story&page_size=100")
    assert len(whole) == 11
    assert ids(client, "q=story&page_size=3") == whole


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ("cursor=nonsense", "cursor"),
        ("cursor=", "cursor"),
        ("cursor=" + "x" * 5000, "cursor"),
        ("page_size=0", "page_size"),
        ("page_size=101", "page_size"),
        ("sort=fame", "sort"),
        ("type=opera", "type"),
        ("year_min=1", "year_min"),
        ("genre=", "genre"),
        ("q=", "q"),
        ("q=%00", "q"),
        ("fields=title,secret", "fields"),
        ("page=2", "page"),
        ("q=a&q=b", "q"),
    ],
)
def test_what_makes_no_sense_is_named(
    client: Client, harbour: list[Anime], asked: str, field: str
) -> None:
    answer = client.get(f"{V1}/anime?{asked}")
    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == [field]


def test_a_genre_that_is_not_here_is_not_found(client: Client, harbour: list[Anime]) -> None:
    answer = client.get(f"{V1}/anime?genre=Opera")
    assert answer.status_code == 404
    assert list(answer.json()["fields"]) == ["genre"]


def test_a_cursor_of_another_order_is_refused(client: Client, harbour: list[Anime]) -> None:
    address = client.get(f"{V1}/anime?page_size=2").json()["next"]
    answer = client.get(f"{address}&sort=title")
    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == ["cursor"]


def test_only_the_fields_that_are_wanted(client: Client, harbour: list[Anime]) -> None:
    (one,) = client.get(f"{V1}/anime?page_size=1&fields=title,mal_id").json()["results"]
    assert one == {"mal_id": FIRST + 1, "title": "Story 01"}
    whole = client.get(f"{V1}/anime/{FIRST + 1}?fields=genres,title").json()
    assert whole == {"title": "Story 01", "genres": [{"name": "Tea", "kind": "genre"}]}


def test_who_has_it_already_is_told_so(client: Client, harbour: list[Anime]) -> None:
    first = client.get(f"{V1}/anime?page_size=2")
    assert "public" in first["Cache-Control"]
    again = client.get(f"{V1}/anime?page_size=2", headers={"if-none-match": first["ETag"]})
    assert again.status_code == 304
    assert again.content == b""


def test_a_page_is_a_few_questions_however_long(
    client: Client, harbour: list[Anime], django_assert_max_num_queries: Any
) -> None:
    # The titles, and the genres of all of them.
    with django_assert_max_num_queries(2):
        client.get(f"{V1}/anime?page_size=100")


def test_genres_and_studios_are_counted(client: Client, harbour: list[Anime]) -> None:
    Genre.objects.create(name="Explicit", kind="explicit")
    genres = client.get(f"{V1}/genres").json()["results"]
    assert genres == [
        {"name": "Sea", "kind": "genre", "titles": 4},
        {"name": "Tea", "kind": "genre", "titles": 7},
    ]
    studios = client.get(f"{V1}/studios?q=lantern").json()
    assert studios == {"next": None, "results": [{"name": "Lantern House", "titles": 1}]}
    assert client.get(f"{V1}/studios?q=zzz").json()["results"] == []


def test_seasons_are_listed_and_each_has_its_titles(client: Client, harbour: list[Anime]) -> None:
    seasons = client.get(f"{V1}/seasons").json()
    assert seasons["results"] == [{"year": 2001, "season": "spring", "titles": 6}]
    address = f"{V1}/seasons/2001/spring?page_size=4"
    told = list(walked(client, address))
    assert [one["mal_id"] - FIRST for one in told] == [1, 2, 3, 5, 0, 4]
    assert all(one["begins"] for one in told)


@pytest.mark.parametrize(
    ("season", "status", "field"),
    [
        ("2001/monsoon", 400, "season"),
        ("x/spring", 400, "year"),
        ("1800/spring", 400, "year"),
        ("2099/spring", 404, "year"),
    ],
)
def test_a_season_that_is_none(client: Client, season: str, status: int, field: str) -> None:
    answer = client.get(f"{V1}/seasons/{season}")
    assert answer.status_code == status
    assert list(answer.json()["fields"]) == [field]


def test_the_numbers_of_a_chart_are_those_of_its_csv(client: Client, harbour: list[Anime]) -> None:
    slugs = [trend["slug"] for trend in client.get(f"{V1}/trends").json()["results"]]
    for slug in slugs:
        told = client.get(f"{V1}/trends/{slug}").json()
        lines = client.get(f"/trends/{slug}.csv").content.decode("utf-8-sig").splitlines()
        assert len(told["rows"]) == len(lines) - 1
        assert all(len(row) == len(told["columns"]) for row in told["rows"])


@pytest.mark.parametrize(
    ("asked", "status", "field"),
    [
        ("opera", 404, "slug"),
        ("genres?by=moon", 400, "by"),
        ("genres?decade=1990", 400, "decade"),
        ("genres?genre=Opera", 400, "genre"),
        ("types?year_min=2005&year_max=2001", 400, "year_max"),
    ],
)
def test_a_chart_that_is_none(client: Client, asked: str, status: int, field: str) -> None:
    answer = client.get(f"{V1}/trends/{asked}")
    assert answer.status_code == status
    assert list(answer.json()["fields"]) == [field]
