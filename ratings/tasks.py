"""What the worker does: doors to `importing`, `guests`, `addresses` and sessions."""

from celery import shared_task
from django.core.management import call_command

from ratings import addresses, guests
from ratings.importing.lists import running
from ratings.models import KeptAnswer


@shared_task(when_lost="ratings.importing.lists.running.was_lost")
def import_list(list_import_id: int) -> None:
    running.carry_out(list_import_id)


@shared_task
def delete_idle_guests() -> None:
    guests.delete_idle()


@shared_task
def clear_sessions() -> None:
    """Django deletes a session only when it is asked for again, which most never are."""
    call_command("clearsessions")


@shared_task
def forget_answers() -> None:
    KeptAnswer.forget_old()


@shared_task
def write_confirmation(member_id: int) -> None:
    addresses.write_confirmation(member_id)


@shared_task
def write_reset(address: str) -> None:
    addresses.write_resets(address)
