"""Asking a source: what is asked again, what is not, how fast, and when it is left alone."""

import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from django.conf import settings as site

from catalog.etl.fetching import shared
from catalog.etl.fetching.breaker import Breaker
from catalog.etl.fetching.client import (
    Absent,
    BadAnswer,
    Client,
    Forbidden,
    Refused,
    Resting,
    Unavailable,
)
from catalog.etl.fetching.limiter import Limiter
from catalog.etl.sources import jikan
from catalog.tests.conftest import QUICK, client_of

FIRST = 9_000_001
REDIS = site.REDIS_URL


def ask(client, path="/anime/9000001/full", read=jikan.read_title):
    return client.get(path, {}, read)


def test_an_answer_is_read_and_the_source_is_told_who_asks(source):
    server = source()
    assert ask(client_of(server))["mal_id"] == FIRST
    [(_, path, headers)] = server.requests
    assert (path, headers["user-agent"]) == (
        "/v4/anime/9000001/full",
        "animerec/test (+http://127.0.0.1)",
    )


@pytest.mark.parametrize(
    "wrong",
    [
        "503",
        "504",
        "HTML",
        "empty data",
        "null data",
        "truncated JSON",
        "cut off",
        "timeout",
        "slow body",
    ],
)
def test_what_passes_is_asked_again_and_not_for_ever(source, wrong):
    server = source(stall=1.2)
    server.always["/anime/9000001"] = wrong
    hasty = replace(QUICK, read=0.25, whole=0.4)
    with pytest.raises(Unavailable):
        ask(client_of(server, patience=hasty))
    assert len(server.requests) == QUICK.usual.attempts


@pytest.mark.parametrize(("wrong", "times"), [("429", 3), ("500", 3)])
def test_a_busy_or_broken_source_is_asked_three_times(source, wrong, times):
    server = source()
    server.always["/anime/9000001"] = wrong
    with pytest.raises(Unavailable, match=f"jikan answers {wrong}: injected"):
        ask(client_of(server))
    assert len(server.requests) == times


def test_an_answer_after_failures_is_as_good_as_any(source):
    server = source()
    server.always["/anime/9000001"] = "503"

    def read(body):
        return jikan.read_title(body)

    client = client_of(server)
    client.limiter.next_slot = lambda: server.always.clear() if len(server.requests) == 3 else None  # type: ignore[method-assign]
    client._sleep = lambda seconds: None  # type: ignore[method-assign]
    assert ask(client, read=read)["mal_id"] == FIRST
    assert len(server.requests) == 4


@pytest.mark.parametrize(
    ("wrong", "error"),
    [("400", Refused), ("401", Refused), ("403", Forbidden), ("404", Absent), ("405", Refused)],
)
def test_what_is_our_fault_is_not_asked_again(source, wrong, error):
    server = source()
    server.always["/anime/9000001"] = wrong
    with pytest.raises(error):
        ask(client_of(server))
    assert len(server.requests) == 1


def test_retry_after_is_kept_to(source):
    server = source(retry_after="1")
    server.always["/anime/9000001"] = "429 with Retry-After"
    with pytest.raises(Unavailable):
        ask(client_of(server))
    first, second, third = (when for when, *_ in server.requests)
    assert second - first >= 1
    assert third - second >= 1


def test_retry_after_of_one_worker_holds_for_the_others(source):
    server = source(retry_after="1")
    server.always["/anime/9000001"] = "429 with Retry-After"
    client = client_of(server)
    with pytest.raises(Unavailable):
        ask(client)
    ask(client_of(server), "/anime/9000002/full")
    assert server.requests[-1][0] - server.requests[-2][0] >= 1


def test_a_source_that_asks_for_an_hour_is_given_two_minutes(source):
    from catalog.etl.fetching.client import Patience

    server = source()
    client = client_of(server, patience=Patience())
    problem = client._passing(429, "busy", "3600")
    assert problem.wait == 120


@pytest.mark.parametrize("value", ["", "soon", "-5", "²", f"Mon, 01 Jan {'9' * 30} 00:00:00 GMT"])
def test_a_retry_after_that_says_nothing_is_no_wait(source, value):
    assert client_of(source())._passing(429, "busy", value).wait is None


def test_a_retry_after_may_be_a_date(source):
    when = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    wait = client_of(source())._passing(503, "busy", when).wait
    assert wait is not None
    assert 25 < wait <= 30


def test_a_body_that_is_too_big_is_not_read_to_its_end(source):
    server = source()
    client = client_of(server, patience=replace(QUICK, biggest=1000))
    with pytest.raises(Unavailable, match="more than 1,000 bytes"):
        ask(client)


def test_a_redirect_is_followed_and_a_circle_is_left(source):
    server = source()
    server.redirects = {"/v4/old": "/v4/anime/9000001/full", "/v4/circle": "/v4/circle"}
    client = client_of(server)
    assert ask(client, "/old")["mal_id"] == FIRST
    with pytest.raises(Refused):
        ask(client, "/circle")


def test_a_source_that_is_not_there_is_unavailable():
    client = Client("jikan", "http://127.0.0.1:9", interval=0, user_agent="x", patience=QUICK)
    with pytest.raises(Unavailable, match="ConnectError"):
        ask(client)


def test_ten_failures_in_a_row_429_included_open_the_breaker(source):
    server = source()
    server.always["/anime/9000001"] = "429"
    client = client_of(server)
    for _ in range(4):
        with pytest.raises(Unavailable):
            ask(client)
    asked = len(server.requests)
    assert asked == 10
    with pytest.raises(Resting, match="left alone"):
        ask(client, "/anime/9000002/full")
    assert len(server.requests) == asked


@pytest.fixture(params=["this process", "redis"])
def breaker(request, settings):
    """Kept in the process, and kept in Redis."""
    yield from in_either(
        request, settings, lambda: Breaker("orchard", limit=3, first=60, longest=200)
    )


@pytest.fixture(params=["this process", "redis"])
def limiter(request, settings):
    yield from in_either(request, settings, lambda: Limiter("orchard", 60))


def in_either(request, settings, make):
    from catalog.tests.conftest import forget_all

    settings.REDIS_URL = REDIS if request.param == "redis" else ""
    shared.shared_redis.cache_clear()
    if request.param == "redis":
        need_redis()
    forget_all()
    yield make()
    forget_all()
    shared.shared_redis.cache_clear()


def need_redis():
    """A Redis that nobody named is not ours to write to; one that is named must answer."""
    if not REDIS:
        pytest.skip("REDIS_URL names no Redis to share")


def test_a_breaker_rests_longer_each_time_up_to_its_limit(breaker):
    for _ in range(2):
        breaker.failed()
    assert breaker.rest() == 0
    rests = []
    for _ in range(4):
        # After a rest a single failure is enough.
        breaker.failed()
        rests.append(breaker.rest())
    assert [round(rest) for rest in rests] == [60, 120, 200, 200]


def test_a_success_closes_the_breaker(breaker):
    for _ in range(3):
        breaker.failed()
    breaker.succeeded()
    assert breaker.rest() == 0
    breaker.failed()
    assert breaker.rest() == 0


def test_slots_lie_an_interval_apart_and_a_hold_moves_them(limiter):
    first, second = limiter.next_slot(), limiter.next_slot()
    assert first == 0
    assert 50 < second <= 60
    limiter.hold(600)
    assert 590 < limiter.next_slot() <= 600
    assert 650 < limiter.next_slot() <= 660


def test_redis_that_is_gone_leaves_each_process_to_itself(settings):
    settings.REDIS_URL = "redis://127.0.0.1:9/0"
    shared.shared_redis.cache_clear()
    try:
        slots = Limiter("orchard", 60)
        assert slots.next_slot() == 0
        assert slots.next_slot() > 50
        assert Breaker("orchard").rest() == 0
    finally:
        shared.shared_redis.cache_clear()


TAKE = """
import time, django
django.setup()
from catalog.etl.fetching.limiter import Limiter
slots = Limiter("orchard", 0.02)
slots.next_slot()
print("ready", flush=True)
input()
for _ in range(25):
    time.sleep(slots.next_slot())
    print(time.time(), flush=True)
"""


def test_two_processes_share_one_rate_through_redis(settings, limiter_env):
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", TAKE], cwd=site.BASE_DIR, env=limiter_env, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )
        for _ in range(2)
    ]  # fmt: skip
    for worker in workers:
        assert worker.stdout.readline() == "ready\n"
    for worker in workers:
        worker.stdin.write("\n")
        worker.stdin.flush()
    times = sorted(
        float(line) for worker in workers for line in worker.communicate(timeout=60)[0].split()
    )
    # Fifty starts, forty-nine intervals of 20 ms; each alone would need half of that.
    assert len(times) == 50
    assert times[-1] - times[0] >= 49 * 0.02 * 0.8


@pytest.fixture
def limiter_env(tmp_path):
    import os

    need_redis()
    import redis

    redis.Redis.from_url(REDIS).delete("animerec:fetching:orchard:slot")
    return os.environ | {
        "REDIS_URL": REDIS,
        "DATA_DIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "animerec.settings",
    }


def test_whoever_waits_gives_up_when_the_run_is_cancelled(source):
    from catalog.etl.fetching.client import Cancelled

    client = client_of(source(), interval=60)
    ask(client)
    client.cancel()
    began = time.monotonic()
    with pytest.raises(Cancelled):
        ask(client)
    assert time.monotonic() - began < 5


def test_a_reader_that_finds_no_answer_in_it_counts_as_a_failure(source):
    def read(body):
        raise BadAnswer("not what was asked for")

    server = source()
    with pytest.raises(Unavailable, match="not what was asked for"):
        ask(client_of(server), read=read)
    assert len(server.requests) == QUICK.usual.attempts
