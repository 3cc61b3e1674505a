"""How lines of a list look in JSON, and how they may be said."""

from typing import Any

from rest_framework import serializers

from catalog.api.params import MAX_ANIME_ID, Choice, Strict, Truth, WholeNumber
from catalog.api.serializers import CardSerializer
from catalog.api.sparse import Sparse
from ratings.entry_form import NOT_A_DAY
from ratings.importing.lists.values import MOST_EPISODES, MOST_REWATCHES, partial_date
from ratings.leaving.everything import partial
from ratings.models import UserAnimeRating, WatchStatus

DAYS = "2019-04-03, 2019-04 or 2019: as exact as it is known."
SCORE: dict[str, Any] = {"min_value": 1, "max_value": 10, "allow_null": True, "required": False}


class EntrySerializer(serializers.Serializer[Any]):
    """One line of a list."""

    anime_id = serializers.IntegerField()
    score = serializers.IntegerField(allow_null=True)
    status = serializers.ChoiceField(WatchStatus.choices)
    watched_episodes = serializers.IntegerField(allow_null=True)
    started = serializers.SerializerMethodField(help_text=DAYS)
    finished = serializers.SerializerMethodField(help_text=DAYS)
    rewatches = serializers.IntegerField()
    counts = serializers.BooleanField(help_text="Whether it tells of the member's taste.")
    rated_at = serializers.DateTimeField(allow_null=True)

    def get_started(self, entry: UserAnimeRating) -> str | None:
        return partial(entry.started_on, entry.started_precision)

    def get_finished(self, entry: UserAnimeRating) -> str | None:
        return partial(entry.finished_on, entry.finished_precision)


class ListEntrySerializer(Sparse, EntrySerializer):
    """With the title that it is about."""

    anime = CardSerializer()


class Day(serializers.CharField):
    """As exact as it is written; null for none. Its value is a day and how exact it is."""

    def __init__(self) -> None:
        super().__init__(required=False, allow_null=True, max_length=10, help_text=DAYS)

    def to_internal_value(self, data: Any) -> Any:
        written = super().to_internal_value(data)
        day, precision = partial_date(written)
        if partial(day, precision) != written:
            raise serializers.ValidationError(NOT_A_DAY)
        return day, precision


class SayingSerializer(Strict):
    """What can be said of one title; what is not said stays as it is, or as it is in a new line."""

    status = Choice(WatchStatus.choices, required=False)
    score = WholeNumber(help_text="null takes it back.", **SCORE)
    watched_episodes = WholeNumber(
        min_value=0, max_value=MOST_EPISODES, allow_null=True, required=False
    )
    started = Day()
    finished = Day()
    rewatches = WholeNumber(min_value=0, max_value=MOST_REWATCHES, required=False)
    counts = Truth(
        required=False, help_text="false: it stays on the list, and tells nothing of your taste."
    )


class PickedSerializer(SayingSerializer):
    anime_id = WholeNumber(min_value=1, max_value=MAX_ANIME_ID)


def as_columns(said: dict[str, Any]) -> dict[str, Any]:
    """By the names of the table."""
    found = {name: value for name, value in said.items() if name not in ("started", "finished")}
    for name in ("started", "finished"):
        if name in said:
            found[f"{name}_on"], found[f"{name}_precision"] = said[name] or (None, "")
    found.pop("anime_id", None)
    return found
