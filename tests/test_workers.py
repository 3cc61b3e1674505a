"""Each process of tests writes to databases of Redis that no other one has."""

import pytest

from tests.workers import of_its_own


@pytest.mark.parametrize(
    ("address", "worker", "own"),
    [
        ("redis://127.0.0.1:6379/9", 0, "redis://127.0.0.1:6379/9"),
        ("redis://127.0.0.1:6379/9", 1, "redis://127.0.0.1:6379/11"),
        ("rediss://:secret@cache.example:6380/0", 2, "rediss://:secret@cache.example:6380/4"),
        ("redis://127.0.0.1:6379", 1, "redis://127.0.0.1:6379/2"),
        ("redis://127.0.0.1:6379/", 1, "redis://127.0.0.1:6379/2"),
        ("amqp://127.0.0.1:5672//", 1, "amqp://127.0.0.1:5672//"),
    ],
)
def test_a_process_has_databases_of_its_own(address: str, worker: int, own: str) -> None:
    assert of_its_own(address, worker) == own
