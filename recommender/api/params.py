"""What may be asked of the recommender."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from catalog.api.params import (
    MAX_ANIME_ID,
    MAX_MEMBER_ID,
    Choice,
    Names,
    NamesOf,
    QueryDecimal,
    QueryNumber,
    QueryParams,
)
from catalog.api.sparse import FieldNames
from catalog.models import CatalogueVersion
from recommender.api.serializers import RecommendedSerializer, SimilarSerializer
from recommender.engine.diversity import LIMITS
from recommender.narrowing import RANGES, SCORES, STATUSES, TYPES, choices_now
from recommender.serving import Dials

TOP_N: dict[str, Any] = {"min_value": 1, "max_value": 100, "required": False}


def _bounds(name: str) -> dict[str, Any]:
    low, high = RANGES[name]
    return {"min_value": low, "max_value": high, "required": False}


def _dial(name: str) -> dict[str, Any]:
    """A dial's limits; 0 is neutral."""
    low, high = LIMITS[name]
    return {"min_value": low, "max_value": high, "default": 0, "required": False}


class ChoosingParams(QueryParams):
    """What a list of recommendations is narrowed to and ordered by, whoever it is for."""

    top_n = QueryNumber(default=20, **TOP_N)
    genre = Names("Genres, themes or demographics that a title must all have.")
    not_genre = Names("Genres, themes or demographics of which a title must have none.")
    type = NamesOf(TYPES, "Any of these.")
    status = NamesOf(STATUSES, "Any of these.")
    source = Names("Source materials, as `light_novel`; any of these.")  # type: ignore[assignment]  # hides an attribute of fields, which a serializer of an address does not use
    studio = serializers.CharField(
        required=False, max_length=160, help_text="By its name, or a part of it."
    )
    year_min = QueryNumber(help_text="First aired in this year or later.", **_bounds("year"))
    year_max = QueryNumber(help_text="First aired in this year or earlier.", **_bounds("year"))
    episodes_min = QueryNumber(**_bounds("episodes"))
    episodes_max = QueryNumber(**_bounds("episodes"))
    minutes_min = QueryNumber(help_text="Of one episode.", **_bounds("minutes"))
    minutes_max = QueryNumber(help_text="Of one episode.", **_bounds("minutes"))
    score_min = QueryDecimal(
        required=False,
        min_value=SCORES[0],
        max_value=SCORES[1],
        help_text="The catalogue's mean score.",
    )
    members_min = QueryNumber(help_text="Known to so many, or more.", **_bounds("members"))
    members_max = QueryNumber(help_text="Known to so many, or fewer.", **_bounds("members"))

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
    fields = FieldNames(RecommendedSerializer)  # type: ignore[assignment]  # a parameter, not the serializer's own
    explain = Choice(
        [("causes", "The strongest causes"), ("full", "The exact sum as well")],
        default="causes",
        help_text="`full` adds `breakdown` to each result: all summands of its score.",
    )

    def validate_genre(self, names: list[str]) -> list[int]:
        return _found(names, choices_now(CatalogueVersion.now()).genres, "genre")

    validate_not_genre = validate_genre

    def validate_source(self, names: list[str]) -> list[str]:
        there = choices_now(CatalogueVersion.now()).sources
        return _found(names, {name: name for name in there}, "source material")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        for name in RANGES:
            least, most = attrs.get(f"{name}_min"), attrs.get(f"{name}_max")
            if least is not None and most is not None and least > most:
                word = "before" if name == "year" else "less than"
                raise ValidationError({f"{name}_max": f"Must not be {word} {name}_min."})
        return attrs


def _found(names: list[str], there: Mapping[str, Any], what: str) -> list[Any]:
    """Whatever the names are of; letters of either case will do."""
    known = {name.casefold(): value for name, value in there.items()}
    if any(name.casefold() not in known for name in names):
        raise ValidationError(f"There is no such {what} here.")
    return [known[name.casefold()] for name in names]


class RecommendParams(ChoosingParams):
    user_id = QueryNumber(
        min_value=1, max_value=MAX_MEMBER_ID, required=False, help_text="Without it, you."
    )


class ExplainParams(QueryParams):
    anime_id = QueryNumber(min_value=1, max_value=MAX_ANIME_ID)
    user_id = QueryNumber(
        min_value=1, max_value=MAX_MEMBER_ID, required=False, help_text="Without it, you."
    )


class SimilarParams(QueryParams):
    fields = FieldNames(SimilarSerializer)  # type: ignore[assignment]  # as above
    anime_id = QueryNumber(min_value=1, max_value=MAX_ANIME_ID)
    top_n = QueryNumber(default=12, **TOP_N)


def dials_of(asked: dict[str, Any]) -> Dials:
    return Dials(**{name: asked[name] for name in LIMITS if name in asked})
