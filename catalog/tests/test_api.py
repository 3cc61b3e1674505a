"""GET /api/v1/anime/{id}."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries, Settings

from catalog.models import (
    Anime,
    AnimeGenre,
    AnimeRelation,
    AnimeStudio,
    Genre,
    Studio,
    TitleSynonym,
)

pytestmark = pytest.mark.django_db

BUDGET = 5


@pytest.fixture
def harbour(db: None) -> Anime:
    anime = Anime.objects.create(
        mal_id=9_000_001,
        title="Minato no Akari",
        title_english="Harbour Lights",
        synopsis="A ferry waits for its last passenger.",
        type="tv",
        source="original",
        status="finished",
        episodes=12,
        duration=1440,
        age_rating="pg13",
        aired_from=date(1998, 4, 1),
        aired_from_precision="month",
        season="spring",
        year=1998,
        mean_score=8.25,
        members=1234,
    )
    TitleSynonym.objects.create(anime=anime, name="The Lighthouse Keepers")
    sea = Genre.objects.create(name="Sea", kind="theme")
    AnimeGenre.objects.create(anime=anime, genre=sea)
    AnimeStudio.objects.create(anime=anime, studio=Studio.objects.create(name="Pier Nine"))
    return anime


def relate(anime: Anime, other: int, kind: str = "sequel") -> None:
    AnimeRelation.objects.create(anime=anime, to_mal_id=other, kind=kind)


def get(client: Client, pk: Any) -> dict[str, Any]:
    answer = client.get(f"/api/v1/anime/{pk}")
    assert answer.status_code == 200
    return dict(answer.json())


def test_a_record_is_whole(client: Client, harbour: Anime) -> None:
    second = Anime.objects.create(mal_id=9_000_002, title="Minato no Akari 2")
    relate(harbour, second.pk)
    assert get(client, harbour.pk) == {
        "mal_id": 9_000_001,
        "url": "http://testserver/anime/9000001/",
        "title": "Minato no Akari",
        "title_english": "Harbour Lights",
        "title_japanese": None,
        "synonyms": ["The Lighthouse Keepers"],
        "synopsis": "A ferry waits for its last passenger.",
        "type": "tv",
        "source": "original",
        "status": "finished",
        "episodes": 12,
        "duration": 1440,
        "age_rating": "pg13",
        "aired": {
            "from": "1998-04",
            "from_precision": "month",
            "to": None,
            "to_precision": None,
        },
        "season": "spring",
        "year": 1998,
        "studios": ["Pier Nine"],
        "genres": [{"name": "Sea", "kind": "theme"}],
        "relations": [{"kind": "sequel", "mal_id": 9_000_002, "title": "Minato no Akari 2"}],
        "mean_score": 8.25,
        "members": 1234,
        "image_url": None,
    }


@pytest.mark.parametrize(
    ("precision", "said"),
    [("day", "1998-04-01"), ("month", "1998-04"), ("year", "1998"), ("", "1998-04-01")],
)
def test_a_day_is_told_as_far_as_it_is_known(
    client: Client, harbour: Anime, precision: str, said: str
) -> None:
    Anime.objects.update(aired_from_precision=precision)
    assert get(client, harbour.pk)["aired"]["from"] == said


@pytest.mark.parametrize("hidden", [{"is_stub": True}, {"is_adult": True}])
def test_a_hidden_title_is_not_found_and_named_by_no_relation(
    client: Client, harbour: Anime, hidden: dict[str, bool]
) -> None:
    other = Anime.objects.create(mal_id=9_000_002, title="Hidden", **hidden)
    relate(harbour, other.pk)
    answer = client.get(f"/api/v1/anime/{other.pk}")
    assert answer.status_code == 404
    assert answer.json() == {
        "type": "urn:animerec:problem:not_found",
        "title": "There is no such thing here",
        "status": 404,
        "detail": "id: There is no title 9000002 here.",
        "code": "not_found",
        "fields": {"id": ["There is no title 9000002 here."]},
        "request_id": answer["X-Request-ID"],
    }
    assert get(client, harbour.pk)["relations"] == []


def test_an_operator_may_show_adult_titles(
    client: Client, harbour: Anime, settings: Settings
) -> None:
    settings.SHOW_ADULT = True
    Anime.objects.update(is_adult=True)
    assert get(client, harbour.pk)["mal_id"] == harbour.pk


@pytest.mark.parametrize("id_", ["x", "1.5", "-1", "0", "9" * 40, "2147483648", "%00", "١", "1e3"])
def test_what_is_no_id_is_malformed(client: Client, id_: str) -> None:
    answer = client.get(f"/api/v1/anime/{id_}")
    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == ["id"]


def test_a_record_asks_as_many_queries_with_many_of_everything(
    client: Client, harbour: Anime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with CaptureQueriesContext(connection) as queries:
        get(client, harbour.pk)
    assert len(queries) == BUDGET
    for number in range(30):
        genre = Genre.objects.create(name=f"Genre {number}")
        AnimeGenre.objects.create(anime=harbour, genre=genre)
        studio = Studio.objects.create(name=f"Studio {number}")
        AnimeStudio.objects.create(anime=harbour, studio=studio)
        TitleSynonym.objects.create(anime=harbour, name=f"Name {number}")
        relate(harbour, Anime.objects.create(mal_id=9_000_100 + number, title="Other").pk)
    with django_assert_num_queries(BUDGET):
        assert len(get(client, harbour.pk)["relations"]) == 30


def test_a_record_that_has_not_changed_is_not_sent_again(client: Client, harbour: Anime) -> None:
    first = client.get(f"/api/v1/anime/{harbour.pk}")
    assert first["Cache-Control"] == "public, max-age=60"
    again = client.get(f"/api/v1/anime/{harbour.pk}", headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    Anime.objects.update(episodes=13)
    changed = client.get(f"/api/v1/anime/{harbour.pk}", headers={"if-none-match": first["ETag"]})
    assert changed.status_code == 200


def test_a_failure_is_not_kept_by_caches(client: Client) -> None:
    assert "Cache-Control" not in client.get("/api/v1/anime/9000001").headers
