"""Rows of published catalogues become records in one vocabulary."""

from datetime import date

import pytest
from pydantic import ValidationError

from catalog.etl.catalogues import SHAPES
from catalog.etl.record import AnimeRecord, PartialDate
from catalog.etl.reports import BadValueError
from catalog.etl.sources import cooperunion, mal2020, mal2023

CATALOGUES = {shape.reader.source: shape.reader for shape in SHAPES}


def record(**said):
    return AnimeRecord(**{"mal_id": 9_000_001, "title": "Glass Orchard", **said})


def row(columns, **cells):
    return {name: cells.get(name, "Unknown") for name in columns}


def row_2023(**cells):
    return row(mal2023.COLUMNS, **{"anime_id": "9000001", "Name": "Glass Orchard", **cells})


def test_the_2016_row_becomes_a_record():
    told = CATALOGUES["cooperunion"].record(
        {
            "anime_id": "9000001",
            "name": "Glass Orchard&#039;s &amp;quot;End&amp;quot;",
            "genre": "Drama, Dementia, Magic, Shounen Ai",
            "type": "TV",
            "episodes": "Unknown",
            "rating": "7.31",
            "members": "1204",
        }
    )
    assert told.title == 'Glass Orchard\'s "End"'
    assert told.genres == ("Drama", "Avant Garde", "Boys Love")
    assert (told.type, told.episodes, told.score, told.members) == ("tv", None, 7.31, 1204)


def test_the_2020_row_adds_up_its_votes():
    cells = {"MAL_ID": "9000001", "Name": "Glass Orchard", "Score-10": "3.0", "Score-1": "2.0"}
    told = CATALOGUES["mal2020"].record(
        row(mal2020.COLUMNS, **cells, Duration="1 hr. 32 min. per ep.", Premiered="Spring 2011")
    )
    assert (told.scored_by, told.duration) == (5, 5520)
    assert (told.season, told.year) == ("spring", 2011)


def test_the_2020_synopses_are_a_source_of_their_own():
    told = CATALOGUES["mal2020-synopses"].record(
        row(
            mal2020.SYNOPSIS_COLUMNS,
            MAL_ID="9000001",
            Name="Glass Orchard",
            sypnopsis="No synopsis information has been added to this title. Help improve it.",
        )
    )
    assert told.synopsis is None


def test_the_2023_row_becomes_a_record():
    told = CATALOGUES["mal2023"].record(
        row_2023(
            Episodes="26.0",
            Rank="41.0",
            Rating="R - 17+ (violence &amp; profanity)",
            Aired="Apr 3, 1998 to Apr, 1999",
            Studios="Moonlit Frames Co., Ltd., Studio Pear",
            Source="Light novel",
            Status="Finished Airing",
        )
    )
    assert (told.episodes, told.rank, told.age_rating) == (26, 41, "r17")
    assert told.aired_from == PartialDate(date(1998, 4, 3), "day")
    assert told.aired_to == PartialDate(date(1999, 4, 1), "month")
    assert told.studios == ("Moonlit Frames Co., Ltd.", "Studio Pear")
    assert (told.source, told.status) == ("Light novel", "finished")


@pytest.mark.parametrize(
    ("aired", "first", "last"),
    [
        ("1998", PartialDate(date(1998, 1, 1), "year"), None),
        ("Apr, 1998 to ?", PartialDate(date(1998, 4, 1), "month"), None),
        ("Not available", None, None),
        ("UNKNOWN", None, None),
    ],
)
def test_a_date_keeps_the_precision_it_came_with(aired, first, last):
    told = CATALOGUES["mal2023"].record(row_2023(Aired=aired))
    assert (told.aired_from, told.aired_to) == (first, last)


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"anime_id": "abc"}, "anime_id"),
        ({"anime_id": "-4"}, "anime_id"),
        ({"anime_id": "99999999999"}, "anime_id"),
        ({"anime_id": ""}, "anime_id"),
        ({"Name": ""}, "Name"),
        ({"Name": "x" * 301}, "Name"),
        ({"Score": "11"}, "Score"),
        ({"Score": "high"}, "Score"),
        ({"Episodes": "twelve"}, "Episodes"),
        ({"Episodes": "1.5"}, "Episodes"),
        ({"Aired": "sometime"}, "Aired"),
        ({"Members": "-1"}, "Members"),
    ],
)
def test_what_cannot_be_right_names_the_column_of_the_file(cells, column):
    with pytest.raises(BadValueError) as problem:
        CATALOGUES["mal2023"].record(row_2023(**cells))
    assert problem.value.column == column


def test_every_column_that_is_named_in_complaints_is_one_that_is_asked_for():
    for module in (cooperunion, mal2020, mal2023):
        assert set(module.NAMED.values()) <= module.COLUMNS


@pytest.mark.parametrize("word", ["light novel", "LIGHT_NOVEL", "Light-Novel"])
def test_a_word_has_one_spelling(word):
    assert record(source=word).source == "Light novel"


@pytest.mark.parametrize("word", ["4-koma manga", "four_koma", "4_koma_manga"])
def test_four_panels_have_many_names(word):
    assert record(source=word).source == "4-koma manga"


def test_an_unknown_word_is_kept_and_told():
    told = record(type="Hologram", genres=["Drama", "Gardening"])
    assert told.type == "Hologram"
    assert list(told.unknown_words()) == ["type 'Hologram'", "genre 'Gardening'"]


@pytest.mark.parametrize("nothing", ["", "Unknown", "UNKNOWN", None])
def test_unknown_is_not_a_word(nothing):
    assert record(type=nothing, title_english=nothing).title_english is None


def test_only_secure_images_are_kept():
    assert record(image_url="http://example.org/1.jpg").image_url is None
    assert record(image_url="https://example.org/1.jpg").image_url == "https://example.org/1.jpg"


def test_relations_drop_manga_and_keep_what_is_unknown_as_other():
    edges = [("Adaptation", 5), ("Side Story", 9_000_002), ("Crossover", 9_000_003)]
    told = record(relations=edges)
    assert told.relations == (("side_story", 9_000_002), ("other", 9_000_003))


def test_the_hash_leaves_out_what_moves_daily():
    assert record(score=7.1, members=5).content_hash == record(score=8.0).content_hash
    assert record(episodes=12).content_hash != record(episodes=13).content_hash


def test_a_record_refuses_fields_it_does_not_have():
    with pytest.raises(ValidationError):
        record(mood="melancholy")
