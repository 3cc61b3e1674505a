"""What the clock takes away every night: guests who stay away, sessions that have ended."""

from datetime import timedelta
from io import StringIO

import pytest
from django.conf import settings as site
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from catalog.models import Anime
from ratings import guests, tasks
from ratings.models import User
from ratings.tests.guests import guest_of, idle, rate

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nothing_cached")]


@pytest.fixture
def guest(client: Client, catalogue: list[Anime]) -> User:
    rate(client, catalogue[0])
    return guest_of(client)


@pytest.fixture
def ines() -> User:
    return User.objects.create_user("ines")


def test_idle_guests_are_deleted_and_nobody_else(
    client: Client, guest: User, ines: User, catalogue: list[Anime], keen: User
) -> None:
    idle(guest, 31)
    idle(ines, 400)
    idle(keen, 400)
    out = StringIO()
    call_command("delete_idle_guests", stdout=out)
    assert out.getvalue() == "Deleted: 1 idle guest\n"
    assert set(User.objects.all()) == {ines, keen}


def test_a_guest_who_changed_something_is_not_idle(guest: User, catalogue: list[Anime]) -> None:
    for change in (
        lambda: guest.rate(catalogue[1], score=7),
        lambda: guest.dismiss(catalogue[2]),
        lambda: User.objects.filter(pk=guest.pk).update(last_login=timezone.now()),
    ):
        idle(guest, 31)
        change()
        tasks.delete_idle_guests()
        assert User.objects.filter(pk=guest.pk).exists()
        guest.feedback.all().delete()
    idle(guest, 29)
    assert guests.delete_idle() == 0


def test_sessions_that_have_ended_are_deleted_and_no_others(client: Client, guest: User) -> None:
    ended = Client()
    rate(ended, Anime.objects.first())
    Session.objects.filter(pk=ended.session.session_key).update(
        expire_date=timezone.now() - timedelta(minutes=1)
    )
    tasks.clear_sessions()
    assert [session.pk for session in Session.objects.all()] == [client.session.session_key]


@pytest.mark.parametrize(
    ("entry", "task"),
    [
        ("delete-idle-guests", tasks.delete_idle_guests),
        ("clear-sessions", tasks.clear_sessions),
    ],
)
def test_the_clock_does_it_every_night(entry: str, task) -> None:
    assert site.CELERY_BEAT_SCHEDULE[entry]["task"] == task.name
