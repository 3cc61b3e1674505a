"""The cast and the small invented catalogue that the tests of pages share."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings as site
from django.core.cache import cache
from django.test import Client

from catalog.models import Anime, AnimeGenre, AnimeStudio, Genre, Studio
from ratings.models import User
from recommender import serving
from recommender.atlas.sheet import forget_sheets

FIRST_ID = 9_000_001
# title, English title, type, episodes, season, year, members, genres, studio
INVENTED = [
    ("Minato no Akari", "Harbour Lights", "tv", 12, "spring", 2014, 900, ["Drama", "Mystery"], "Lantern House"),
    ("Ame no Arubamu", "Album of Rain", "movie", 1, "", 2016, 800, ["Drama", "Romance"], "Lantern House"),
    ("Kikai no Niwa", "Garden of Machines", "tv", 26, "fall", 1999, 700, ["Sci-Fi", "Action"], "Studio Kite"),
    ("Yuki no Tabi", "Snow Journey", "tv", 24, "winter", 2008, 600, ["Adventure", "Fantasy"], "Studio Kite"),
    ("Hoshi no Eki", "", "ova", 3, "", 2003, 500, ["Sci-Fi", "Mystery"], "Lantern House"),
    ("Machi no Oto", "Sounds of the Town", "tv", 12, "summer", 2021, 400, ["Slice of Life"], "Paper Boat"),
    ("Kaze no Michi", "Road of Wind", "movie", 1, "", 2019, 300, ["Adventure"], "Paper Boat"),
    ("Tsuki no Kage", "Moon's Shadow", "tv", 13, "fall", 2011, 200, ["Mystery", "Seinen"], "Lantern House"),
]  # fmt: skip


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """One for each process. On SQLite a file, not memory: a live server answers from several threads."""
    database = site.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        file: Path = tmp_path_factory.mktemp("database") / "test.sqlite3"
        database.setdefault("TEST", {})["NAME"] = str(file)


@pytest.fixture(autouse=True)
def nothing_held() -> None:
    """What a process holds of the catalogue is of another test's titles, under the same version."""
    serving.forget_held()
    forget_sheets()


@pytest.fixture(autouse=True)
def nothing_shown_before(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What pages show is noted in a folder that is this test's own, and collected by who asks for it.

    Not by the fixture `settings`: taken up here it would be put back last, after whatever a test set is used once more.
    """
    folder = tmp_path_factory.getbasetemp() / "exposures" / uuid4().hex
    site.EXPOSURES_DIR, site.EXPOSURES_EVERY = folder, 0


@pytest.fixture
def nothing_cached() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def catalogue(db: None) -> list[Anime]:
    """Eight titles, the most watched first."""
    titles = []
    for place, (title, english, kind, episodes, season, year, members, genres, studio) in enumerate(
        INVENTED
    ):
        anime = Anime.objects.create(
            mal_id=FIRST_ID + place,
            title=title,
            title_english=english,
            type=kind,
            status="finished",
            episodes=episodes,
            season=season,
            year=year,
            members=members,
        )
        for name in genres:
            AnimeGenre.objects.create(anime=anime, genre=Genre.objects.get_or_create(name=name)[0])
        AnimeStudio.objects.create(anime=anime, studio=Studio.objects.get_or_create(name=studio)[0])
        titles.append(anime)
    return titles


@pytest.fixture
def hidden_titles(db: None) -> list[Anime]:
    """One for adults, one that no catalogue has described: pages show neither."""
    return [
        Anime.objects.create(mal_id=9_000_101, title="Behind the Curtain", is_adult=True),
        Anime.objects.create(mal_id=9_000_102, is_stub=True),
    ]


@pytest.fixture
def keen(catalogue: list[Anime]) -> User:
    """Rates a lot: all but the last title."""
    member = User.objects.create(username="keen", is_public=True)
    for place, anime in enumerate(catalogue[:-1]):
        member.rate(anime, score=10 - place)
    return member


@pytest.fixture
def casual(catalogue: list[Anime]) -> User:
    """Rates a little, and keeps it private."""
    member = User.objects.create(username="casual")
    member.rate(catalogue[0], score=8)
    member.set_status(catalogue[3], "planned")
    return member


@pytest.fixture
def newcomer(db: None) -> User:
    return User.objects.create(username="newcomer")


@pytest.fixture
def curator(db: None) -> User:
    return User.objects.create(username="curator", is_staff=True)


@pytest.fixture
def as_keen(client: Client, keen: User) -> Client:
    client.force_login(keen)
    return client


@pytest.fixture
def as_casual(client: Client, casual: User) -> Client:
    client.force_login(casual)
    return client


@pytest.fixture
def as_newcomer(client: Client, newcomer: User) -> Client:
    client.force_login(newcomer)
    return client
