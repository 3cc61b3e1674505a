"""An import that is asked for where the task queue is gone."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from ratings.importing.lists import running

WITHOUT_A_QUEUE = """
import io, shutil, django
django.setup()
from django.conf import settings
from django.core.management import call_command
call_command("migrate", verbosity=0)
from ratings.importing.lists import previewing, running
from ratings.models import User
if settings.CELERY_BROKER_URL.startswith("filesystem"):
    shutil.rmtree(settings.QUEUE_DIR)
member = User.objects.create(username="casual")
file = b"mal_id,score\\n9000001,8\\n"
run = previewing.preview_file(member, io.BytesIO(file), "list.csv")
print(running.enqueue(run, "theirs"))
run.refresh_from_db()
print(run.state, *run.errors)
# As within a request of the API that must be done once: it is told at the end of that.
run = previewing.preview_file(member, io.BytesIO(file), "list.csv")
from django.db import transaction
with transaction.atomic():
    running.enqueue(run, "theirs")
run.refresh_from_db()
print(run.state, *run.errors)
"""


# Nobody listens at that port; and a queue on disk whose folders are gone.
@pytest.mark.parametrize("broker", ["redis://127.0.0.1:9/0", "filesystem://"])
def test_a_queue_that_does_not_answer_is_said(tmp_path: Path, broker: str) -> None:
    environment = {
        **{name: value for name, value in os.environ.items() if name != "DATABASE_URL"},
        "DATA_DIR": str(tmp_path),
        "CELERY_BROKER_URL": broker,
        "DJANGO_SETTINGS_MODULE": "animerec.settings",
    }
    answer = subprocess.run(
        [sys.executable, "-c", WITHOUT_A_QUEUE],
        env=environment,
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert answer.stdout.splitlines() == [
        "True",
        f"failed {running.NO_QUEUE}",
        f"failed {running.NO_QUEUE}",
    ], answer.stderr
