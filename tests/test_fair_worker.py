"""The web server's worker: which connections it leaves to the other processes."""

import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
from gunicorn.config import Config

from animerec.fair_worker import LONGEST, FairWorker

THREADS, MOST = 3, 10


@pytest.fixture
def worker() -> Iterator[Any]:
    config = Config()
    config.set("threads", THREADS)
    config.set("worker_connections", MOST)
    made = FairWorker(0, 0, [], None, 30, config, None)
    yield made
    made.tmp.close()


def takes_another(worker: Any) -> bool:
    """As gunicorn asks before each connection."""
    return bool(worker.nr_conns < worker.worker_connections)


def test_with_a_free_thread_it_takes_another_and_without_one_it_does_not(worker: Any) -> None:
    worker.accepted_at = time.monotonic()
    worker.nr_conns = THREADS - 1
    assert takes_another(worker)
    worker.nr_conns = THREADS
    assert not takes_another(worker)


def test_connections_that_wait_for_their_next_request_keep_no_thread(worker: Any) -> None:
    worker.accepted_at = time.monotonic()
    worker.nr_conns = THREADS + 1
    worker.keepalived_conns.append("idle")
    assert not takes_another(worker)
    worker.pending_conns.append("has said nothing yet")
    assert takes_another(worker)


def test_however_busy_it_takes_one_in_now_and_then(worker: Any) -> None:
    worker.nr_conns = MOST - 1
    worker.accepted_at = time.monotonic()
    assert not takes_another(worker)
    worker.accepted_at -= 2 * LONGEST
    assert takes_another(worker)
    worker.nr_conns = MOST
    assert not takes_another(worker)


def test_taking_one_is_noted(worker: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        began = time.monotonic()
        with socket.create_connection(listener.getsockname()):
            worker.enqueue_req = lambda taken: taken.sock.close()
            worker.accept(listener)
    assert worker.accepted_at >= began
    assert worker.nr_conns == 1
