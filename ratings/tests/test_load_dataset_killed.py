"""A load that is killed, over and over, ends where one clean run ends. Really killed, in databases of its own."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import connection

ROOT = Path(settings.BASE_DIR)
KILLS = 4
SETUP = """
import django, sys
django.setup()
from django.core.management import call_command
from catalog.etl import loading
from ratings.importing import blocks
loading.CHUNK = 25
blocks.BLOCK_BYTES = 4_000
"""
LOAD = f"{SETUP}call_command('load_dataset', sys.argv[1])"
MIGRATE = f"{SETUP}call_command('migrate', verbosity=0)"
# Everything by names that do not depend on the order of writing.
DUMP = f"""{SETUP}
import json
from catalog.models import *
from ratings.models import *
titles = Anime.objects.order_by("pk").values_list("pk", "title", "is_stub", "members", "search_text")
genres = AnimeGenre.objects.order_by("anime", "genre__name").values_list("anime", "genre__name")
told = SourceRecord.objects.order_by("anime", "source").values_list("anime", "source", "content_hash")
days = AnimeSnapshot.objects.order_by("anime").values_list("anime", "score", "members")
members = User.objects.order_by("username").values_list("username", "external_id", "list_version")
lines = UserAnimeRating.objects.order_by("user__username", "anime").values_list(
    "user__username", "anime", "status", "score", "watched_episodes"
)
print(json.dumps([list(rows) for rows in (titles, genres, told, days, members, lines)]))
"""


class Site:
    """A database of its own, and commands that run in it as processes of their own."""

    def __init__(self, folder, address):
        folder.mkdir()
        self.folder = folder
        self.env = os.environ | {"DATA_DIR": str(folder), "DATABASE_URL": address}
        self.env["DJANGO_SETTINGS_MODULE"] = "animerec.settings"
        self.run(MIGRATE)

    def run(self, code, *arguments):
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments],
            cwd=ROOT,
            env=self.env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start_and_kill(self, code, argument, after):
        """Let it write for `after` seconds, then SIGKILL; True if that was in the middle of the work."""
        process = subprocess.Popen(
            [sys.executable, "-c", code, argument],
            cwd=ROOT,
            env=self.env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        # It says so once it begins to read the first file.
        process.stderr.readline()
        time.sleep(after)
        process.send_signal(signal.SIGKILL)
        process.stderr.close()
        return process.wait() == -signal.SIGKILL

    def tables(self):
        return json.loads(self.run(DUMP).splitlines()[-1])


@pytest.fixture
def new_site(tmp_path, django_db_setup, django_db_blocker):
    """Makes sites on whichever database the tests run."""
    made = []

    def make(name):
        if connection.vendor != "postgresql":
            return Site(tmp_path / name, f"sqlite:///{tmp_path / name}.sqlite3")
        params = connection.get_connection_params()
        server = {
            key: params[key] for key in ("host", "port", "user", "password") if params.get(key)
        }
        database = f"{params['dbname']}_{name}"
        made.append((server, database))
        with psycopg.connect(**server, dbname=params["dbname"], autocommit=True) as admin:
            admin.execute(f"DROP DATABASE IF EXISTS {database}")
            admin.execute(f"CREATE DATABASE {database}")
        at = f"{server.get('user', '')}:{server.get('password', '')}@{server.get('host', '')}"
        return Site(tmp_path / name, f"postgres://{at}:{server.get('port', 5432)}/{database}")

    with django_db_blocker.unblock():
        yield make
        for server, database in made:
            with psycopg.connect(**server, dbname="postgres", autocommit=True) as admin:
                admin.execute(f"DROP DATABASE {database} WITH (FORCE)")


def invented_dataset(folder):
    """Members in order, a list of each; some titles are in no catalogue."""
    chance = random.Random(5)  # noqa: S311  # no secret
    folder.mkdir()
    titles = [9_000_000 + number for number in range(1, 301)]
    catalogue = [
        f"{pk},Invented Title {pk},{chance.choice(['Drama', 'Kids', 'Magic'])},TV,12,7.1,{pk % 97}"
        for pk in titles[:250]
    ]
    rows = [
        f"{member},{pk},{chance.choice([-1, 3, 7, 10])}"
        for member in range(1, 301)
        for pk in chance.sample(titles, 30)
    ]
    head = "anime_id,name,genre,type,episodes,rating,members"
    (folder / "anime.csv").write_text("\n".join([head, *catalogue]))
    (folder / "rating.csv").write_text("\n".join(["user_id,anime_id,rating", *rows]))
    return str(folder)


def test_killed_runs_and_one_more_end_like_a_clean_run(tmp_path, new_site):
    dataset = invented_dataset(tmp_path / "dataset")
    clean, killed = new_site("clean"), new_site("killed")
    began = time.monotonic()
    clean.run(LOAD, dataset)
    whole = time.monotonic() - began
    chance = random.Random(11)  # noqa: S311  # no secret
    kills = [
        killed.start_and_kill(LOAD, dataset, chance.uniform(0.02, whole / 4)) for _ in range(KILLS)
    ]
    assert any(kills)
    killed.run(LOAD, dataset)
    assert killed.tables() == clean.tables()
