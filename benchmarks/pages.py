"""How long the server takes for every page, with nothing cached and with everything. `python benchmarks/pages.py`

Reads the database that DATABASE_URL names, with models of DATA_DIR; of the pages of tests/pages.py each
is asked --times times, for titles, members and years drawn by a seed. It writes a few members of its own
(one with 1,000 ratings) and takes them away. The time is of the whole WSGI stack, middleware and
templates, by Django's test client: no network, no compression. Cold: the cache is emptied before every
request (a Redis that REDIS_URL names is emptied too); models stay open, as in a process that has
answered before. Warm: the same address was asked just before. Beside each page stands how long a
fixed piece of Python took just then: where that differs between two runs, so did the machine.
Writes results/pages.json.
"""

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "animerec.settings")
os.environ.setdefault("LOG_LEVEL", "ERROR")
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import django

django.setup()

import numpy as np
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import Client

from catalog.models import Anime
from ratings.models import User, UserAnimeRating, WatchStatus
from recommender.heap import settle
from recommender.sharing import MOST_OTHERS
from tests.pages import PAGES, Page, Who

RESULT = Path(__file__).parent / "results" / "pages.json"
SEED, RATINGS, TITLES = 20261126, 1000, 200
COLD_BUDGET, WARM_BUDGET = 150, 50
PREFIX = "benchmark-of-pages-"
LEAST_TITLES, LEAST_MEMBERS = 20_000, 4_900


@dataclass
class World:
    """Who asks, and for what."""

    clients: dict[Who, Client]
    titles: list[int]
    members: list[int]
    names: list[str]
    years: list[int]

    def address(self, page: Page, turn: int) -> str:
        return page.path.format(
            title=self.titles[turn % len(self.titles)],
            member=self.members[turn % len(self.members)],
            year=self.years[turn % len(self.years)],
            company=self._company(turn),
        )

    def _company(self, turn: int) -> str:
        names = [self.names[(turn + more) % len(self.names)] for more in range(MOST_OTHERS)]
        return urlencode({"with": names}, doseq=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=40, help="requests a page, viewer and state")
    parser.add_argument("--only", nargs="*", default=[], metavar="PAGE")
    parser.add_argument("--dry", action="store_true", help="write no file")
    options = parser.parse_args()
    settings.ALLOWED_HOSTS.append("testserver")
    size = {"titles": Anime.objects.visible().count(), "members": User.objects.count()}
    if size["titles"] < LEAST_TITLES or size["members"] < LEAST_MEMBERS:
        print(f"small: {size}; the budgets are for {LEAST_TITLES:,} and {LEAST_MEMBERS:,}")
    settle()  # as animerec.wsgi does
    with world() as found:
        rows = [
            measured(found, page, who, options.times)
            for page in PAGES
            if not options.only or page.name in options.only
            for who in page.who
        ]
    over = [row["page"] for row in rows if row["over"]]
    print(f"over the budget: {', '.join(over) or 'none'}")
    if not options.dry and not options.only:
        RESULT.write_text(json.dumps(report(size, rows, options.times), indent=1) + "\n")


def report(size: dict[str, int], rows: list[dict[str, Any]], times: int) -> dict[str, Any]:
    return {
        "command": "python benchmarks/pages.py",
        "machine": {
            "python": platform.python_version(),
            "django": django.get_version(),
            "database": f"{connection.vendor} {getattr(connection, 'pg_version', '')}".strip(),
            "cache": settings.CACHES["default"]["BACKEND"].rpartition(".")[2],
            "cores": os.cpu_count(),
            "load_at_the_end": os.getloadavg()[0],
        },
        "data": {**size, "ratings_of_the_member": RATINGS, "titles_asked_for": TITLES},
        "seed": SEED,
        "requests_each": times,
        "budget_ms": {"cold_p95": COLD_BUDGET, "warm_p95": WARM_BUDGET},
        "pages": rows,
    }


# --- measuring


def measured(world: World, page: Page, who: Who, times: int) -> dict[str, Any]:
    client = world.clients[who]
    # Once unmeasured: the process opens models and compiles templates at its first request only.
    client.get(world.address(page, 0))
    cold, warm, largest = [], [], 0
    for turn in range(times):
        address = world.address(page, turn)
        cache.clear()
        took, size = timed(client, address, page)
        cold.append(took)
        warm.append(timed(client, address, page)[0])
        largest = max(largest, size)
    row = {
        "page": f"{page.name} ({who})",
        "cold": percentiles(cold),
        "warm": percentiles(warm),
        "largest_html": largest,
        "yardstick_ms": yardstick(),
    }
    row["over"] = row["cold"]["p95"] > COLD_BUDGET or row["warm"]["p95"] > WARM_BUDGET
    print(
        f"{row['page']:<28} cold {row['cold']['p50']:7.1f} {row['cold']['p95']:7.1f}   "
        f"warm {row['warm']['p50']:7.1f} {row['warm']['p95']:7.1f} ms  "
        f"(yardstick {row['yardstick_ms']:.1f})  {'over' * row['over']}",
        flush=True,
    )
    return row


def yardstick() -> float:
    """The middle of five times of the same work, in ms."""
    took = []
    for _ in range(5):
        began = time.perf_counter()
        sum(number * number for number in range(100_000))
        took.append((time.perf_counter() - began) * 1000)
    return round(float(np.median(took)), 1)


def timed(client: Client, address: str, page: Page) -> tuple[float, int]:
    began = time.perf_counter()
    response = client.get(address)
    took = (time.perf_counter() - began) * 1000
    assert response.status_code == (200 if page.route else 404), (address, response.status_code)
    return took, len(response.content)


def percentiles(took: list[float]) -> dict[str, float]:
    return {f"p{part}": round(float(np.percentile(took, part)), 1) for part in (50, 95)}


# --- who asks


@contextmanager
def world() -> Iterator[World]:
    remove_own()
    rng = np.random.default_rng(SEED)
    try:
        yield _world(rng)
    finally:
        remove_own()


def _world(rng: np.random.Generator) -> World:
    everything = np.fromiter(
        Anime.objects.recommendable().order_by("pk").values_list("pk", flat=True), np.int64
    )
    member = User.objects.create(username=f"{PREFIX}member", is_public=True)
    _fill(member, everything, rng)
    viewers = {
        Who.MEMBER: member,
        Who.NEWCOMER: User.objects.create(username=f"{PREFIX}newcomer"),
        Who.STAFF: User.objects.create(username=f"{PREFIX}staff", is_staff=True, is_superuser=True),
    }
    clients = {Who.GUEST: Client(), **{who: _signed_in(user) for who, user in viewers.items()}}
    years = Anime.objects.visible().filter(year__gte=1990).values_list("year", flat=True)
    public = (
        User.objects.filter(is_public=True).order_by("pk").values_list("pk", "username")[:TITLES]
    )
    return World(
        clients,
        titles=rng.choice(everything, min(TITLES, len(everything)), replace=False).tolist(),
        members=[pk for pk, _ in public],
        names=[name for _, name in public],
        years=rng.permutation(sorted({year for year in years if year})).tolist(),
    )


def _fill(member: User, titles: "np.ndarray[Any, Any]", rng: np.random.Generator) -> None:
    """As lists are: the most watched titles likelier than the rest."""
    known = Anime.objects.in_bulk(titles.tolist())
    weight = np.array([(known[pk].members or 0) + 10 for pk in titles.tolist()], float) ** 0.7
    size = min(RATINGS, len(titles))
    chosen = rng.choice(titles, size, replace=False, p=weight / weight.sum())
    scores = rng.integers(4, 11, size)
    UserAnimeRating.objects.bulk_create(
        UserAnimeRating(user=member, anime_id=pk, status=WatchStatus.COMPLETED, score=score)
        for pk, score in zip(chosen.tolist(), scores.tolist(), strict=True)
    )


def _signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def remove_own() -> None:
    """The benchmark's members with all that is theirs, sessions too; nobody else's."""
    from django.contrib.sessions.models import Session

    own = User.objects.filter(username__startswith=PREFIX)
    ids = {str(pk) for pk in own.values_list("pk", flat=True)}
    if ids:
        for session in Session.objects.iterator():
            if session.get_decoded().get("_auth_user_id") in ids:
                session.delete()
        own.delete()


if __name__ == "__main__":
    main()
