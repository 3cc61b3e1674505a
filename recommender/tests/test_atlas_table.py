"""The atlas as a table: the titles of the map, narrowed, sorted and paged."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import Anime, CatalogueVersion
from ratings.models import User
from recommender.tests.worlds import FIRST_ID, TITLES

pytestmark = pytest.mark.django_db

TABLE = reverse("recommender:atlas-table")


def names_in(answer: Any) -> list[str]:
    return [row.anime.title for row in answer.context["table"].rows]


def test_the_table_holds_what_the_map_holds(client: Client, mapped: list[User]) -> None:
    found = names_in(client.get(TABLE))
    assert len(found) == TITLES
    assert found[:2] == ["Robot 0", "Tea 1"]


def test_the_table_is_narrowed_by_the_same_wishes(
    client: Client, mapped: list[User], rater: User
) -> None:
    Anime.objects.filter(pk=FIRST_ID).update(year=1998)
    Anime.objects.filter(pk=FIRST_ID + 1).update(type="movie")
    CatalogueVersion.advance()
    assert set(names_in(client.get(f"{TABLE}?genre=sci-fi"))) == {
        f"Robot {n}" for n in range(0, 30, 2)
    }
    assert len(names_in(client.get(f"{TABLE}?genre=sci-fi&genre=life"))) == TITLES
    assert names_in(client.get(f"{TABLE}?era=1990s")) == ["Robot 0"]
    assert names_in(client.get(f"{TABLE}?type=movie")) == ["Tea 1"]
    assert names_in(client.get(f"{TABLE}?mine=own")) == ["Robot 0", "Tea 1"]
    assert len(names_in(client.get(f"{TABLE}?mine=unseen"))) == TITLES - 2
    assert names_in(client.get(f"{TABLE}?q=tea+1&sort=title"))[0] == "Tea 1"
    assert "No title of the map fits" in client.get(f"{TABLE}?era=1980s").text
    label = client.get(TABLE).context["table"].rows[0].group.key
    assert "Robot 0" in names_in(client.get(f"{TABLE}?group={label}"))


def test_the_table_is_sorted_both_ways(client: Client, mapped: list[User], rater: User) -> None:
    Anime.objects.filter(pk=FIRST_ID + 5).update(year=1971, mean_score=9.5)
    Anime.objects.filter(pk=FIRST_ID + 6).update(year=2022, mean_score=1.5)
    CatalogueVersion.advance()
    first = {sort: names_in(client.get(f"{TABLE}?sort={sort}"))[0] for sort in (
        "members", "-members", "title", "-title", "year", "-year", "-score", "-mine", "mine")}  # fmt: skip
    assert first == {
        "members": "Tea 29", "-members": "Robot 0", "title": "Robot 0", "-title": "Tea 9",
        "year": "Tea 5", "-year": "Robot 6", "-score": "Tea 5", "-mine": "Robot 0", "mine": "Tea 1",
    }  # fmt: skip
    rows = client.get(f"{TABLE}?sort=-predicted").context["table"].rows
    predicted = [row.predicted for row in rows if row.predicted]
    assert predicted == sorted(predicted, reverse=True)
    assert 'aria-sort="descending"' in client.get(f"{TABLE}?sort=-year").text


def test_the_table_is_paged(
    client: Client, mapped: list[User], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recommender.atlas.table.PAGE", 10)
    pages = [names_in(client.get(f"{TABLE}?page={page}")) for page in (1, 2, 3)]
    assert len({name for page in pages for name in page}) == TITLES
    assert names_in(client.get(f"{TABLE}?page=99")) == pages[2]
