"""The atlas: its page, its table, its files, and who gets which."""

import base64
import gzip
import json
import re
from typing import Any

import numpy as np
import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse

from catalog.models import Anime, AnimeGenre, CatalogueVersion, Genre
from ratings.models import User
from recommender.atlas import legends, sheet
from recommender.atlas.sheet import Sheet
from recommender.models import TrainedModel
from recommender.tests.worlds import FIRST_ID, TITLES, train_all

pytestmark = pytest.mark.django_db

MAP = reverse("recommender:atlas")
TABLE = reverse("recommender:atlas-table")
MINE = reverse("recommender:atlas-mine")
PICTURE = reverse("recommender:atlas-picture")
ADULT = FIRST_ID + 3


@pytest.fixture(autouse=True)
def drawn_anew() -> None:
    sheet.forget_sheets()


def grown_up(client: Client) -> User:
    member = User.objects.create_user("grown-up", password="a long enough one", wants_adult=True)
    client.force_login(member)
    return member


def address(client: Client, name: str = "points") -> str:
    found = re.search(rf'data-{name}="([^"]+)"', client.get(MAP).text)
    assert found
    return found[1]


def read(body: bytes) -> dict[str, Any]:
    """The points file, as static/js/atlas-points.js reads it."""
    raw = gzip.decompress(body)
    length = int.from_bytes(raw[:4], "little")
    header = json.loads(raw[4 : 4 + length])
    n, at = header["titles"], 4 + length
    assert at % 4 == 0
    columns: dict[str, Any] = {}
    for name, kind in (("ids", "<u4"), ("x", "<u2"), ("y", "<u2")):
        columns[name] = np.frombuffer(raw, kind, n, at)
        at += columns[name].nbytes
    for name in ("year", "genre", "era", "type", "group", "placed"):
        columns[name] = np.frombuffer(raw, np.uint8, n, at)
        at += n
    assert at == len(raw)
    return {**header, **columns}


def fetch(client: Client, path: str, **headers: str) -> Any:
    return client.get(path, headers={"Accept-Encoding": "gzip", **headers})


# The page


def test_without_a_map_the_page_says_what_to_do(client: Client, world: list[User]) -> None:
    for page in (MAP, TABLE):
        answer = client.get(page)
        assert answer.status_code == 200
        assert "No map yet" in answer.text
    client.force_login(User.objects.create_superuser("boss", password="a long enough one"))
    assert "manage.py train --model clusters --model atlas" in client.get(MAP).text
    assert client.get(MINE).status_code == 404
    assert client.get(PICTURE).status_code == 200


def test_a_map_whose_files_are_lost_is_no_error(client: Client, mapped: list[User]) -> None:
    for file in TrainedModel.objects.get(role="atlas", is_active=True).path.iterdir():
        file.unlink()
    assert "No map yet" in client.get(MAP).text


def test_the_page_lists_the_most_watched_and_leads_to_the_table(
    client: Client, mapped: list[User]
) -> None:
    page = client.get(MAP).text
    assert f'data-id="{FIRST_ID}">Robot 0</a>' in page
    assert "The map needs JavaScript" in page
    assert "data-mine" not in page
    assert "Predicted score" not in page
    assert "style=" not in page


def test_a_map_without_groups_is_a_map(client: Client, world: list[User]) -> None:
    train_all("atlas")
    assert "Who watches it" not in client.get(MAP).text
    assert client.get(TABLE).status_code == 200
    assert (read(fetch(client, address(client)).content)["group"] == 0).all()


def test_pages_ask_the_database_little(
    client: Client, mapped: list[User], rater: User, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(12):
        assert len(client.get(f"{MAP}?title={FIRST_ID}").content) < 60_000
    with django_assert_max_num_queries(12):
        client.get(f"{TABLE}?q=robot&sort=title&mine=own")


@pytest.mark.parametrize(
    "asked", ["abc", "100000000000000000000", "0", "-5", "%00", "9999999999", "²"]
)
def test_a_title_that_is_none_is_named_in_a_sentence(
    client: Client, mapped: list[User], asked: str
) -> None:
    answer = client.get(f"{MAP}?title={asked}")
    assert answer.status_code == 200
    assert ("There is no title" in answer.text) is (asked != "%00")


def test_a_title_newer_than_the_map_is_said_to_join_later(
    client: Client, mapped: list[User]
) -> None:
    Anime.objects.create(mal_id=9_900_000, title="Brand New", members=1)
    assert "Brand New is newer than the map" in client.get(f"{MAP}?title=9900000").text
    CatalogueVersion.advance()
    assert "1 title came after the map was made" in client.get(TABLE).text


@pytest.mark.parametrize(
    "asked",
    [
        "color=x", "genre=nothing", "era=99999", "mine=x", "q=%00", "sort=%00", "page=-1", "page=10**20",
        "page=%00", "genre=%00&era=%00", "color=" + "y" * 10_000, "sort=-", "group=0&group=99",
        "&".join(["genre=x"] * 500),
    ],
)  # fmt: skip
def test_addresses_edited_by_hand_are_answered(
    client: Client, mapped: list[User], asked: str
) -> None:
    for page in (MAP, TABLE):
        answer = client.get(f"{page}?{asked}")
        assert answer.status_code == 200
        assert len(answer.content) < 60_000


def test_text_of_an_address_is_only_text(client: Client, mapped: list[User]) -> None:
    for page in (MAP, TABLE):
        for name in ("title", "color", "q", "genre", "sort"):
            assert "<b>x" not in client.get(f"{page}?{name}=<b>x").text


def test_pages_are_only_read(client: Client) -> None:
    for page in (MAP, TABLE, MINE, PICTURE):
        assert client.post(page).status_code == 405


# The points


def test_every_title_shown_has_its_place_the_most_watched_first(
    client: Client, mapped: list[User]
) -> None:
    points = read(fetch(client, address(client)).content)
    assert points["ids"].tolist() == list(range(FIRST_ID, FIRST_ID + TITLES))
    assert points["x"].max() - points["x"].min() > 30_000
    genres = [shade.key for shade in legends.legends(None, member=False)[0].shades]
    assert {genres[n] for n in points["genre"][::2]} == {"sci-fi"}
    assert {genres[n] for n in points["genre"][1::2]} == {"life"}
    # Robots are watched by one group, tea by the other.
    assert len(set(points["group"].tolist())) >= 2
    assert not set(points["group"][::2].tolist()) & set(points["group"][1::2].tolist())


def test_the_points_are_kept_for_good_and_not_sent_twice(
    client: Client, mapped: list[User], django_assert_max_num_queries: Any
) -> None:
    path = address(client)
    answer = fetch(client, path)
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer["Content-Encoding"] == "gzip"
    assert "Cookie" not in answer["Vary"]
    assert fetch(client, path, **{"If-None-Match": answer["ETag"]}).status_code == 304
    plain = client.get(path)
    assert not plain.has_header("Content-Encoding")
    assert plain.content == gzip.decompress(answer.content)
    with django_assert_max_num_queries(2):
        fetch(client, path)


def test_a_changed_catalogue_has_another_address(client: Client, mapped: list[User]) -> None:
    old = address(client)
    CatalogueVersion.advance()
    new = address(client)
    assert new != old
    assert fetch(client, old).status_code == 404
    assert fetch(client, new).status_code == 200


@pytest.mark.parametrize("version", ["x", "-all", "%00", "a" * 3000, "..%2f.."])
def test_an_unknown_version_is_not_found(client: Client, mapped: list[User], version: str) -> None:
    assert client.get(f"/atlas/points-{version}.bin").status_code == 404
    assert client.get(f"/atlas/names-{version}-english.json").status_code == 404


def test_names_come_by_the_language_of_the_address(client: Client, mapped: list[User]) -> None:
    Anime.objects.filter(pk=FIRST_ID).update(title_english="Tin Friend", title_japanese="友")
    path = address(client, "names")
    told = json.loads(gzip.decompress(fetch(client, path).content))
    assert (told["names"][0], told["also"][0]) == ("Tin Friend", "Robot 0")
    told = json.loads(gzip.decompress(fetch(client, path.replace("english", "japanese")).content))
    assert (told["names"][0], told["also"][0]) == ("友", "Robot 0")
    assert told["order"] == read(fetch(client, address(client)).content)["order"]
    assert fetch(client, path.replace("english", "klingon")).status_code == 404


# Titles for adults


@pytest.fixture
def with_adult(mapped: list[User]) -> None:
    Anime.objects.filter(pk=ADULT).update(is_adult=True, title="Not For All")
    CatalogueVersion.advance()


def test_titles_for_adults_are_in_no_file_that_everybody_gets(
    client: Client, with_adult: None
) -> None:
    for name in ("points", "names"):
        body = gzip.decompress(fetch(client, address(client, name)).content)
        assert b"Not For All" not in body
    assert ADULT not in read(fetch(client, address(client)).content)["ids"]
    assert "Not For All" not in client.get(MAP).text
    assert "Not For All" not in client.get(TABLE).text
    assert "There is no title" in client.get(f"{MAP}?title={ADULT}").text


def test_whoever_may_see_them_gets_a_file_that_no_shared_cache_keeps(
    client: Client, with_adult: None
) -> None:
    everybodys = address(client)
    # Also where the adults' map was drawn first.
    sheet.forget_sheets()
    grown_up(client)
    theirs = address(client)
    assert theirs != everybodys
    answer = fetch(client, theirs)
    assert ADULT in read(answer.content)["ids"]
    assert answer["Cache-Control"].startswith("private")
    assert (
        "Not For All" in gzip.decompress(fetch(client, address(client, "names")).content).decode()
    )
    assert ADULT not in read(fetch(client, everybodys).content)["ids"]
    for path in (theirs, address(client, "names")):
        assert fetch(Client(), path).status_code == 404


def test_where_the_operator_shows_them_everybody_gets_them(
    client: Client, with_adult: None, settings: LazySettings
) -> None:
    settings.SHOW_ADULT = True
    answer = fetch(client, address(client))
    assert ADULT in read(answer.content)["ids"]
    assert answer["Cache-Control"].startswith("public")


# What belongs to a member


def test_a_members_part_is_theirs_alone_and_never_kept(
    client: Client, mapped: list[User], rater: User
) -> None:
    answer = client.get(MINE)
    assert "no-store" in answer["Cache-Control"]
    assert "private" in answer["Cache-Control"]
    told = answer.json()
    assert [line[0::2] for line in told["own"]] == [[0, 9], [1, 4]]
    steps = np.frombuffer(base64.b64decode(told["predicted"]), np.uint8)
    assert len(steps) == TITLES
    assert 1 <= steps[steps > 0].min() / 25 <= steps.max() / 25 <= 10
    # Robots got a nine, tea a four.
    assert steps[2::2].mean() > steps[3::2].mean()


def test_a_guest_is_asked_to_sign_in_for_it(client: Client, mapped: list[User]) -> None:
    assert client.get(MINE).status_code == 302


def test_without_a_score_model_nothing_is_predicted(
    client: Client, world: list[User], rater: User
) -> None:
    train_all("atlas")
    assert client.get(MINE).json()["predicted"] == ""
    assert client.get(f"{TABLE}?sort=-predicted").status_code == 200


# The picture


def test_the_picture_is_small_for_everybody_and_kept(client: Client, mapped: list[User]) -> None:
    answer = client.get(PICTURE)
    assert answer["Content-Type"] == "image/svg+xml"
    assert answer.text.count("h0") == TITLES
    assert "prefers-color-scheme:light" in answer.text
    assert "public" in answer["Cache-Control"]
    assert "sha256-" in answer["Content-Security-Policy"]
    assert client.get(PICTURE, headers={"If-None-Match": answer["ETag"]}).status_code == 304


# The sheet


def test_a_genre_that_tells_most_leads(mapped: list[User]) -> None:
    AnimeGenre.objects.create(
        anime_id=FIRST_ID + 1, genre=Genre.objects.get_or_create(name="Romance")[0]
    )
    map_ = sheet.served(adult=False)
    assert map_
    drawn = sheet.sheet_of(map_)
    shades = legends.legends(map_.clusters, member=False)[0].shades
    assert shades[drawn.genres[1]].key == "romance"
    assert drawn.places_of([FIRST_ID + 2, 5]).tolist() == [2, -1]


def test_an_empty_catalogue_is_an_empty_map(client: Client, mapped: list[User]) -> None:
    Anime.objects.all().delete()
    CatalogueVersion.advance()
    points = read(fetch(client, address(client)).content)
    assert points["titles"] == 0
    assert client.get(TABLE).status_code == 200
    assert client.get(PICTURE).status_code == 200


def test_years_fall_into_eras() -> None:
    years = np.array([0, 17, 79, 80, 99, 125, 200], np.uint8)
    none = np.zeros(len(years), np.uint8)
    drawn = Sheet(
        none.astype(int), none.astype("u2"), none.astype("u2"), years, none, none, none, none, (), 0
    )
    keys = [shade.key for shade in legends.legends(None, member=False)[1].shades]
    assert [keys[n] for n in drawn.eras] == [
        "unknown", "before-1980", "before-1980", "1980s", "1990s", "2020s", "2020s",
    ]  # fmt: skip
