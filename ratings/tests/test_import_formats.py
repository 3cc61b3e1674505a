"""Every format by a small file of its shape."""

from datetime import UTC, date, datetime

import pytest

from catalog.etl.record import PartialDate
from ratings.importing.lists import anilist
from ratings.tests.exports import (
    as_json,
    entry,
    lines,
    mal,
    mal_xml,
    only_line,
    packed,
    read,
    reason,
)


def test_a_myanimelist_entry_is_read_with_all_it_says() -> None:
    file = mal_xml(
        entry(
            9_000_001,
            "Minato no Akari",
            series_type="TV",
            my_watched_episodes=7,
            my_start_date="2021-03-00",
            my_finish_date="0000-00-00",
            my_score=9,
            my_status="Watching",
            my_times_watched=2,
        )
    )
    found = read(file)
    assert found.source == "mal_xml"
    line = found.lines[0]
    assert (line.number, line.mal_id, line.title) == (1, 9_000_001, "Minato no Akari")
    assert (line.status, line.score, line.watched_episodes, line.rewatches) == ("watching", 9, 7, 2)
    assert (line.started_on, line.started_precision) == (date(2021, 3, 1), "month")
    assert (line.finished_on, line.finished_precision) == (None, "")
    assert line.said_at is None


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("Watching", "watching"),
        ("Completed", "completed"),
        ("On-Hold", "on_hold"),
        ("Dropped", "dropped"),
        ("Plan to Watch", "planned"),
        ("1", "watching"),
        ("2", "completed"),
        ("3", "on_hold"),
        ("4", "dropped"),
        ("6", "planned"),
        ("plan_to_watch", "planned"),
        ("on hold", "on_hold"),
        (" COMPLETED\t", "completed"),
        ("", ""),
    ],
)
def test_statuses_are_read_however_they_are_written(written: str, read_as: str) -> None:
    assert only_line(mal_xml(mal(9_000_001, status=written))).status == read_as


@pytest.mark.parametrize(
    ("written", "day", "precision"),
    [
        ("2021-03-04", date(2021, 3, 4), "day"),
        ("2021-03-00", date(2021, 3, 1), "month"),
        ("2021-00-00", date(2021, 1, 1), "year"),
        ("2021-13-01", date(2021, 1, 1), "year"),
        ("2021-02-30", date(2021, 2, 1), "month"),
        ("0000-00-00", None, ""),
        ("0001-01-01", None, ""),
        ("soon", None, ""),
        ("", None, ""),
    ],
)
def test_a_day_is_as_exact_as_the_file_has_it(
    written: str, day: date | None, precision: str
) -> None:
    line = only_line(mal_xml(mal(9_000_001, finish_date=written)))
    assert (line.finished_on, line.finished_precision) == (day, precision)


def test_the_packed_file_is_told_by_its_content(tmp_path) -> None:
    assert lines(packed(mal_xml(mal(9_000_001)))) == lines(mal_xml(mal(9_000_001)))


@pytest.mark.parametrize(
    "file",
    [
        mal_xml(mal(9_000_001, 8), header=""),
        mal_xml(mal(9_000_001, 8), header="<myinfo><user_total_anime>202</user_total_anime></myinfo>"),
        mal_xml(mal(9_000_001, 8)).replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + mal_xml(mal(9_000_001, 8)),
        b"\n\t " + mal_xml(mal(9_000_001, 8)),
        mal_xml(mal(9_000_001, 8)).replace(b"Title", b"Ti\x02\x00\x1ftle"),
        mal_xml(mal(9_000_001, 8)).decode().replace("UTF-8", "UTF-16").encode("utf-16"),
        mal_xml(mal(9_000_001, 8)).replace(b"Title", b"Title \xff\xfe"),
    ],
    ids=["no header", "lying totals", "CRLF", "BOM", "leading blanks", "control characters", "UTF-16", "broken letters"],
)  # fmt: skip
def test_oddly_written_files_are_read_all_the_same(file: bytes) -> None:
    line = only_line(file)
    assert (line.mal_id, line.score, line.status) == (9_000_001, 8, "completed")
    assert line.title.startswith("Title")


def test_control_characters_split_by_the_reading_of_pieces_are_gone_too() -> None:
    long = "x" * (64 * 1024 - 200)
    line = only_line(mal_xml(entry(9_000_001, f"\x01{long}\x02 end")))
    assert line.title.startswith("xxx")


def test_an_entry_of_the_old_format_needs_no_more_than_its_id() -> None:
    line = only_line(mal_xml("<anime><series_animedb_id>9000001</series_animedb_id></anime>"))
    assert (line.mal_id, line.status, line.score, line.problem) == (9_000_001, "", None, "")


def test_completed_with_no_episodes_says_nothing_of_episodes() -> None:
    completed, begun = lines(
        mal_xml(
            mal(9_000_001, watched_episodes=0), mal(9_000_002, 0, "Watching", watched_episodes=0)
        )
    )
    assert (completed.watched_episodes, begun.watched_episodes) == (None, 0)


def test_the_gdpr_file_of_anilist_is_read_where_anilist_tells_the_ids() -> None:
    file = as_json(
        {
            "user": {"name": "somebody", "email": "x@example.org"},
            "lists": [
                {
                    "series_id": 71,
                    "series_type": 0,
                    "status": 4,
                    "score": 85,
                    "progress": 3,
                    "repeat": 1,
                    "started_on": 20210300,
                    "finished_on": 0,
                    "updated_at": "2022-05-01 10:00:00",
                },
                {"series_id": 72, "series_type": 0, "status": 5, "score": 0},
                {"series_id": 73, "series_type": 1, "status": 2, "score": 100},
            ],
        }
    )
    found = read(file, to_mal_ids=lambda ids: {71: 9_000_001} if 71 in ids else {})
    first, second = found.lines
    assert (first.mal_id, first.status, first.score, first.rewatches) == (
        9_000_001,
        "on_hold",
        9,
        1,
    )
    assert (first.started_on, first.started_precision) == (date(2021, 3, 1), "month")
    assert first.said_at == datetime(2022, 5, 1, 10, tzinfo=UTC)
    assert "AniList's number 72" in second.problem
    assert found.notes == ["Left out: 1 manga."]


def test_the_gdpr_file_of_anilist_is_refused_where_nobody_tells_the_ids() -> None:
    file = as_json({"lists": [{"series_id": 71, "series_type": 0, "status": 2, "score": 50}]})
    assert "by asking AniList, which this site does not do" in reason(file)


def test_a_gdpr_file_with_manga_alone_is_refused() -> None:
    file = as_json({"lists": [{"series_id": 71, "series_type": 1, "status": 2, "score": 50}]})
    assert "no anime" in reason(file)


class AListOnAniList:
    """What AniList answers for one member."""

    def member_list(self, name):
        return [
            {
                "mal_id": 9_000_001,
                "title": "Minato no Akari",
                "status": "completed",
                "score": 74,
                "progress": 12,
                "repeat": 0,
                "started": {"year": 2020, "month": 5, "day": None},
                "completed": "2020-06-02",
                "updated_at": 1_600_000_000,
            },
            {
                "mal_id": None,
                "title": "Unlisted",
                "status": "PAUSED",
                "score": None,
                "started": PartialDate(date(2019, 1, 1), "year"),
                "updated_at": datetime(2021, 1, 1, tzinfo=UTC),
            },
        ]

    def mal_ids(self, anilist_ids):
        return {}


def test_a_list_by_name_on_anilist_becomes_lines() -> None:
    found = anilist.read_member("somebody", AListOnAniList())
    first, second = found.lines
    assert (first.mal_id, first.score, first.watched_episodes) == (9_000_001, 7, 12)
    assert (first.started_precision, first.finished_precision) == ("month", "day")
    assert first.said_at == datetime.fromtimestamp(1_600_000_000, UTC)
    assert (second.started_precision, second.said_at) == ("year", datetime(2021, 1, 1, tzinfo=UTC))
    assert (second.mal_id, second.title, second.status, second.score) == (None, "Unlisted", "on_hold", None)  # fmt: skip


def test_an_answer_of_anilists_api_is_read_each_title_once() -> None:
    one = {
        "status": "REPEATING",
        "score": 7,
        "progress": 2,
        "repeat": 1,
        "completedAt": {"year": 2022, "month": 12, "day": 28},
        "startedAt": {"year": None, "month": None, "day": None},
        "media": {"idMal": 9_000_001, "title": {"userPreferred": "Minato no Akari"}},
    }
    file = as_json({"data": {"anime": {"lists": [{"entries": [one]}, {"entries": [one], "isCustomList": True}]}}})  # fmt: skip
    line = only_line(file)
    assert (line.mal_id, line.status, line.score, line.rewatches) == (9_000_001, "completed", 7, 1)
    assert line.finished_on == date(2022, 12, 28)


def test_a_score_format_of_anilist_is_believed() -> None:
    lists = [{"entries": [{"score": 4, "media": {"idMal": 9_000_001}}]}]
    user = {"mediaListOptions": {"scoreFormat": "POINT_5"}}
    file = as_json({"data": {"MediaListCollection": {"user": user, "lists": lists}}})
    assert only_line(file).score == 8


def kitsu(twenty: object, mappings: list[dict], **attributes: object) -> bytes:
    said = {"status": "on_hold", "ratingTwenty": twenty, "progress": 3, **attributes}
    return as_json(
        {
            "data": [
                {
                    "id": "1",
                    "type": "libraryEntries",
                    "attributes": said,
                    "relationships": {"anime": {"data": {"type": "anime", "id": "5"}}},
                }
            ],
            "included": [
                {
                    "id": "5",
                    "type": "anime",
                    "attributes": {"canonicalTitle": "Minato no Akari"},
                    "relationships": {"mappings": {"data": [{"type": "mappings", "id": "70"}]}},
                },
                *mappings,
            ],
        }
    )


def test_a_kitsu_library_is_read_through_its_mappings() -> None:
    mapping = {
        "id": "70",
        "type": "mappings",
        "attributes": {"externalSite": "myanimelist/anime", "externalId": "9000001"},
    }
    line = only_line(kitsu(17, [mapping], startedAt="2023-08-01T00:00:00.000Z"))
    assert (line.mal_id, line.score, line.status) == (9_000_001, 9, "on_hold")
    assert line.started_on == date(2023, 8, 1)


def test_a_kitsu_title_without_a_mapping_goes_by_its_name() -> None:
    line = only_line(kitsu(None, []))
    assert (line.mal_id, line.title, line.score) == (None, "Minato no Akari", None)


def test_an_anime_planet_export_has_names_and_half_stars() -> None:
    def one(**said: object) -> dict[str, object]:
        return {"name": "Minato no Akari", "status": "watched", "rating": 4.5, "eps": 12, "times": 3, "started": "2020-01-05", "completed": None, **said}  # fmt: skip

    statuses = ["watching", "want to watch", "stalled", "dropped", "won't watch"]
    others = [one(name=f"Other {status}", status=status, rating=0) for status in statuses]
    first, *rest = lines(as_json({"user": {"name": "x"}, "entries": [one(), *others]}))
    assert (first.mal_id, first.title, first.score, first.rewatches) == (
        None,
        "Minato no Akari",
        9,
        2,
    )
    assert [line.status for line in rest[:-1]] == ["watching", "planned", "on_hold", "dropped"]
    assert [line.score for line in rest[:-1]] == [None] * 4
    assert "Not interested" in rest[-1].problem


def test_a_list_of_myanimelists_api_is_read_with_its_times() -> None:
    said = {
        "status": "plan_to_watch",
        "score": 0,
        "num_episodes_watched": 0,
        "num_times_rewatched": 0,
        "updated_at": "2022-12-28T19:21:04+00:00",
        "finish_date": "2021-02",
    }
    file = as_json({"data": [{"node": {"id": 9_000_001, "title": "A"}, "list_status": said}], "paging": {"next": "x"}})  # fmt: skip
    found = read(file)
    line = found.lines[0]
    assert (line.mal_id, line.status, line.score) == (9_000_001, "planned", None)
    assert line.said_at == datetime(2022, 12, 28, 19, 21, 4, tzinfo=UTC)
    assert line.finished_precision == "month"
    assert "one page of the list" in found.notes[0]


def test_the_sites_own_export_is_read() -> None:
    one = {
        "mal_id": 9_000_001,
        "title": "Minato no Akari",
        "status": "on_hold",
        "score": 8,
        "watched_episodes": 3,
        "started_on": "2021-03",
        "finished_on": None,
        "rewatches": 1,
        "rated_at": "2024-01-01T00:00:00+00:00",
    }
    line = only_line(as_json({"format": "animerec", "version": 1, "list": [one]}))
    assert (line.mal_id, line.status, line.score, line.watched_episodes) == (
        9_000_001,
        "on_hold",
        8,
        3,
    )
    assert (line.started_precision, line.rewatches) == ("month", 1)
    assert line.said_at == datetime(2024, 1, 1, tzinfo=UTC)


def test_the_sites_own_export_is_read_however_much_else_it_tells() -> None:
    """Every line of every import of a member is in it, which is more than the list itself."""
    titles = [{"mal_id": 9_000_000 + number, "score": 5} for number in range(1, 2001)]
    more = {"ratings.listimportline": [{"title": "x" * 1000}] * 20_000}
    export = {"format": "animerec", "version": 1, "list": titles, "more": more}
    assert len(lines(packed(as_json(export)))) == 2000
    del export["more"]
    assert len(lines(as_json(export))) == 2000


@pytest.mark.parametrize(
    "file",
    [
        b"mal_id,score,status\n9000001,8,completed\n",
        b"\xef\xbb\xbfAnime ID;My Score;My Status\r\n9000001;8;2\r\n",
        "anime_id\trating\twatching_status\n9000001\t8\t2\n".encode("utf-16"),
        b'title,series_animedb_id,my_score,my_status\n"One, two",9000001,8.0,Completed\n\n',
        b"score|status|mal_id\n8|Watched|9000001",
        b"mal_id,score,status\r9000001,8,completed\r",
    ],
    ids=["plain", "semicolons and BOM", "tabs and UTF-16", "quotes", "bars", "old line ends"],
)
def test_tables_are_read_whatever_separates_and_names_their_columns(file: bytes) -> None:
    line = only_line(file)
    assert (line.mal_id, line.score, line.status) == (9_000_001, 8, "completed")


def test_a_table_in_the_letters_of_a_spreadsheet_is_read() -> None:
    assert only_line("title,score\nPokémon été,8\n".encode("cp1252")).title == "Pokémon été"


def test_a_table_of_titles_alone_is_a_list() -> None:
    found = read(b"Title\nMinato no Akari\nAme no Arubamu\n")
    assert [line.title for line in found.lines] == ["Minato no Akari", "Ame no Arubamu"]
    assert "2 titles have no status" in found.notes[0]


def test_the_last_of_two_lines_about_one_title_counts_and_the_other_says_so() -> None:
    first, _, last = lines(mal_xml(mal(9_000_001, 5), mal(9_000_002, 6), mal(9_000_001, 9)))
    assert "again as number 3" in first.problem
    assert (last.problem, last.score) == ("", 9)


def test_titles_of_one_name_that_the_file_tells_apart_are_two() -> None:
    table = "title,year,type,score", "Well,2001,TV,7", "Well,2019,TV,9", "Well,2019,tv,8"
    found = lines("\n".join(table).encode())
    assert [line.score for line in found if not line.problem] == [7, 8]
