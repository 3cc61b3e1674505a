"""A page asks the database at most twelve times, however cold, and is no burden to a slow line."""

import gzip

import pytest
from django.core.cache import cache
from pytest_django import DjangoAssertNumQueries

from recommender import serving
from tests.pages import Page, Who
from tests.walking import Cast, name_of, views

pytestmark = pytest.mark.django_db
QUERIES = 12
GZIPPED = 60 * 1024

VIEWS = views()


@pytest.mark.parametrize("view", VIEWS, ids=name_of)
def test_a_page_asks_the_database_at_most_twelve_times(
    cast: Cast, view: tuple[Page, Who], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    page, who = view
    client, address = cast.client(who), cast.address(page)
    # A first request may write (a visit, a session); models are opened once a process.
    for state in ("cold", "warm"):
        if state == "cold":
            serving.forget_loaded()
            client.get(address)
            cache.clear()
        with django_assert_max_num_queries(QUERIES, info=f"{state}: {address}"):
            client.get(address)


@pytest.mark.parametrize("view", VIEWS, ids=name_of)
def test_a_page_weighs_less_than_60_kb_compressed(cast: Cast, view: tuple[Page, Who]) -> None:
    page, who = view
    html = cast.client(who).get(cast.address(page)).content
    assert len(gzip.compress(html, 6)) < GZIPPED
