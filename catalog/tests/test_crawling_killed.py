"""A crawl that is killed, over and over, ends as one that nobody disturbed. Really killed, in databases of its own."""

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

from benchmarks.jikan_server import JikanServer
from benchmarks.killing import CRAWL, DUMP, MIGRATE

ROOT = Path(settings.BASE_DIR)
KILLS = 3


class Site:
    """A database of its own, and crawls that run in it as processes of their own."""

    def __init__(self, folder, address, server):
        folder.mkdir()
        self.env = os.environ | {
            "DATA_DIR": str(folder),
            "DATABASE_URL": address,
            "DJANGO_SETTINGS_MODULE": "animerec.settings",
            "JIKAN_BASE_URL": server.address,
            "REDIS_URL": "",
        }
        self.run(MIGRATE)

    def start(self, code):
        return subprocess.Popen(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, code):
        process = self.start(code)
        out, err = process.communicate(timeout=300)
        assert process.returncode == 0, err
        return out

    def run_and_kill(self, after):
        """SIGKILL it `after` seconds into its work; True if that was in the middle."""
        process = self.start(CRAWL)
        process.stdout.readline()
        time.sleep(after)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        return process.returncode == -signal.SIGKILL

    def tables(self):
        return json.loads(self.run(DUMP).splitlines()[-1])


@pytest.fixture
def new_site(tmp_path, django_db_setup, django_db_blocker):
    """Makes sites on whichever database the tests run."""
    made = []

    def make(name, server):
        if connection.vendor != "postgresql":
            return Site(tmp_path / name, f"sqlite:///{tmp_path / name}.sqlite3", server)
        params = connection.get_connection_params()
        access = {
            key: params[key] for key in ("host", "port", "user", "password") if params.get(key)
        }
        database = f"{params['dbname']}_{name}"
        made.append((access, database))
        with psycopg.connect(**access, dbname=params["dbname"], autocommit=True) as admin:
            admin.execute(f"DROP DATABASE IF EXISTS {database}")
            admin.execute(f"CREATE DATABASE {database}")
        at = f"{access.get('user', '')}:{access.get('password', '')}@{access.get('host', '')}"
        return Site(
            tmp_path / name, f"postgres://{at}:{access.get('port', 5432)}/{database}", server
        )

    with django_db_blocker.unblock():
        yield make
        for access, database in made:
            with psycopg.connect(**access, dbname="postgres", autocommit=True) as admin:
                admin.execute(f"DROP DATABASE {database} WITH (FORCE)")


def test_killed_crawls_and_one_more_end_like_an_undisturbed_one(new_site):
    with JikanServer(400, failing=0.1, seed=3, stall=0.1, page_size=10) as server:
        clean, killed = new_site("clean", server), new_site("killed", server)
        began = time.monotonic()
        clean.run(CRAWL)
        whole = time.monotonic() - began
        chance = random.Random(11)  # noqa: S311  # no secret
        kills = [killed.run_and_kill(chance.uniform(0.05, whole / 4)) for _ in range(KILLS)]
        assert any(kills)
        assert "done" in killed.run(CRAWL)
        told, expected = killed.tables(), clean.tables()
    assert told == expected
    assert len(expected["anime"]) == 400
