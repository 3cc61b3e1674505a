"""What members were shown: noted by the request, written once, lost by nobody's death."""

import fcntl
import json
import os
import subprocess
import sys
import threading
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError, connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from ratings.models import Scope, User
from ratings.tests.keys import key_of
from recommender import partitions
from recommender.experiments import exposing
from recommender.experiments.spool import OPEN, UNREAD, WRITTEN, Spool
from recommender.models import Exposure, TrainedModel
from recommender.tests.trials import RARE, USUAL, run

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_folder(settings: Settings, tmp_path: Path) -> Path:
    settings.EXPOSURES_DIR, settings.EXPOSURES_EVERY = tmp_path / "exposures", 0
    return tmp_path


def folder() -> Path:
    return Path(settings.EXPOSURES_DIR)


def line_of(member: User, **more: Any) -> dict[str, Any]:
    items = [[9_000_001, 0.5, 1.0], [9_000_002, 0.4, 0.25]]
    return {
        "parts": [[7, 1]], "member": member.pk, "model": 3, "items": items,
        "listing": uuid.uuid4().hex, "at": timezone.now().isoformat(), **more,
    }  # fmt: skip


def test_a_list_is_written_as_its_titles_stood(newcomer: User) -> None:
    exposing.spool.note(line_of(newcomer))
    assert exposing.spool.empty() == 1
    told = Exposure.objects.order_by("position").values_list(
        "experiment", "variant", "member", "anime", "position", "model", "score", "propensity"
    )
    assert list(told) == [
        (7, 1, newcomer.pk, 9_000_001, 0, 3, 0.5, 1.0),
        (7, 1, newcomer.pk, 9_000_002, 1, 3, 0.4, 0.25),
    ]
    assert not list(folder().iterdir())


def test_a_list_in_experiments_of_two_layers_counts_for_both(newcomer: User) -> None:
    exposing.spool.note(line_of(newcomer, parts=[[7, 1], [8, 0]]))
    exposing.spool.empty()
    assert sorted(Exposure.objects.values_list("experiment", flat=True)) == [7, 7, 8, 8]


def test_what_comes_twice_is_written_once(newcomer: User) -> None:
    line = line_of(newcomer)
    for _ in range(3):
        exposing.collect([line, line])
    assert Exposure.objects.count() == 2


def test_of_a_member_who_left_meanwhile_nothing_is_written(newcomer: User) -> None:
    line = line_of(newcomer)
    other = User.objects.create_user("other")
    newcomer.delete()
    exposing.collect([line, line_of(other)])
    assert set(Exposure.objects.values_list("member", flat=True)) == {other.pk}


def test_while_the_database_is_away_lines_wait(newcomer: User) -> None:
    away = [True]

    def collect(lines: list[dict[str, Any]]) -> None:
        if away[0]:
            raise DatabaseError("away")
        exposing.collect(lines)

    spool = Spool(collect)
    for _ in range(3):
        spool.note(line_of(newcomer))
        with pytest.raises(DatabaseError):
            spool.empty()
    away[0] = False
    assert spool.empty() == 3
    assert Exposure.objects.count() == 6


WRITER = """
import os, sys
sys.path.insert(0, {root!r})
os.environ["DJANGO_SETTINGS_MODULE"] = "animerec.settings"
os.environ["DATA_DIR"] = {folder!r}
os.environ["EXPOSURES_EVERY"] = "0"
import django
django.setup()
from recommender.experiments.exposing import spool
for line in {lines!r}:
    spool.note(line)
print("written", flush=True)
sys.stdin.read()
"""


def test_a_killed_process_has_lost_nothing_and_a_living_one_is_left_alone(
    newcomer: User, own_folder: Path
) -> None:
    lines = [line_of(newcomer) for _ in range(5)]
    root = str(Path(__file__).resolve().parents[2])
    program = WRITER.format(root=root, folder=str(own_folder), lines=lines)
    pipes: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", program], **pipes) as writer:
        assert writer.stdout
        assert writer.stdout.readline() == b"written\n"
        # It is open and its process lives.
        assert exposing.spool.empty() == 0
        writer.kill()
        writer.wait()
    assert exposing.spool.empty() == 5
    assert Exposure.objects.count() == 10


def test_half_a_line_is_left_out_and_the_rest_is_not(newcomer: User) -> None:
    folder().mkdir()
    whole = json.dumps(line_of(newcomer))
    (folder() / f"1-1{WRITTEN}").write_text(
        f"{whole}\n{whole[:40]}\n{json.dumps(line_of(newcomer))}\n"
    )
    assert exposing.spool.empty() == 2


def test_what_can_never_be_written_is_put_aside_and_holds_up_nothing(newcomer: User) -> None:
    folder().mkdir()
    good = json.dumps(line_of(newcomer))
    for n, wrong in enumerate(
        ("[]", "7", '{"member": 1}', json.dumps(line_of(newcomer, at="yesterday")),
         json.dumps(line_of(newcomer, items=[["x", 1, 1]])))
    ):  # fmt: skip
        (folder() / f"1-{n}{WRITTEN}").write_text(f"{wrong}\n")
    (folder() / f"1-9{WRITTEN}").write_text(f"{good}\n")
    exposing.spool.empty()
    assert Exposure.objects.count() == 2
    assert not list(folder().glob(f"*{WRITTEN}"))
    assert len(list(folder().glob(f"*{UNREAD}"))) >= 4


def test_too_much_that_waits_is_dropped_from_the_oldest(
    newcomer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = json.dumps(line_of(newcomer)) + "\n"
    monkeypatch.setattr("recommender.experiments.spool.MOST_BYTES", 2 * len(text))
    folder().mkdir()
    for n in range(4):
        (folder() / f"1-{n}{WRITTEN}").write_text(json.dumps(line_of(newcomer)) + "\n")
    assert exposing.spool.empty() == 2


def test_many_threads_write_whole_lines(newcomer: User) -> None:
    spool = exposing.spool

    def write() -> None:
        for _ in range(50):
            spool.note(line_of(newcomer))

    threads = [threading.Thread(target=write) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert spool.empty() == 200
    assert Exposure.objects.count() == 400


def test_a_disk_that_cannot_be_written_costs_the_line_and_not_the_request(
    newcomer: User, settings: Settings, own_folder: Path
) -> None:
    (own_folder / "file").write_text("")
    settings.EXPOSURES_DIR = own_folder / "file" / "exposures"
    Spool(exposing.collect).note(line_of(newcomer))


def test_a_file_has_its_lock_while_it_is_written(newcomer: User) -> None:
    exposing.spool.note(line_of(newcomer))
    (path,) = folder().glob(f"*{OPEN}")
    assert path.name.startswith(f"{os.getpid()}-")
    with path.open("r+") as other, pytest.raises(BlockingIOError):
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    exposing.spool.empty()


# Where it is noted


def shown_to(member: User) -> list[tuple[int, int]]:
    exposing.spool.empty()
    rows = Exposure.objects.filter(member=member).order_by("pk")
    return list(rows.values_list("position", "anime"))


def test_each_answer_of_the_api_counts_also_a_kept_one(trained: list[User]) -> None:
    one = trained[0]
    headers = {"authorization": f"Bearer {key_of(one, scope=Scope.READ)}"}
    path = "/api/v1/recommend?top_n=3"
    Client().get(path, headers=headers)
    assert shown_to(one) == []
    made = run("all", {**RARE, "share": 1.0}, {"share": 0.0})
    for times in (1, 2, 3):
        results = Client().get(path, headers=headers).json()["results"]
        want = [(place, row["anime"]["mal_id"]) for place, row in enumerate(results)]
        assert shown_to(one) == want * times
    row = Exposure.objects.all()[0]
    model = TrainedModel.objects.get(role="ease", is_active=True)
    assert (row.experiment, row.variant, row.model) == (made.pk, 0, model.pk)
    assert Exposure.objects.values("listing").distinct().count() == 3


def test_the_page_counts_and_what_others_see_of_a_list_does_not(
    trained: list[User], client: Client
) -> None:
    run()
    client.force_login(trained[0])
    page = client.get("/for-you/")
    cards = [card["anime"].pk for card in page.context["cards"]]
    assert shown_to(trained[0]) == list(enumerate(cards))
    client.head("/for-you/")
    Client().get(f"/api/v1/recommend?user_id={trained[0].pk}")
    client.get(f"/api/v1/recommend?user_id={trained[1].pk}")
    assert len(shown_to(trained[0])) == len(cards)
    assert shown_to(trained[1]) == []


def test_chance_is_told_with_what_it_showed(trained: list[User], client: Client) -> None:
    run("all", {"dials": {"exploration": 0.5}, "share": 1.0}, {"share": 0.0})
    client.force_login(trained[0])
    client.get("/for-you/")
    exposing.spool.empty()
    chances = Exposure.objects.values_list("propensity", flat=True)
    assert 0 < min(chances) < 1


def test_to_note_costs_no_query(
    trained: list[User], client: Client, django_assert_num_queries: Any
) -> None:
    one = trained[0]
    headers = {"authorization": f"Bearer {key_of(one, scope=Scope.READ)}"}
    run("all", USUAL, USUAL)
    Client().get("/api/v1/recommend", headers=headers)
    with django_assert_num_queries(1):
        Client().get("/api/v1/recommend", headers=headers)


# By the month


def test_what_is_old_is_forgotten(newcomer: User) -> None:
    now = timezone.now()
    partitions.make_ahead(now)
    partitions.make_ahead(now)
    for days in (0, 100, 400):
        at = (now - timedelta(days=days)).isoformat()
        exposing.collect([line_of(newcomer, at=at)])
    partitions.prune(now - timedelta(days=180))
    assert Exposure.objects.count() == 4


@pytest.mark.skipif(connection.vendor != "postgresql", reason="PostgreSQL alone has partitions")
def test_each_month_has_a_table_that_is_dropped_whole(newcomer: User) -> None:
    begin = datetime(2027, 11, 20, tzinfo=UTC)
    partitions.make_ahead(begin, months=2)
    for month in (begin, begin + timedelta(days=30), begin + timedelta(days=60)):
        exposing.collect([line_of(newcomer, at=month.isoformat())])

    def parts() -> list[str]:
        with connection.cursor() as cursor:
            return sorted(partitions._parts(cursor) - {partitions.REST})

    # As when the transactions that wrote them are through.
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    names = [f"recommender_exposure_{month}" for month in ("2027_11", "2027_12", "2028_01")]
    assert parts() == names
    partitions.prune(datetime(2027, 12, 15, tzinfo=UTC))
    assert parts() == names[1:]
    assert Exposure.objects.count() == 4
