"""Records into the catalogue: what is written, what is left alone, who may overwrite whom."""

import json
from datetime import date

import pytest

from catalog.etl.loading import load_records
from catalog.etl.record import AnimeRecord, PartialDate
from catalog.etl.sources import demo
from catalog.models import Anime, AnimeSnapshot, Genre

pytestmark = pytest.mark.django_db
ORCHARD = 9_000_001


def record(**said):
    return AnimeRecord(**{"mal_id": ORCHARD, "title": "Glass Orchard", **said})


def load(*records, source="mal2023", taken_on=date(2023, 7, 1)):
    return load_records(records, source=source, taken_on=taken_on)


def orchard():
    return Anime.objects.get(pk=ORCHARD)


def test_a_record_brings_everything_that_hangs_on_it():
    load(
        record(
            type="TV",
            genres=["Drama", "Kids"],
            studios=["Studio Pear"],
            synonyms=["Garasu no Kajuen"],
            relations=[("Sequel", 9_000_002)],
            score=7.5,
            members=900,
        )
    )
    anime = orchard()
    assert [genre.name for genre in anime.genres.all()] == ["Drama", "Kids"]
    assert Genre.objects.get(name="Kids").kind == "demographic"
    assert anime.studios.get().name == "Studio Pear"
    assert anime.relations.get().to_mal_id == 9_000_002
    assert (anime.mean_score, anime.members) == (7.5, 900)
    assert anime.search_text == "glass orchard\ngarasu no kajuen"


def test_the_same_again_changes_nothing_not_even_a_curators_words():
    load(record(synopsis="Trees of glass.", score=7.5))
    Anime.objects.update(synopsis="A curator's words.")
    report = load(record(synopsis="Trees of glass.", score=7.5))
    assert (report.loaded, report.updated, report.unchanged) == (0, 0, 1)
    assert orchard().synopsis == "A curator's words."


def test_a_changed_record_is_written_and_its_silence_takes_nothing_away():
    load(record(episodes=12, source="Manga"))
    report = load(record(episodes=13))
    assert (report.updated, orchard().episodes, orchard().source) == (1, 13, "Manga")


@pytest.mark.parametrize("order", [("mal2023", "cooperunion"), ("cooperunion", "mal2023")])
def test_a_lesser_source_fills_only_blanks_whichever_comes_first(order):
    said = {
        "mal2023": record(title="Glass Orchard", type="TV", genres=["Drama"]),
        "cooperunion": record(title="Orchard of Glass", type="OVA", episodes=12, genres=["Kids"]),
    }
    for source in order:
        load(said[source], source=source)
    anime = orchard()
    assert (anime.title, anime.type, anime.episodes) == ("Glass Orchard", "tv", 12)
    assert anime.genres.count() == 2


def test_a_stub_is_filled_in():
    Anime.objects.create(mal_id=ORCHARD, is_stub=True)
    report = load(record(), source="cooperunion")
    assert (report.loaded, orchard().is_stub, orchard().title) == (1, False, "Glass Orchard")


def test_a_title_told_twice_in_one_file_is_taken_once():
    report = load(record(episodes=12), record(episodes=13))
    assert (report.read, report.loaded, orchard().episodes) == (2, 1, 12)
    assert report.notes.total() == 1


def test_the_season_of_television_follows_from_its_first_day():
    load(record(type="TV", aired_from=PartialDate(date(1998, 4, 3), "day")))
    assert (orchard().season, orchard().year, orchard().season_origin) == (
        "spring",
        1998,
        "derived",
    )


def test_a_season_that_a_lesser_source_says_beats_a_derived_one():
    load(record(type="TV", aired_from=PartialDate(date(1998, 3, 30), "day")))
    load(record(season="spring", year=1998), source="mal2020")
    assert (orchard().season, orchard().season_origin) == ("spring", "premiered")


@pytest.mark.parametrize(
    ("said", "adult", "sensitive"),
    [
        ({"type": "TV", "age_rating": "PG-13 - Teens 13 or older"}, False, False),
        ({"type": "TV", "age_rating": "Rx - Hentai"}, True, True),
        ({"type": "OVA", "genres": ["Erotica"], "age_rating": "G"}, True, True),
        ({"type": "Movie", "age_rating": "R+ - Mild Nudity"}, False, True),
        ({"type": "TV", "genres": ["Ecchi"], "age_rating": "pg_13"}, False, True),
        ({"type": "TV"}, False, False),
        ({"type": "OVA"}, False, True),
    ],
)
def test_what_must_be_hidden_is_told_by_rating_and_genre(said, adult, sensitive):
    load(record(**said))
    assert (orchard().is_adult, orchard().is_sensitive) == (adult, sensitive)


def test_a_genre_from_another_source_hides_the_title_too():
    load(record(type="OVA", genres=["Hentai"]), source="cooperunion")
    load(record(type="OVA", age_rating="r17"), source="mal2023")
    assert orchard().is_adult


def test_measures_are_kept_by_day_and_the_newest_lies_beside_the_title():
    load(record(score=8.0, members=50))
    load(record(score=7.0, members=10), source="cooperunion", taken_on=date(2016, 12, 21))
    assert AnimeSnapshot.objects.count() == 2
    assert (orchard().mean_score, orchard().members) == (8.0, 50)


def test_new_measures_of_an_unchanged_record_are_kept():
    load(record(score=8.0))
    report = load(record(score=8.1), taken_on=date(2023, 7, 2))
    assert (report.unchanged, orchard().mean_score) == (1, 8.1)


def test_unknown_words_are_counted():
    report = load(record(type="Hologram"))
    assert report.notes == {"unknown word kept: type 'Hologram'": 1}
    assert orchard().type == "Hologram"


def test_a_word_too_long_for_its_column_does_not_stop_the_load():
    load(record(age_rating="Everyone above the tree line"))
    assert orchard().age_rating == ""


def test_the_demonstrations_catalogue_is_read(tmp_path):
    file = tmp_path / "catalogue.json"
    entry = {
        "mal_id": ORCHARD,
        "title": "Glass Orchard",
        "synonyms": [],
        "type": "TV",
        "source": "Original",
        "status": "Finished Airing",
        "episodes": 12,
        "duration_seconds": 1440,
        "age_rating": "PG-13",
        "aired_from": "1998-04",
        "aired_to": "1998",
        "studios": ["Studio Pear"],
        "genres": ["Drama"],
        "relations": [{"relation": "Sequel", "to": 9_000_002}],
    }
    file.write_text(json.dumps([entry]))
    load_records(demo.records(file), source="demo")
    anime = orchard()
    assert (anime.duration, anime.age_rating, anime.season) == (1440, "pg13", "spring")
    assert (anime.aired_from_precision, anime.aired_to_precision) == ("month", "year")
    assert anime.relations.get().kind == "sequel"


def test_loading_more_titles_takes_no_more_queries(django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def titles(first, count):
        return [
            AnimeRecord(mal_id=pk, title=f"Orchard {pk}", genres=["Drama"], studios=["Pear"])
            for pk in range(first, first + count)
        ]

    load(*titles(9_100_000, 2))
    with CaptureQueriesContext(connection) as few:
        load(*titles(9_200_000, 5))
    with django_assert_num_queries(len(few)):
        load(*titles(9_300_000, 20))
