"""What may be asked of the recommender."""

import re
from collections.abc import Callable
from typing import Any

from django.db.models import Q, QuerySet
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from catalog.api.shared import MAX_ANIME_ID, MAX_MEMBER_ID, Choice, QueryNumber, QueryParams
from catalog.models import Anime, AnimeType, Genre
from recommender.engine.diversity import LIMITS
from recommender.serving import Dials

TOP_N: dict[str, Any] = {"min_value": 1, "max_value": 100, "required": False}
YEAR: dict[str, Any] = {"min_value": 1900, "max_value": 2100, "required": False}


class QueryDecimal(serializers.FloatField):
    """Plain decimals such as -0.5; no exponent, no NaN, no digits of other scripts."""

    def to_internal_value(self, data: Any) -> float:
        if not re.fullmatch(r"-?[0-9]{1,3}(\.[0-9]{1,9})?", str(data)):
            self.fail("invalid")
        return float(data)


def _dial(name: str) -> dict[str, Any]:
    """A dial's limits; 0 is neutral."""
    low, high = LIMITS[name]
    return {"min_value": low, "max_value": high, "default": 0, "required": False}


class RecommendParams(QueryParams):
    user_id = QueryNumber(min_value=1, max_value=MAX_MEMBER_ID)
    top_n = QueryNumber(default=20, **TOP_N)
    genre = serializers.CharField(
        required=False, max_length=60, help_text="A genre, theme or demographic by its name."
    )
    type = Choice(AnimeType.choices, required=False)
    year_min = QueryNumber(help_text="First aired in this year or later.", **YEAR)
    year_max = QueryNumber(help_text="First aired in this year or earlier.", **YEAR)

    popularity = QueryDecimal(
        help_text="Titles that few know (-1) or that many know (1).", **_dial("popularity")
    )
    diversity = QueryDecimal(
        help_text="How unlike each other the titles are: 0 leaves them as they come, 1 is widest.",
        **_dial("diversity"),
    )
    per_franchise = QueryNumber(
        help_text="At most so many titles of one franchise; 0 for no limit.",
        **_dial("per_franchise"),
    )
    exploration = QueryDecimal(
        help_text="The share of places given to chance, the same all day for one member.",
        **_dial("exploration"),
    )
    explain = Choice(
        [("causes", "The strongest causes"), ("full", "The exact sum as well")],
        default="causes",
        help_text="`full` adds `breakdown` to each result: all summands of its score.",
    )

    def validate_genre(self, name: str) -> Genre:
        if genre := Genre.objects.filter(name__iexact=name).first():
            return genre
        raise ValidationError("There is no such genre here.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs.get("year_min", 0) > attrs.get("year_max", 9999):
            raise ValidationError({"year_max": "Must not be before year_min."})
        return attrs


class SimilarParams(QueryParams):
    anime_id = QueryNumber(min_value=1, max_value=MAX_ANIME_ID)
    top_n = QueryNumber(default=12, **TOP_N)


def dials_of(asked: dict[str, Any]) -> Dials:
    return Dials(**{name: asked[name] for name in LIMITS if name in asked})


def titles_allowed(asked: dict[str, Any]) -> QuerySet[Anime] | None:
    """The titles that pass the filters; None where no filter is set."""
    conditions = [CONDITIONS[name](value) for name, value in asked.items() if name in CONDITIONS]
    return Anime.objects.filter(*conditions) if conditions else None


def _aired(lookup: str, year: int) -> Q:
    """By the season's year, and by the first day where no season is known: what a card shows."""
    by_day = Q(year=None, **{f"aired_from__year__{lookup}": year})
    return Q(**{f"year__{lookup}": year}) | by_day


CONDITIONS: dict[str, Callable[[Any], Q]] = {
    "genre": lambda genre: Q(genre_links__genre=genre),
    "type": lambda kind: Q(type=kind),
    "year_min": lambda year: _aired("gte", year),
    "year_max": lambda year: _aired("lte", year),
}
