"""What experiments cost: to note a list, and to report ten million titles. `python benchmarks/exposures.py`

Needs a PostgreSQL of its own to fill (DATABASE_URL: one that may be emptied of experiments and of the members that
this makes; all are taken away at the end). Noting: GET /recommend kept, by one member, with an experiment running and
without, in turn, in this process. Writing: lists a second into the database. Reporting: EXPOSURES titles shown to
MEMBERS simulated members in two variants, one in eight of whom took something up, and what a look at the report takes.
Writes results/exposures.json.
"""

import argparse
import json
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "animerec.settings")
os.environ.update(
    {"API_RATE_ANON": "", "API_RATE_USER": "", "LOG_LEVEL": "WARNING", "EXPOSURES_EVERY": "0"}
)
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import django

django.setup()

from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone

from benchmarks.simulated import forget, keys_of, members
from ratings.models import User
from recommender import partitions, serving
from recommender.experiments import analysing, exposing, states
from recommender.models import Experiment, Layer, Outcome, Variant

RESULT = Path(__file__).parent / "results" / "exposures.json"
PREFIX, SEED, ASKED = "benchmark-of-exposures-", 20261127, 400
DAYS, A_LIST = 28, 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--exposures", type=int, default=10_000_000)
    parser.add_argument("--members", type=int, default=250_000)
    asked = parser.parse_args()
    assert connection.vendor == "postgresql", "DATABASE_URL must name a PostgreSQL"
    told: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        settings.EXPOSURES_DIR = Path(folder)
        try:
            told["noting"] = noting()
            told["reporting"] = reporting(asked.exposures, asked.members)
        finally:
            clean()
    told["machine"] = {
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    RESULT.write_text(json.dumps(told, indent=1) + "\n")
    print(json.dumps(told, indent=1))


def began(name: str) -> Experiment:
    made = Experiment.objects.create(
        name=name, hypothesis="Simulated.", layer=Layer.objects.get_or_create(name="ranking")[0],
        guardrails=["disliked"],
    )  # fmt: skip
    for position in range(2):
        Variant.objects.create(experiment=made, position=position, name=f"v{position}", share=0.5)
    return states.start(made, by="benchmark")


def noting() -> dict[str, Any]:
    """Milliseconds of an answer, in turn: kept, of one member, who takes part and who does not."""
    with members(PREFIX, 1, 200, SEED) as (one,):
        (key,) = keys_of([one], "read")
        began("benchmark")
        client = Client(headers={"authorization": f"Bearer {key}"}, SERVER_NAME="127.0.0.1")

        def ask() -> None:
            assert client.get("/api/v1/recommend").status_code == 200

        took: dict[bool, list[float]] = {True: [], False: []}
        for turn in range(20):
            takes_part = turn % 2 == 0
            User.objects.filter(pk=one.pk).update(takes_part=takes_part)
            ask()
            took[takes_part] += [seconds(ask) * 1000 for _ in range(ASKED // 10)]
        began_at = time.perf_counter()
        lines = exposing.spool.empty()
        spent = time.perf_counter() - began_at
        clean_experiments()
    medians = {taking: statistics.median(own) for taking, own in took.items()}
    return {
        "kept answer, ms": {"counted": medians[True], "not counted": medians[False]},
        "added, ms": medians[True] - medians[False],
        "lists of 20 written a second": lines / spent,
    }


def reporting(exposures: int, number: int) -> dict[str, Any]:
    made = began("benchmark")
    start = timezone.now() - timedelta(days=DAYS)
    Experiment.objects.filter(pk=made.pk).update(started_at=start)
    made.refresh_from_db()
    partitions.make_ahead(start)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ratings_user (password, is_superuser, username, first_name, last_name, email, is_staff, "
            "is_active, date_joined, origin, is_public, list_version, calendar_generation, title_language, time_zone, "
            "wants_adult, confirmed_email) SELECT '!', false, %s || n, '', '', '', false, true, now(), 'simulated', "
            "false, 0, 0, 'english', '', false, '' FROM generate_series(1, %s) n",
            [PREFIX, number],
        )
        first = (
            User.objects.filter(username__startswith=PREFIX)
            .order_by("pk")
            .values_list("pk", flat=True)[0]
        )
        lists = exposures // A_LIST
        # Filled without indexes, and without asking for each row whether there is such a member.
        cursor.execute("ALTER TABLE recommender_exposure DROP CONSTRAINT exposure_once")
        cursor.execute("DROP INDEX exposure_member, exposure_lists")
        cursor.execute("SET session_replication_role = replica")
        # A list is shown to one member, at some moment of the 28 days; where they are is by their number.
        cursor.execute(
            "INSERT INTO recommender_exposure (experiment, variant, member_id, listing, position, length, anime, model, score, "
            "propensity, shown_at) SELECT %s, member %% 2, %s + member, md5(n::text)::uuid, place, 20, 1 + (n::bigint * 7 + place) "
            "%% 20000, 1, 0.5, 1, at FROM (SELECT n, (n::bigint * 7919) %% %s AS member, %s + (n %% 2419200) * interval '1 "
            "second' AS at FROM generate_series(1, %s) n) lists, generate_series(0, %s) place",
            [made.pk, first, number, start, lists, A_LIST - 1],
        )
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute(
            'ALTER TABLE recommender_exposure ADD CONSTRAINT exposure_once UNIQUE (listing, "position", shown_at)'
        )
        for made_anew in partitions.MADE:
            if made_anew.startswith("CREATE INDEX"):
                cursor.execute(made_anew)
        cursor.execute("VACUUM ANALYZE recommender_exposure")
    done = (
        User.objects.filter(username__startswith=PREFIX).order_by("pk").values_list("pk", flat=True)
    )
    Outcome.objects.bulk_create(
        (
            Outcome(experiment=made.pk, variant=(pk - first) % 2, member_id=pk, anime=1, kind="taken_up",
                    at=start + timedelta(days=20))
            for pk in done[::8]
        ),
        batch_size=5000,
    )  # fmt: skip
    took = [seconds(lambda: analysing.report(made)) for _ in range(3)]
    found = analysing.report(made)
    return {
        "exposures": lists * A_LIST, "members": sum(found.members), "outcomes": Outcome.objects.count(),
        "seconds": took, "median": statistics.median(took),
    }  # fmt: skip


def seconds(what: Callable[[], Any]) -> float:
    began_at = time.perf_counter()
    what()
    return time.perf_counter() - began_at


def clean_experiments() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE recommender_exposure, recommender_outcome")
    Experiment.objects.all().delete()
    serving.forget_loaded()


def clean() -> None:
    clean_experiments()
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM ratings_accesstoken WHERE member_id IN (SELECT id FROM ratings_user WHERE username LIKE %s)",
            [PREFIX + "%"],
        )
        cursor.execute("DELETE FROM ratings_user WHERE username LIKE %s", [PREFIX + "%"])
    forget(PREFIX)


if __name__ == "__main__":
    main()
