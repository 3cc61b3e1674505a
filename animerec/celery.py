"""The Celery application; its settings are the `CELERY_*` names in settings."""

import os
from contextvars import Token
from typing import Any
from uuid import uuid4

from billiard.exceptions import WorkerLostError
from celery import Celery, Task, signals
from django.db import connections
from django.utils.module_loading import import_string

from animerec.tracing_id import NONE, current_id

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "animerec.settings")

app = Celery("animerec")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

# As the header is called under which a task carries the id of whoever asked for it.
ASKED_BY = "animerec_request_id"
_outer: dict[str, Token[str]] = {}


def send_the_id_along(headers: dict[str, Any] | None = None, **kwargs: Any) -> None:
    if headers is not None and (name := current_id.get()) != NONE:
        headers[ASKED_BY] = name


def take_the_id_up(task_id: str, task: Task, **kwargs: Any) -> None:
    sent = task.request.get(ASKED_BY) or (task.request.headers or {}).get(ASKED_BY)
    name = sent or current_id.get()
    # A task that nobody asked for, the clock's, has an id of its own.
    _outer[task_id] = current_id.set(uuid4().hex if name == NONE else name)


def lay_the_id_down(task_id: str, **kwargs: Any) -> None:
    if outer := _outer.pop(task_id, None):
        current_id.reset(outer)


def tell_of_the_lost(sender: Task, exception: BaseException, args: Any, **kwargs: Any) -> None:
    """In the worker's main process: one of those that work was killed, by the machine or by hand."""
    lost = getattr(sender, "when_lost", None)
    if lost and isinstance(exception, WorkerLostError):
        import_string(lost)(*args)
        # Processes that are forked off from now on must not find this one's connection.
        connections.close_all()


signals.task_failure.connect(tell_of_the_lost)
signals.before_task_publish.connect(send_the_id_along)
signals.task_prerun.connect(take_the_id_up)
signals.task_postrun.connect(lay_the_id_down)
