"""GET /api/v1/recommend and /api/v1/similar, answered by small models that were really trained."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from catalog.models import Anime, AnimeGenre, Genre
from ratings.models import User, UserAnimeRating
from recommender import serving, training
from recommender.models import TrainingRun

pytestmark = pytest.mark.django_db

RECOMMEND, SIMILAR = "/api/v1/recommend", "/api/v1/similar"
FIRST = 9_000_000
TITLES, MEMBERS = 24, 20


@pytest.fixture(autouse=True)
def fresh(tmp_path: Path, settings: Settings) -> None:
    """Nothing remembered from another test, whose members had the same numbers."""
    settings.ARTIFACTS_DIR = tmp_path
    backend = "django.core.cache.backends.locmem.LocMemCache"
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": str(tmp_path)}}
    serving.forget_loaded()


@pytest.fixture
def catalogue(db: None) -> list[Anime]:
    """Even titles are films of the sea from 1990 on, odd ones series about tea from 2010 on."""
    genres = [Genre.objects.create(name=name) for name in ("Sea", "Tea")]
    titles = [
        Anime(
            mal_id=FIRST + n,
            title=f"{('Sea', 'Tea')[n % 2]} Story {n}",
            synopsis=("waves ferry harbour sailor", "kettle garden quiet leaves")[n % 2],
            type=("movie", "tv")[n % 2],
            status="finished",
            year=(1990, 2010)[n % 2] + n // 2,
            members=1000 - n,
        )
        for n in range(TITLES)
    ]
    Anime.objects.bulk_create(titles)
    AnimeGenre.objects.bulk_create(
        AnimeGenre(anime=anime, genre=genres[n % 2]) for n, anime in enumerate(titles)
    )
    return titles


@pytest.fixture
def trained(catalogue: list[Anime]) -> list[Anime]:
    """Members of even number watch the sea, the others tea."""
    for number in range(MEMBERS):
        member = User.objects.create(username=f"member-{number}")
        for n in range(number % 2, TITLES, 2):
            if (n + number) % 5:
                score = 6 + (n + number) % 5
                UserAnimeRating.objects.create(user=member, anime=catalogue[n], score=score)
    run = TrainingRun.objects.create(kinds=["content", "ease", "score_blend"])
    training.train(run, fewest_members=5, evaluate=False)
    return catalogue


@pytest.fixture
def ines(db: None) -> User:
    """Public; rates a little."""
    return User.objects.create(username="ines", is_public=True)


def ask(client: Client, address: str, **asked: Any) -> dict[str, Any]:
    answer = client.get(address, asked)
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


def titles_of(answer: dict[str, Any]) -> list[str]:
    return [result["anime"]["title"] for result in answer["results"]]


def test_with_nothing_trained_popularity_answers(
    client: Client, ines: User, catalogue: list[Anime]
) -> None:
    said = ask(client, RECOMMEND, user_id=ines.pk, top_n=3)
    assert said["model"] == {"kind": "popularity", "trained_at": None}
    assert titles_of(said) == ["Sea Story 0", "Tea Story 1", "Sea Story 2"]
    assert said["results"][0]["reason"] == "Popular with members"


def test_a_recommendation_carries_its_reasons(
    client: Client, ines: User, trained: list[Anime]
) -> None:
    for anime in (trained[1], trained[3], trained[5]):
        ines.rate(anime, score=9)
    said = ask(client, RECOMMEND, user_id=ines.pk, top_n=5)
    assert said["user_id"] == ines.pk
    assert said["model"]["kind"] == "ease"
    assert said["model"]["trained_at"]
    assert [result["rank"] for result in said["results"]] == [1, 2, 3, 4, 5]
    first = said["results"][0]
    assert first["anime"] == {
        "url": f"http://testserver/anime/{first['anime']['mal_id']}/",
        "mal_id": first["anime"]["mal_id"],
        "title": first["anime"]["title"],
        "title_english": None,
        "type": "tv",
        "year": first["anime"]["year"],
        "episodes": None,
    }
    assert first["anime"]["title"].startswith("Tea")
    assert 1 <= first["predicted_score"] <= 10
    assert first["reason"].startswith("You gave Tea Story")
    named = {cause["anime_id"] for cause in first["causes"] if cause["kind"] == "title"}
    assert named <= {FIRST + 1, FIRST + 3, FIRST + 5}
    assert first["causes"][0]["score"] == 9
    assert 0 < sum(cause["share"] for cause in first["causes"]) <= first["explained"] + 1e-9


def test_a_new_rating_changes_the_next_answer(
    client: Client, ines: User, trained: list[Anime]
) -> None:
    ines.rate(trained[1], score=10)
    before = titles_of(ask(client, RECOMMEND, user_id=ines.pk))
    ines.rate(trained[3], score=10)
    after = titles_of(ask(client, RECOMMEND, user_id=ines.pk))
    assert "Tea Story 3" in before
    assert "Tea Story 3" not in after


@pytest.mark.parametrize(
    ("asked", "passes"),
    [
        ({"genre": "sea"}, lambda n: n % 2 == 0),
        ({"genre": "Tea"}, lambda n: n % 2 == 1),
        ({"type": "movie"}, lambda n: n % 2 == 0),
        ({"type": "movie,tv", "not_genre": "Sea"}, lambda n: n % 2 == 1),
        ({"genre": "Sea,Tea"}, lambda n: False),
        ({"members_min": 980}, lambda n: n <= 20),
        ({"members_max": 980, "status": "finished"}, lambda n: n >= 20),
        ({"episodes_max": 12}, lambda n: False),
        ({"year_min": "2012"}, lambda n: n % 2 == 1 and n >= 5),
        ({"year_max": "1995"}, lambda n: n % 2 == 0 and n <= 11),
        ({"year_min": "1992", "year_max": "1992"}, lambda n: n == 4),
        ({"genre": "Sea", "type": "tv"}, lambda n: False),
    ],
)
def test_filters_come_before_the_cut(
    client: Client, ines: User, trained: list[Anime], asked: dict[str, str], passes: Any
) -> None:
    wanted = {anime.title for n, anime in enumerate(trained) if passes(n)}
    said = ask(client, RECOMMEND, user_id=ines.pk, top_n=100, **asked)
    assert set(titles_of(said)) == wanted


def test_a_title_with_no_season_is_filtered_by_its_first_day(
    client: Client, ines: User, catalogue: list[Anime]
) -> None:
    Anime.objects.filter(pk=FIRST).update(year=None, aired_from=date(1971, 5, 1))
    said = ask(client, RECOMMEND, user_id=ines.pk, year_max=1975)
    assert titles_of(said) == ["Sea Story 0"]
    assert said["results"][0]["anime"]["year"] == 1971


def test_who_may_ask_for_whom(client: Client, ines: User, catalogue: list[Anime]) -> None:
    shy = User.objects.create(username="shy")
    chief = User.objects.create(username="chief", is_staff=True)
    gone = User.objects.create(username="gone", is_public=True, is_active=False)

    def answers_to(viewer: User | None, member: User) -> int:
        client.logout()
        if viewer:
            client.force_login(viewer)
        return client.get(RECOMMEND, {"user_id": member.pk}).status_code

    assert answers_to(None, ines) == 200
    assert answers_to(None, shy) == 403
    assert answers_to(ines, shy) == 403
    assert answers_to(shy, shy) == 200
    assert answers_to(chief, shy) == 200
    assert answers_to(None, gone) == 403
    gone.delete()
    assert client.get(RECOMMEND, {"user_id": 987_654}).status_code == 403
    client.force_login(chief)
    assert client.get(RECOMMEND, {"user_id": 987_654}).status_code == 404


def test_without_a_number_it_is_oneself(client: Client, ines: User, catalogue: list[Anime]) -> None:
    assert client.get(RECOMMEND).status_code == 401
    client.force_login(ines)
    assert client.get(RECOMMEND).json()["user_id"] == ines.pk


def test_a_private_member_and_an_unknown_one_look_the_same(client: Client) -> None:
    shy = User.objects.create(username="shy")
    for pk in (shy.pk, 987_654):
        answer = client.get(RECOMMEND, {"user_id": pk})
        assert answer.status_code == 403
        assert answer.json()["code"] == "permission_denied"
        assert answer.json()["detail"] == f"You may not see what member {pk} keeps."
        assert "fields" not in answer.json()


def test_no_cache_keeps_what_is_one_member_s(
    client: Client, ines: User, catalogue: list[Anime]
) -> None:
    for pk in (ines.pk, 987_654, "x"):
        kept = client.get(RECOMMEND, {"user_id": pk})["Cache-Control"]
        assert {"private", "no-cache"} <= set(kept.split(", "))


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ("user_id=", "user_id"),
        ("user_id=x", "user_id"),
        ("user_id=1.0", "user_id"),
        ("user_id=-1", "user_id"),
        ("user_id=0", "user_id"),
        ("user_id=%00", "user_id"),
        ("user_id=%ff", "user_id"),
        ("user_id=%D9%A1", "user_id"),
        (f"user_id={2**63}", "user_id"),
        (f"user_id={'9' * 10_000}", "user_id"),
        ("user_id=1&user_id=1", "user_id"),
        ("user_id=1&top_n=0", "top_n"),
        ("user_id=1&top_n=101", "top_n"),
        ("user_id=1&top_n=5.5", "top_n"),
        ("user_id=1&top_n=%2B5", "top_n"),
        ("user_id=1&genre=Nonsense", "genre"),
        ("user_id=1&genre=%00", "genre"),
        ("user_id=1&genre=" + "x" * 10_000, "genre"),
        ("user_id=1&type=opera", "type"),
        ("user_id=1&not_genre=Sea,Opera", "not_genre"),
        ("user_id=1&source=telepathy", "source"),
        ("user_id=1&studio=%00", "studio"),
        ("user_id=1&episodes_min=99999999999", "episodes_min"),
        ("user_id=1&members_min=20&members_max=10", "members_max"),
        ("user_id=1&score_min=nan", "score_min"),
        ("user_id=1&type=" + "x" * 10_000, "type"),
        ("user_id=1&year_min=1", "year_min"),
        ("user_id=1&year_max=99999", "year_max"),
        ("user_id=1&year_min=2001&year_max=2000", "year_max"),
        ("user_id=1&popularity=1.5", "popularity"),
        ("user_id=1&popularity=nan", "popularity"),
        ("user_id=1&popularity=1e-1", "popularity"),
        ("user_id=1&popularity=%D9%A1", "popularity"),
        ("user_id=1&diversity=-0.1", "diversity"),
        ("user_id=1&diversity=inf", "diversity"),
        ("user_id=1&per_franchise=0.5", "per_franchise"),
        ("user_id=1&per_franchise=-1", "per_franchise"),
        ("user_id=1&exploration=0.51", "exploration"),
        ("user_id=1&exploration=" + "9" * 10_000, "exploration"),
        ("user_id=1&explain=everything", "explain"),
        ("user_id=1&gener=Sea", "gener"),
        ("user_id=1&format=xml", "format"),
        ("user_id=1&limit=5", "limit"),
    ],
)
def test_a_malformed_parameter_is_named(client: Client, asked: str, field: str) -> None:
    answer = client.get(f"{RECOMMEND}?{asked}")
    assert answer.status_code == 400
    error = answer.json()
    assert (error["code"], list(error["fields"])) == ("invalid", [field])
    assert error["detail"].startswith(f"{field}: ")
    assert len(answer.content) < 2_000


def test_dials_reorder_and_neutral_ones_change_nothing(
    client: Client, ines: User, trained: list[Anime]
) -> None:
    ines.rate(trained[1], score=10)
    plain = ask(client, RECOMMEND, user_id=ines.pk, top_n=10)
    neutral = {"popularity": "0", "diversity": "0.0", "per_franchise": "0", "exploration": "-0"}
    assert ask(client, RECOMMEND, user_id=ines.pk, top_n=10, **neutral) == plain
    hidden = ask(client, RECOMMEND, user_id=ines.pk, top_n=10, popularity="-1")
    assert titles_of(hidden) != titles_of(plain)
    assert len(titles_of(hidden)) == 10
    assert {result["propensity"] for result in plain["results"]} == {1}


def test_one_of_a_franchise(client: Client, ines: User, trained: list[Anime]) -> None:
    # By their names all titles of the sea are parts of one franchise, and so are those about tea.
    found = titles_of(ask(client, RECOMMEND, user_id=ines.pk, top_n=10, per_franchise=2))
    assert sum(name.startswith("Sea") for name in found) == 2
    assert sum(name.startswith("Tea") for name in found) == 2


def test_surprises_say_how_likely_they_were(
    client: Client, ines: User, trained: list[Anime]
) -> None:
    found = ask(client, RECOMMEND, user_id=ines.pk, top_n=10, exploration="0.5")
    assert found == ask(client, RECOMMEND, user_id=ines.pk, top_n=10, exploration="0.5")
    assert all(0 < result["propensity"] < 1 for result in found["results"])


def test_the_exact_sum_is_there_for_who_asks(
    client: Client, ines: User, trained: list[Anime]
) -> None:
    for n, score in ((1, 9), (3, 2), (5, 10)):
        ines.rate(trained[n], score=score)
    plain = ask(client, RECOMMEND, user_id=ines.pk, top_n=5)
    assert all("breakdown" not in result for result in plain["results"])
    full = ask(client, RECOMMEND, user_id=ines.pk, top_n=5, explain="full")
    for brief, result in zip(plain["results"], full["results"], strict=True):
        told = result.pop("breakdown")
        assert result == brief
        total = sum(cause["value"] for cause in told["causes"]) + told["remainder"]
        assert total == pytest.approx(result["score"], abs=1e-5)
        assert {cause["feature"] for cause in told["causes"]} >= {"popularity"}


def test_similar_titles_share_what_they_say(client: Client, trained: list[Anime]) -> None:
    said = ask(client, SIMILAR, anime_id=FIRST, top_n=3)
    assert said["anime_id"] == FIRST
    assert len(said["results"]) == 3
    assert all(title.startswith("Sea") for title in titles_of(said))
    assert said["results"][0]["shared"] == ["Sea"]


def test_with_nothing_trained_nothing_is_similar(client: Client, catalogue: list[Anime]) -> None:
    assert ask(client, SIMILAR, anime_id=FIRST)["results"] == []


def test_similar_to_a_title_that_is_not_shown_is_not_found(
    client: Client, catalogue: list[Anime]
) -> None:
    Anime.objects.filter(pk=FIRST).update(is_adult=True)
    for pk in (FIRST, 9_999_999):
        answer = client.get(SIMILAR, {"anime_id": pk})
        assert answer.status_code == 404
        assert list(answer.json()["fields"]) == ["anime_id"]


@pytest.mark.parametrize(
    ("asked", "field"),
    [("", "anime_id"), ("anime_id=x", "anime_id"), ("anime_id=1&top_n=0", "top_n"), ("id=1", "id")],
)
def test_a_malformed_question_for_similar_titles_names_the_field(
    client: Client, asked: str, field: str
) -> None:
    answer = client.get(f"{SIMILAR}?{asked}")
    assert answer.status_code == 400
    assert field in answer.json()["fields"]


def test_both_ask_as_many_queries_for_many_results_as_for_one(
    client: Client, ines: User, trained: list[Anime]
) -> None:
    for anime in (trained[1], trained[3]):
        ines.rate(anime, score=9)
    for address, whom in ((RECOMMEND, {"user_id": ines.pk}), (SIMILAR, {"anime_id": FIRST})):
        numbers = []
        ask(client, address, top_n=2, **whom)
        for top_n in (1, 10):
            with CaptureQueriesContext(connection) as queries:
                found = ask(client, address, top_n=top_n, **whom)
            assert len(found["results"]) == top_n
            numbers.append(len(queries))
        # Titles that this process does not hold yet come all in one.
        assert numbers[0] <= numbers[1] <= min(10, numbers[0] + 1)
