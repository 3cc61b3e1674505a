"""Answers of live sources become records: what is honest in them is kept, the rest is not believed."""

import copy
from datetime import date, time

import pytest

from benchmarks.jikan_server import invented
from catalog.etl.fetching.client import BadAnswer
from catalog.etl.record import AnimeRecord, PartialDate
from catalog.etl.reports import BadValueError
from catalog.etl.sources import jikan, mal
from catalog.etl.sources.live import Deferred, NotConfigured

ID = 9_000_001


def told(**said):
    return jikan.SOURCE.record({"mal_id": ID, "title": "Glass Orchard", **said})


def told_by_mal(**said):
    return mal.SOURCE.record({"id": ID, "title": "Glass Orchard", **said})


def test_a_title_of_the_jikan_shape_becomes_a_record():
    record = told(
        titles=[
            {"type": "Default", "title": "Glass Orchard"},
            {"type": "French", "title": "Le verger de verre"},
            {"type": "English", "title": "Orchard of Glass"},
        ],
        title_english="Orchard of Glass",
        title_japanese="硝子の果樹園",
        title_synonyms=["GO", "Glass Orchard"],
        type="TV",
        source="Light novel",
        episodes=26,
        status="Finished Airing",
        duration="1 hr 32 min per ep",
        rating="R - 17+ (violence & profanity)",
        aired={"string": "Apr 3, 1998 to 1999", "from": "1998-04-03T00:00:00+00:00"},
        season="spring",
        year=1998,
        broadcast={"day": "Fridays", "time": "18:00", "timezone": "Asia/Tokyo", "string": ""},
        synopsis="Trees of glass.\n\n(Source: a leaflet)\n[Written by MAL Rewrite]",
        images={"jpg": {"image_url": "https://cdn.example.net/a.jpg", "large_image_url": None}},
        score=7.5,
        scored_by=10,
        rank=0,
        members=50,
        favorites=3,
        studios=[{"mal_id": 1, "name": "Studio Pear"}],
        relations=[
            {"relation": "Sequel", "entry": [{"mal_id": ID + 1, "type": "anime"}]},
            {"relation": "Adaptation", "entry": [{"mal_id": 5, "type": "manga"}]},
        ],
    )
    assert record == AnimeRecord(
        mal_id=ID,
        title="Glass Orchard",
        title_english="Orchard of Glass",
        title_japanese="硝子の果樹園",
        synonyms=["GO", "Le verger de verre"],
        synopsis="Trees of glass.",
        type="tv",
        source="Light novel",
        status="finished",
        episodes=26,
        duration=5520,
        age_rating="r17",
        aired_from=PartialDate(date(1998, 4, 3), "day"),
        aired_to=PartialDate(date(1999, 1, 1), "year"),
        season="spring",
        year=1998,
        broadcast_day=4,
        broadcast_time=time(18),
        broadcast_zone="Asia/Tokyo",
        image_url="https://cdn.example.net/a.jpg",
        studios=["Studio Pear"],
        relations=[("Sequel", ID + 1)],
        score=7.5,
        scored_by=10,
        members=50,
        favorites=3,
    )


@pytest.mark.parametrize(
    ("said", "first", "last"),
    [
        ("Apr 3, 1998 to Apr 24, 1999", (1998, 4, 3, "day"), (1999, 4, 24, "day")),
        ("Oct 2026 to ?", (2026, 10, 1, "month"), None),
        ("2027 to ?", (2027, 1, 1, "year"), None),
        ("Jan 1963 to Feb 1965", (1963, 1, 1, "month"), (1965, 2, 1, "month")),
        ("Dec 5, 2022", (2022, 12, 5, "day"), None),
        ("1963", (1963, 1, 1, "year"), None),
        ("Not available", None, None),
        ("Feb 30, 1999", None, None),
        ("3 Apr 1998", None, None),
        ("?", None, None),
        (None, None, None),
        (7, None, None),
    ],
)
def test_only_the_sentence_tells_how_exactly_a_day_is_known(said, first, last):
    found = told(aired={"string": said, "from": "1998-01-01T00:00:00+00:00"})
    for got, expected in ((found.aired_from, first), (found.aired_to, last)):
        day = expected and PartialDate(date(*expected[:3]), expected[3])
        assert got == day


def test_genres_come_from_four_lists_and_explicit_ones_are_known_by_number():
    record = told(
        genres=[{"mal_id": 8, "name": "Drama"}],
        explicit_genres=[{"mal_id": 12, "name": "A new word"}],
        themes=[{"mal_id": 23, "name": "School"}],
        demographics=[{"mal_id": 42, "name": "Seinen"}, "junk", {"mal_id": 1}],
    )
    assert record.genres == ("Drama", "Hentai", "School", "Seinen")


def test_lists_that_are_not_there_say_nothing():
    record = told()
    assert (record.genres, record.studios, record.relations) == (None, None, None)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("Sundays", 6),
        ("Mondays", 0),
        ("Not scheduled once per week", None),
        (None, None),
        (3, None),
    ],
)
def test_the_day_of_a_broadcast_is_a_number(day, expected):
    assert told(broadcast={"day": day}).broadcast_day == expected


@pytest.mark.parametrize("zone", ["Nowhere/Orchard", "../../etc/passwd", "", 5, "x" * 500])
def test_a_zone_that_nobody_knows_is_left_out(zone):
    broadcast = {"day": "Sundays", "time": "25:00", "timezone": zone}
    record = told(broadcast=broadcast)
    assert (record.broadcast_zone, record.broadcast_time) == (None, None)


def test_what_stands_for_nothing_is_nothing():
    record = told(
        score=0,
        rank=0,
        members=0,
        year=0,
        rating="None",
        source="Unknown",
        duration="Unknown",
        season="monsoon",
        images={"jpg": {"large_image_url": "https://cdn.example.net/questionmark_23.gif"}},
    )
    for name in (
        "score",
        "rank",
        "members",
        "year",
        "age_rating",
        "source",
        "duration",
        "season",
        "image_url",
    ):
        assert getattr(record, name) is None


@pytest.mark.parametrize(
    "said", [{"approved": False}, {"title": None}, {"title": " "}, {"url": "https://x/manga/5"}]
)
def test_what_is_not_ready_or_no_anime_is_deferred(said):
    with pytest.raises(Deferred):
        told(**said)


def test_a_title_that_only_the_list_of_titles_names_is_named():
    assert told(title=None, titles=[{"type": "Default", "title": "Orchard"}]).title == "Orchard"


def test_a_nul_in_a_name_is_taken_out():
    assert told(title="Glass\0 Orchard").title == "Glass Orchard"


@pytest.mark.parametrize("entry", [None, 5, "title", []])
def test_an_entry_that_is_no_object_is_refused(entry):
    with pytest.raises(BadValueError):
        jikan.SOURCE.record(entry)


JUNK = (
    None,
    7,
    -1,
    0,
    "x",
    "",
    [],
    {},
    [None],
    [[]],
    {"a": 1},
    True,
    1e400,
    "\0",
    10**30,
    ["a"],
    [{"name": 5}],
)


def places(told, path=()):
    """The way to every value in the answer, at whatever depth."""
    yield path
    inside = (
        told.items()
        if isinstance(told, dict)
        else enumerate(told)
        if isinstance(told, list)
        else ()
    )
    for step, value in inside:
        yield from places(value, (*path, step))


def with_junk(told, path, junk):
    if not path:
        return junk
    told = copy.deepcopy(told)
    inside = told
    for step in path[:-1]:
        inside = inside[step]
    inside[path[-1]] = junk
    return told


def read_with_junk_everywhere(source, whole):
    for path in places(whole):
        for junk in JUNK:
            try:
                source.record(with_junk(whole, path, junk))
            except (BadValueError, Deferred):
                continue


def test_any_value_at_any_depth_may_be_of_the_wrong_kind():
    relations = [{"relation": "Sequel", "entry": [{"mal_id": 5, "type": "anime"}]}]
    read_with_junk_everywhere(jikan.SOURCE, invented(ID) | {"relations": relations})


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {},
        {"data": None},
        {"data": {}},
        {"data": []},
        {"data": [{}], "pagination": {"has_next_page": "yes"}},
        {"data": [], "pagination": {"has_next_page": True}},
        {"data": [], "pagination": {"has_next_page": False, "items": {"total": 9}}},
    ],
)
def test_what_is_no_page_is_no_answer(body):
    with pytest.raises(BadAnswer):
        jikan.read_page(body)


def test_an_empty_catalogue_is_a_page():
    body = {"data": [], "pagination": {"has_next_page": False, "items": {"total": 0}}}
    assert jikan.read_page(body).entries == []


@pytest.mark.parametrize("body", [None, {}, {"data": {}}, {"data": {"mal_id": None}}, {"data": []}])
def test_what_is_no_title_is_no_answer(body):
    with pytest.raises(BadAnswer):
        jikan.read_title(body)


def test_a_title_of_myanimelist_becomes_a_record():
    record = told_by_mal(
        main_picture={"medium": "https://cdn.example.net/m.jpg"},
        alternative_titles={"en": "", "ja": "硝子の果樹園", "synonyms": ["GO"]},
        start_date="2017-10",
        end_date="2018",
        synopsis="Trees of glass.\n\n[Written by MAL Rewrite]",
        mean=7.5,
        rank=9,
        num_list_users=50,
        num_scoring_users=10,
        nsfw="white",
        media_type="tv_special",
        status="currently_airing",
        genres=[{"id": 8, "name": "Drama"}],
        num_episodes=0,
        start_season={"year": 2017, "season": "fall"},
        broadcast={"day_of_the_week": "sunday", "start_time": "23:30"},
        source="4_koma_manga",
        average_episode_duration=0,
        rating="pg_13",
        studios=[{"id": 1, "name": "Studio Pear"}],
        related_anime=[{"node": {"id": ID + 1}, "relation_type": "side_story"}],
    )
    assert record == AnimeRecord(
        mal_id=ID,
        title="Glass Orchard",
        title_japanese="硝子の果樹園",
        synonyms=["GO"],
        synopsis="Trees of glass.",
        type="tv_special",
        source="4-koma manga",
        status="airing",
        age_rating="pg13",
        aired_from=PartialDate(date(2017, 10, 1), "month"),
        aired_to=PartialDate(date(2018, 1, 1), "year"),
        season="fall",
        year=2017,
        broadcast_day=6,
        broadcast_time=time(23, 30),
        broadcast_zone="Asia/Tokyo",
        image_url="https://cdn.example.net/m.jpg",
        genres=["Drama"],
        studios=["Studio Pear"],
        relations=[("side_story", ID + 1)],
        score=7.5,
        scored_by=10,
        members=50,
        rank=9,
    )


@pytest.mark.parametrize(
    ("said", "rating"),
    [
        ({"nsfw": "black"}, "rx"),
        ({"nsfw": "black", "rating": "r+"}, "rx"),
        ({"nsfw": "black", "rating": "r+", "genres": [{"id": 49, "name": "Erotica"}]}, "r_plus"),
        ({"nsfw": "gray"}, "r_plus"),
        ({"nsfw": "gray", "rating": "r"}, "r17"),
        ({"nsfw": "white"}, None),
    ],
)
def test_what_myanimelist_calls_not_safe_is_hidden_without_a_rating_too(said, rating):
    assert told_by_mal(**said).age_rating == rating


def test_the_next_page_of_myanimelist_is_read_and_never_followed():
    page = mal.read_page(
        {
            "data": [{"node": {"id": ID}}],
            "paging": {"next": "http://elsewhere.example/x?offset=500"},
        }
    )
    assert (page.has_next, page.entries) == (True, [{"id": ID}])
    assert mal.catalogue(2).params["offset"] == 500
    assert not mal.read_page({"data": [], "paging": {}}).has_next


@pytest.mark.parametrize(
    "body", [None, {}, {"data": []}, {"data": [], "paging": {"next": "?offset=5"}}]
)
def test_what_is_no_page_of_myanimelist_is_no_answer(body):
    with pytest.raises(BadAnswer):
        mal.read_page(body)


def test_any_value_of_myanimelist_may_be_of_the_wrong_kind():
    whole = {
        "id": ID,
        "title": "Glass Orchard",
        "main_picture": {"large": "https://cdn.example.net/l.jpg"},
        "alternative_titles": {"en": "", "ja": "硝子", "synonyms": ["GO"]},
        "start_date": "2017-10-01",
        "start_season": {"year": 2017, "season": "fall"},
        "broadcast": {"day_of_the_week": "sunday", "start_time": "23:30"},
        "genres": [{"id": 8, "name": "Drama"}],
        "studios": [{"id": 1, "name": "Studio Pear"}],
        "related_anime": [{"node": {"id": 3}, "relation_type": "sequel"}],
        "rating": "r+",
        "nsfw": "white",
        "num_episodes": 3,
    }
    read_with_junk_everywhere(mal.SOURCE, whole)


@pytest.mark.parametrize(("source", "setting"), [(jikan, "JIKAN_BASE_URL"), (mal, "MAL_CLIENT_ID")])
def test_a_source_that_is_off_names_its_setting(settings, source, setting):
    setattr(settings, setting, "")
    with pytest.raises(NotConfigured, match=f"{setting} is not set"):
        source.connect()


def test_the_key_of_myanimelist_goes_with_each_question(settings):
    settings.MAL_CLIENT_ID = "a-key"
    with mal.connect() as client:
        assert client._http.headers["X-MAL-CLIENT-ID"] == "a-key"
