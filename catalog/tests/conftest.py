"""A source that plays up, and workers that do not wait long."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from benchmarks.jikan_server import JikanServer
from catalog.etl import crawler, crawling
from catalog.etl.fetching import breaker, limiter, shared
from catalog.etl.fetching.breaker import Breaker
from catalog.etl.fetching.client import Backoff, Client, Patience
from catalog.models import ImportRun

QUICK = Patience(
    connect=2,
    # Long enough for a machine that has much else to do.
    read=5,
    whole=10,
    biggest=2 << 20,
    usual=Backoff(5, 0.001, 0.004),
    at_500=Backoff(3, 0.001, 0.004),
    at_429=Backoff(3, 0.001, 0.004),
)


def forget_all() -> None:
    limiter._slots.clear()
    breaker._troubles.clear()
    if (server := shared.shared_redis()) is not None:
        for key in server.scan_iter("animerec:fetching:*"):
            server.delete(key)


@pytest.fixture(autouse=True)
def nothing_fetched_before() -> Iterator[None]:
    forget_all()
    yield
    forget_all()


@pytest.fixture
def source(settings: Any) -> Iterator[Callable[..., JikanServer]]:
    """Starts a server of the Jikan shape, which the settings then name."""
    started = []

    def start(titles: int = 60, **how: Any) -> JikanServer:
        server = JikanServer(titles, **how).__enter__()
        started.append(server)
        settings.JIKAN_BASE_URL = server.address
        settings.JIKAN_RATE = 1000
        return server

    yield start
    for server in started:
        server.__exit__()


def client_of(server: JikanServer, **how: Any) -> Client:
    given = {
        "interval": 0.0005,
        "user_agent": "animerec/test (+http://127.0.0.1)",
        "patience": QUICK,
    }
    return Client("jikan", server.address, **(given | how))


@pytest.fixture
def crawl(monkeypatch: pytest.MonkeyPatch) -> Callable[..., ImportRun]:
    """Runs one crawl to its end, in parts small enough that there are several."""
    monkeypatch.setattr(crawler, "CHUNK", 100)

    def run(
        server: JikanServer, wish: Any = None, run: ImportRun | None = None, **how: Any
    ) -> ImportRun:
        run = run or crawling.begin("jikan", wish or {"full": True})
        given = {"breaker": Breaker("jikan", limit=50)} | how
        crawling.crawl(run, client_of(server, **given))
        run.refresh_from_db()
        return run

    return run
