"""A member's own list from AniList, over a real local server that speaks its shape."""

import json
import threading
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from catalog.etl.record import PartialDate
from catalog.etl.sources import anilist
from catalog.etl.sources.live import NotConfigured
from catalog.tests.conftest import QUICK


class AniList:
    """Answers in turn; keeps what it was asked."""

    def __init__(self, *answers):
        self.answers, self.asked = list(answers), []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.asked.append((json.loads(body), dict(self.headers)))
                status, told = outer.answers.pop(0) if len(outer.answers) > 1 else outer.answers[0]
                sent = told.encode() if isinstance(told, str) else json.dumps(told).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(sent)))
                self.end_headers()
                self.wfile.write(sent)

            def log_message(self, *args):
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.http.serve_forever, daemon=True).start()
        self.address = f"http://127.0.0.1:{self.http.server_address[1]}"


@pytest.fixture
def client(settings):
    """Starts a server with the answers, and a client of it."""
    open_now = []

    def start(*answers):
        server = AniList(*answers)
        settings.ANILIST_URL, settings.ANILIST_RATE = server.address, 1000
        asking = anilist.connect(QUICK)
        open_now.append((server, asking))
        return asking, server

    yield start
    for server, asking in open_now:
        asking.close()
        server.http.shutdown()
        server.http.server_close()


def entry(number, mal_id=None, **said):
    return {
        "mediaId": number,
        "status": "COMPLETED",
        "media": {"id": number, "idMal": mal_id},
        **said,
    }


def lists(*groups, more=False):
    told = {"hasNextChunk": more, "lists": list(groups)}
    return 200, {"data": {"MediaListCollection": told}}


def group(*entries, custom=False):
    return {"isCustomList": custom, "entries": list(entries)}


def test_a_list_is_read_with_all_that_an_entry_tells(client):
    asking, server = client(
        lists(
            group(
                entry(
                    1, 9_000_001, score=85, progress=12, repeat=2, updatedAt=1_700_000_000,
                    startedAt={"year": 2020, "month": 5, "day": None},
                    completedAt={"year": 2021, "month": None, "day": None},
                )
            )
        )
    )  # fmt: skip
    [title] = anilist.member_list(asking, " keen ")
    assert (title.anilist_id, title.mal_id, title.status, title.score) == (
        1,
        9_000_001,
        "COMPLETED",
        85,
    )
    assert (title.progress, title.repeat) == (12, 2)
    assert title.started == PartialDate(date(2020, 5, 1), "month")
    assert title.completed == PartialDate(date(2021, 1, 1), "year")
    assert title.updated_at == datetime.fromtimestamp(1_700_000_000, UTC)
    question, headers = server.asked[0]
    assert question["variables"] == {"name": "keen", "chunk": 1, "size": 500}
    assert "notes" not in question["query"]
    assert headers["Referer"].startswith("http")
    assert headers["User-Agent"].startswith("animerec/")


def test_a_title_in_lists_of_the_members_own_is_told_once_and_one_only_there_is_kept(client):
    asking, _ = client(
        lists(
            group(entry(1, 9_000_001, score=10), entry(2, 9_000_002), custom=True),
            group(entry(1, 9_000_001, score=85)),
        )
    )
    titles = {title.mal_id: title.score for title in anilist.member_list(asking, "keen")}
    assert titles == {9_000_001: 85, 9_000_002: None}


def test_a_long_list_comes_in_parts(client):
    asking, server = client(lists(group(entry(1)), more=True), lists(group(entry(2))))
    assert [title.anilist_id for title in anilist.member_list(asking, "keen")] == [1, 2]
    assert [question["variables"]["chunk"] for question, _ in server.asked] == [1, 2]


def test_a_server_that_never_ends_is_left(client):
    asking, server = client(lists(group(entry(1)), more=True))
    assert len(anilist.member_list(asking, "keen")) == 1
    assert len(server.asked) < 30


def test_an_empty_list_is_a_list(client):
    assert anilist.member_list(client(lists())[0], "keen") == []


def test_unscored_is_not_zero_and_nonsense_is_nothing(client):
    asking, _ = client(
        lists(
            group(
                entry(1, "x", score=0, progress=-3, repeat="often", updatedAt=0),
                entry(2, 2**40, score=900, startedAt={"year": 2020, "month": 13}),
                {"status": "COMPLETED"},
                "junk",
            )
        )
    )
    first, second = anilist.member_list(asking, "keen")
    assert (first.mal_id, first.score, first.progress, first.repeat, first.updated_at) == (
        None,
        None,
        0,
        0,
        None,
    )
    assert (second.mal_id, second.score, second.started) == (None, None, None)


def error(status, message, http=None):
    return http or status, {"data": None, "errors": [{"message": message, "status": status}]}


@pytest.mark.parametrize(
    "answer",
    [error(404, "User not found"), error(404, "User not found", 200), error(403, "Private User")],
)
def test_a_member_who_is_not_there_or_private_is_told_in_one_sentence(client, answer):
    asking, server = client(answer)
    with pytest.raises(anilist.ListUnavailable, match=r"AniList has no public list of that name\."):
        anilist.member_list(asking, "keen")
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (error(403, "The API has been temporarily disabled"), "takes no questions now"),
        (error(500, "Internal"), "does not answer"),
        (error(429, "Too Many Requests."), "does not answer"),
        ((200, "<html>"), "does not answer"),
        ((200, {"data": {"MediaListCollection": None}}), "does not answer"),
        (error(400, "Validation"), "does not answer"),
    ],
)
def test_trouble_of_anilist_is_told_as_such(client, answer, said):
    with pytest.raises(anilist.ListUnavailable, match=said):
        anilist.member_list(client(answer)[0], "keen")


def test_private_lists_do_not_make_anilist_look_ill(client):
    asking, server = client(error(403, "Private User"))
    for _ in range(12):
        with pytest.raises(anilist.ListUnavailable, match="no public list"):
            anilist.member_list(asking, "keen")
    assert len(server.asked) == 12


@pytest.mark.parametrize("name", ["", "  ", "x" * 41])
def test_what_is_no_name_is_not_asked_for(client, name):
    asking, server = client(lists())
    with pytest.raises(anilist.ListUnavailable, match="not the name"):
        anilist.member_list(asking, name)
    assert server.asked == []


def media(*pairs):
    told = [{"id": number, "idMal": mal_id} for number, mal_id in pairs]
    return 200, {"data": {"Page": {"media": told}}}


def test_numbers_are_asked_for_fifty_at_a_time(client):
    asking, server = client(media((1, 9_000_001), (2, None)), media((60, 9_000_060)))
    assert anilist.mal_ids_of(asking, range(1, 61)) == {1: 9_000_001, 60: 9_000_060}
    assert [len(question["variables"]["ids"]) for question, _ in server.asked] == [50, 10]
    assert "id_in: $ids" in server.asked[0][0]["query"]


def test_of_several_parts_of_one_title_the_first_is_its_number(client):
    asking, server = client(media((7, 9_000_001), (3, 9_000_001)))
    assert anilist.anilist_ids_of(asking, [9_000_001]) == {9_000_001: 3}
    assert "idMal_in: $ids" in server.asked[0][0]["query"]


def test_anilist_is_off_until_it_is_named(settings):
    settings.ANILIST_URL = ""
    with pytest.raises(NotConfigured, match="ANILIST_URL"):
        anilist.connect()
