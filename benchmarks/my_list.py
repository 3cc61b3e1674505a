"""My list with 5,000 titles on it. `DATABASE_URL=... python benchmarks/my_list.py`

In a database of the benchmark's own (a file of SQLite where DATABASE_URL is not set, else one made
and dropped on that PostgreSQL server) are 24,000 invented titles with long synopses, 200 members with
200 entries each, and one with 5,000. Her page is asked for through the whole stack of the site, by
the address, in several orders and with filters: once with everything that a process and the database
may hold thrown away before (cold: Django's cache emptied and the connection closed), then again at
once (warm). `at work`: the part of a warm answer in which this process had the processor; on a busy
machine the rest is waiting. Changes of all 5,000 and their undo are timed too. Prints a table and
adds the figures under the database's name to results/my_list.json.
"""

import argparse
import gzip
import os
import random
import statistics
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.scratch import is_postgres, keep_figures, own_database

RESULT = Path(__file__).parent / "results" / "my_list.json"
SCRATCH = "animerec_bench_my_list"
TITLES, ENTRIES, OTHERS, OF_OTHERS = 24_000, 5_000, 200, 200
FIRST = 9_000_000
ADDRESSES = {
    "as it opens": "",
    "by title": "?sort=title",
    "by score": "?sort=score",
    "mine minus theirs": "?sort=apart",
    "by year, page 25": "?sort=year&page=25",
    "a status": "?status=completed",
    "a name": "?q=lantern",
    "genre, type, years, scores": "?genre=Genre+3&type=tv&year_min=1990&score_min=5&sort=mean",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=30)
    options = parser.parse_args()
    with own_database(os.environ.get("DATABASE_URL", ""), SCRATCH) as address:
        os.environ["DATABASE_URL"] = address
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "animerec.settings")
        figures = measured(options.rounds)
    report(figures, "postgresql" if is_postgres(address) else "sqlite")


def measured(rounds: int) -> dict[str, Any]:
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client

    settings.ALLOWED_HOSTS = ["testserver"]
    call_command("migrate", verbosity=0)
    member = fill()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    client = Client()
    client.force_login(member)
    pages = {
        name: of_page(client, f"/my-list/{query}", rounds) for name, query in ADDRESSES.items()
    }
    pages["somebody else reads it"] = of_page(Client(), f"/members/{member.pk}/", rounds)
    return {
        "rounds": rounds,
        "pages": pages,
        "changes": of_changes(member),
        "table": of_table(client),
    }


def fill() -> Any:
    from django.utils import timezone

    from catalog.models import Anime, AnimeGenre, Genre
    from ratings.models import User, UserAnimeRating, WatchStatus

    rng = random.Random(7)  # noqa: S311  # invented titles
    words = [
        "lantern",
        "harbour",
        "garden",
        "machine",
        "snow",
        "rain",
        "star",
        "road",
        "moon",
        "shadow",
        "tower",
        "river",
    ]
    genres = Genre.objects.bulk_create(Genre(name=f"Genre {n}") for n in range(40))
    synopsis = " ".join(rng.choice(words) for _ in range(140))
    for start in range(0, TITLES, 4000):
        names = [f"{rng.choice(words)} {rng.choice(words)} {n}" for n in range(start, start + 4000)]
        Anime.objects.bulk_create(
            Anime(
                mal_id=FIRST + start + n, title=name, title_english=name.title(), synopsis=synopsis,
                search_text=name, type=rng.choice(["tv", "movie", "ova"]), status="finished",
                episodes=rng.choice([1, 12, 24, 26]), duration=1440, year=rng.randint(1975, 2026),
                season="spring", mean_score=round(rng.uniform(4, 9), 2), members=rng.randint(1, 10**6),
            )
            for n, name in enumerate(names)
        )  # fmt: skip
    everything = range(FIRST, FIRST + TITLES)
    AnimeGenre.objects.bulk_create(
        (
            AnimeGenre(anime_id=pk, genre=genre)
            for pk in everything
            for genre in rng.sample(genres, 3)
        ),
        batch_size=5000,
    )
    now = timezone.now()

    def entries(member: User, number: int) -> list[UserAnimeRating]:
        return [
            UserAnimeRating(
                user=member, anime_id=pk, score=rng.choice([None, *range(1, 11)]),
                status=rng.choice(WatchStatus.values), watched_episodes=rng.choice([None, 1, 5, 12]),
                rated_at=now - timedelta(minutes=rng.randint(0, 10**6)),
            )
            for pk in rng.sample(everything, number)
        ]  # fmt: skip

    for n in range(OTHERS):
        other = User.objects.create(username=f"other-{n}")
        UserAnimeRating.objects.bulk_create(entries(other, OF_OTHERS))
    member = User.objects.create(username="bench", is_public=True)
    UserAnimeRating.objects.bulk_create(entries(member, ENTRIES))
    return member


def of_page(client: Any, address: str, rounds: int) -> dict[str, Any]:
    from django.core.cache import cache
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.get(address)  # templates are read once a process
    cold, warm, busy = [], [], []
    for _ in range(rounds):
        cache.clear()
        connection.close()
        cold.append(timed(lambda: client.get(address)))
        began = time.process_time()
        warm.append(timed(lambda: client.get(address)))
        busy.append((time.process_time() - began) * 1000)
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(address)
    assert answer.status_code == 200, address
    return {
        "cold p50": spread(cold, 50), "cold p95": spread(cold, 95),
        "warm p50": spread(warm, 50), "warm p95": spread(warm, 95),
        "at work p50": spread(busy, 50),
        "queries": len(queries), "KB": round(len(answer.content) / 1024),
        "KB gzipped": round(len(gzip.compress(answer.content)) / 1024, 1),
    }  # fmt: skip


def of_changes(member: Any) -> dict[str, float]:
    """Seconds, once each."""
    from ratings import bulk, undoing
    from ratings.models import UserAnimeRating

    mine = UserAnimeRating.objects.filter(user=member)
    verbs: dict[str, Callable[[], Any]] = {
        "status of all": lambda: bulk.set_status(member=member, entries=mine, status="on_hold"),
        "score of all": lambda: bulk.set_score(member=member, entries=mine, score=5),
        "take all off": lambda: bulk.take_off(member=member, entries=mine),
    }
    took = {}
    for name, verb in verbs.items():
        took[name] = round(timed(verb) / 1000, 2)
        took[f"undo: {name}"] = round(timed(lambda: undoing.undo(member)) / 1000, 2)
    assert mine.count() == ENTRIES
    return took


def of_table(client: Any) -> dict[str, float]:
    taken: list[bytes] = []
    took = timed(lambda: taken.extend(client.get("/my-list/list.csv").streaming_content))
    return {"seconds": round(took / 1000, 2), "KB": round(sum(map(len, taken)) / 1024)}


def timed(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def spread(values: list[float], percent: int) -> float:
    return round(statistics.quantiles(values, n=100, method="inclusive")[percent - 1], 1)


def report(figures: dict[str, Any], database: str) -> None:
    first = next(iter(figures["pages"].values()))
    print(f"{'ms':<28}" + "".join(f"{name:>12}" for name in first))
    for name, page in figures["pages"].items():
        print(f"{name:<28}" + "".join(f"{value:>12}" for value in page.values()))
    for name, value in {**figures["changes"], "the table": figures["table"]["seconds"]}.items():
        print(f"{name:<28}{value:>11} s")
    keep_figures(RESULT, database, figures)


if __name__ == "__main__":
    main()
