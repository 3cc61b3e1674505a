"""Sockets: who may hold one, what it tells, and what it does with whoever means harm."""

import io
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import transaction
from django.test import Client
from pytest_django import Settings
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from animerec.asgi import application, requests
from catalog.models import Anime, ImportRun, RunState
from conftest import FIRST_ID
from ratings.importing.lists import previewing, running
from ratings.models import AccessToken, ListImport, User
from ratings.tests.keys import key_of
from recommender.live import hub
from recommender.live.visitor import THREADS
from tests.running import close_connections_of, free_port, served_here

pytestmark = pytest.mark.django_db(transaction=True)

Opened = Callable[..., ClientConnection]
PATIENCE = 10


@pytest.fixture
def site(transactional_db: None) -> Iterator[str]:
    with served_here(application) as site:
        yield site
    for threads in (THREADS, requests.executor):
        close_connections_of(threads)


@pytest.fixture
def opened(site: str) -> Iterator[Opened]:
    """Open a socket as whoever the headers say; all are closed afterwards."""
    with ExitStack() as sockets:

        def open_(query: str = "", path: str = "/ws/recommendations/", **headers: str) -> Any:
            address = f"{site.replace('http', 'ws')}{path}{'?' if query else ''}{query}"
            socket = connect(address, additional_headers=headers, compression=None)
            return sockets.enter_context(socket)

        yield open_
    wait_until(lambda: not hub.hub.sockets)


def wait_until(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not is_so() and time.monotonic() < until:
        time.sleep(0.01)
    assert is_so()


def with_key(member: User, **more: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key_of(member, **more)}"}


def heard(socket: ClientConnection, kind: str) -> Any:
    """The next message of that kind; others before it are let pass."""
    while True:
        said = json.loads(socket.recv(PATIENCE))
        if said["type"] == kind:
            return said


def refused(opened: Opened, *args: str, **headers: str) -> tuple[int, dict[str, Any]]:
    with pytest.raises(InvalidStatus) as caught:
        opened(*args, **headers)
    answer = caught.value.response
    return answer.status_code, json.loads(answer.body or b"{}")


def closing(socket: ClientConnection) -> int:
    """The code it is closed with, whatever it says before."""
    with suppress(ConnectionClosed):
        while True:
            # A socket that is held on to is a TimeoutError.
            socket.recv(PATIENCE)
    return socket.close_code or 0


def talk_on(socket: ClientConnection) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        socket.send("x")


def ids(said: Any) -> list[int]:
    return [one["anime"]["mal_id"] for one in said["recommendations"]["results"]]


def list_of(*titles: int) -> io.BytesIO:
    rows = "".join(f"\n{FIRST_ID + title},completed,8" for title in titles)
    return io.BytesIO(f"mal_id,status,score{rows}".encode())


# What it tells


def test_a_rating_made_anywhere_brings_the_new_list(opened: Opened, keen: User) -> None:
    key = with_key(keen)
    socket = opened("top_n=3", **key)
    before = heard(socket, "recommendations")
    first = ids(before)[0]
    rated = Client(headers={"authorization": key["Authorization"]}).post(
        "/api/v1/rate", {"anime_id": first, "score": 9}, "application/json"
    )
    assert rated.status_code == 201
    after = heard(socket, "recommendations")
    assert after["list_version"] == before["list_version"] + 1
    assert first not in ids(after)
    assert after["recommendations"]["user_id"] == keen.pk


def test_it_says_what_get_recommend_says(opened: Opened, keen: User) -> None:
    key = with_key(keen)
    query = "top_n=2&genre=Drama&fields=rank,anime"
    said = heard(opened(query, **key), "recommendations")
    asked = Client(headers={"authorization": key["Authorization"]}).get(
        f"/api/v1/recommend?{query}"
    )
    found, wanted = said["recommendations"], asked.json()
    # Covers are addressed by the name under which each was asked.
    assert [one["anime"]["mal_id"] for one in found["results"]] == [
        one["anime"]["mal_id"] for one in wanted["results"]
    ]
    assert found["model"] == wanted["model"]


def test_who_comes_back_hears_what_they_missed_and_nothing_twice(
    opened: Opened, keen: User, catalogue: list[Anime]
) -> None:
    key = with_key(keen)
    known = heard(opened(**key), "recommendations")["list_version"]
    again = opened(f"since={known}", **key)
    assert heard(again, "list")["list_version"] == known
    keen.rate(catalogue[-1], score=3)
    assert heard(again, "recommendations")["list_version"] == known + 1
    late = opened(f"since={known}", **key)
    assert json.loads(late.recv(PATIENCE))["type"] == "recommendations"


def test_who_asks_for_no_lists_hears_that_theirs_has_changed(
    opened: Opened, keen: User, catalogue: list[Anime]
) -> None:
    socket = opened("lists=no", **with_key(keen))
    known = heard(socket, "list")["list_version"]
    keen.rate(catalogue[-1], score=3)
    assert heard(socket, "list")["list_version"] == known + 1


def test_nobody_hears_of_anothers_list(
    opened: Opened, keen: User, casual: User, catalogue: list[Anime]
) -> None:
    socket = opened("lists=no", **with_key(casual))
    heard(socket, "list")
    keen.rate(catalogue[-1], score=3)
    with pytest.raises(TimeoutError):
        socket.recv(1.5)


def test_what_is_taken_back_in_the_same_transaction_is_not_told(
    opened: Opened, keen: User, catalogue: list[Anime]
) -> None:
    socket = opened("lists=no", **with_key(keen))
    heard(socket, "list")
    with transaction.atomic():
        keen.rate(catalogue[-1], score=3)
        transaction.set_rollback(True)
    with pytest.raises(TimeoutError):
        socket.recv(1.5)


def test_many_ratings_at_once_make_few_messages_and_the_last_is_told(
    opened: Opened, keen: User, catalogue: list[Anime]
) -> None:
    socket = opened("top_n=1", **with_key(keen))
    first = heard(socket, "recommendations")["list_version"]
    for score in range(1, 11):
        keen.rate(catalogue[0], score=score)
        keen.rate(catalogue[1], score=score)
    told = [first]
    while told[-1] < first + 20:
        told.append(heard(socket, "recommendations")["list_version"])
    assert told == sorted(set(told))
    assert told[-1] == first + 20


def test_a_change_that_was_not_announced_is_found_by_a_look(
    opened: Opened, keen: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "SELDOM", 0.5)
    socket = opened("lists=no", **with_key(keen))
    known = heard(socket, "list")["list_version"]
    User.objects.filter(pk=keen.pk).update(list_version=known + 5)
    assert heard(socket, "list")["list_version"] == known + 5


def test_an_import_tells_how_far_it_is_and_how_it_ended(opened: Opened, keen: User) -> None:
    socket = opened("lists=no", **with_key(keen))
    heard(socket, "list")
    run = previewing.preview_file(keen, list_of(5, 6, 7), "list.csv")
    assert running.applying.start(run, "theirs")
    running.carry_out(run.pk)
    said = heard(socket, "import")["import"]
    while said["state"] != RunState.DONE:
        said = heard(socket, "import")["import"]
    assert (said["id"], said["total"]) == (run.pk, 3)
    assert said["counts"]["written"] == 3


def test_staff_hear_what_the_site_works_at_and_members_do_not(
    opened: Opened, keen: User, casual: User
) -> None:
    User.objects.filter(pk=casual.pk).update(is_staff=True)
    staff, member = (opened("lists=no", **with_key(one)) for one in (casual, keen))
    for socket in (staff, member):
        heard(socket, "list")
    run = ImportRun.objects.create(source="jikan", subject="season", counts={"read": 7}, total=9)
    run.finish(RunState.DONE)
    work = heard(staff, "ingest")["work"]
    while work["state"] != RunState.DONE:
        work = heard(staff, "ingest")["work"]
    assert (work["id"], work["done"], work["total"]) == (run.pk, 7, 9)
    with pytest.raises(TimeoutError):
        member.recv(1)


# Who may hold one


def test_a_stranger_gets_none(opened: Opened) -> None:
    status, problem = refused(opened)
    assert (status, problem["code"]) == (401, "not_authenticated")
    assert refused(opened, Authorization="Bearer nonsense")[0] == 401


def test_a_page_of_another_site_gets_none(opened: Opened, site: str, as_keen: Client) -> None:
    cookie = f"sessionid={as_keen.cookies['sessionid'].value}"
    own = opened("lists=no", Cookie=cookie, Origin=site)
    assert json.loads(own.recv(PATIENCE))["type"] == "list"
    for origin in (
        "http://elsewhere.example",
        "null",
        f"{site}.elsewhere.example",
        "http://localhost",
    ):
        status, problem = refused(opened, Cookie=cookie, Origin=origin)
        assert (status, problem["code"]) == (403, "permission_denied")
    # A browser always names the page; what brings its cookies without is none.
    assert refused(opened, Cookie=cookie)[0] == 403


def test_a_token_that_may_only_read_is_enough(opened: Opened, keen: User) -> None:
    assert heard(opened("lists=no", **with_key(keen, scope="read")), "list")


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("user_id=1", "user_id"),
        ("since=-1", "since"),
        ("since=9999999999999999999999", "since"),
        ("lists=maybe", "lists"),
        ("lists=no&top_n=3", "top_n"),
        ("top_n=3&top_n=4", "once"),
        ("top_n=1e9", "top_n"),
        ("colour=red", "colour"),
        ("%00=%ff", "Unknown"),
        ("a=" + "b" * 2000, "letters"),
    ],
)
def test_what_is_not_understood_is_named(
    opened: Opened, keen: User, query: str, named: str
) -> None:
    status, problem = refused(opened, query, **with_key(keen))
    assert status == 400
    assert named in problem["detail"] or named in json.dumps(problem)


def test_there_is_nothing_at_other_addresses(opened: Opened, keen: User, site: str) -> None:
    assert refused(opened, "", "/ws/", **with_key(keen))[0] == 403
    assert Client().get("/ws/recommendations/").status_code == 404


def test_a_member_has_so_many_and_no_more(opened: Opened, keen: User) -> None:
    key = with_key(keen)
    for _ in range(hub.MOST_OF_ONE):
        opened("lists=no", **key)
    status, problem = refused(opened, "lists=no", **key)
    assert (status, problem["code"]) == (429, "throttled")


def test_attempts_are_counted_among_what_may_be_asked(
    opened: Opened, keen: User, settings: Settings, nothing_cached: None
) -> None:
    settings.API_RATES = {"anon": "600/min", "user": "3/day"}
    key = with_key(keen)
    for _ in range(3):
        opened("lists=no", **key)
    status, problem = refused(opened, "lists=no", **key)
    assert (status, problem["code"]) == (429, "throttled")


# How it ends


def test_who_speaks_is_shown_out(opened: Opened, keen: User) -> None:
    for said in ("hello", b"\x00" * 8, "{}"):
        socket = opened("lists=no", **with_key(keen, name=f"of {said!r}"))
        socket.send(said)
        assert closing(socket) == 1008


def test_a_giant_frame_and_a_flood_end_the_socket_and_nothing_else(
    opened: Opened, keen: User, casual: User, catalogue: list[Anime]
) -> None:
    bystander = opened("lists=no", **with_key(casual))
    heard(bystander, "list")
    large = opened("lists=no", **with_key(keen, name="large"))
    large.send("x" * 2_000)
    assert closing(large) == 1009
    giant = opened("lists=no", **with_key(keen, name="giant"))
    # It is shown out while it still talks, or when it has.
    with suppress(ConnectionClosed):
        giant.send("x" * 10_000_000)
    closing(giant)
    flood = opened("lists=no", **with_key(keen, name="flood"))
    heard(flood, "list")
    with pytest.raises(ConnectionClosed):
        talk_on(flood)
    casual.rate(catalogue[-1], score=3)
    assert heard(bystander, "list")


def test_a_token_taken_back_ends_it_with_the_next_change(
    opened: Opened, keen: User, catalogue: list[Anime]
) -> None:
    socket = opened("lists=no", **with_key(keen))
    heard(socket, "list")
    AccessToken.objects.all().delete()
    keen.rate(catalogue[-1], score=3)
    assert closing(socket) == 4401


def test_a_session_that_ended_and_a_member_who_left_are_noticed_without_any_change(
    opened: Opened, keen: User, site: str, as_casual: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "SELDOM", 0.2)
    monkeypatch.setattr(hub, "ASK_AGAIN", 0.2)
    cookie = f"sessionid={as_casual.cookies['sessionid'].value}"
    visitor = opened("lists=no", Cookie=cookie, Origin=site)
    member = opened("lists=no", **with_key(keen))
    Session.objects.all().delete()
    User.objects.filter(pk=keen.pk).delete()
    assert closing(visitor) == 4401
    assert closing(member) == 4401


# Where the layer is gone


def test_without_redis_ratings_go_on_and_looks_find_them(
    opened: Opened, keen: User, catalogue: list[Anime], settings: Settings
) -> None:
    settings.CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            # Nothing listens there.
            "CONFIG": {"hosts": [f"redis://127.0.0.1:{free_port()}/0"]},
        }
    }
    socket = opened("lists=no", **with_key(keen))
    known = heard(socket, "list")["list_version"]
    keen.rate(catalogue[-1], score=3)
    assert heard(socket, "list")["list_version"] == known + 1


def test_the_process_tells_how_it_is_and_answers_nothing_else(site: str, client: Client) -> None:
    for path in ("/healthz", "/readyz"):
        assert urllib.request.urlopen(site + path).status == 200  # noqa: S310  # our own address
    assert b"animerec_sockets" in urllib.request.urlopen(f"{site}/metrics").read()  # noqa: S310
    for path in ("/", "/api/v1/anime", "/admin/", "/ws/recommendations/"):
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(site + path)  # noqa: S310  # our own address
        assert caught.value.code == 404


def test_whose_import_it_is_survives_that_it_is_gone(keen: User) -> None:
    """A worker takes up what was deleted meanwhile."""
    run = previewing.preview_file(keen, list_of(5), "list.csv")
    pk = run.pk
    run.delete()
    running.carry_out(pk)
    assert not ListImport.objects.exists()
