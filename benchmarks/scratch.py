"""Databases of a benchmark's own on the PostgreSQL server that DATABASE_URL names."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
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
