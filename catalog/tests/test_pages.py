from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.family import Family, Relative
from catalog.models import (
    Anime,
    AnimeGenre,
    AnimeRelation,
    AnimeStudio,
    FamilyPart,
    Genre,
    SourceRecord,
    Studio,
    TitleSynonym,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nothing_cached")]

FIRST = 9_000_001


def add(number: int, **facts: object) -> list[Anime]:
    have = Anime.objects.count()
    return Anime.objects.bulk_create(
        Anime(
            **{
                "mal_id": FIRST + n,
                "title": f"Lantern {n}",
                "type": "tv",
                "members": 1000 - n,
                "search_text": f"lantern {n}",
                **facts,
            }
        )
        for n in range(have, have + number)
    )


def shown(client: Client, query: str = "") -> list[str]:
    return [anime.title for anime in client.get(f"/anime/{query}").context["titles"]]


# Browse


def test_browse_shows_the_most_watched_first(client: Client) -> None:
    add(3)
    assert shown(client) == ["Lantern 0", "Lantern 1", "Lantern 2"]


def test_titles_are_filtered_by_every_chosen_genre(client: Client) -> None:
    both, one, _ = add(3)
    drama, sea = (Genre.objects.create(name=name) for name in ("Drama", "Sea"))
    for anime, genre in ((both, drama), (both, sea), (one, drama)):
        AnimeGenre.objects.create(anime=anime, genre=genre)
    assert shown(client, "?genre=Drama") == [both.title, one.title]
    assert shown(client, "?genre=Drama&genre=Sea") == [both.title]


def test_titles_are_filtered_by_their_facts(client: Client) -> None:
    add(1, title="Film", type="movie", aired_from=date(1988, 5, 1))
    add(1, title="Series", season="fall", year=1999, status="airing")
    studio = Studio.objects.create(name="Lantern House & Sons")
    AnimeStudio.objects.create(anime_id=FIRST, studio=studio)
    assert shown(client, "?type=movie") == ["Film"]
    assert shown(client, "?year_min=1990") == ["Series"]
    assert shown(client, "?year_max=1990") == ["Film"]
    assert shown(client, "?season=fall") == ["Series"]
    assert shown(client, "?status=airing") == ["Series"]
    assert shown(client, "?studio=Lantern+House+%26+Sons") == ["Film"]


def test_titles_are_sorted_as_asked(client: Client) -> None:
    add(1, title="B", mean_score=7.0, aired_from=date(2001, 1, 1))
    add(1, title="A", mean_score=9.0, aired_from=date(2000, 1, 1))
    assert shown(client, "?sort=title") == ["A", "B"]
    assert shown(client, "?sort=score") == ["A", "B"]
    assert shown(client, "?sort=newest") == ["B", "A"]


def test_a_search_is_ordered_by_likeness_unless_asked_otherwise(client: Client) -> None:
    add(2)
    assert shown(client, "?q=lantern+1")[0] == "Lantern 1"
    assert shown(client, "?q=lantern&sort=members") == ["Lantern 0", "Lantern 1"]


def test_hidden_titles_are_nowhere(client: Client, settings) -> None:
    adult, stub = add(1, is_adult=True)[0], add(1, is_stub=True, title="")[0]
    assert shown(client) == []
    assert client.get(adult.get_absolute_url()).status_code == 404
    assert client.get(stub.get_absolute_url()).status_code == 404
    settings.SHOW_ADULT = True
    assert client.get(adult.get_absolute_url()).status_code == 200


def test_pages_are_of_24_and_a_page_beyond_the_last_is_the_last(client: Client) -> None:
    add(30)
    assert len(shown(client)) == 24
    assert len(shown(client, "?page=2")) == 6
    assert len(shown(client, "?page=999999999999999999999")) == 6
    assert "page=2" in client.get("/anime/?type=tv").content.decode()


@pytest.mark.parametrize(
    "query",
    [
        "?page=-1", "?page=x", "?genre=Nonsense", "?genre=%00", "?year_min=99999", "?year_min=x", "?year_min=-5",
        "?year_min=1e9", "?year_min=nan", "?year_max=Infinity", "?type=opera", "?sort=drop", "?studio=nobody",
        "?q=%00", "?q=" + "a" * 10_000, "?q=%FF%FE", "?" + "a=b&" * 500, "?season=%F0%9F%92%A5", "?q=%27%22%3Cscript%3E",
    ],
)  # fmt: skip
def test_an_address_edited_by_hand_is_answered(client: Client, query: str) -> None:
    add(2)
    answer = client.get(f"/anime/{query}")
    assert answer.status_code == 200
    assert "<script>" not in answer.content.decode().replace('<script src="', "")


def test_htmx_is_given_the_results_alone(client: Client) -> None:
    add(1)
    headers = {"HX-Request": "true", "HX-Target": "results"}
    fragment = client.get("/anime/", headers=headers).content.decode()
    assert "<html" not in fragment
    assert "Lantern 0" in fragment


def test_a_wish_that_makes_no_sense_is_named_and_left_out(client: Client) -> None:
    add(1, type="tv")
    add(1, type="movie", title="Film")
    page = client.get("/anime/?year_min=99999&genre=xyz&type=movie")
    assert [anime.title for anime in page.context["titles"]] == ["Film"]
    text = page.content.decode()
    assert "A year from 1900 to 2100, please." in text
    assert "There is no genre “xyz”." in text


def test_a_studio_is_found_by_its_name_or_a_part_of_it(client: Client) -> None:
    one, other = add(2)
    for anime, name in ((one, "Lantern"), (other, "Lantern House")):
        AnimeStudio.objects.create(anime=anime, studio=Studio.objects.create(name=name))
    assert shown(client, "?studio=lantern") == [one.title]
    assert shown(client, "?studio=house") == [other.title]
    assert shown(client, "?studio=nobody") == []


def test_each_wish_can_be_taken_away(client: Client) -> None:
    add(1)
    for name in ("Drama", "Sea"):
        Genre.objects.create(name=name)
    query = "?genre=Drama&genre=Sea&type=tv&year_min=1990&q=lantern&page=2"
    chosen = dict(client.get(f"/anime/{query}").context["filter"].chosen())
    assert list(chosen) == ["TV", "“lantern”", "Drama", "Sea", "from 1990"]
    assert chosen["Drama"] == "?genre=Sea&type=tv&year_min=1990&q=lantern"
    assert chosen["TV"] == "?genre=Drama&genre=Sea&year_min=1990&q=lantern"


def test_what_comes_of_itself_is_named_for_what_it_is(client: Client) -> None:
    add(1)

    def usual(query: str) -> str:
        options = client.get(f"/anime/{query}").context["filter"].sort_options()
        return next(label for _, label, is_chosen in options if is_chosen)

    assert usual("") == usual("?sort=members") == "Most watched"
    assert usual("?q=lantern") == "Best match"
    assert usual("?q=lantern&sort=members") == "Most watched"
    assert usual("?sort=title") == "Title"


def test_an_empty_result_says_what_to_do(client: Client) -> None:
    assert "Take away a genre" in client.get("/anime/?q=nothing").content.decode()


# A title


def test_a_titles_page_tells_what_is_known(client: Client) -> None:
    anime = add(1, title_english="Lantern Street", title_japanese="灯", synopsis="A keeper waits.", episodes=12,
                duration=1440, aired_from=date(1998, 4, 1), aired_from_precision="month", source="light_novel")[0]  # fmt: skip
    TitleSynonym.objects.create(anime=anime, name="LS")
    page = client.get(anime.get_absolute_url()).content.decode()
    for fact in (
        "Lantern Street",
        "Lantern 0",
        "灯",
        "LS",
        "A keeper waits.",
        "12, 24 min each",
        "April 1998",
        "Light novel",
    ):
        assert fact in page
    assert "1 April 1998" not in page


def test_relatives_are_named_from_both_ends(client: Client) -> None:
    first, second = add(2)
    AnimeRelation.objects.create(anime=first, kind="sequel", to_mal_id=second.pk)
    AnimeRelation.objects.create(anime=first, kind="other", to_mal_id=1)
    assert family(client, first).others == [Relative(second, "Sequel")]
    assert family(client, second).others == [Relative(first, "Prequel")]


def family(client: Client, anime: Anime) -> Family:
    return client.get(anime.get_absolute_url()).context["family"]


def draw(titles: list[Anime], rows: str) -> None:
    """A row for each title: its series, its place, then x for an extra and f for the series' face."""
    FamilyPart.objects.bulk_create(
        FamilyPart(
            anime=anime,
            series=int(row[0]),
            franchise=1,
            place=int(row[1]),
            is_extra="x" in row,
            is_series_face="f" in row,
            is_franchise_face=anime is titles[0],
        )
        for anime, row in zip(titles, rows.split(), strict=True)
    )


def test_a_series_is_shown_in_the_order_of_watching_and_its_extras_apart(client: Client) -> None:
    first, second, recap, third = titles = add(4)
    draw(titles, "10f 13 11x 12")
    AnimeRelation.objects.create(anime=first, kind="summary", to_mal_id=recap.pk)
    AnimeRelation.objects.create(anime=third, kind="prequel", to_mal_id=first.pk)
    shown = family(client, first)
    assert shown.series == [
        Relative(first, "Part 1 · This title"),
        Relative(third, "Part 2 · Sequel"),
        Relative(second, "Part 3"),
    ]
    assert shown.extras == [Relative(recap, "Summary")]
    assert shown.franchise == shown.others == []
    page = client.get(recap.get_absolute_url()).content.decode()
    assert "Watch order" in page
    assert page.count('aria-current="true"') == 1


def test_the_rest_of_the_franchise_stands_below_series_by_series(client: Client) -> None:
    first, late, spin, spin_two, elsewhere = titles = add(5, year=2010)
    Anime.objects.filter(pk=late.pk).update(year=2020)
    draw(titles[:4], "10f 20f 30f 31")
    AnimeRelation.objects.create(anime=spin, kind="spin_off", to_mal_id=first.pk)
    AnimeRelation.objects.create(anime=first, kind="character", to_mal_id=elsewhere.pk)
    shown = family(client, first)
    assert shown.series == shown.extras == []
    assert shown.franchise == [
        Relative(spin, "Parent story"),
        Relative(spin_two, f"With {spin.title}"),
        Relative(late, ""),
    ]
    assert shown.others == [Relative(elsewhere, "Shared character")]


def test_a_hidden_title_is_in_no_family_that_pages_show(client: Client) -> None:
    first, adult, stub = titles = add(3)
    draw(titles, "10f 11 12")
    Anime.objects.filter(pk=adult.pk).update(is_adult=True)
    Anime.objects.filter(pk=stub.pk).update(is_stub=True)
    assert family(client, first) == Family([], [], [], [])


def test_text_from_a_source_is_never_markup(client: Client) -> None:
    bad = '<img src=x onerror=alert(1)>"'
    anime = add(1, title=bad, title_english=bad, synopsis=bad)[0]
    for address in ("/", "/anime/", anime.get_absolute_url()):
        assert "<img src=x" not in client.get(address).content.decode()


def test_a_remote_cover_is_laid_over_only_from_an_allowed_host(client: Client, settings) -> None:
    settings.IMAGE_HOSTS = ["covers.example"]
    good = add(1, image_url="https://covers.example/1.jpg")[0]
    others = [
        add(1, image_url=url)[0]
        for url in ("https://elsewhere.example/1.jpg", "http://covers.example/1.jpg")
    ]
    assert "https://covers.example/1.jpg" in client.get(good.get_absolute_url()).content.decode()
    for anime in others:
        assert "cover__remote" not in client.get(anime.get_absolute_url()).content.decode()


# Everywhere


def test_home_has_shelves_or_says_how_to_fill_them(client: Client) -> None:
    assert "load_demo" in client.get("/").content.decode()
    add(3)
    assert [shelf.name for shelf in client.get("/").context["shelves"]] == [
        "Newest",
        "Best loved",
        "Most watched",
    ]


def test_a_season_with_enough_titles_has_a_shelf(client: Client) -> None:
    add(5, season="spring", year=2019)
    add(1, season="fall", year=2023)
    shelf = client.get("/").context["shelves"][0]
    assert (shelf.name, len(shelf.titles)) == ("Spring 2019", 5)
    assert shelf.more == "/seasons/2019/spring/"
    assert client.get(shelf.more).text.count('class="card"') == 5


@pytest.mark.parametrize(
    "address", ["/", "/anime/", "/anime/?q=lantern", "/anime/?q=lantren", f"/anime/{FIRST}/"]
)
def test_queries_do_not_grow_with_the_titles(client: Client, address: str) -> None:
    genre = Genre.objects.create(name="Drama")
    counts = []
    for number in (2, 20):
        for anime in add(number):
            AnimeGenre.objects.create(anime=anime, genre=genre)
            AnimeRelation.objects.create(anime=anime, kind="side_story", to_mal_id=FIRST)
            # Half of the series, half of the rest of the franchise.
            series, place = anime.pk % 2, anime.pk - FIRST
            FamilyPart.objects.create(anime=anime, series=series, franchise=0, place=place)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(address).status_code == 200
        counts.append(len(queries))
    assert counts[1] <= counts[0] <= 8


def test_errors_have_pages_of_their_own(client: Client) -> None:
    answer = client.get("/nowhere/")
    assert answer.status_code == 404
    assert "There is nothing here" in answer.content.decode()
    strict = Client(enforce_csrf_checks=True).post("/sign-up/", {})
    assert strict.status_code == 403
    assert "came from another site" in strict.content.decode()


def test_a_failure_is_a_page_without_the_database(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: object) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr("animerec.home.reverse", broken)
    client.raise_request_exception = False
    answer = client.get("/")
    assert answer.status_code == 500
    assert "Nothing of yours is lost" in answer.content.decode()


def test_no_page_carries_inline_script_or_style(client: Client) -> None:
    add(2)
    for address in ("/", "/anime/", f"/anime/{FIRST}/", "/sign-up/"):
        answer = client.get(address)
        text = answer.content.decode()
        assert "style=" not in text
        assert "<style" not in text
        assert "onclick" not in text
        assert "unsafe" not in answer["Content-Security-Policy"]


# Thanks


def test_a_title_s_page_thanks_each_of_its_sources_once(client: Client) -> None:
    [anime] = add(1)
    for source in ("mal2020", "mal2020-synopses", "jikan", "somewhere"):
        SourceRecord.objects.create(anime=anime, source=source, fetched_at=timezone.now())
    text = client.get(f"/anime/{FIRST}/").content.decode()
    assert text.count("by the Anime Recommendation Database 2020") == 1
    assert "Data from MyAnimeList, by a server of the Jikan API" in text
    assert "Data from somewhere" in text
