"""`load_dataset` against a bare COPY of the same rows. `DATABASE_URL=postgres://... python benchmarks/ingest.py DIR`

Works in a database of its own on that server, which it makes and drops. In each round the ratings of
DIR are loaded into emptied tables, then the rows that this left are brought into the emptied list
table by one COPY: the same table, indexes, foreign keys and checks. A checkpoint goes before each.
Prints a table and writes results/ingest.json.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path

import psycopg

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.scratch import scratch_database

RESULT = Path(__file__).parent / "results" / "ingest.json"
SCRATCH = "animerec_bench_ingest"
LISTS = "ratings_useranimerating"
COLUMNS = "user_id, anime_id, status, score, watched_episodes"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path, metavar="DIR", help="holds a dataset with ratings")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with scratch_database(os.environ.get("DATABASE_URL", ""), SCRATCH) as address:
        os.environ["DATABASE_URL"] = address
        manage("migrate", "-v0")
        manage("load_dataset", str(options.directory), "--no-ratings")
        with psycopg.connect(address, autocommit=True) as database:
            version = server_version(database)
            rounds = [one_round(database, options.directory) for _ in range(options.rounds)]
            whole = whole_command(database, options.directory)
    report(rounds, whole, version)


def manage(*arguments: str) -> float:
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=ROOT, check=True, capture_output=True
    )
    return time.perf_counter() - began


def server_version(database: psycopg.Connection) -> str:
    return str(database.execute("SHOW server_version").fetchone()[0])


def emptied(database: psycopg.Connection, tables: str) -> None:
    database.execute(f"TRUNCATE {tables} CASCADE")
    database.execute("CHECKPOINT")


def one_round(database: psycopg.Connection, directory: Path) -> dict[str, float]:
    emptied(database, "ratings_user")
    load = loaded_in_this_process(directory)
    with (
        database.cursor() as cursor,
        cursor.copy(f"COPY (SELECT {COLUMNS} FROM {LISTS} ORDER BY id) TO STDOUT") as out,
    ):
        rows = b"".join(out)
    emptied(database, LISTS)
    began = time.perf_counter()
    with database.cursor() as cursor, cursor.copy(f"COPY {LISTS} ({COLUMNS}) FROM STDIN") as copy:
        copy.write(rows)
    bare = time.perf_counter() - began
    return {"rows": rows.count(b"\n"), "load": load, "bare": bare}


def loaded_in_this_process(directory: Path) -> float:
    """Without the start of Python, which a COPY does not have either; reading the file and adding the members counts."""
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "animerec.settings")
    import django

    django.setup()
    from django.core.management import call_command

    began = time.perf_counter()
    with open(os.devnull, "w") as quiet:
        call_command("load_dataset", str(directory), no_catalogue=True, stdout=quiet, stderr=quiet)
    return time.perf_counter() - began


def whole_command(database: psycopg.Connection, directory: Path) -> float:
    """Everything an operator waits for: the start of Python, the catalogue, the ratings."""
    emptied(database, "ratings_user, catalog_anime, catalog_genre, catalog_studio")
    return manage("load_dataset", str(directory))


def report(rounds: list[dict[str, float]], whole: float, version: str) -> None:
    rows = int(rounds[0]["rows"])
    bare = statistics.median(rows / one["bare"] for one in rounds)
    load = statistics.median(rows / one["load"] for one in rounds)
    ratios = sorted(one["bare"] / one["load"] for one in rounds)
    figures = {
        "rows": rows,
        "rounds": len(rounds),
        "bare_copy_rows_per_second": round(bare),
        "load_dataset_rows_per_second": round(load),
        "ratio_median": round(statistics.median(ratios), 2),
        "ratio_lowest": round(ratios[0], 2),
        "ratio_highest": round(ratios[-1], 2),
        "whole_command_seconds": round(whole, 1),
        "whole_command_rows_per_second": round(rows / whole),
        "whole_command_ratio": round(rows / whole / bare, 2),
        "postgresql": version,
        "python": platform.python_version(),
        "processors": os.cpu_count(),
    }
    for name, figure in figures.items():
        print(
            f"{name.replace('_', ' '):<32}{figure:>12,}"
            if isinstance(figure, int)
            else f"{name.replace('_', ' '):<32}{figure:>12}"
        )
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
