"""A list that comes with the request: nobody here keeps it."""

from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from catalog.api.params import MAX_ANIME_ID, Choice, Strict, WholeNumber
from ratings.models import WatchStatus
from recommender import datasets

MOST = 1000


class ListedLineSerializer(Strict):
    anime_id = WholeNumber(min_value=1, max_value=MAX_ANIME_ID)
    score = WholeNumber(min_value=1, max_value=10, allow_null=True, default=None)
    status = Choice(WatchStatus.choices, default=WatchStatus.COMPLETED)


def _nobody() -> list[int]:
    """By another name than `list`, which is a field below."""
    return []


class ListedSerializer(Strict):
    list = ListedLineSerializer(many=True, max_length=MOST)  # type: ignore[call-arg]  # the list's own, which the types do not know
    not_interested = serializers.ListField(
        child=WholeNumber(min_value=1, max_value=MAX_ANIME_ID),
        max_length=MOST,
        default=_nobody,
        help_text="Ids of titles that are not wanted: they count against what is like them.",
    )

    def validate_list(self, lines: Any) -> Any:
        named = [line["anime_id"] for line in lines]
        if len(set(named)) < len(named):
            raise ValidationError("A title is named more than once.")
        return lines


def ids_in(said: dict[str, Any]) -> set[int]:
    return {*(line["anime_id"] for line in said["list"]), *said["not_interested"]}


def own_of(said: dict[str, Any], known: set[int]) -> datasets.OwnTitles:
    """What the engine goes by, without titles that are not known here."""
    lines = {
        line["anime_id"]: (line["score"], line["status"])
        for line in said["list"]
        if line["anime_id"] in known
    }
    return datasets.own_of(lines, [pk for pk in said["not_interested"] if pk in known])
