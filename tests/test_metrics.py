"""What /metrics tells, to whom; the dashboard and the alerts ask for nothing that it does not tell."""

import json
import os
import re
import subprocess
import sys
import urllib.request
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings

from catalog.models import Anime, ImportRun, RunState
from recommender.models import TrainedModel, TrainingRun
from tests.running import free_port, served

pytestmark = pytest.mark.django_db


def told(client: Client, **headers: str) -> dict[tuple[str, ...], float]:
    """By name and values of labels, which are sorted by theirs."""
    answer = client.get("/metrics", headers=headers)
    assert answer.status_code == 200
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_requests_are_counted_by_route_and_never_by_address(client: Client) -> None:
    Anime.objects.create(mal_id=9_000_001, title="Harbour Lights")
    before = told(client)
    for _ in range(3):
        client.get("/api/v1/anime/9000001?fields=title")
    client.get("/api/v1/anime/9000002")
    client.generic("BREW", "/api/v1/anime/9000001")
    after = told(client)

    def more(*name: str) -> float:
        return after.get(name, 0) - before.get(name, 0)

    route = "/api/v1/anime/<str:id>"
    assert more("animerec_requests_total", "GET", route, "200") == 3
    assert more("animerec_requests_total", "GET", route, "404") == 1
    assert more("animerec_requests_total", "other", route, "405") == 1
    assert more("animerec_request_seconds_count", route) == 5
    assert not any("9000001" in part for name in after for part in name)


def test_answers_that_were_kept_are_told_from_those_that_were_made(client: Client) -> None:
    Anime.objects.create(mal_id=9_000_001, title="Harbour Lights")
    before = told(client)
    for _ in range(3):
        client.get("/api/v1/similar?anime_id=9000001")
    after = told(client)
    made, kept = ("animerec_answers_total", "made", "similar"), ("animerec_answers_total", "kept", "similar")  # fmt: skip
    assert after[made] - before.get(made, 0) == 1
    assert after[kept] - before.get(kept, 0) == 2


def test_what_rows_tell_is_looked_up(client: Client) -> None:
    now = timezone.now()
    TrainedModel.objects.create(
        kind="ease", role="ease", is_active=True, artifact="x", data_fingerprint="x",
        trained_at=now - timedelta(hours=2),
    )  # fmt: skip
    TrainingRun.objects.create(
        state="failed",
        started_at=now - timedelta(minutes=9),
        finished_at=now - timedelta(minutes=5),
    )
    ImportRun.objects.create(
        source="jikan", subject="season", state=RunState.DONE, finished_at=now - timedelta(hours=1)
    )
    ImportRun.objects.create(source="mal", subject="old", state=RunState.FAILED)
    found = told(client)
    assert found["animerec_model_age_seconds", "ease"] == pytest.approx(7200, abs=60)
    assert found["animerec_training_last_seconds",] == pytest.approx(240)
    assert found["animerec_training_last_failed",] == 1
    assert found["animerec_ingest_lag_seconds", "jikan"] == pytest.approx(3600, abs=60)
    assert found["animerec_ingest_failed_runs",] == 1
    assert found["animerec_up", "database"] == 1
    assert found["animerec_up", "queue"] == 1


def test_who_may_ask(client: Client, settings: Settings) -> None:
    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics", REMOTE_ADDR="203.0.113.9").status_code == 404
    settings.BEHIND_PROXY = True
    assert client.get("/metrics").status_code == 404
    settings.METRICS_TOKEN = "let-me-see"
    assert client.get("/metrics").status_code == 404
    for wrong in ("Bearer let-me-se", "let-me-see", "Bearer ", "Bearer l\u00e9t"):
        assert client.get("/metrics", headers={"authorization": wrong}).status_code == 404
    right = {"authorization": "Bearer let-me-see"}
    assert client.get("/metrics", headers=right, REMOTE_ADDR="203.0.113.9").status_code == 200


def test_dashboard_and_alerts_ask_for_what_there_is(client: Client) -> None:
    TrainedModel.objects.create(
        kind="ease", role="ease", is_active=True, artifact="x", data_fingerprint="x"
    )
    TrainingRun.objects.create(state="done", finished_at=timezone.now())
    ImportRun.objects.create(
        source="jikan", subject="x", state=RunState.DONE, finished_at=timezone.now()
    )
    client.get("/api/v1/similar?anime_id=1")
    Anime.objects.create(mal_id=9_000_001, title="Harbour Lights")
    client.get("/api/v1/similar?anime_id=9000001")
    there = {name for name, *_ in told(client)}
    dashboard = json.loads(Path("docker/grafana/animerec.json").read_text())
    asked = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", [])]
    rules = yaml.safe_load(Path("docker/prometheus/alerts.yml").read_text())
    asked += [rule["expr"] for group in rules["groups"] for rule in group["rules"]]
    assert len(asked) > 15
    names = {name for expr in asked for name in re.findall(r"animerec_\w+", expr)}
    assert names - there == set()


def test_several_processes_are_told_as_one(tmp_path: Path) -> None:
    """Each answers some of the requests; one of them tells of all."""
    port = free_port()
    env = {**os.environ, "DATA_DIR": str(tmp_path), "WEB_WORKERS": "3"}
    for name in ("DATABASE_URL", "REDIS_URL"):
        env.pop(name, None)
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], env=env, check=True)
    with served(env, port) as site:
        for _ in range(40):
            urllib.request.urlopen(f"{site}/healthz").close()  # noqa: S310  # our own address
        text = urllib.request.urlopen(f"{site}/metrics").read().decode()  # noqa: S310  # our own address
    line = re.search(
        r'animerec_requests_total{method="GET",route="/healthz",status="200"} (\S+)', text
    )
    assert line
    # One or two more are those that waited for it to answer.
    assert float(line[1]) >= 40
