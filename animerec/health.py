"""Whether what the site leans on answers."""

import secrets

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection

from recommender import serving

# Kept a moment only: each look writes its own.
SECONDS = 10


def state_of_dependencies() -> dict[str, str]:
    """`ok`, `down` or `not used` for each; and which model ranks, if any."""
    database = "ok" if _database_answers() else "down"
    return {
        "database": database,
        "cache": _state_of_cache(),
        "model": _model() if database == "ok" else "unknown",
    }


def same(given: str, wanted: str) -> bool:
    """Told in the same time, however much of it is right."""
    return secrets.compare_digest(given.encode("utf-8", "replace"), wanted.encode())


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            return bool(cursor.fetchone() == (1,))
    except DatabaseError:
        return False


def _state_of_cache() -> str:
    """Write and read back: a cache that is gone answers no question, but raises nothing either."""
    if not settings.REDIS_URL:
        return "not used"
    key, word = f"readyz:{secrets.token_hex(8)}", secrets.token_hex(8)
    cache.set(key, word, SECONDS)
    return "ok" if cache.get(key) == word else "down"


def _model() -> str:
    model = serving.active_model()
    return str(model) if model else "none trained: popularity answers"
