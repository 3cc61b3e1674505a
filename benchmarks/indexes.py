"""Which index serves which question. `DATABASE_URL=postgres://... python benchmarks/indexes.py DIR [DIR ...]`

DIR holds a published catalogue; the first also the ratings. Works in a database of its own on that server, which it
makes and drops: the shipped tables, 7.8 million lines of 73,500 members (see `published`). For each question of
`index_ways` its tables lose their indexes, and each way in turn is built, sized, explained, asked VALUES drawn values
ROUNDS times, and taken away. Without an index fewer are asked where one takes long. Every way must answer as no index
does. Then what it costs to write NEW lines with each set of indexes, rolled back. Prints tables and writes
results/indexes.json.
"""

import argparse
import itertools
import json
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import psycopg

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from index_ways import LISTS, QUESTIONS, TITLES, WRITES, Question, Way
from published import SEED, resampled
from scratch import scratch_database
from small_instances import read_cooperunion

RESULT = ROOT / "benchmarks" / "results" / "indexes.json"
SCRATCH = "animerec_bench_indexes"
ROUNDS, VALUES, FEW, LONG_MS, NEW = 5, 100, 5, 100.0, 20_000

Database = psycopg.Connection[Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+", type=Path, metavar="DIR")
    parser.add_argument("--only", help="part of a question's name")
    options = parser.parse_args()
    with scratch_database(os.environ.get("DATABASE_URL", ""), SCRATCH) as address:
        load(address, options.folders)
        with psycopg.connect(address, autocommit=True) as database:
            # One plan for all: a second process would be a second thing to measure.
            database.execute("SET max_parallel_workers_per_gather = 0")
            database.execute("SET pg_trgm.similarity_threshold = 0.3")
            lines = fill(database, options.folders[0])
            wanted = [one for one in QUESTIONS if not options.only or options.only in one.name]
            told = {one.name: asked(database, one) for one in wanted}
            writes = [] if options.only else written(database)
            version = database.execute("SHOW server_version").fetchone()
    figures = {
        "server": version and version[0], "lines": lines, "seed": SEED, "rounds": ROUNDS, "values": VALUES,
        "processors": os.cpu_count(), "questions": told, "writes": writes,
    }  # fmt: skip
    if not options.only:
        RESULT.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    report(figures)


# --- the data


def load(address: str, folders: Sequence[Path]) -> None:
    env = {**os.environ, "DATABASE_URL": address}
    for arguments in (
        ["migrate", "-v0"],
        *(["load_dataset", str(one), "--no-ratings"] for one in folders),
    ):
        subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=env,
            check=True,
            capture_output=True,
        )


def fill(database: Database, folder: Path) -> int:
    """The members and their lines, in order of members as imports bring them."""
    data = resampled(read_cooperunion(folder), np.random.default_rng(SEED))
    known = {pk for (pk,) in database.execute(f"SELECT mal_id FROM {TITLES}")}
    data = data.only_items(sorted(known))
    drop_indexes(database, LISTS)
    members = data.member_ids.tolist()
    with database.cursor() as cursor:
        with cursor.copy("COPY ratings_user (id, username, password, first_name, last_name, email, is_superuser, is_staff, "
                         "is_active, date_joined, origin, external_id, is_public, list_version, calendar_generation, "
                         "title_language, time_zone, wants_adult, confirmed_email) FROM STDIN") as copy:  # fmt: skip
            for pk in members:
                copy.write_row((pk + 1, f"bench-{pk}", "!", "", "", "", False, False, True, "2026-11-01T00:00:00Z",
                                "simulated", pk, False, 0, 0, "english", "", False, ""))  # fmt: skip
        columns = (data.members.tolist(), data.items.tolist(), data.scores.tolist())
        with cursor.copy(f"COPY {LISTS} (user_id, anime_id, score, status) FROM STDIN") as copy:
            for member, anime, score in zip(*columns, strict=True):
                copy.write_row(
                    (member + 1, anime, None if score != score else int(score), "completed")
                )
    database.execute("VACUUM ANALYZE")
    return len(data)


# --- indexes


def drop_indexes(database: Database, table: str) -> list[str]:
    """All but the primary key; how to make them again."""
    rows = database.execute(
        "SELECT c.conname, pg_get_constraintdef(c.oid) FROM pg_constraint c WHERE c.conrelid = %s::regclass AND c.contype = 'u'",
        [table],
    ).fetchall()
    made = [
        f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}' for name, definition in rows
    ]
    for name, _ in rows:
        database.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    rows = database.execute(
        "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i WHERE i.indrelid = %s::regclass AND NOT i.indisprimary",
        [table],
    ).fetchall()
    for name, definition in rows:
        made.append(definition)
        database.execute(f"DROP INDEX {name}")
    return made


@contextmanager
def without_indexes(database: Database, tables: Sequence[str]) -> Iterator[None]:
    made = [statement for table in tables for statement in drop_indexes(database, table)]
    try:
        yield
    finally:
        for statement in made:
            database.execute(statement)


@contextmanager
def built(database: Database, question: Sequence[str], way: Way) -> Iterator[dict[str, Any]]:
    """The way's indexes; what they took to make, and how large they are."""
    before = size(database)
    began = time.perf_counter()
    for statement in way.made:
        database.execute(statement)
    took = time.perf_counter() - began
    grown = size(database) - before
    for table in {*question, TITLES}:
        database.execute(f"VACUUM ANALYZE {table}")
    try:
        yield {"seconds": round(took, 2), "megabytes": round(max(0, grown) / 2**20, 1)}
    finally:
        database.execute("DROP MATERIALIZED VIEW IF EXISTS sums")
        for name in ("w", "w2", "w3"):
            database.execute(f"DROP INDEX IF EXISTS {name}")
        for column in ("genre_ids", "words"):
            database.execute(f"ALTER TABLE {TITLES} DROP COLUMN IF EXISTS {column}")


def size(database: Database) -> int:
    row = database.execute("SELECT pg_database_size(current_database())").fetchone()
    assert row
    return int(row[0])


# --- asking


def asked(database: Database, question: Question) -> list[dict[str, Any]]:
    drawn = database.execute(question.drawn).fetchall()
    random.Random(SEED).shuffle(drawn)  # noqa: S311
    values = list(itertools.islice(itertools.cycle(drawn), VALUES))
    told, truth = [], None
    with without_indexes(database, question.on):
        for way in question.ways:
            ask = way.ask or question.ask
            with built(database, question.on, way) as cost:
                answers = [answer(database, ask, one, question) for one in values[:FEW]]
                truth = truth or answers
                if answers != truth:
                    raise SystemExit(f"{question.name}: {way.name} answers otherwise")
                told.append({"way": way.name, "shipped": way.shipped, **cost,
                             **timed(database, ask, values), **explained(database, ask, values[0])})  # fmt: skip
    return told


def answer(database: Database, ask: str, values: Sequence[Any], question: Question) -> list[Any]:
    rows = [tuple(map(str, row)) for row in database.execute(ask, values).fetchall()]
    return rows if question.ordered else sorted(rows)


def timed(database: Database, ask: str, values: list[Any]) -> dict[str, Any]:
    """Milliseconds: of each round the median and the 95th percentile; the middle round and how far they spread."""
    began = time.perf_counter()
    database.execute(ask, values[0]).fetchall()
    if (time.perf_counter() - began) * 1000 > LONG_MS:
        values = values[:FEW]
    rounds = []
    for _ in range(ROUNDS):
        times = []
        for one in values:
            began = time.perf_counter()
            database.execute(ask, one).fetchall()
            times.append((time.perf_counter() - began) * 1000)
        rounds.append(np.percentile(times, [50, 95]))
    middles = sorted(float(one[0]) for one in rounds)
    return {
        "p50": round(statistics.median(middles), 3), "low": round(middles[0], 3), "high": round(middles[-1], 3),
        "p95": round(statistics.median(float(one[1]) for one in rounds), 3), "asked": len(values),
    }  # fmt: skip


def explained(database: Database, ask: str, values: Sequence[Any]) -> dict[str, Any]:
    row = database.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {ask}", values).fetchone()
    assert row
    plan = row[0][0]["Plan"]
    kinds = list(dict.fromkeys(nodes(plan)))
    return {
        "plan": " < ".join(kinds),
        "buffers": plan["Shared Hit Blocks"] + plan["Shared Read Blocks"],
    }


def nodes(plan: dict[str, Any]) -> Iterator[str]:
    yield plan["Node Type"]
    for inner in plan.get("Plans", ()):
        yield from nodes(inner)


# --- writing


def written(database: Database) -> list[dict[str, Any]]:
    """NEW lines of members who have none of those titles, one statement for each hundred, rolled back."""
    new = database.execute(
        f"SELECT u.id, t.mal_id FROM (SELECT id FROM ratings_user WHERE username LIKE 'bench-%%' ORDER BY md5(id::text) LIMIT 2000) u, "
        f"LATERAL (SELECT mal_id FROM {TITLES} a WHERE NOT EXISTS (SELECT FROM {LISTS} l WHERE l.user_id = u.id AND l.anime_id = a.mal_id) "
        "ORDER BY md5((a.mal_id + u.id)::text) LIMIT 10) t", []
    ).fetchall()  # fmt: skip
    random.Random(SEED).shuffle(new)  # noqa: S311
    told = []
    with without_indexes(database, (LISTS,)):
        for way in WRITES:
            with built(database, (LISTS,), way) as cost:
                times = [insert(database, new[:NEW]) for _ in range(ROUNDS)]
                each = sorted(1e6 * one / NEW for one in times)
                told.append({"way": way.name, "shipped": way.shipped, **cost, "microseconds": round(statistics.median(each), 1),
                             "low": round(each[0], 1), "high": round(each[-1], 1)})  # fmt: skip
    return told


def insert(database: Database, new: list[Any]) -> float:
    database.execute("CHECKPOINT")
    began = time.perf_counter()
    with database.transaction(force_rollback=True), database.cursor() as cursor:
        for start in range(0, len(new), 100):
            some = new[start : start + 100]
            places = ", ".join(["(%s, %s, 8, 'completed')"] * len(some))
            flat = [value for row in some for value in row]
            cursor.execute(
                f"INSERT INTO {LISTS} (user_id, anime_id, score, status) VALUES {places}", flat
            )
        return time.perf_counter() - began


def report(figures: dict[str, Any]) -> None:
    print(f"PostgreSQL {figures['server']}, {figures['lines']:,} lines")
    for name, ways in figures["questions"].items():
        print(f"\n{name}")
        for one in ways:
            mark = "*" if one["shipped"] else " "
            print(f" {mark} {one['way']:58} {one['p50']:9.3f} ms ({one['low']:.3f} to {one['high']:.3f}), p95 {one['p95']:9.3f}, "
                  f"{one['megabytes']:7.1f} MB, {one['buffers']:7,} buffers, {one['plan']}")  # fmt: skip
    if figures["writes"]:
        print("\na new line")
    for one in figures["writes"]:
        mark = "*" if one["shipped"] else " "
        print(
            f" {mark} {one['way']:58} {one['microseconds']:7.1f} µs ({one['low']:.1f} to {one['high']:.1f}), {one['megabytes']:.1f} MB"
        )


if __name__ == "__main__":
    main()
