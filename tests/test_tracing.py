"""One id finds all that a request did; the log tells nothing private; slow queries are told."""

import json
import logging
import logging.config
import re
from collections.abc import Iterator
from copy import deepcopy
from io import StringIO

import pytest
from celery import Celery
from celery.contrib.testing.worker import start_worker
from django.conf import settings as site
from django.contrib.auth.hashers import identify_hasher
from django.db import connection
from django.test import Client

from animerec import tracing
from animerec.tracing import HEADER
from animerec.tracing_id import NONE, current_id
from ratings.models import User

log = logging.getLogger("animerec.tests")
MADE = re.compile(r"[0-9a-f]{32}")


@pytest.fixture
def lines(request: pytest.FixtureRequest) -> Iterator[StringIO]:
    """What the log of the site says, in the format that the test names, or in lines."""
    written = StringIO()
    handler = logging.StreamHandler(written)
    configured = logging.config.DictConfigurator(deepcopy(site.LOGGING))
    name = getattr(request, "param", "line")
    handler.setFormatter(configured.configure_formatter(configured.config["formatters"][name]))
    handler.addFilter(tracing.IdFilter())
    root = logging.getLogger("animerec")
    level = root.level
    root.setLevel(logging.INFO)
    root.addHandler(handler)
    yield written
    root.removeHandler(handler)
    root.setLevel(level)


def test_every_answer_has_an_id_of_its_own(client: Client) -> None:
    first, second = (client.get("/healthz")[HEADER] for _ in range(2))
    assert MADE.fullmatch(first)
    assert MADE.fullmatch(second)
    assert first != second


@pytest.mark.django_db
def test_a_refusal_and_a_failure_have_one_too(client: Client, monkeypatch) -> None:
    assert MADE.fullmatch(client.get("/no-such-page/")[HEADER])

    def broken(*args: object) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr("animerec.views.shelves_for_everybody", broken)
    client.raise_request_exception = False
    answer = client.get("/")
    assert (answer.status_code, bool(MADE.fullmatch(answer[HEADER]))) == (500, True)


@pytest.mark.parametrize(
    ("given", "is_taken"),
    [
        ("proxy-4f1c.9_A", True),
        ("short", False),
        ("x" * 65, False),
        ("a b c d e f g h", False),
        ("forged\nERROR all is lost", False),
        ("-leading-dash", False),
        ("", False),
    ],
)
def test_the_id_of_a_proxy_is_taken_where_there_is_one_and_the_id_is_plain(
    client: Client, settings, given: str, is_taken: bool
) -> None:
    assert client.get("/healthz", headers={HEADER: given})[HEADER] != given
    settings.BEHIND_PROXY = True
    assert (client.get("/healthz", headers={HEADER: given})[HEADER] == given) is is_taken


@pytest.mark.django_db
def test_one_line_a_request_with_its_route_and_nothing_that_was_asked(
    client: Client, lines: StringIO
) -> None:
    name = client.get("/anime/", {"q": "secret wish"})[HEADER]
    client.get("/calendar/very-private-token.ics")
    said = lines.getvalue().splitlines()
    assert len(said) == 2
    assert re.search(rf"INFO animerec.requests \[{name}\]: GET /anime/ 200 in [\d.]+ ms$", said[0])
    assert "secret" not in said[0]
    assert "very-private-token" not in said[1]


@pytest.mark.django_db
def test_what_django_tells_of_a_refusal_has_the_id(client: Client, caplog) -> None:
    caplog.handler.addFilter(tracing.IdFilter())
    name = client.get("/no-such-page/")[HEADER]
    told = [record for record in caplog.records if record.name == "django.request"]
    assert [record.request_id for record in told] == [name]


@pytest.mark.parametrize("lines", ["json"], indirect=True)
def test_as_json_a_line_is_one_object(client: Client, lines: StringIO) -> None:
    name = client.get("/healthz")[HEADER]
    said = json.loads(lines.getvalue())
    assert said["request_id"] == name
    assert (said["level"], said["logger"]) == ("INFO", "animerec.requests")
    assert (said["method"], said["route"], said["status"]) == ("GET", "/healthz", 200)
    assert said["ms"] >= 0
    assert "time" in said


@pytest.mark.parametrize("lines", ["json"], indirect=True)
def test_a_line_of_json_holds_a_traceback_and_any_letter(lines: StringIO) -> None:
    try:
        int("line one\nline two \N{SNOWMAN}")
    except ValueError:
        log.exception("It broke: %s", '"quoted"\n')
    assert lines.getvalue().count("\n") == 1
    said = json.loads(lines.getvalue())
    assert "line two \N{SNOWMAN}" in said["exc_info"]
    assert said["request_id"] == current_id.get()


# Tasks


@pytest.fixture
def queue() -> Celery:
    return Celery("tests", broker="memory://", set_as_current=False)


def test_a_task_carries_the_id_of_whoever_asked_for_it(queue: Celery) -> None:
    seen: list[str] = []

    @queue.task(name="tests.note")
    def note() -> None:
        seen.append(current_id.get())

    outer = current_id.set("asked-for-by-this")
    note.delay()
    current_id.reset(outer)
    outer = current_id.set(NONE)
    note.delay()
    current_id.reset(outer)
    with start_worker(queue, pool="solo", perform_ping_check=False):
        while len(seen) < 2:
            pass
    assert seen[0] == "asked-for-by-this"
    # Nobody asked for it, so it has one of its own.
    assert MADE.fullmatch(seen[1])


# Queries


@pytest.mark.django_db
def test_a_slow_query_is_told_without_its_values(settings, lines: StringIO) -> None:
    settings.SLOW_QUERY_MS = 1
    tracing.watch_queries(connection)
    tracing.watch_queries(connection)
    try:
        slow = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000) SELECT MAX(i) FROM n WHERE 'my secret' <> %s"
        with connection.cursor() as cursor:
            cursor.execute(slow, ["another secret"])
    finally:
        connection.execute_wrappers.remove(tracing._timed)
    said = lines.getvalue()
    assert said.count("a query took") == 1
    assert "WITH RECURSIVE" in said
    assert "another secret" not in said


# Passwords


@pytest.mark.django_db
def test_passwords_are_kept_by_argon2_and_older_ones_kept_anew(client: Client, settings) -> None:
    settings.PASSWORD_HASHERS = site.PASSWORD_HASHERS[::-1]
    ines = User.objects.create_user("ines", password="lantern-on-the-quay")
    assert ines.password.startswith("pbkdf2_")
    settings.PASSWORD_HASHERS = site.PASSWORD_HASHERS[::-1]
    client.post("/sign-in/", {"username": "ines", "password": "lantern-on-the-quay"})
    ines.refresh_from_db()
    assert identify_hasher(ines.password).algorithm == "argon2"
