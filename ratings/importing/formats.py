"""The published tables of ratings: which columns are read, what they may hold, what they mean."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from catalog.etl.recognising import Shape
from ratings.importing.entries import (
    COMPLETED,
    NO_SCORE,
    PLANNED,
    STATUSES,
    Entries,
    Numbers,
    entries_of,
)
from ratings.models import Origin

MAX_INTEGER = 2**31 - 1


@dataclass(frozen=True)
class Column:
    """A column of whole numbers from `low` to `high`, perhaps with one in between that means nothing."""

    name: str
    low: int
    high: int
    expected: str
    never: int | None = None

    def allows(self, values: Numbers) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
        inside = (values >= self.low) & (values <= self.high)
        return inside if self.never is None else inside & (values != self.never)


@dataclass(frozen=True)
class RatingTable:
    """How the rows of one published table become entries; `columns` are all that is ever read of it."""

    origin: Origin
    columns: tuple[Column, ...]
    entries: Callable[[Mapping[str, Numbers]], Entries]
    # How many rows hold something that had to be guessed at, by what it was.
    notes: Callable[[Mapping[str, Numbers]], dict[str, int]] = lambda values: {}


USER = Column("user_id", 0, 2**63 - 1, "a member's number from 0 to 9223372036854775807")
ANIME = Column("anime_id", 1, MAX_INTEGER, f"a title's id from 1 to {MAX_INTEGER}")
STATUS_OF_CODE = {1: "watching", 2: "completed", 3: "on_hold", 4: "dropped", 6: "planned"}
_PLACE_OF_CODE = {code: STATUSES.index(name) for code, name in STATUS_OF_CODE.items()}


def rating(low: int, expected: str, never: int | None = None) -> Column:
    return Column("rating", low, 10, expected, never)


def _watched(values: Mapping[str, Numbers]) -> Entries:
    """-1 says: watched, and not scored."""
    score = np.maximum(values["rating"], NO_SCORE)
    return entries_of(values["user_id"], values["anime_id"], score)


def _listed(values: Mapping[str, Numbers]) -> Entries:
    """A code that nobody explained is taken for completed where anything was watched or scored."""
    touched = (values["rating"] > 0) | (values["watched_episodes"] > 0)
    status = np.where(touched, COMPLETED, PLANNED)
    for code, place in _PLACE_OF_CODE.items():
        status[values["watching_status"] == code] = place
    return entries_of(
        values["user_id"],
        values["anime_id"],
        values["rating"],
        status,
        values["watched_episodes"],
    )


def _unknown_codes(values: Mapping[str, Numbers]) -> dict[str, int]:
    codes, counts = np.unique(values["watching_status"], return_counts=True)
    return {
        f"watching_status {code} is unknown; read by what was watched": int(count)
        for code, count in zip(codes.tolist(), counts.tolist(), strict=True)
        if code not in STATUS_OF_CODE
    }


RATINGS_2016 = Shape(
    "cooperunion",
    "rating.csv",
    frozenset({"user_id", "anime_id", "rating"}),
    RatingTable(Origin.COOPERUNION, (USER, ANIME, rating(-1, "-1 or 1 to 10", never=0)), _watched),
)
COMPLETED_2020 = Shape(
    "mal2020",
    "rating_complete.csv",
    # The very columns of RATINGS_2016; `telling_apart` decides which of the two a file is.
    frozenset({"user_id", "anime_id", "rating"}),
    RatingTable(Origin.MAL2020, (USER, ANIME, rating(1, "1 to 10")), _watched),
)
LISTS_2020 = Shape(
    "mal2020",
    "animelist.csv",
    frozenset({"user_id", "anime_id", "rating", "watching_status", "watched_episodes"}),
    RatingTable(
        Origin.MAL2020,
        (
            USER,
            ANIME,
            rating(0, "0 to 10"),
            Column("watching_status", 0, 32767, "the number of a status"),
            Column("watched_episodes", 0, MAX_INTEGER, f"a number from 0 to {MAX_INTEGER}"),
        ),
        _listed,
        _unknown_codes,
    ),
)
SCORES_2023 = Shape(
    "mal2023",
    "users-score-2023.csv",
    # The file also has the members' names; they are not among what is read.
    frozenset({"user_id", "anime_id", "Anime Title", "rating"}),
    RatingTable(Origin.MAL2023, (USER, ANIME, rating(1, "1 to 10")), _watched),
)
SHAPES = (RATINGS_2016, COMPLETED_2020, LISTS_2020, SCORES_2023)
