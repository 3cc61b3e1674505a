"""What the worker does: doors to `importing`."""

from celery import shared_task

from ratings.importing.lists import running


@shared_task
def import_list(list_import_id: int) -> None:
    running.carry_out(list_import_id)
