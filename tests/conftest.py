"""The demonstration, loaded once for a whole module of tests that walk the pages."""

from collections.abc import Iterator

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from tests.walking import Cast, cast_of_the_demonstration, demonstration


@pytest.fixture(scope="module")
def cast(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Cast]:
    """In one transaction about all tests of the module, which is taken back at its end."""
    models = tmp_path_factory.mktemp("models")
    with django_db_blocker.unblock(), transaction.atomic():
        with demonstration(models):
            yield cast_of_the_demonstration()
        transaction.set_rollback(True)
