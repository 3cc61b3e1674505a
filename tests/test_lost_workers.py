"""A process that works is killed: the row says so, what is served stays, and the worker goes on."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from catalog.etl import crawling
from catalog.models import ImportRun, RunState
from ratings.importing.lists import running
from ratings.models import ListImport, User
from recommender import training
from recommender.models import TrainingRun
from recommender.models.training import DEAD_AFTER, KILLED, ModelState

ROOT = Path(__file__).resolve().parent.parent
TOLD = """
import json
from recommender.models import TrainedModel, TrainingRun
runs = TrainingRun.objects.order_by("pk").values_list("state", "stage", "error")
served = TrainedModel.objects.active().order_by("pk").values_list("pk", flat=True)
print("TOLD", json.dumps([list(runs), list(served)]))
"""
LEARN = "from ratings.models import User; User.objects.filter(origin='simulated').update(origin='cooperunion')"
ASK = "from recommender.training import enqueue; enqueue({kinds!r})"


@pytest.fixture
def manage(tmp_path: Path) -> Callable[..., str]:
    """Of a site of its own, with nothing set."""
    env = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    env |= {"DATA_DIR": str(tmp_path), "OMP_NUM_THREADS": "1"}

    def run(*words: str) -> str:
        line = [sys.executable, "manage.py", *words]
        return subprocess.run(
            line, env=env, cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout

    return run


@pytest.fixture
def worker(tmp_path: Path, manage: Callable[..., str]) -> Iterator["subprocess.Popen[bytes]"]:
    manage("migrate", "-v0")
    manage("load_demo")
    # Members to learn from.
    manage("shell", "-v0", "-c", LEARN)
    env = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    env |= {"DATA_DIR": str(tmp_path), "OMP_NUM_THREADS": "1"}
    line = [sys.executable, "-m", "celery", "--app", "animerec", "worker", "--concurrency", "1",
            "--without-gossip", "--without-mingle"]  # fmt: skip
    with (tmp_path / "log").open("wb") as log:
        started = subprocess.Popen(line, env=env, cwd=ROOT, stdout=log, stderr=log)
    yield started
    started.terminate()
    started.wait(60)


def told(manage: Callable[..., str]) -> tuple[list[list[str]], list[int]]:
    said = manage("shell", "-v0", "-c", TOLD).split("TOLD ")[1]
    runs, served = json.loads(said)
    return runs, served


def wait_until(is_so: Callable[[], Any]) -> Any:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if found := is_so():
            return found
        time.sleep(0.2)
    raise AssertionError("it never was so")


def children(pid: int) -> list[int]:
    return list(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))


def test_a_training_whose_process_is_killed_says_so_and_changes_nothing(
    manage: Callable[..., str], worker: "subprocess.Popen[bytes]"
) -> None:
    _, before = told(manage)
    manage("shell", "-v0", "-c", ASK.format(kinds=["hybrid"]))
    wait_until(lambda: told(manage)[0][-1][1].startswith("Testing"))
    (child,) = children(worker.pid)
    os.kill(child, signal.SIGKILL)
    runs, after = wait_until(lambda: (now := told(manage))[0][-1][0] == "failed" and now)
    assert runs[-1][2] == KILLED
    assert after == before
    # The same worker, with a new process, does the next one.
    manage("shell", "-v0", "-c", ASK.format(kinds=["popularity"]))
    runs, after = wait_until(lambda: (now := told(manage))[0][-1][0] == "done" and now)
    assert after != before


@pytest.mark.django_db
def test_a_training_of_which_nothing_is_heard_is_no_longer_waited_for() -> None:
    run = TrainingRun.objects.create(kinds=["ease"])
    run.report("Fitting ease on everybody", 40)
    assert training.is_under_way()
    long_ago = timezone.now() - DEAD_AFTER - timedelta(seconds=1)
    TrainingRun.objects.filter(pk=run.pk).update(beat_at=long_ago)
    assert not training.is_under_way()
    run.refresh_from_db()
    assert (run.state, run.error) == (ModelState.FAILED, KILLED)
    assert run.finished_at


@pytest.mark.django_db
def test_what_ended_before_its_process_was_lost_stays_as_it_ended() -> None:
    run = TrainingRun.objects.create(kinds=["ease"])
    run.finish()
    training.was_lost(run.pk)
    training.was_lost(run.pk + 1)
    run.refresh_from_db()
    assert run.state == ModelState.DONE


@pytest.mark.django_db
def test_an_import_and_a_crawl_whose_process_is_lost_say_so() -> None:
    member = User.objects.create(username="ines")
    list_ = ListImport.objects.create(user=member, state=RunState.RUNNING, subject="list.xml")
    run = ImportRun.objects.create(
        source="jikan",
        subject="season",
        cursor="4",
        options={"season": "now"},
        state=RunState.RUNNING,
    )
    running.was_lost(list_.pk)
    crawling.was_lost(run.pk)
    list_.refresh_from_db()
    run.refresh_from_db()
    assert (list_.state, list_.errors) == (RunState.FAILED, [running.BROKE_OFF])
    # What it had read is kept, and the next run goes on from there.
    assert (run.state, run.cursor) == (RunState.PARTIAL, "4")
    assert "killed" in run.errors[-1]
    assert crawling.can_go_on(run)
