"""What is no list is refused in a sentence; what is no line is counted with its reason."""

import gzip
import io
import zlib

import pytest

from ratings.importing.lists.line import MOST_LINES
from ratings.tests.exports import as_json, entry, lines, mal, mal_xml, packed, read, reason

BOMB = b"""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;">]>
<myanimelist><anime><series_title>&lol2;</series_title></anime></myanimelist>"""
EXTERNAL = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY file SYSTEM "file:///etc/passwd">]>
<myanimelist><anime><series_title>&file;</series_title></anime></myanimelist>"""
ELSEWHERE = b"""<?xml version="1.0"?><!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd"><myanimelist></myanimelist>"""
MANGA = mal_xml("<manga><manga_mangadb_id>9</manga_mangadb_id></manga>", header="")
MANGA_HEADER = mal_xml(header="<myinfo><user_export_type>2</user_export_type></myinfo>")


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (b"", "The file is empty."),
        (b"  \n\t ", "The file is empty."),
        (BOMB, "declares a document type"),
        (EXTERNAL, "declares a document type"),
        (ELSEWHERE, "declares a document type"),
        (b"%PDF-1.7\n%\xe2\xe3", "This is a PDF"),
        (b"PK\x03\x04rest", "Unpack it and send the file inside"),
        (b"\x89PNG\r\n\x1a\n", "This is a picture"),
        (MANGA, "This is a list of manga"),
        (MANGA_HEADER, "This is a list of manga"),
        (mal_xml(), "holds no titles"),
        (mal_xml(mal(9_000_001))[:-30], "cut off or damaged at line"),
        (b"<html><body>Sign in</body></html>", "This is a web page"),
        (b"<!doctype html><html><p>Sign in<br></html>", "This is a web page"),
        (b"<rss><channel></channel></rss>", "not a list exported from MyAnimeList"),
        (packed(mal_xml(mal(9_000_001)))[:-12], "cut off or damaged"),
        (b"\x1f\x8bnot really", "cut off or damaged"),
        (packed(packed(mal_xml(mal(9_000_001)))), "packed twice"),
        (b"{", "cut off or damaged"),
        (b'{"data": [', "cut off or damaged"),
        (b"[1, 2]", "none of the lists that can be read here"),
        (b'{"data": []}', "none of the lists that can be read here"),
        (b"[" * 200_000, "JSON that no list site writes"),
        # A small packed file that would take half a gigabyte once it is read.
        (packed(b'{"entries":[' + b"{}," * 2_000_000 + b"{}]}"), "JSON that no list site writes"),
        (b'{"lists": []}', "holds no titles"),
        (b'{"entries": []}', "holds no titles"),
        (as_json({"format": "animerec", "version": 2, "list": []}), "newer version"),
        (as_json({"entries": [{"name": "A", "status": "want to read"}]}), "This is a list of manga"),
        (b"hello, world\n1,2\n", "must begin with a line that names its columns"),
        (b"mal_id,score\n", "holds no titles"),
        (b"user_id,anime_id,rating\n1,9000001,8\n2,9000001,7\n", "lists of several members"),
        (bytes(range(256)) * 20, "none of the files that can be read here"),
        (b"0" * 200_000, "none of the files that can be read here"),
    ],
)  # fmt: skip
def test_what_is_no_list_is_refused_in_a_sentence(file: bytes, said: str) -> None:
    assert said in reason(file)


def test_a_file_over_five_megabytes_is_refused() -> None:
    assert "larger than 5 MB" in reason(mal_xml(mal(9_000_001), " " * (5 << 20)))


def test_a_gzip_bomb_is_refused_before_it_is_unpacked() -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    begun = packer.compress(b"<myanimelist>")
    bomb = begun + b"".join(packer.compress(b" " * (1 << 20)) for _ in range(300)) + packer.flush()
    assert len(bomb) < 1 << 20
    assert "unpacks to more than 50 MB" in reason(bomb)


def test_a_table_that_unpacks_to_far_too_much_is_refused() -> None:
    assert "unpacks to more than 16 MB" in reason(gzip.compress(b"title\n" + b"a\n" * (9 << 20)))


@pytest.mark.parametrize(
    "file",
    [
        "<myanimelist><anime>" + "<a/>" * 300 + "</anime></myanimelist>",
        "<myanimelist>" + "<a>" * 50 + "</a>" * 50 + "</myanimelist>",
    ],
    ids=["wide", "deep"],
)
def test_xml_of_a_shape_that_nobody_writes_is_refused(file: str) -> None:
    assert "shape that no list site writes" in reason(file.encode())


def test_thirty_thousand_titles_are_read_and_one_more_is_not() -> None:
    rows = "".join(f"{9_000_000 + number},5\n" for number in range(MOST_LINES))
    assert len(lines(f"mal_id,score\n{rows}".encode())) == MOST_LINES
    assert "more than 30,000 titles" in reason(f"mal_id,score\n{rows}9999999,5\n".encode())


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (mal(9_000_001, 11), "The score “11” is not from 1 to 10."),
        (mal(9_000_001, -3), "The score “-3” is not from 1 to 10."),
        (mal(9_000_001, "ten"), "The score “ten” is no number."),
        (mal(9_000_001, "１０" * 200), "is no number."),
        (mal(9_000_001, 8, "Sleeping"), "The status “Sleeping” is not known here."),
        (mal(9_000_001, 8, "5"), "The status “5” is not known here."),
        (mal(0, 8), "“0” is no MyAnimeList id."),
        (mal(2**31, 8), "is no MyAnimeList id."),
        (mal("9" * 400, 8), "is no MyAnimeList id."),
        (mal("nine", 8), "“nine” is no MyAnimeList id."),
        (entry("", "", my_score=8), "It has neither an id nor a title."),
    ],
)
def test_a_line_that_cannot_be_right_has_its_reason_and_stops_nothing(bad: str, said: str) -> None:
    wrong, right = lines(mal_xml(bad, mal(9_000_002, 8)))
    assert said in wrong.problem
    assert len(wrong.problem) <= 200
    assert (right.problem, right.score) == ("", 8)


def test_a_table_with_broken_rows_keeps_the_others() -> None:
    file = b'mal_id,score,status\n9000001\n9000002,eleven,completed\n,,\n9000003,7,"dropped"\n'
    short, wrong, right = lines(file)
    assert (short.problem, short.score) == ("", None)
    assert "eleven" in wrong.problem
    assert (right.mal_id, right.status) == (9_000_003, "dropped")


@pytest.mark.parametrize(
    "content",
    [
        {"data": [{"type": "libraryEntries"}]},
        {"data": [{"type": "libraryEntries", "attributes": [], "relationships": 7}]},
        {"data": [{"node": None, "list_status": 3}]},
        {"data": [{"node": {"id": {}}, "list_status": {"score": [], "status": {}}}]},
        {"entries": [{"name": [], "status": 4, "rating": "x", "times": {}}]},
        {"format": "animerec", "version": 1, "list": [{"mal_id": 10**400, "score": float("inf")}]},
        {"format": "animerec", "version": 1, "list": [{"mal_id": True, "title": "\ud800\0"}]},
        {"data": {"x": {"lists": [{"entries": [{"mediaId": [], "media": 3}]}]}}},
    ],
)
def test_json_of_the_right_shape_with_nonsense_in_it_becomes_lines_with_reasons(
    content: dict,
) -> None:
    assert all(line.problem for line in read(as_json(content)).lines)


def test_nothing_is_read_of_a_stream_beyond_what_may_be_sent() -> None:
    class Endless(io.RawIOBase):
        given = 0

        def read(self, size: int = -1) -> bytes:
            self.given += size
            return b"<" * size

    from catalog.etl.reports import Unreadable
    from ratings.importing.lists.recognising import read_list

    stream = Endless()
    with pytest.raises(Unreadable):
        read_list(stream)
    assert stream.given < 6 << 20
