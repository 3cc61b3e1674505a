"""The database goes and comes back: nobody sees a fault, and nothing has to be started again."""

import json
import os
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connection

from tests.running import free_port, served


def ask(address: str, method: str = "GET", body: bytes | None = None) -> Any:
    kind = {"Content-Type": "application/json"}
    asked = urllib.request.Request(address, body, kind, method=method)  # noqa: S310  # our own address
    try:
        return urllib.request.urlopen(asked)  # noqa: S310  # our own address
    except urllib.error.HTTPError as answer:
        return answer


@pytest.fixture(scope="module")
def site_without_a_database(tmp_path_factory: pytest.TempPathFactory) -> Any:
    env = {
        **os.environ,
        "DATA_DIR": str(tmp_path_factory.mktemp("data")),
        # Nothing listens there.
        "DATABASE_URL": f"postgres://nobody@127.0.0.1:{free_port()}/nothing",
        "WEB_WORKERS": "1",
    }
    with served(env, free_port()) as site:
        yield site


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "anime"), ("GET", "recommend?user_id=1"), ("GET", "similar?anime_id=1"), ("GET", "genres"),
     ("POST", "recommend")],
)  # fmt: skip
def test_the_api_says_in_its_own_shape_that_it_cannot_answer(
    site_without_a_database: str, method: str, path: str
) -> None:
    body = b'{"list": []}' if method == "POST" else None
    answer = ask(f"{site_without_a_database}/api/v1/{path}", method, body)
    told = json.load(answer)
    assert (answer.status, told["code"], told["status"]) == (503, "unavailable", 503)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Retry-After"] == "5"
    assert told["request_id"] == answer.headers["X-Request-ID"]


@pytest.mark.parametrize("path", ["/", "/anime/", "/anime/1/", "/for-you/"])
def test_a_page_says_so_in_words(site_without_a_database: str, path: str) -> None:
    answer = ask(site_without_a_database + path)
    assert answer.status == 503
    assert "The database does not answer" in answer.read().decode()
    assert answer.headers["Content-Security-Policy"]


def test_the_process_lives_and_says_what_is_down(site_without_a_database: str) -> None:
    assert ask(f"{site_without_a_database}/healthz").status == 200
    ready = ask(f"{site_without_a_database}/readyz")
    assert (ready.status, json.load(ready)["database"]) == (503, "down")
    numbers = ask(f"{site_without_a_database}/metrics").read().decode()
    assert 'animerec_up{part="database"} 0.0' in numbers


@pytest.mark.skipif(
    not os.environ.get("DATABASE_URL", "").startswith("postgres"), reason="needs PostgreSQL"
)
@pytest.mark.django_db(transaction=True)
def test_connections_that_were_cut_are_made_anew(tmp_path: Path) -> None:
    """As when the server is restarted: every connection that was kept is closed from its side."""
    import psycopg

    env = {**os.environ, "DATA_DIR": str(tmp_path), "WEB_WORKERS": "1", "WEB_THREADS": "4"}
    name = f"animerec-cut-{os.getpid()}"
    env["PGAPPNAME"] = name
    # The tests' own database, which has its tables.
    whole = urlsplit(env["DATABASE_URL"])
    env["DATABASE_URL"] = urlunsplit(whole._replace(path=f"/{connection.settings_dict['NAME']}"))
    with (
        served(env, free_port()) as site,
        psycopg.connect(env["DATABASE_URL"], autocommit=True) as own,
    ):
        for _ in range(3):
            asked = [ask(f"{site}/readyz").status for _ in range(8)]
            assert set(asked) == {200}
            cut = own.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = %s",
                [name],
            ).fetchone()
            assert cut
            assert cut[0] >= 1
            # The server says so at once, and is gone a moment later.
            time.sleep(0.5)
        assert ask(f"{site}/readyz").status == 200
