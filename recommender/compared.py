"""Two members' lists beside each other: how alike they score, what both saw, what one could tell the other of."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from catalog.models import Anime
from ratings.models import User, UserAnimeRating, WatchStatus
from recommender import datasets
from recommender.engine.likeness import correlations, likeness, sums_of
from recommender.serving.models import active_models, scorer

# What a member loved: this score or a better one.
LOVED = 8
APART, CARDS, PLANS = 5, 12, 24


@dataclass(frozen=True)
class Line:
    score: int | None
    status: str
    counts: bool


@dataclass(frozen=True)
class Shared:
    """A title that both have seen."""

    anime_id: int
    mine: int | None
    theirs: int | None

    @property
    def apart(self) -> int:
        """Points between the two scores; 0 where one has given none."""
        return abs(self.mine - self.theirs) if self.mine and self.theirs else 0

    @property
    def order(self) -> tuple[int, int, int]:
        return (
            not (self.mine and self.theirs),
            -(self.mine or 0) - (self.theirs or 0),
            self.anime_id,
        )


@dataclass(frozen=True)
class Tip:
    """What the other loved and I have not seen; `predicted`: what I would likely give."""

    anime_id: int
    theirs: int
    predicted: float | None

    @property
    def order(self) -> tuple[float, int, int]:
        return (-(self.predicted or 0.0), -self.theirs, self.anime_id)


class Comparison:
    """`me` and `other`, by the titles that `me` may see. Reads both lists once."""

    def __init__(self, me: User, other: User) -> None:
        self.me, self.other = me, other
        lines = _lines_of(me, other)
        self._mine, self._theirs = lines[me.pk], lines[other.pk]

    @cached_property
    def shared(self) -> list[Shared]:
        """What both have watched; what both love comes first."""
        both = _watched(self._mine) & _watched(self._theirs)
        rows = (Shared(pk, self._mine[pk].score, self._theirs[pk].score) for pk in both)
        return sorted(rows, key=lambda row: row.order)

    @cached_property
    def _scores(self) -> tuple[list[int], list[int]]:
        """Of the titles that both scored and both let count."""
        pairs = [(self._mine[row.anime_id], self._theirs[row.anime_id]) for row in self.shared]
        kept = [(one, two) for one, two in pairs if one.counts and two.counts]
        scored = [(one.score, two.score) for one, two in kept if one.score and two.score]
        return [one for one, _ in scored], [two for _, two in scored]

    @property
    def scored(self) -> int:
        return len(self._scores[0])

    @property
    def likeness(self) -> float | None:
        return _number(likeness(sums_of(*self._scores)))

    @property
    def correlation(self) -> float | None:
        return _number(correlations(sums_of(*self._scores)))

    @property
    def both_plan(self) -> list[int]:
        return sorted(_planned(self._mine) & _planned(self._theirs))[:PLANS]

    @property
    def furthest_apart(self) -> list[Shared]:
        rows = sorted(self.shared, key=lambda row: (-row.apart, row.anime_id))
        return [row for row in rows if row.apart > 1][:APART]

    def tips(self) -> list[Tip]:
        """What they love and I have neither seen, planned nor hidden, as I would likely score it."""
        own = datasets.read_own(self.me)
        settled = set(own.settled.tolist())
        loved = {
            pk: line.score
            for pk, line in self._theirs.items()
            if line.score and line.score >= LOVED and pk not in settled
        }
        model = scorer(active_models())
        scores = model.score(own.list) if model and loved else np.empty(0, np.float32)
        places = model.vocabulary.positions(list(loved)) if model else np.full(len(loved), -1)
        found = [
            Tip(pk, theirs, round(float(scores[place]), 2) if place >= 0 else None)
            for (pk, theirs), place in zip(loved.items(), places.tolist(), strict=True)
        ]
        return sorted(found, key=lambda tip: tip.order)[:CARDS]


def _lines_of(*members: User) -> dict[int, dict[int, Line]]:
    """Both lists: one query."""
    rows = UserAnimeRating.objects.filter(user__in=members).of_visible_titles()
    found: dict[int, dict[int, Line]] = {member.pk: {} for member in members}
    for user, anime, score, status, counts in rows.values_list(
        "user_id", "anime_id", "score", "status", "counts"
    ):
        found[user][anime] = Line(score, status, counts)
    return found


def _watched(lines: Mapping[int, Line]) -> set[int]:
    return {pk for pk, line in lines.items() if line.status != WatchStatus.PLANNED}


def _planned(lines: Mapping[int, Line]) -> set[int]:
    return {pk for pk, line in lines.items() if line.status == WatchStatus.PLANNED}


def _number(found: np.ndarray) -> float | None:
    return None if np.isnan(found[0]) else float(found[0])


def titles_by_id(ids: Iterable[int]) -> dict[int, Anime]:
    """What is shown of the titles beside their names: one query."""
    return Anime.objects.visible().lean().in_bulk(list(set(ids)))
