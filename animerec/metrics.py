"""Numbers for Prometheus: counted while requests are answered, or looked up when somebody asks for them.

Counters live in files under PROMETHEUS_MULTIPROC_DIR where several processes serve one machine
(`animerec/gunicorn.py` sets it), else in this process. What a row tells (queue, models, imports) is
read at each scrape, from the one database that all machines share.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime

import redis
from django.conf import settings
from django.db import DatabaseError
from django.db.models import Max
from django.utils import timezone
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import REGISTRY, Collector

from animerec import health
from animerec.staff.system import queue_length
from catalog.models import ImportRun, RunState
from ratings.models import ListImport
from recommender.models import TrainedModel, TrainingRun

__all__ = ["CONTENT_TYPE_LATEST", "may_scrape", "scraped"]


def scraped() -> bytes:
    """Everything, in Prometheus' text format."""
    registry = CollectorRegistry()
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # it has no types
    else:
        registry.register(REGISTRY)
    registry.register(Looked())
    return generate_latest(registry)


class Looked(Collector):
    """What the database, the queue and the cache say now; what does not answer is told as down."""

    def collect(self) -> Iterator[Metric]:
        up = GaugeMetricFamily("animerec_up", "Whether a dependency answers.", labels=["part"])
        state = health.state_of_dependencies()
        for part in ("database", "cache"):
            if state[part] != "not used":
                up.add_metric([part], float(state[part] == "ok"))
        length = queue_length()
        up.add_metric(["queue"], float(length is not None))
        yield up
        if length is not None:
            yield _gauge("animerec_queue_tasks", "Tasks that wait.", length)
        if state["database"] == "ok":
            with suppress(DatabaseError, redis.RedisError):
                yield from (*_models(), *_trainings(), *_imports())


def _models() -> Iterator[Metric]:
    age = GaugeMetricFamily(
        "animerec_model_age_seconds", "Since the served model was trained.", labels=["role"]
    )
    for role, trained_at in TrainedModel.objects.active().values_list("role", "trained_at"):
        age.add_metric([role], _since(trained_at))
    yield age


def _trainings() -> Iterator[Metric]:
    last = TrainingRun.objects.exclude(finished_at=None).order_by("-finished_at").first()
    running = TrainingRun.objects.filter(state="running").count()
    yield _gauge("animerec_training_running", "Trainings at work.", running)
    if last is not None and last.finished_at is not None:
        took = (last.finished_at - last.started_at).total_seconds()
        yield _gauge("animerec_training_last_seconds", "How long the last training took.", took)
        yield _gauge("animerec_training_last_failed", "Whether it failed.", last.state == "failed")
        since = _since(last.finished_at)
        yield _gauge("animerec_training_last_age_seconds", "Since the last training ended.", since)


def _imports() -> Iterator[Metric]:
    lag = GaugeMetricFamily(
        "animerec_ingest_lag_seconds", "Since a source was last read to its end.", labels=["source"]
    )
    done = ImportRun.objects.filter(state=RunState.DONE).order_by().values_list("source")
    for source, last in done.annotate(last=Max("finished_at")):
        if last is not None:
            lag.add_metric([source], _since(last))
    yield lag
    failed = ImportRun.objects.filter(state=RunState.FAILED).count()
    yield _gauge("animerec_ingest_failed_runs", "Runs that failed.", failed)
    waiting = ListImport.objects.filter(state=RunState.RUNNING).count()
    yield _gauge("animerec_list_imports_running", "Members' lists being taken over.", waiting)


def _gauge(name: str, said: str, value: float) -> Metric:
    return GaugeMetricFamily(name, said, value=float(value))


def _since(moment: datetime) -> float:
    return max(0.0, (timezone.now() - moment).total_seconds())


def may_scrape(address: str, authorization: str) -> bool:
    """With METRICS_TOKEN whoever sends it; without it this machine alone, and nobody through a proxy."""
    if settings.METRICS_TOKEN:
        return health.same(authorization, f"Bearer {settings.METRICS_TOKEN}")
    return not settings.BEHIND_PROXY and address in ("127.0.0.1", "::1")
