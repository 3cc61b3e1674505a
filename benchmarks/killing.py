"""What a crawl that is to be killed runs, and the tables by which its end is compared with another's."""

SETUP = """
import django, sys
django.setup()
from datetime import timedelta
from django.core.management import call_command
from catalog.etl import crawler, crawling
from catalog.etl.fetching.breaker import Breaker
from catalog.etl.fetching.client import Backoff, Client, Patience
from catalog.models import *
from catalog.models import runs
"""
MIGRATE = f"{SETUP}call_command('migrate', verbosity=0)"
# Small parts, so that there is much to kill; a worker counts as dead at once.
CRAWL = f"""{SETUP}
from django.conf import settings
crawler.CHUNK = 50
runs.DEAD_AFTER = timedelta(0)
waits = Backoff(5, 0.01, 0.02)
patience = Patience(read=1, whole=2, usual=waits, at_500=waits, at_429=waits)
print("started", flush=True)
run = crawling.unfinished("jikan")
run = crawling.begin("jikan", {{"full": True}}) if run is None else crawling.take_over(run)
client = Client("jikan", settings.JIKAN_BASE_URL, interval=0.005, user_agent="test",
                patience=patience, breaker=Breaker("jikan", limit=1000))
crawling.crawl(run, client)
if run.state == "partial":
    crawling.crawl(crawling.take_over(run), Client("jikan", settings.JIKAN_BASE_URL, interval=0.005,
                   user_agent="test", patience=patience, breaker=Breaker("jikan", limit=1000)))
print(ImportRun.objects.first().state)
"""
# Every column but numbers given in the order of writing and moments of the clock.
DUMP = f"""{SETUP}
import json
tables = {{
    "anime": Anime.objects.order_by("pk").values_list(),
    "genres": AnimeGenre.objects.order_by("anime", "genre__name").values_list("anime", "genre__name", "genre__kind"),
    "studios": AnimeStudio.objects.order_by("anime", "studio__name").values_list("anime", "studio__name"),
    "synonyms": TitleSynonym.objects.order_by("anime", "name").values_list("anime", "name"),
    "relations": AnimeRelation.objects.order_by("anime", "to_mal_id").values_list("anime", "kind", "to_mal_id"),
    "days": AnimeSnapshot.objects.order_by("anime", "taken_on").values_list(
        "anime", "taken_on", "score", "scored_by", "members", "favorites", "rank"),
    "told": SourceRecord.objects.order_by("anime", "source").values_list("anime", "source", "content_hash"),
    "absent": Absence.objects.order_by("mal_id").values_list("source", "mal_id", "days"),
}}
print(json.dumps({{name: list(rows) for name, rows in tables.items()}}, default=str))
"""
