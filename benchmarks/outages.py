"""What members see while Redis is killed and PostgreSQL is stopped under load. `python benchmarks/outages.py`

Everything is its own, on loopback, and stops by itself: a PostgreSQL and a Redis of this run (their programs
must be installed; as root PostgreSQL runs as the user postgres), the demonstration, simulated members with
tokens, and the site as it is shipped. THREADS clients ask without a pause: a rating, a recommendation, titles
and pages in turn. Each acknowledged rating is written down and looked for at the end. Writes results/outages.json.
"""

import argparse
import json
import os
import platform
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from threading import Event, Thread
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.running import free_port, served, wait_for

RESULT = Path(__file__).parent / "results" / "outages.json"
THREADS, SEED = 16, 20261126
MEMBERS = """
from ratings.models import AccessToken, Origin, User
for n in range({number}):
    member = User.objects.create(username=f"outage-{{n}}", origin=Origin.SIMULATED, password="!")
    token, key = AccessToken.named("outage", scope="write")
    token.member = member
    token.save()
    print("KEY", member.pk, key)
"""
TITLES = """
from catalog.models import Anime
print("IDS", *Anime.objects.recommendable().most_watched_first().values_list("pk", flat=True)[:200])
"""
KEPT = """
import json
from ratings.models import UserAnimeRating
rows = UserAnimeRating.objects.filter(user__username__startswith="outage-").values_list("user", "anime", "score")
print("ROWS", json.dumps(list(rows)))
"""


@dataclass
class Heard:
    """What one phase was answered, and how long it took."""

    statuses: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)


@dataclass
class Services:
    """PostgreSQL and Redis of this run, which may be ended."""

    folder: Path
    port: int
    redis_port: int
    redis: "subprocess.Popen[bytes] | None" = None

    def pg(self, *words: str) -> None:
        binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
        program = shutil.which(words[0]) or str(binaries[-1] / words[0])
        before = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        subprocess.run(
            [*before, program, *words[1:]], check=True, stdout=subprocess.DEVNULL, cwd="/"
        )

    def start_pg(self) -> None:
        said = f"-c listen_addresses=127.0.0.1 -p {self.port} -k {self.folder}"
        self.pg(
            "pg_ctl",
            "-D",
            str(self.folder / "pg"),
            "-w",
            "-o",
            said,
            "-l",
            str(self.folder / "log"),
            "start",
        )

    def stop_pg(self) -> None:
        """At once, as when the power fails: no session is let end."""
        self.pg("pg_ctl", "-D", str(self.folder / "pg"), "-m", "immediate", "stop")

    def start_redis(self) -> None:
        line = [
            "redis-server",
            "--port",
            str(self.redis_port),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--dir",
            str(self.folder),
        ]
        self.redis = subprocess.Popen(line, stdout=subprocess.DEVNULL)

    def kill_redis(self) -> None:
        assert self.redis
        self.redis.send_signal(signal.SIGKILL)
        self.redis.wait()


@contextmanager
def services() -> Iterator[Services]:
    folder = Path(tempfile.mkdtemp(prefix="animerec-outages-"))
    folder.chmod(0o755)
    if os.getuid() == 0:
        shutil.chown(folder, "postgres")
    ours = Services(folder, free_port(), free_port())
    ours.pg(
        "initdb",
        "-D",
        str(folder / "pg"),
        "-U",
        "animerec",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale=C.UTF-8",
    )
    ours.start_pg()
    ours.start_redis()
    try:
        yield ours
    finally:
        ours.stop_pg()
        ours.kill_redis()
        shutil.rmtree(folder, ignore_errors=True)


class Load:
    """Clients that ask until they are told to stop."""

    def __init__(self, port: int, members: list[tuple[int, str]], titles: list[int]) -> None:
        self.port, self.members, self.titles = port, members, titles
        self.phase = ""
        self.heard: dict[str, Heard] = defaultdict(Heard)
        # By member and title: what was acknowledged last, and what was sent since without an answer.
        self.said: dict[tuple[int, int], tuple[int | None, set[int]]] = {}
        self.stop = Event()
        self.threads = [Thread(target=self._ask_on, args=(n,)) for n in range(len(members))]

    def _ask_on(self, place: int) -> None:
        member, key = self.members[place]
        rng = random.Random(SEED + place)  # noqa: S311  # nothing secret
        while not self.stop.is_set():
            anime, score = rng.choice(self.titles), rng.randint(1, 10)
            self._rate(member, key, anime, score)
            for path in (
                "/api/v1/recommend?top_n=20", f"/api/v1/similar?anime_id={anime}", "/api/v1/anime?page_size=20",
                f"/anime/{anime}/", "/anime/",
            ):  # fmt: skip
                self._ask("GET", path, key if path.startswith("/api") else "", None)

    def _rate(self, member: int, key: str, anime: int, score: int) -> None:
        acknowledged, unsure = self.said.get((member, anime), (None, set()))
        status = self._ask("POST", "/api/v1/rate", key, {"anime_id": anime, "score": score})
        if status in (200, 201):
            self.said[member, anime] = (score, set())
        else:
            self.said[member, anime] = (acknowledged, unsure | {score})

    def _ask(self, method: str, path: str, key: str, body: Any) -> int:
        heard = self.heard[self.phase]
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        raw = None
        if body is not None:
            headers["Content-Type"], raw = "application/json", json.dumps(body)
        began = time.perf_counter()
        link = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            link.request(method, path, raw, headers)
            answer = link.getresponse()
            text = answer.read()
            status, kind = answer.status, answer.headers.get("Content-Type", "")
        except (OSError, HTTPException) as problem:
            status, kind, text = 0, "", repr(problem).encode()
        finally:
            link.close()
        heard.seconds.append(time.perf_counter() - began)
        heard.statuses[str(status)] += 1
        in_shape = kind == "application/problem+json" or not path.startswith("/api")
        if status not in (200, 201) and not (status == 503 and in_shape) and len(heard.odd) < 5:
            heard.odd.append(f"{status} {path}: {text[:200].decode(errors='replace')}")
        return status


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=12, help="of each phase")
    asked = parser.parse_args()
    with services() as ours, tempfile.TemporaryDirectory() as data:
        env = {
            **os.environ, "DATA_DIR": data, "API_RATE_USER": "", "API_RATE_ANON": "", "LOG_LEVEL": "CRITICAL",
            "DATABASE_URL": f"postgres://animerec@127.0.0.1:{ours.port}/postgres",
            "REDIS_URL": f"redis://127.0.0.1:{ours.redis_port}/0",
            "CELERY_BROKER_URL": f"redis://127.0.0.1:{ours.redis_port}/1",
        }  # fmt: skip
        manage(env, "migrate", "-v0")
        manage(env, "load_demo")
        lines = manage(env, "shell", "-v0", "-c", MEMBERS.format(number=THREADS)).splitlines()
        members = [
            (int(line.split()[1]), line.split()[2]) for line in lines if line.startswith("KEY")
        ]
        titles = [
            int(pk) for pk in manage(env, "shell", "-v0", "-c", TITLES).split("IDS")[1].split()
        ]
        port = free_port()
        with served(env, port) as site:
            load = drilled(ours, Load(port, members, titles), asked.seconds)
            wait_for(f"{site}/readyz")
            lost = missing(load, env)
    told = {
        "phases": {name: summed(heard) for name, heard in load.heard.items()},
        "ratings": {"acknowledged": sum(v[0] is not None for v in load.said.values()), "lost": lost},
        "machine": {
            "cores": os.cpu_count(), "python": platform.python_version(), "clients": THREADS,
            "seconds": asked.seconds, "at": datetime.now(UTC).isoformat(timespec="seconds"),
        },
    }  # fmt: skip
    RESULT.write_text(json.dumps(told, indent=1) + "\n")
    print_table(told)


def manage(env: dict[str, str], *words: str) -> str:
    line = [sys.executable, str(ROOT / "manage.py"), *words]
    return subprocess.run(line, env=env, check=True, capture_output=True, text=True).stdout


def drilled(ours: Services, load: Load, seconds: float) -> Load:
    phases: list[tuple[str, Any]] = [
        ("warming up", None), ("as usual", None), ("Redis killed", ours.kill_redis), ("Redis back", ours.start_redis),
        ("PostgreSQL stopped", ours.stop_pg), ("PostgreSQL starts", ours.start_pg), ("PostgreSQL back", None),
    ]  # fmt: skip
    load.phase = phases[0][0]
    for thread in load.threads:
        thread.start()
    for name, act in phases:
        load.phase = name
        if act is not None:
            act()
        time.sleep(seconds)
    load.stop.set()
    for thread in load.threads:
        thread.join()
    return load


def missing(load: Load, env: dict[str, str]) -> list[str]:
    """Acknowledged ratings that are not there, nor a later one whose answer was lost."""
    rows = json.loads(manage(env, "shell", "-v0", "-c", KEPT).split("ROWS")[1])
    there = {(member, anime): score for member, anime, score in rows}
    return [
        f"{member} gave {anime} a {score}; there is {there.get((member, anime))}"
        for (member, anime), (score, unsure) in load.said.items()
        if score is not None and there.get((member, anime)) not in {score, *unsure}
    ]


def summed(heard: Heard) -> dict[str, Any]:
    times = sorted(heard.seconds)
    return {
        "requests": len(times),
        "statuses": dict(heard.statuses),
        "p50_ms": round(1000 * times[len(times) // 2], 1),
        "p99_ms": round(1000 * times[int(len(times) * 0.99)], 1),
        "odd": heard.odd,
    }


def print_table(told: dict[str, Any]) -> None:
    print(f"{'':22}{'requests':>10}{'p50 ms':>9}{'p99 ms':>9}  answers")
    for name, phase in told["phases"].items():
        print(
            f"{name:22}{phase['requests']:10,}{phase['p50_ms']:9.1f}{phase['p99_ms']:9.1f}  {phase['statuses']}"
        )
        for line in phase["odd"]:
            print(f"{'':24}{line[:150]}")
    print(
        f"{told['ratings']['acknowledged']:,} ratings acknowledged, {len(told['ratings']['lost'])} lost"
    )


if __name__ == "__main__":
    main()
