"""Titles held by a process for lists of answers."""

from typing import Any

import pytest
from django.db import connection

from catalog import held
from catalog.models import Anime
from conftest import FIRST_ID

pytestmark = pytest.mark.django_db


def test_titles_are_read_once_for_each_version(
    catalogue: list[Anime], django_assert_num_queries: Any
) -> None:
    ids = [FIRST_ID, FIRST_ID + 1, 1]
    with django_assert_num_queries(1):
        assert list(held.titles(ids, 1)) == ids[:2]
        assert list(held.titles(ids, 1)) == ids[:2]
    Anime.objects.filter(pk=FIRST_ID).update(title_english="Quay Lights")
    assert held.titles(ids, 2)[FIRST_ID].display_title == "Quay Lights"


def test_they_are_called_and_shown_as_the_titles_themselves(
    catalogue: list[Anime], hidden_titles: list[Anime]
) -> None:
    everything = [*catalogue, *hidden_titles]
    shown = set(Anime.objects.visible().values_list("pk", flat=True))
    found = held.titles([one.pk for one in everything], 1)
    for one in everything:
        title = found[one.pk]
        assert title.display_title == one.display_title
        assert title.get_absolute_url() == one.get_absolute_url()
        assert title.aired_year == one.aired_year
        assert title.is_visible == (one.pk in shown)


def test_while_they_are_read_nobody_takes_them_for_gone(catalogue: list[Anime]) -> None:
    seen = []

    def look(execute: Any, *args: Any) -> Any:
        # What another thread would find at this moment.
        seen.append(FIRST_ID in held._held[2])
        return execute(*args)

    with connection.execute_wrapper(look):
        held.titles([FIRST_ID], 1)
    assert seen == [False]
