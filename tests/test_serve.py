"""`make run` is `manage.py serve`: it starts the real thing, and stops it."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from tests.running import free_port

ANSWERS_WITHIN = 90


def answers(address: str) -> bool:
    try:
        return urllib.request.urlopen(address, timeout=5).status == 200  # noqa: S310  # our own address
    except OSError:
        return False


def test_a_fresh_site_starts_greets_and_stops_twice(tmp_path: Path) -> None:
    port = free_port()
    # A stranger's machine names no service: SQLite in a folder of its own.
    services = {"DATABASE_URL", "REDIS_URL", "CELERY_BROKER_URL", "DJANGO_SETTINGS_MODULE"}
    bare = {name: value for name, value in os.environ.items() if name not in services}
    for _ in range(2):
        with (tmp_path / "out").open("w") as out:
            site = subprocess.Popen(
                [sys.executable, "manage.py", "serve", "--port", str(port)],
                cwd=settings.BASE_DIR,
                env=bare | {"DATA_DIR": str(tmp_path / "var")},
                stdout=out,
                stderr=subprocess.STDOUT,
            )
            give_up = time.monotonic() + ANSWERS_WITHIN
            while "Sign in as demo" not in (tmp_path / "out").read_text():
                assert site.poll() is None, (tmp_path / "out").read_text()
                assert time.monotonic() < give_up
                time.sleep(0.2)
            assert answers(f"http://127.0.0.1:{port}/api/v1/similar?anime_id=5114")
            site.send_signal(signal.SIGTERM)
            assert site.wait(timeout=30) == 0
        assert "Stopped." in (tmp_path / "out").read_text()
        assert not answers(f"http://127.0.0.1:{port}/healthz")


def test_a_taken_port_is_said_before_anything_is_started() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(CommandError, match="is taken; choose another") as refusal:
            call_command("serve", "--port", str(taken.getsockname()[1]))
    assert refusal.value.returncode == 2


@pytest.mark.parametrize("port", ["0", "65536", "x", "-1"])
def test_a_port_that_is_none_is_refused(port: str) -> None:
    with pytest.raises(CommandError, match="is not a port"):
        call_command("serve", f"--port={port}")
