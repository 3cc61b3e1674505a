"""The cast of pages on which members meet: one who looks, a public friend, a private hermit."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from catalog.models import Anime
from ratings.models import User
from recommender.tests.worlds import FIRST_ID

SECRET = "A secret garden of tea"


def compare_with(member: User | int) -> str:
    pk = member if isinstance(member, int) else member.pk
    return reverse("recommender:compare", args=[pk])


def robots(first: int, last: int) -> list[Anime]:
    """The robots from the `first` to before the `last`."""
    ids = [FIRST_ID + 2 * n for n in range(first, last)]
    return list(Anime.objects.filter(pk__in=ids).order_by("pk"))


def teas(first: int, last: int) -> list[Anime]:
    ids = [FIRST_ID + 2 * n + 1 for n in range(first, last)]
    return list(Anime.objects.filter(pk__in=ids).order_by("pk"))


@pytest.fixture
def me(world: list[User], newcomer: User, client: Client) -> User:
    """Scored robots 0 to 7 from 10 downwards, plans the last tea; private."""
    for place, anime in enumerate(robots(0, 8)):
        newcomer.rate(anime, score=10 - place)
    newcomer.set_status(teas(14, 15)[0], "planned")
    client.force_login(newcomer)
    return newcomer


@pytest.fixture
def friend(world: list[User]) -> User:
    """Public. Scored robots 2 to 9 as `me` does, loves two teas, plans the last one."""
    member = User.objects.create(username="friend", is_public=True)
    for place, anime in enumerate(robots(2, 10)):
        member.rate(anime, score=8 - place)
    for anime in teas(0, 2):
        member.rate(anime, score=10)
    member.set_status(teas(14, 15)[0], "planned")
    return member


@pytest.fixture
def hermit(world: list[User]) -> User:
    """As `friend`, but private, and loves what nobody else has."""
    secret = Anime.objects.create(mal_id=9_500_000, title=SECRET, type="tv", status="finished")
    member = User.objects.create(username="hermit")
    for place, anime in enumerate(robots(0, 10)):
        member.rate(anime, score=10 - place)
    member.rate(secret, score=10)
    return member


def queries_of(ask: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as queries:
        ask()
    return len(queries)
