"""Two hundred members for ten minutes. `make load`

Needs a database with titles and models, and Redis (DATABASE_URL, REDIS_URL, DATA_DIR). It starts the site as it
is shipped: gunicorn with 2 processes of 4 threads, the process for sockets, a worker; all on loopback, with the
load on the same machine. Members are simulated, with 200 ratings each; every member holds a socket, signs in by
the form, and does what benchmarks/locustfile.py says. The memory of each process is read every ten seconds:
flat is what is not larger in the last two minutes than in minutes three and four. Writes results/load.json.
"""

import argparse
import asyncio
import csv
import json
import os
import platform
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
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

import numpy as np
from django.contrib.auth.hashers import make_password
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from benchmarks.simulated import keys_of, members
from catalog.models import Anime
from ratings.models import User
from tests.running import SERVER, free_port, wait_for

RESULT = Path(__file__).parent / "results" / "load.json"
SEED, RATINGS, PREFIX, PASSWORD = 20261127, 200, "benchmark-of-load-", "of a benchmark"  # fmt: skip
EVERY, MINUTE = 10.0, 60


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--locust", type=Path, required=True, help="the program")
    parser.add_argument("--members", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=10)
    asked = parser.parse_args()
    with (
        members(PREFIX, asked.members, RATINGS, SEED) as made,
        tempfile.TemporaryDirectory() as name,
    ):
        User.objects.filter(pk__in=[one.pk for one in made]).update(
            password=make_password(PASSWORD)
        )
        keys = keys_of(made, "write")
        lines = [
            json.dumps({"name": one.username, "password": PASSWORD, "token": key})
            for one, key in zip(made, keys, strict=True)
        ]
        (Path(name) / "members").write_text("\n".join(lines))
        told = measured(Path(name), keys, asked)
    RESULT.write_text(json.dumps(told, indent=1) + "\n")
    print(json.dumps({key: value for key, value in told.items() if key != "memory_mb"}, indent=1))


def measured(folder: Path, keys: list[str], asked: argparse.Namespace) -> dict[str, Any]:
    web, live = free_port(), free_port()
    env = {
        **os.environ,
        "API_RATE_ANON": "",
        "API_RATE_USER": "",
        "WEB_WORKERS": "2",
        "LOG_LEVEL": "WARNING",
    }
    with ExitStack() as all_:
        servers = {
            "web": all_.enter_context(process([*SERVER, "animerec.wsgi"], env, web)),
            "sockets": all_.enter_context(
                process([sys.executable, "-m", "animerec.sockets"], env, live)
            ),
            "worker": all_.enter_context(
                process(
                    [
                        sys.executable,
                        "-m",
                        "celery",
                        "--app",
                        "animerec",
                        "worker",
                        "--concurrency",
                        "1",
                    ],
                    env,
                )
            ),
        }
        for port in (web, live):
            wait_for(f"http://127.0.0.1:{port}/healthz")
        listeners = Listeners(f"ws://127.0.0.1:{live}/ws/recommendations/?lists=no", keys)
        memory: list[dict[str, float]] = []
        ended = threading.Event()
        watching = threading.Thread(target=watch, args=(servers, memory, ended), daemon=True)
        listeners.start()
        watching.start()
        run_locust(asked, folder, web)
        ended.set()
        listeners.end()
        watching.join()
    return {
        "requests": requests_of(folder / "load_stats.csv"),
        "sockets": {"messages": listeners.heard, "lost": listeners.lost},
        "memory": {name: flatness([sample[name] for sample in memory]) for name in servers},
        "memory_mb": memory,
        "machine": {
            "python": platform.python_version(),
            "cores": os.cpu_count(),
            "titles": Anime.objects.count(),
            "members": asked.members,
            "minutes": asked.minutes,
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
        },
    }


@contextmanager
def process(
    line: list[str], env: dict[str, str], port: int = 0
) -> Iterator["subprocess.Popen[bytes]"]:
    bound = {**env, **({"BIND": f"127.0.0.1:{port}"} if port else {})}
    server = subprocess.Popen(line, env=bound, cwd=ROOT)
    try:
        yield server
    finally:
        server.terminate()
        server.wait(60)


def run_locust(asked: argparse.Namespace, folder: Path, port: int) -> None:
    line = [
        str(asked.locust.absolute()), "--headless", "--locustfile", str(ROOT / "benchmarks" / "locustfile.py"),
        "--host", f"http://127.0.0.1:{port}", "--users", str(asked.members), "--spawn-rate", "4",
        "--run-time", f"{int(asked.minutes * MINUTE)}s", "--csv", str(folder / "load"), "--only-summary",
    ]  # fmt: skip
    env = {**os.environ, "LOAD_MEMBERS": str(folder / "members")}
    # It exits with 1 where a request failed; the figures say so too.
    subprocess.run(line, env=env, cwd=folder, check=False)


def requests_of(file: Path) -> dict[str, dict[str, float]]:
    found = {}
    for row in csv.DictReader(file.open()):
        name = f"{row['Type']} {row['Name']}".strip()
        found[name] = {
            "number": int(row["Request Count"]),
            "failed": int(row["Failure Count"]),
            "a_second": round(float(row["Requests/s"]), 1),
            **{f"p{at}": float(row[f"{at}%"]) for at in (50, 95, 99)},
        }
    return found


class Listeners:
    """Every member's socket, held as long as it lasts."""

    def __init__(self, address: str, keys: list[str]) -> None:
        self.address, self.keys, self.heard, self.lost = address, keys, 0, 0
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(
            target=self.loop.run_until_complete, args=(self._all(),), daemon=True
        )

    def start(self) -> None:
        self.thread.start()

    def end(self) -> None:
        self.loop.call_soon_threadsafe(self.over.set)
        self.thread.join(30)

    async def _all(self) -> None:
        self.over = asyncio.Event()
        tasks = [asyncio.create_task(self._one(key)) for key in self.keys]
        await self.over.wait()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _one(self, key: str) -> None:
        headers = {"Authorization": f"Bearer {key}"}
        try:
            async with connect(
                self.address, additional_headers=headers, compression=None
            ) as socket:
                async for _ in socket:
                    self.heard += 1
        except (WebSocketException, OSError):
            pass
        self.lost += not self.over.is_set()


def watch(
    servers: dict[str, "subprocess.Popen[bytes]"],
    memory: list[dict[str, float]],
    ended: threading.Event,
) -> None:
    began = time.monotonic()
    while not ended.wait(EVERY):
        now = {
            name: round(sum(map(own_mb, tree(server.pid))), 1) for name, server in servers.items()
        }
        memory.append({"at": round(time.monotonic() - began), **now})


def tree(pid: int) -> list[int]:
    """A process and all that it started."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(one for child in children for one in tree(int(child)))]


def own_mb(pid: int) -> float:
    """What it alone holds: models are mapped from files, which the machine may take back."""
    found = 0
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Anonymous:"):
            found += int(line.split()[1])
    return found / 1024


def flatness(samples: list[float]) -> dict[str, float]:
    """Medians of minutes three and four, and of the last two; in MB."""
    a_minute = round(MINUTE / EVERY)
    early, late = samples[2 * a_minute : 4 * a_minute], samples[-2 * a_minute :]
    return {
        "minutes_3_and_4": round(float(np.median(early)), 1) if early else 0.0,
        "last_two_minutes": round(float(np.median(late)), 1) if late else 0.0,
        "most": max(samples, default=0.0),
    }


if __name__ == "__main__":
    main()
