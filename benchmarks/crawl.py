"""A whole catalogue from a server of the Jikan shape into PostgreSQL. `DATABASE_URL=postgres://... python benchmarks/crawl.py`

Works in databases of its own on that server, which it makes and drops. First the whole catalogue with
every request permitted 1/500 s after the last, in rounds, each into emptied tables: records a second,
from the first request to the last commit, and the most memory the process ever had; what follows from a
changed catalogue (families, waiting lines) is told apart. Then a smaller
catalogue whose crawl is killed twenty times at random moments while a fifth of the answers fails, and
compared with one that nobody disturbed, row for row. Prints a table and writes results/crawl.json.
"""

import argparse
import json
import os
import platform
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import psycopg

from benchmarks.killing import CRAWL, DUMP, MIGRATE, SETUP
from benchmarks.scratch import scratch_database

RESULT = Path(__file__).parent / "results" / "crawl.json"
# The crawl as `manage.py ingest --full` makes it; what it took is told by the process itself.
MEASURED = f"""{SETUP}
import resource, time, json
from catalog.models import *
call_command("migrate", verbosity=0)
def memory():
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
run = crawling.begin("jikan", {{"full": True}})
marks = []
began, used = time.perf_counter(), time.process_time()
def progress():
    marks.append((crawling.read_so_far(run), memory(), time.perf_counter(), time.process_time()))
crawling.crawl(run, progress=progress)
# Behind the last commit families are worked out, which is told apart.
ended, worked = marks[-1][2:]
took, after = ended - began, time.perf_counter() - ended
quarter = next(memory for read, memory, *_ in marks if read >= run.total / 4)
print(json.dumps({{
    "state": run.state, "records": Anime.objects.count(), "seconds": round(took, 2),
    "records_per_second": round(Anime.objects.count() / took),
    "processor_seconds": round(worked - used, 2), "seconds_for_what_follows": round(after, 2),
    "memory_mb_at_a_quarter": quarter, "memory_mb_at_the_end": marks[-1][1],
}}))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--titles", type=int, default=26_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--killed-titles", type=int, default=2_000)
    options = parser.parse_args()
    figures = {
        "titles": options.titles,
        "page_size": 25,
        "permitted_requests_per_second": 500,
        **fastest(options.titles, options.rounds),
        **killed(options.killed_titles, options.kills),
        "load_average_at_the_end": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        "processors": os.cpu_count(),
    }
    for name, figure in figures.items():
        print(f"{name.replace('_', ' '):<40}{figure!s:>14}")
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(figures, indent=2) + "\n")


def fastest(titles: int, rounds: int) -> dict[str, object]:
    told = []
    with server(titles) as address:
        for _ in range(rounds):
            with site("animerec_bench_crawl", address) as environment:
                told.append(json.loads(run(MEASURED, environment).splitlines()[-1]))
                print(told[-1], flush=True)
    assert all(one["state"] == "done" and one["records"] == titles for one in told)
    best = max(told, key=lambda one: one["records_per_second"])
    return {
        "records_per_second_median": round(
            statistics.median(one["records_per_second"] for one in told)
        ),
        "records_per_second_best": best["records_per_second"],
        "processor_seconds_of_the_crawler": statistics.median(
            one["processor_seconds"] for one in told
        ),
        "seconds_for_what_follows": statistics.median(
            one["seconds_for_what_follows"] for one in told
        ),
        "memory_mb_at_a_quarter": max(one["memory_mb_at_a_quarter"] for one in told),
        "memory_mb_at_the_end": max(one["memory_mb_at_the_end"] for one in told),
    }


def killed(titles: int, kills: int) -> dict[str, object]:
    """Each kill a random moment after the crawl began; where it stood is read from its row."""
    chance = random.Random(5)  # noqa: S311  # no secret
    with (
        server(titles, "--failing", "0.2", "--stall", "0.1") as address,
        site("animerec_bench_clean", address) as clean,
        site("animerec_bench_killed", address) as disturbed,
    ):
        run(MIGRATE, clean)
        whole = undisturbed(clean)
        run(MIGRATE, disturbed)
        stood, done = [], 0
        for _ in range(kills):
            if run_and_kill(disturbed, chance.uniform(0, 3 * whole / kills)):
                done += 1
            stood.append(cursor_in(disturbed))
        ended = run(CRAWL, disturbed).split()[-1] if stood[-1][1] != "done" else "done"
        same = json.loads(run(DUMP, disturbed).splitlines()[-1]) == json.loads(
            run(DUMP, clean).splitlines()[-1]
        )
    print("stood at", stood, flush=True)
    return {
        "killed_titles": titles,
        "killed_times": done,
        "killed_at_different_places": len({place for place, _ in stood}),
        "killed_then_ended": ended,
        "killed_equals_undisturbed": same,
    }


def undisturbed(environment: dict[str, str]) -> float:
    """Seconds from its first sign of life."""
    process = subprocess.Popen(
        [sys.executable, "-c", CRAWL], cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.readline()
    began = time.monotonic()
    assert process.wait() == 0
    return time.monotonic() - began


def run_and_kill(environment: dict[str, str], after: float) -> bool:
    process = subprocess.Popen(
        [sys.executable, "-c", CRAWL], cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(after)
    process.send_signal(signal.SIGKILL)
    return process.wait() == -signal.SIGKILL


def cursor_in(environment: dict[str, str]) -> tuple[str, str]:
    with psycopg.connect(environment["DATABASE_URL"]) as database:
        row = database.execute(
            "SELECT cursor, state FROM catalog_importrun ORDER BY id DESC LIMIT 1"
        ).fetchone()
    return (row[0], row[1]) if row else ("", "")


@contextmanager
def server(titles: int, *more: str) -> Iterator[str]:
    process = subprocess.Popen(
        [sys.executable, "benchmarks/jikan_server.py", "--titles", str(titles), *more],
        cwd=ROOT,
        text=True,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait()


@contextmanager
def site(name: str, jikan: str) -> Iterator[dict[str, str]]:
    """The environment of a site with a database of its own."""
    with (
        scratch_database(os.environ.get("DATABASE_URL", ""), name) as address,
        tempfile.TemporaryDirectory() as folder,
    ):
        yield os.environ | {
            "DATABASE_URL": address,
            "DJANGO_SETTINGS_MODULE": "animerec.settings",
            "DATA_DIR": folder,
            "JIKAN_BASE_URL": jikan,
            "JIKAN_RATE": "500",
        }


def run(code: str, environment: dict[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


if __name__ == "__main__":
    main()
