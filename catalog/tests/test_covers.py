from xml.etree import ElementTree

import pytest
from django.test import Client

from catalog.covers import LOOKS, MOST_LINES, draw_cover
from catalog.models import Anime, AnimeGenre, Genre

SVG = "{http://www.w3.org/2000/svg}"


def lettering(svg: str) -> str:
    return " ".join(line.text or "" for line in ElementTree.fromstring(svg).iter(f"{SVG}tspan"))


@pytest.mark.parametrize("genre", [*LOOKS, "a genre that nobody drew for"])
def test_every_cover_is_whole_and_small(genre: str) -> None:
    for mal_id in range(9_000_000, 9_000_020):
        svg = draw_cover(mal_id, "The Longest Night of the Lighthouse Keeper's Daughter", [genre])
        ElementTree.fromstring(svg)
        assert len(svg.encode()) < 4096


def test_a_cover_never_changes_and_no_two_are_the_same() -> None:
    one, again, other = (draw_cover(pk, "A", ["Drama"]) for pk in (1, 1, 2))
    assert one == again
    assert one != other


def test_there_are_many_different_pictures() -> None:
    assert len({motif for motif, _ in LOOKS.values()}) >= 8


def test_a_hostile_title_is_lettering_and_nothing_else() -> None:
    title = '<script>alert(1)</script>"&\x00'
    svg = draw_cover(1, title, [])
    assert not list(ElementTree.fromstring(svg).iter(f"{SVG}script"))
    assert "alert(1" in lettering(svg)


@pytest.mark.parametrize("title", ["", "x" * 300, "進撃の巨人" * 20, "word " * 60])
def test_any_title_fits(title: str) -> None:
    svg = draw_cover(1, title, [])
    assert sum(1 for _ in ElementTree.fromstring(svg).iter(f"{SVG}tspan")) <= MOST_LINES


def test_relatives_share_their_colours() -> None:
    one, two = (draw_cover(pk, "A", [], family=7) for pk in (1, 2))
    assert one.split("</defs>")[0] == two.split("</defs>")[0]


@pytest.mark.django_db
def test_a_cover_is_kept_by_browsers(client: Client, django_assert_num_queries) -> None:
    title = Anime.objects.create(mal_id=9_000_001, title="Lantern Street", type="tv")
    AnimeGenre.objects.create(anime=title, genre=Genre.objects.create(name="Drama"))
    with django_assert_num_queries(2):
        answer = client.get("/covers/9000001.svg")
    assert answer["Content-Type"] == "image/svg+xml"
    assert "max-age=604800" in answer["Cache-Control"]
    assert lettering(answer.content.decode()) == "Lantern Street"
    with django_assert_num_queries(2):
        same = client.get("/covers/9000001.svg", headers={"if-none-match": answer["ETag"]})
    assert same.status_code == 304


@pytest.mark.django_db
def test_a_hidden_title_has_no_cover(client: Client) -> None:
    Anime.objects.create(mal_id=9_000_001, title="Hidden", is_adult=True)
    assert client.get("/covers/9000001.svg").status_code == 404
    assert client.get("/covers/9000002.svg").status_code == 404
