"""From rows to families, which nothing here writes."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

import numpy as np

from catalog.models import Anime, AnimeGenre, AnimeRelation, AnimeStudio, Precision
from recommender.engine.base import ItemFeatures
from recommender.engine.families import Families, families
from recommender.engine.family_order import LATER, SOME_DAY, Facts
from recommender.engine.interactions import FloatArray

FIELDS = (
    "mal_id", "title", "type", "episodes", "duration", "members", "aired_from",
    "aired_from_precision", "year", "status", "is_adult", "gone_on",
)  # fmt: skip
# How many days after the one that is written it may have been.
VAGUE: dict[str, int] = {Precision.MONTH: 30, Precision.YEAR: 365}
UPCOMING = "upcoming"


def work_out() -> Families:
    """Of the catalogue as it is now."""
    return families(
        read_facts(), AnimeRelation.objects.values_list("anime_id", "kind", "to_mal_id")
    )


def read_facts() -> Facts:
    """Of every described title; three queries, none of them for the long texts."""
    rows = list(Anime.objects.described().order_by("mal_id").values(*FIELDS))
    genres = _grouped(AnimeGenre.objects.values_list("anime_id", "genre__name"))
    studios = _grouped(AnimeStudio.objects.values_list("anime_id", "studio__name"))
    features = ItemFeatures(
        ids=np.array([row["mal_id"] for row in rows], np.int64),
        titles=[row["title"] for row in rows],
        kinds=[row["type"] for row in rows],
        genres=[genres[row["mal_id"]] for row in rows],
        studios=[studios[row["mal_id"]] for row in rows],
        episodes=_numbers(row["episodes"] for row in rows),
        minutes=_numbers(row["duration"] and row["duration"] / 60 for row in rows),
        members=_numbers(row["members"] for row in rows),
    )
    days = np.array([_days(row) for row in rows], np.int64).reshape(-1, 2)
    held_back = np.array([_is_held_back(row) for row in rows], bool)
    return Facts(features, days[:, 0], days[:, 1], held_back)


def _days(row: dict[str, Any]) -> tuple[int, int]:
    """The first and the last day on which it may have begun."""
    if row["aired_from"]:
        first: int = row["aired_from"].toordinal()
        return first, first + VAGUE.get(row["aired_from_precision"], 0)
    if row["year"]:
        first = date(row["year"], 1, 1).toordinal()
        return first, first + VAGUE[Precision.YEAR]
    day = LATER if row["status"] == UPCOMING else SOME_DAY
    return day, day


def _is_held_back(row: dict[str, Any]) -> bool:
    return bool(row["is_adult"] or row["gone_on"] or row["status"] == UPCOMING)


def _grouped(links: Iterable[tuple[int, str]]) -> dict[int, list[str]]:
    names: dict[int, list[str]] = defaultdict(list)
    for pk, name in links:
        names[pk].append(name)
    return names


def _numbers(values: Iterable[float | None]) -> FloatArray:
    return np.array([np.nan if value is None else value for value in values], np.float32)
