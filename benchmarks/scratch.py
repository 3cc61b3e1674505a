"""What benchmarks share: databases of their own on the server that DATABASE_URL names, and where figures go."""

import json
import os
import platform
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg


def is_postgres(address: str) -> bool:
    return address.startswith(("postgres://", "postgresql://"))


@contextmanager
def scratch_database(address: str, name: str) -> Iterator[str]:
    """The address of an empty database of that name, which is dropped at the end."""
    if not is_postgres(address):
        sys.exit(
            "set DATABASE_URL to a PostgreSQL server, as in postgres://user@127.0.0.1:5432/name"
        )
    with psycopg.connect(address, autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {name}")
        server.execute(f"CREATE DATABASE {name}")
        server.execute("CHECKPOINT")
        try:
            yield urlunsplit(urlsplit(address)._replace(path=f"/{name}"))
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def own_database(address: str, name: str) -> Iterator[str]:
    """The same; a file of SQLite where `address` names no server."""
    if is_postgres(address):
        with scratch_database(address, name) as own:
            yield own
    else:
        with tempfile.TemporaryDirectory() as folder:
            yield f"sqlite:///{folder}/bench.sqlite3"


def keep_figures(file: Path, database: str, figures: dict[str, Any]) -> None:
    """Write them beside those of the other databases, with the machine they were seen on."""
    known = json.loads(file.read_text()) if file.exists() else {}
    known[database] = {
        **figures,
        "python": platform.python_version(),
        "processors": os.cpu_count(),
        "load_average": round(os.getloadavg()[1], 1),
    }
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(known, indent=2, sort_keys=True) + "\n")
