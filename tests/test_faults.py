"""Faults are told to SENTRY_DSN, with the request's id and nothing of anybody."""

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

FAULT = """
import django
django.setup()
from django.test import Client
from catalog.models import Anime
from catalog import views
import sentry_sdk

def broken(*_, **__):
    raise RuntimeError("no title to show")

views.snapshots_of = broken
from django.core.management import call_command
call_command("migrate", verbosity=0)
Anime.objects.create(mal_id=9000001, title="Harbour Lights")
client = Client(raise_request_exception=False, HTTP_COOKIE="sessionid=stolen", HTTP_AUTHORIZATION="Bearer anr_key")
answer = client.get("/anime/9000001/?q=private-search")
print(answer.status_code, answer["X-Request-ID"])
sentry_sdk.flush(10)
"""


@pytest.fixture
def collector() -> Iterator[tuple[str, list[bytes]]]:
    """What speaks like Sentry: its address, and what it was sent."""
    heard: list[bytes] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            packed = self.headers.get("Content-Encoding") == "gzip"
            heard.append(gzip.decompress(body) if packed else body)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: Any) -> None:
            """Quietly."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Collector)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://key@127.0.0.1:{server.server_port}/1", heard
    server.shutdown()


def test_a_fault_is_told_without_anything_of_anybody(
    collector: tuple[str, list[bytes]], tmp_path: Path
) -> None:
    dsn, heard = collector
    env = {
        **os.environ,
        "SENTRY_DSN": dsn,
        "DATA_DIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "animerec.settings",
        "ALLOWED_HOSTS": "testserver",
    }
    env.pop("DATABASE_URL", None)
    env.pop("REDIS_URL", None)
    done = subprocess.run(
        [sys.executable, "-c", FAULT], env=env, capture_output=True, text=True, check=True
    )
    status, name = done.stdout.split()[-2:]
    assert status == "500"
    told = b"\n".join(heard).decode()
    events = [json.loads(line) for line in told.splitlines() if '"exception"' in line]
    assert len(events) == 1
    assert events[0]["exception"]["values"][-1]["value"] == "no title to show"
    assert events[0]["tags"]["request_id"] == name
    for private in ("stolen", "anr_key", "private-search", "sessionid"):
        assert private not in told
