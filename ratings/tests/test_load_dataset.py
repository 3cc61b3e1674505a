"""`manage.py load_dataset`: what comes in, what is refused, what the operator reads."""

import gzip
import io

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from catalog.models import Anime, ImportRun
from ratings.importing import blocks
from ratings.importing.loading import _Loader
from ratings.models import User, UserAnimeRating

pytestmark = pytest.mark.django_db

ORCHARD, LANTERN, NOWHERE = 9_000_001, 9_000_002, 9_000_009
CATALOGUE = f"""anime_id,name,genre,type,episodes,rating,members
{ORCHARD},Glass Orchard,Drama,TV,12,7.5,900
{LANTERN},Lantern &amp; Tide,"Drama, Kids",Movie,1,8.1,400
"""
RATINGS = f"""user_id,anime_id,rating
1,{ORCHARD},8
1,{LANTERN},-1
2,{ORCHARD},10
"""


def write(folder, **files):
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text)
    return folder


def load(*folders, **options):
    out = io.StringIO()
    call_command("load_dataset", *map(str, folders), stdout=out, stderr=io.StringIO(), **options)
    return out.getvalue()


def refused(*folders):
    """The one line with which the command ends, and its exit status."""
    with pytest.raises(CommandError) as end:
        load(*folders)
    assert "\n" not in str(end.value)
    return str(end.value), end.value.returncode


def lines():
    rows = UserAnimeRating.objects.order_by("user__external_id", "anime")
    return list(rows.values_list("user__external_id", "anime", "score", "status"))


def lists_as_they_are():
    """Everything of the lists, keys and versions too: nothing may be written again."""
    members = User.objects.order_by("pk").values_list("pk", "username", "list_version")
    return list(members), list(UserAnimeRating.objects.order_by("pk").values_list())


def test_a_dataset_comes_in(tmp_path):
    load(write(tmp_path, anime=CATALOGUE, rating=RATINGS))
    assert Anime.objects.get(pk=LANTERN).title == "Lantern & Tide"
    assert lines() == [
        (1, ORCHARD, 8, "completed"),
        (1, LANTERN, None, "completed"),
        (2, ORCHARD, 10, "completed"),
    ]


def test_members_have_a_number_and_no_way_in(tmp_path):
    load(write(tmp_path, rating=RATINGS))
    member = User.objects.get(external_id=1)
    assert (member.origin, member.username) == ("cooperunion", "cooperunion-1")
    assert not member.has_usable_password()
    assert member.is_public


def test_loading_twice_changes_nothing(tmp_path):
    folder = write(tmp_path, anime=CATALOGUE, rating=RATINGS)
    load(folder)
    before = lists_as_they_are()
    report = load(folder).splitlines()
    assert [line.split()[1:] for line in report[1:]] == [
        ["2", "0", "0", "2", "0"],
        ["3", "0", "0", "3", "0"],
    ]
    assert lists_as_they_are() == before


def test_a_changed_row_is_updated_and_only_that_list_counts_as_changed(tmp_path):
    load(write(tmp_path, rating=RATINGS))
    load(write(tmp_path, rating=RATINGS.replace(f"2,{ORCHARD},10", f"2,{ORCHARD},4")))
    assert lines()[-1] == (2, ORCHARD, 4, "completed")
    versions = User.objects.order_by("external_id").values_list("list_version", flat=True)
    assert list(versions) == [1, 2]


def test_a_row_added_to_the_file_joins_the_list(tmp_path):
    load(write(tmp_path, rating=RATINGS))
    report = load(write(tmp_path, rating=RATINGS + f"2,{LANTERN},6\n")).splitlines()
    assert report[1].split() == ["rating.csv", "4", "1", "0", "3", "0"]


def test_titles_in_no_catalogue_wait_as_stubs_until_one_describes_them(tmp_path):
    load(write(tmp_path, rating=f"user_id,anime_id,rating\n1,{ORCHARD},8\n"))
    assert Anime.objects.get(pk=ORCHARD).is_stub
    load(write(tmp_path, anime=CATALOGUE))
    assert not Anime.objects.get(pk=ORCHARD).is_stub
    assert lines() == [(1, ORCHARD, 8, "completed")]


def test_a_row_given_twice_counts_as_the_last_one_says(tmp_path):
    rows = f"1,{ORCHARD},8\n1,{LANTERN},5\n1,{ORCHARD},3\n"
    report = load(write(tmp_path, rating="user_id,anime_id,rating\n" + rows))
    assert lines() == [(1, ORCHARD, 3, "completed"), (1, LANTERN, 5, "completed")]
    assert "1 rows of a member and title that the file has again" in report


def test_2020_lists_keep_status_and_episodes(tmp_path):
    header = "user_id,anime_id,rating,watching_status,watched_episodes\n"
    rows = (
        f"0,{ORCHARD},0,6,0\n0,{LANTERN},9,2,12\n1,{ORCHARD},0,4,3\n1,{LANTERN},0,33,5\n"
        f"2,{ORCHARD},0,33,0\n"
    )
    report = load(write(tmp_path, animelist=header + rows))
    assert lines() == [
        (0, ORCHARD, None, "planned"),
        (0, LANTERN, 9, "completed"),
        (1, ORCHARD, None, "dropped"),
        (1, LANTERN, None, "completed"),
        (2, ORCHARD, None, "planned"),
    ]
    assert UserAnimeRating.objects.get(user__external_id=0, anime=LANTERN).watched_episodes == 12
    assert "2 watching_status 33 is unknown" in report


def test_completed_ratings_beside_whole_lists_are_left_out_and_it_is_said(tmp_path):
    lists = f"user_id,anime_id,rating,watching_status,watched_episodes\n0,{ORCHARD},9,2,12\n"
    completed = f"user_id,anime_id,rating\n0,{ORCHARD},9\n"
    report = load(write(tmp_path, animelist=lists, rating_complete=completed))
    assert "left out rating_complete.csv: every row of it is in animelist.csv" in report
    assert User.objects.get().origin == "mal2020"


def test_completed_ratings_alone_take_no_episodes_away(tmp_path):
    lists = f"user_id,anime_id,rating,watching_status,watched_episodes\n0,{ORCHARD},9,2,12\n"
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    other.mkdir()
    load(write(one, animelist=lists))
    load(write(other, rating_complete=f"user_id,anime_id,rating\n0,{ORCHARD},8\n"))
    entry = UserAnimeRating.objects.get()
    assert (entry.score, entry.watched_episodes) == (8, 12)


def test_2023_scores_come_without_the_members_names(tmp_path):
    header = "user_id,Username,anime_id,Anime Title,rating\n"
    rows = f'5,null,{ORCHARD},"Glass, ""broken"" Orchard",7\n6,Xinil,{LANTERN},Lantern,9\n'
    load(write(tmp_path, **{"users-score-2023": header + rows}))
    assert [line[:3] for line in lines()] == [(5, ORCHARD, 7), (6, LANTERN, 9)]
    assert not User.objects.filter(username__icontains="xinil").exists()


def test_columns_may_come_in_any_order_and_files_may_have_any_name(tmp_path):
    load(write(tmp_path, whatever=f"rating,user_id,anime_id\n8,1,{ORCHARD}\n"))
    assert lines() == [(1, ORCHARD, 8, "completed")]


def test_a_gzipped_file_with_a_byte_order_mark_and_windows_lines_is_read(tmp_path):
    text = "\ufeff" + RATINGS.replace("\n", "\r\n")
    (tmp_path / "rating.csv").write_bytes(gzip.compress(text.encode()))
    load(tmp_path)
    assert len(lines()) == 3


def test_other_files_are_named_and_left_alone(tmp_path):
    write(tmp_path, rating=RATINGS, watching_status="status, description\n1,Watching\n")
    (tmp_path / "notes.txt").write_text("hello")
    (tmp_path / "table.parquet").write_bytes(b"PAR1\x00\xff\xfe")
    report = load(tmp_path)
    for name in ("watching_status.csv", "notes.txt", "table.parquet"):
        assert f"left out {name}" in report


def test_a_run_leaves_its_record(tmp_path):
    load(write(tmp_path, anime=CATALOGUE, rating=RATINGS))
    run = ImportRun.objects.get()
    assert (run.state, run.source, run.subject) == ("done", "cooperunion", "anime.csv, rating.csv")
    assert run.counts["loaded"] == 5
    assert run.cursor == "rating.csv line 4"


@pytest.mark.parametrize("size", [30, 3_000_000])
@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        (f"3,{ORCHARD},11", "rating: '11' is not -1 or 1 to 10"),
        (f"3,{ORCHARD},0", "rating: '0' is not -1 or 1 to 10"),
        (f"3,{ORCHARD},good", "rating: 'good' is not -1 or 1 to 10"),
        (f"3,{ORCHARD},7.5", "rating: '7.5' is not -1 or 1 to 10"),
        (f"3,{ORCHARD},", "rating: missing"),
        (f"3,{ORCHARD}", "rating: missing"),
        ("3,-7,8", "anime_id: '-7' is not a title's id from 1 to 2147483647"),
        ("3,3000000000,8", "anime_id: '3000000000' is not a title's id from 1 to 2147483647"),
        (f"-3,{ORCHARD},8", "user_id: '-3' is not a member's number"),
        (f"99999999999999999999,{ORCHARD},8", "user_id: '99999999999999999999' is not a member's"),
        (f"3,{ORCHARD},8,9", "row: '9' is not the end after 3 fields"),
        (f"3,{ORCHARD},8,,", "row: '' is not the end after 3 fields"),
        (f'3,{ORCHARD},"8', "row: "),
        ("rubbish", "user_id: 'rubbish' is not a member's number"),
    ],
)
def test_a_bad_row_is_named_and_all_others_are_loaded(tmp_path, monkeypatch, size, row, complaint):
    monkeypatch.setattr(blocks, "BLOCK_BYTES", size)
    message, status = refused(write(tmp_path, rating=f"{RATINGS}{row}\n4,{LANTERN},5\n"))
    wanted = f"rating.csv line 5: {complaint}"
    assert message.startswith(wanted)
    assert status == 2
    assert len(lines()) == 4
    assert ImportRun.objects.get().errors[0].startswith(wanted)


def test_several_bad_rows_are_counted_by_reason(tmp_path, capsys):
    out = io.StringIO()
    rows = f"3,{ORCHARD},11\n3,{LANTERN},12\n3,x,1\n"
    with pytest.raises(CommandError, match=r"line 5: rating: '11' .* \(and 2 more\)"):
        call_command("load_dataset", str(write(tmp_path, rating=RATINGS + rows)), stdout=out)
    assert "rejected 2: rating is not -1 or 1 to 10" in out.getvalue()
    assert "rejected 1: anime_id is not a title's id" in out.getvalue()


def test_a_bad_row_of_a_catalogue_is_named_too(tmp_path):
    text = CATALOGUE + "oops,No Number,Drama,TV,12,7,1\n9000005,Late Bloom,Drama,TV,x,7,1\n"
    message, status = refused(write(tmp_path, anime=text))
    assert message.startswith(
        "anime.csv line 4: anime_id: 'oops' is not a whole number (and 1 more)"
    )
    assert status == 2
    assert Anime.objects.count() == 2


def test_too_many_bad_rows_stop_the_run(tmp_path):
    message, status = refused(write(tmp_path, rating=RATINGS + f"1,{ORCHARD},99\n" * 1500))
    assert message.startswith(
        "rating.csv line 5: rating: '99' is not -1 or 1 to 10; more than 1,000"
    )
    assert status == 2
    assert ImportRun.objects.get().state == "failed"


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "rating.csv: is empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "rating.csv line 1: is not UTF-8 text"),
        (b"user_id,anime_id,rating\n1,2,3\n1,\x00,3\n", "rating.csv line 3: holds a NUL byte"),
        (b"user_id,anime_id,rating\n1,2,3\n1,\xff\xfe,3\n", "rating.csv line 3: is not UTF-8 text"),
        (b"user_id,anime_id,score\n1,2,3\n", "rating.csv line 1: rating: column is missing"),
        (b"1,20,8\n1,21,9\n", "rating.csv line 1: anime_id, rating, user_id: columns are missing"),
        (gzip.compress(RATINGS.encode() * 50, mtime=0)[:-20], "rating.csv after line"),
        (
            gzip.compress(RATINGS.encode(), mtime=0)[:8],
            "rating.csv after line 0: the gzip file is cut off",
        ),
        (b"user_id,anime_id,rating\n" + b"1" * 2_000_000, "rating.csv line 2: is longer than"),
    ],
)
def test_what_is_no_table_stops_the_run_in_one_line(tmp_path, content, complaint):
    (tmp_path / "rating.csv").write_bytes(content)
    message, status = refused(tmp_path)
    assert message.startswith(complaint)
    assert status == 2


def test_a_catalogue_cut_off_inside_a_quoted_field_is_refused(tmp_path):
    text = CATALOGUE + '9000005,"Late Bl'
    message, status = refused(write(tmp_path, anime=text))
    assert message.startswith("anime.csv line 4: a quoted field begins here and never ends")
    assert status == 2


def test_a_missing_directory_is_named(tmp_path):
    message, status = refused(tmp_path / "nowhere")
    assert message.endswith("nowhere: there is no such directory")
    assert status == 2


def test_a_directory_with_nothing_to_load_says_so(tmp_path):
    message, status = refused(tmp_path)
    assert message.endswith("no file in it has the columns of a known dataset")
    assert status == 2


def test_a_file_in_place_of_a_directory_is_told_apart(tmp_path):
    write(tmp_path, rating=RATINGS)
    message, _ = refused(tmp_path / "rating.csv")
    assert message.endswith("rating.csv: is a file; name the directory that holds it")


def test_what_was_rolled_back_does_not_count_as_loaded(tmp_path, monkeypatch):
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 30)
    write_row, written = _Loader.load, []

    def fill_the_disk(loader, entries, report):
        write_row(loader, entries, report)
        written.append(len(entries))
        if len(written) == 3:
            raise OperationalError("database or disk is full")

    monkeypatch.setattr(_Loader, "load", fill_the_disk)
    rows = "".join(f"{member},{ORCHARD},5\n" for member in range(9))
    message, status = refused(write(tmp_path, rating="user_id,anime_id,rating\n" + rows))
    assert message.startswith("the database, after rating.csv line ")
    assert "database or disk is full (what was loaded stays; run it again to go on)" in message
    assert status == 2
    assert ImportRun.objects.get().counts["loaded"] == len(lines()) == sum(written[:2])


def test_ctrl_c_ends_with_one_line_and_its_own_status(tmp_path, monkeypatch):
    def interrupt(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(_Loader, "load", interrupt)
    message, status = refused(write(tmp_path, rating=RATINGS))
    assert message == "interrupted; run it again to go on"
    assert status == 130
    assert ImportRun.objects.get().state == "failed"


def test_several_directories_enrich_one_catalogue(tmp_path):
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    other.mkdir()
    write(one, anime=CATALOGUE)
    write(other, anime=f"MAL_ID,Name,Genres,sypnopsis\n{ORCHARD},Glass Orchard,Kids,Glass trees.\n")
    report = load(other, one)
    assert "one/anime.csv" in report
    anime = Anime.objects.get(pk=ORCHARD)
    assert (anime.synopsis, anime.type, anime.genres.count()) == ("Glass trees.", "tv", 2)


def test_either_half_can_be_left_out(tmp_path):
    folder = write(tmp_path, anime=CATALOGUE, rating=RATINGS)
    load(folder, no_ratings=True)
    assert (Anime.objects.count(), User.objects.count()) == (2, 0)
    load(folder, no_catalogue=True)
    assert User.objects.count() == 2


@pytest.mark.parametrize("size", [40, 200, 3_000_000])
def test_the_size_of_the_blocks_makes_no_difference(tmp_path, monkeypatch, size):
    monkeypatch.setattr(blocks, "BLOCK_BYTES", size)
    rows = [
        f"{user},{ORCHARD + title},{(user + title) % 10 + 1}"
        for user in range(9)
        for title in range(7)
    ]
    load(write(tmp_path, rating="user_id,anime_id,rating\n" + "\n".join(rows)))
    assert len(lines()) == 63
    assert set(User.objects.values_list("list_version", flat=True)) == {1}
