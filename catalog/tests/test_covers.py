from xml.etree import ElementTree

import pytest
from django.test import Client

from catalog.covers import LOOKS, MOST_LINES, draw_cover
from catalog.models import Anime, AnimeGenre, FamilyPart, Genre

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


def test_no_word_of_a_usual_title_is_cut() -> None:
    title = "Bakemonogatari: Evangelist Metropolis"
    assert lettering(draw_cover(1, title, [])) == title


@pytest.mark.django_db
def test_a_franchise_is_one_family_and_a_title_without_a_row_is_its_own() -> None:
    for pk in (9_000_001, 9_000_002, 9_000_003):
        Anime.objects.create(mal_id=pk, title="Lantern")
    for pk in (9_000_001, 9_000_002):
        FamilyPart.objects.create(anime_id=pk, series=pk, franchise=9_000_001, place=0)
    families = dict(Anime.objects.with_family().values_list("pk", "family"))
    assert families == {9_000_001: 9_000_001, 9_000_002: 9_000_001, 9_000_003: 9_000_003}


@pytest.mark.django_db
def test_a_renamed_title_has_a_new_cover(client: Client) -> None:
    title = Anime.objects.create(mal_id=9_000_001, title="Lantern Street")
    before = client.get("/covers/9000001.svg")["ETag"]
    Anime.objects.filter(pk=title.pk).update(title="Lantern Road")
    answer = client.get("/covers/9000001.svg", headers={"if-none-match": before})
    assert answer.status_code == 200
    assert lettering(answer.content.decode()) == "Lantern Road"


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
