"""How gunicorn runs the site: `gunicorn --config python:animerec.gunicorn animerec.wsgi`.

Several processes count into one folder, so that whoever scrapes one of them hears of all.
"""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

bind = os.environ.get("BIND", "127.0.0.1:8000")
workers = int(os.environ.get("WEB_WORKERS", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))
worker_class = "animerec.fair_worker.FairWorker"
# Addresses of long searches and cursors fit; no header is longer than this.
limit_request_line = 8190
# A restart lets what is being answered end; a deployment sends SIGHUP, or starts the next container first.
graceful_timeout = 30
timeout = 60
# Longer than a reader pauses and a proxy keeps its end: who closes first breaks the request under way.
keepalive = 75
# A leak of any library is bounded; not all at the same request.
max_requests, max_requests_jitter = 100_000, 10_000
# The heartbeat is a file: in memory, so that a read-only file system and a slow disk do no harm.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - gunicorn's own advice
accesslog = None
# Nobody steers it through a socket; signals do.
control_socket_disable = True

_counted = Path(
    os.environ.get("PROMETHEUS_MULTIPROC_DIR") or tempfile.mkdtemp(prefix="animerec-metrics-")
)
# Before anything imports the client, which looks for it once.
os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(_counted)


def on_starting(server: Any) -> None:
    """What processes of before counted is told no more."""
    shutil.rmtree(_counted, ignore_errors=True)
    _counted.mkdir(parents=True, exist_ok=True)


def on_exit(server: Any) -> None:
    shutil.rmtree(_counted, ignore_errors=True)


def child_exit(server: Any, worker: Any) -> None:
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]  # it has no types
