"""How long after POST /rate a socket has the new list. `python benchmarks/live.py`

Needs a database with titles and models, and Redis (DATABASE_URL, REDIS_URL, DATA_DIR). It starts the site as
it is shipped: gunicorn with 2 processes, and the process for sockets; both on loopback, the only load there is
but for --others sockets that are open beside. A simulated member with 200 ratings rates --ratings titles, one
after another; each time is from the first byte of the request to the whole message with 20 titles and their
reasons. Writes results/live.json.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "animerec.settings")
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import django

django.setup()

import numpy as np
from websockets.sync.client import connect

from benchmarks.simulated import keys_of, members
from catalog.models import Anime
from tests.running import free_port, served, wait_for

RESULT = Path(__file__).parent / "results" / "live.json"
SEED, RATINGS, PREFIX = 20261127, 200, "benchmark-of-live-"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ratings", type=int, default=300)
    parser.add_argument("--others", type=int, default=50)
    asked = parser.parse_args()
    env = {**os.environ, "API_RATE_ANON": "", "API_RATE_USER": "", "WEB_WORKERS": "2"}
    with (
        members(PREFIX, asked.others + 1, RATINGS, SEED) as made,
        served(env, free_port()) as site,
        sockets(env) as live,
        ExitStack() as beside,
    ):
        keys = keys_of(made, "write")
        for key in keys[1:]:
            beside.enter_context(opened(live, key, "?lists=no"))
        told = measured(site, live, keys[0], asked.ratings)
    told["machine"] = {
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "titles": Anime.objects.count(),
        "sockets_beside": asked.others,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    RESULT.write_text(json.dumps(told, indent=1) + "\n")
    print(json.dumps(told, indent=1))


@contextmanager
def sockets(env: dict[str, str]) -> Iterator[str]:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "animerec.sockets"],
        env={**env, "BIND": f"127.0.0.1:{port}"},
        cwd=ROOT,
    )
    try:
        wait_for(f"http://127.0.0.1:{port}/healthz", process)
        yield f"ws://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(40)


def opened(live: str, key: str, query: str = "") -> Any:
    headers = {"Authorization": f"Bearer {key}"}
    address = f"{live}/ws/recommendations/{query}"
    return connect(address, additional_headers=headers, compression=None)


def measured(site: str, live: str, key: str, number: int) -> dict[str, Any]:
    titles = list(
        Anime.objects.recommendable().most_watched_first().values_list("pk", flat=True)[:number]
    )
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    rated, told, sizes = [], [], []
    web = HTTPConnection(site.removeprefix("http://"))
    with opened(live, key) as socket:
        socket.recv(30)
        for place, title in enumerate(titles):
            began = time.perf_counter()
            web.request(
                "POST",
                "/api/v1/rate",
                json.dumps({"anime_id": title, "score": 4 + place % 7}),
                headers,
            )
            answer = web.getresponse()
            answer.read()
            rated.append(time.perf_counter() - began)
            message = socket.recv(30)
            told.append(time.perf_counter() - began)
            sizes.append(len(message))
            assert answer.status in (200, 201)
            assert '"type":"recommendations"' in message
    # The first few open models and connections.
    return {
        "rate_ms": percentiles(rated[10:]),
        "message_ms": percentiles(told[10:]),
        "bytes": int(np.median(sizes)),
    }


def percentiles(seconds: list[float]) -> dict[str, float]:
    ms = np.array(seconds) * 1000
    return {f"p{at}": round(float(np.percentile(ms, at)), 1) for at in (50, 90, 95, 99)} | {
        "number": len(ms)
    }


if __name__ == "__main__":
    main()
