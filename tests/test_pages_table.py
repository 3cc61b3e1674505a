"""Every page is in the table that the tests of accessibility, layout, budgets and hostile addresses walk."""

from collections import Counter
from collections.abc import Iterable, Iterator

import pytest
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, resolve, reverse

from tests.pages import NOT_PAGES, PAGES
from tests.walking import Cast

# Django's own pages, and the API, which has tests of its own.
ELSEWHERE = ("admin/", "api/v1/")


def names(patterns: Iterable[URLPattern | URLResolver], space: str = "") -> Iterator[str]:
    for pattern in patterns:
        if str(pattern.pattern) in ELSEWHERE:
            continue
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from names(pattern.url_patterns, inner)
        else:
            yield f"{space}{pattern.name or pattern.pattern}"


def test_every_page_is_in_the_table() -> None:
    listed = {page.route for page in PAGES} | NOT_PAGES
    missing = sorted(set(names(get_resolver().url_patterns)) - listed)
    assert missing == [], "add them to PAGES or NOT_PAGES of tests/pages.py"


def test_no_address_is_both_a_page_and_none() -> None:
    assert {page.route for page in PAGES} & NOT_PAGES == set()


def test_what_the_table_calls_no_page_exists() -> None:
    existing = set(names(get_resolver().url_patterns))
    others = {name for name in NOT_PAGES - existing if not _is_elsewhere(name)}
    assert others == set(), "these addresses are gone"


def _is_elsewhere(name: str) -> bool:
    try:
        return reverse(name).startswith(tuple(f"/{space}" for space in ELSEWHERE))
    except NoReverseMatch:
        return False


def test_pages_have_names_of_their_own() -> None:
    twice = [name for name, times in Counter(page.name for page in PAGES).items() if times > 1]
    assert twice == []


@pytest.mark.django_db
def test_each_path_in_the_table_leads_to_its_route(cast: Cast) -> None:
    wrong = []
    for page in PAGES:
        if page.route:
            found = resolve(cast.address(page).partition("?")[0]).view_name
            wrong += [f"{page.name}: {found}"] if found != page.route else []
    assert wrong == []


@pytest.mark.django_db
def test_each_page_answers_those_who_see_it(cast: Cast) -> None:
    wrong = []
    for page in PAGES:
        expected = 200 if page.route else 404
        for who in page.who:
            status = cast.client(who).get(cast.address(page)).status_code
            wrong += [f"{page.name} to {who}: {status}"] if status != expected else []
    assert wrong == []
