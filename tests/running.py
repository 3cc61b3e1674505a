"""A real server of the site in a process of its own, for tests that must not share one."""

import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import uvicorn
from django.db import connections

from animerec.sockets import BOUNDS

ROOT = Path(__file__).resolve().parent.parent
SERVER = (sys.executable, "-m", "gunicorn", "--config", "python:animerec.gunicorn")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def served(
    env: Mapping[str, str],
    port: int,
    log: IO[str] | None = None,
    application: str = "animerec.wsgi",
) -> Iterator[str]:
    """The address at which it answers; `env` says where its data is."""
    bound = {**env, "BIND": f"127.0.0.1:{port}"}
    server = subprocess.Popen([*SERVER, application], env=bound, cwd=ROOT, stderr=log)
    try:
        site = f"http://127.0.0.1:{port}"
        wait_for(f"{site}/healthz", server)
        yield site
    finally:
        server.terminate()
        server.wait(40)


def wait_for(address: str, server: "subprocess.Popen[bytes] | None" = None) -> None:
    for _ in range(150):
        if server and server.poll() is not None:
            break
        try:
            urllib.request.urlopen(address).close()  # noqa: S310  # our own address
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
        else:
            return
    raise RuntimeError(f"nothing answers at {address}")


@contextmanager
def served_here(application: Any) -> Iterator[str]:
    """The address at which it answers in threads of this process, on the tests' own database."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(application, port=port, **BOUNDS))
    thread = threading.Thread(target=server.run, name="site", daemon=True)
    thread.start()
    try:
        wait_for(f"http://127.0.0.1:{port}/healthz")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(30)


def close_connections_of(threads: ThreadPoolExecutor) -> None:
    """Each of them holds its own, which is in the way of whoever empties the database."""
    together = threading.Barrier(threads._max_workers)

    def close() -> None:
        together.wait(10)
        connections.close_all()

    for closed in [threads.submit(close) for _ in range(threads._max_workers)]:
        closed.result()
