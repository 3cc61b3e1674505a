"""A list that is asked of AniList while the member waits for the page."""

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from catalog.tests.conftest import forget_all
from catalog.tests.test_anilist import AniList


@pytest.fixture(autouse=True)
def nothing_asked_before() -> Iterator[None]:
    forget_all()
    yield
    forget_all()


# Bad gateway; too many questions: then it is left alone, and the member comes back.
@pytest.mark.parametrize(("status", "asked"), [(502, 2), (500, 2), (429, 1)])
def test_a_member_does_not_sit_out_the_bad_days_of_anilist(
    as_newcomer: Client, settings: Settings, status: int, asked: int
) -> None:
    server = AniList((status, {"message": "busy"}))
    settings.ANILIST_URL, settings.ANILIST_RATE = server.address, 1000
    try:
        page = as_newcomer.post(reverse("ratings:import-anilist"), {"name": "somebody"})
    finally:
        server.http.shutdown()
        server.http.server_close()
    assert (page.status_code, "Try again later" in page.text) == (400, True)
    assert len(server.asked) == asked
