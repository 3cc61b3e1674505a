"""Tests run side by side in several processes: each has a Redis of its own to write to and to empty.

Loaded by pytest before the settings are read. pytest-django does the same for the database.
"""

import os
import re

NAMES = ("REDIS_URL", "CELERY_BROKER_URL")
# One for the cache, one for the queue.
DATABASES_EACH = 2


def of_its_own(address: str, worker: int) -> str:
    """'redis://host:6379/9' of worker 1 is 'redis://host:6379/11'; of another server it stays."""
    if not address.startswith(("redis://", "rediss://")):
        return address
    found = re.search(r"/(\d+)$", address)
    number = int(found[1]) if found else 0
    return f"{address[: found.start()] if found else address.rstrip('/')}/{number + DATABASES_EACH * worker}"


if found := re.fullmatch(r"gw(\d+)", os.environ.get("PYTEST_XDIST_WORKER", "")):
    for name in NAMES:
        if address := os.environ.get(name):
            os.environ[name] = of_its_own(address, int(found[1]))
