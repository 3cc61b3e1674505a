"""The Celery application; its settings are the `CELERY_*` names in settings."""

import os

from celery import Celery
from kombu.exceptions import ChannelError, OperationalError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "animerec.settings")

app = Celery("animerec")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

# What asking for a task raises where the queue is gone: a broker's own, or the disk's.
QUEUE_IS_GONE = (OperationalError, ChannelError, OSError)
