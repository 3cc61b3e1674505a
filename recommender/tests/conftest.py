from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.cache import cache
from django.test import Client

from catalog.models import Anime
from ratings.models import User
from recommender import serving
from recommender.tests.company import friend, hermit, me
from recommender.tests.worlds import FIRST_ID, add_members, add_titles, train_all

__all__ = ["friend", "hermit", "me"]


@pytest.fixture(autouse=True)
def own_artifacts(tmp_path: Path, settings) -> Iterator[None]:
    """Each test trains into a folder of its own, without the shipped prior, with nothing cached."""
    settings.ARTIFACTS_DIR = tmp_path / "models"
    settings.PRIOR_DIR = tmp_path / "prior"
    serving.forget_loaded()
    cache.clear()
    yield
    serving.forget_loaded()


@pytest.fixture
def world(db) -> list[User]:
    add_titles()
    return add_members()


@pytest.fixture
def trained(world: list[User]) -> list[User]:
    train_all()
    return world


@pytest.fixture
def mapped(world: list[User]) -> list[User]:
    """A world with a map."""
    train_all("atlas", "clusters", "score_blend")
    return world


@pytest.fixture
def rater(newcomer: User, client: Client) -> User:
    """Likes one title and not another, and is signed in."""
    newcomer.rate(Anime.objects.get(pk=FIRST_ID), score=9)
    newcomer.rate(Anime.objects.get(pk=FIRST_ID + 1), score=4)
    client.force_login(newcomer)
    return newcomer


@pytest.fixture
def newcomer(db) -> User:
    return User.objects.create_user("newcomer", password="a long enough one")
