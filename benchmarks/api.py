"""How many answers of GET /recommend a second, kept and not, beside a plain DRF view. `python benchmarks/api.py`

Needs wrk, and a database with titles, lists and models (DATABASE_URL, REDIS_URL, DATA_DIR). It starts the
site as it is shipped (gunicorn with animerec/gunicorn.py, 2 processes, with the views of reference_urls
beside it), makes 200-rating members, simulated, and takes them away. Each case is run --times times for
--seconds, one after another in turn, on loopback with 16 connections; wrk shares the machine's cores.
Kept: one member asks again and again, so the answer lies in the process. Kept in Redis: so many members
in turn that the processes hold few of them. Not kept: each request is for another member, none asked
for before. Writes results/api.json.
"""

import argparse
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "animerec.settings")
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import django

django.setup()

from django.conf import settings
from django.core.cache import cache
from django.db import connection

from benchmarks.simulated import keys_of, members
from catalog.models import Anime
from ratings.models import User
from tests.running import free_port, served

RESULT = Path(__file__).parent / "results" / "api.json"
SEED, MEMBERS, RATINGS, CONNECTIONS = 20261126, 6000, 200, 16
PREFIX = "benchmark-of-api-"
# More than twice as many as a process keeps.
IN_TURN = 1200
ADDRESS = "/api/v1/recommend?user_id="
# A wrk thread asks for the members of a file, each once.
SCRIPT = """
local ids = {}
for line in io.lines("%s") do ids[#ids + 1] = line end
local place = 0
request = function()
  place = place + 1
  return wrk.format("GET", "%s" .. ids[(place - 1) %% #ids + 1])
end
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=8)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--threads", type=int, default=4)
    asked = parser.parse_args()
    with (
        members(PREFIX, MEMBERS, RATINGS, SEED) as made,
        running(asked.processes, asked.threads) as site,
    ):
        told = measured(site, [member.pk for member in made], asked)
    told["machine"] = {
        "python": platform.python_version(),
        "django": django.__version__,
        "cores": os.cpu_count(),
        "database": connection.vendor,
        "cache": "redis" if settings.REDIS_URL else "process",
        "titles": Anime.objects.count(),
        "members": User.objects.count(),
        "processes": asked.processes,
        "threads": asked.threads,
        "connections": CONNECTIONS,
        "seconds": asked.seconds,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    RESULT.write_text(json.dumps(told, indent=1) + "\n")
    print_table(told)


@contextmanager
def running(processes: int, threads: int) -> Iterator[str]:
    env = {
        **os.environ, "API_RATE_ANON": "", "API_RATE_USER": "", "WEB_WORKERS": str(processes),
        "WEB_THREADS": str(threads), "PYTHONPATH": str(ROOT), "LOG_LEVEL": "WARNING",
    }  # fmt: skip
    with served(env, free_port(), application="benchmarks.reference_site") as site:
        yield site


def measured(site: str, ids: list[int], asked: argparse.Namespace) -> dict[str, Any]:
    (key,) = keys_of([User.objects.get(pk=ids[0])], "read")
    cases = {
        "reference: 20 titles in memory": [f"{site}/reference/titles"],
        "reference: 20 titles with reasons in memory": [f"{site}/reference/reasons"],
        "kept, with a token": ["-H", f"Authorization: Bearer {key}", f"{site}/api/v1/recommend"],
        "kept, of a public member": [f"{site}/api/v1/recommend?user_id={ids[0]}"],
        "kept in Redis, of many public members": many(site, ids[-IN_TURN:]),
        "similar, kept": [f"{site}/api/v1/similar?anime_id=457&top_n=20"],
        "not kept, 200 ratings": many(site, ids[:-IN_TURN]),
    }
    rounds: dict[str, list[dict[str, float]]] = {name: [] for name in cases}
    for turn in range(asked.times):
        for name, words in cases.items():
            if turn == 0:
                # The first requests of a process open models and connections.
                wrk(words, 3)
            if name.startswith("not kept"):
                cache.clear()
            elif name.startswith("kept in Redis"):
                for pk in ids[-IN_TURN:]:
                    urllib.request.urlopen(f"{site}{ADDRESS}{pk}").close()  # noqa: S310  # our own
            rounds[name].append(wrk(words, asked.seconds))
    return {"cases": {name: summed(some) for name, some in rounds.items()}}


def many(site: str, ids: list[int]) -> list[str]:
    """A question for each of `ids`, one after another and then again."""
    folder = Path(tempfile.mkdtemp())
    (folder / "ids").write_text("\n".join(map(str, ids)))
    (folder / "ask.lua").write_text(SCRIPT % (folder / "ids", ADDRESS))
    return ["-s", str(folder / "ask.lua"), site]


def wrk(words: list[str], seconds: int) -> dict[str, float]:
    line = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", *words]
    text = subprocess.run(line, capture_output=True, text=True, check=True).stdout
    # wrk tells of p50, p75, p90 and p99: p95 comes of its own report, below.
    found = {
        name: _ms(re.search(rf"{name}%\s+([\d.]+)(us|ms|s)", text)) for name in ("50", "90", "99")
    }
    rate = re.search(r"Requests/sec:\s+([\d.]+)", text)
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    requests = re.search(r"(\d+) requests in", text)
    assert rate, text
    assert requests, text
    return {
        "rate": float(rate[1]), "p50": found["50"], "p90": found["90"], "p99": found["99"],
        "bad": float(bad[1]) if bad else 0.0, "requests": float(requests[1]),
    }  # fmt: skip


def _ms(found: re.Match[str] | None) -> float:
    assert found
    return float(found[1]) * {"us": 0.001, "ms": 1, "s": 1000}[found[2]]


def summed(rounds: list[dict[str, float]]) -> dict[str, Any]:
    told: dict[str, Any] = {
        name: round(statistics.median(one[name] for one in rounds), 2) for name in rounds[0]
    }
    told["rates"] = [round(one["rate"]) for one in rounds]
    return told


def print_table(told: dict[str, Any]) -> None:
    base = told["cases"]["reference: 20 titles in memory"]["rate"]
    print(
        f"{'':46}{'a second':>10}{'times':>8}{'p50 ms':>9}{'p90 ms':>9}{'p99 ms':>9}{'failed':>8}"
    )
    for name, one in told["cases"].items():
        print(
            f"{name:46}{one['rate']:10.0f}{one['rate'] / base:8.2f}{one['p50']:9.1f}{one['p90']:9.1f}"
            f"{one['p99']:9.1f}{one['bad']:8.0f}"
        )


if __name__ == "__main__":
    main()
