"""What may be recommended at all, decided before a list is cut to its length."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recommender.engine.interactions import EngineError, FloatArray, IntArray, Mask, Vocabulary
from recommender.engine.series import Name

WITH_SEASONS = ("tv", "ona")
MOST_FATIGUE = 5.0


@dataclass(frozen=True)
class Rules:
    """What holds for a list beside its dials; as they are, everybody's.

    `fatigue`: how much what was passed over tires, 0 to MOST_FATIGUE, 1 as usual. `series_order`: whether
    a title waits for what comes before it. EngineError for anything else.
    """

    fatigue: float = 1.0
    series_order: bool = True

    def __post_init__(self) -> None:
        number = isinstance(self.fatigue, int | float) and not isinstance(self.fatigue, bool)
        if not number or not 0 <= self.fatigue <= MOST_FATIGUE:
            raise EngineError(f"fatigue lies between 0 and {MOST_FATIGUE:g}")
        if not isinstance(self.series_order, bool):
            raise EngineError("series_order is true or false")


USUAL = Rules()


@dataclass(frozen=True)
class Relations:
    """How the titles of `vocabulary` stand to each other, and how many know each.

    `before`: pairs (title, what to watch before it), shape (k, 2). `franchises`: a label for each
    title, shape (n,). `members`: shape (n,), NaN where unknown.
    """

    vocabulary: Vocabulary
    before: IntArray
    franchises: IntArray
    members: FloatArray

    def franchises_of(self, ids: npt.ArrayLike) -> IntArray:
        """Labels of `ids`, -1 for a title that is not here."""
        places, known = self._places(ids)
        found = np.full(len(places), -1, np.int64)
        found[known] = self.franchises[places[known]]
        return found

    def members_of(self, ids: npt.ArrayLike) -> FloatArray:
        places, known = self._places(ids)
        found = np.full(len(places), np.nan, np.float32)
        found[known] = self.members[places[known]]
        return found

    def _places(self, ids: npt.ArrayLike) -> tuple[IntArray, Mask]:
        places = self.vocabulary.positions(ids)
        return places, places >= 0


def in_series_order(allowed: IntArray, before: IntArray, watched: IntArray) -> IntArray:
    """`allowed` without titles that follow one which should be watched first.

    `before`: pairs (title, what comes before it), shape (k, 2): prequels, and the full story of a
    recap. `watched`: what was seen and not dropped, so that nothing follows a dropped title either.
    A title waits while anything before it is unwatched.
    """
    waits = ~np.isin(before[:, 1], watched)
    return without(allowed, before[waits, 0])


def seasons(titles: Iterable[tuple[int, str, str]]) -> IntArray:
    """Pairs of ids (season, the season before it), shape (k, 2).

    `titles`: id, type and name, in the order of watching. Seasons are of one type that has seasons and
    of one name, but for what tells them apart; what has the very name of another is another telling.
    """
    latest: dict[tuple[str, str], tuple[int, str]] = {}
    pairs = []
    for pk, kind, title in titles:
        name = Name.of(title)
        if kind not in WITH_SEASONS or not name.stem:
            continue
        before = latest.get((kind, name.line))
        if before is None or before[1] != title.casefold():
            latest[kind, name.line] = (pk, title.casefold())
            pairs += [(pk, before[0])] if before else []
    return np.array(pairs, np.int64).reshape(-1, 2)


def without(ids: IntArray, others: npt.ArrayLike) -> IntArray:
    """`ids` in their order, but for those among `others`."""
    return ids[~np.isin(ids, np.asarray(others, np.int64))]


def at_most_each(labels: npt.ArrayLike, most: int, taken: npt.ArrayLike = ()) -> Mask:
    """Which of a ranking keep their place when a franchise may have `most` titles in the list.

    `labels`: the franchise of each title, best title first, shape (k,), -1 for none of its own.
    `taken`: franchises of titles that are in the list already. `most` of 0 or less is no limit.
    Returns bool, shape (k,).
    """
    ranked = np.asarray(labels, np.int64)
    if most <= 0 or not len(ranked):
        return np.ones(len(ranked), bool)
    listed = np.asarray(taken, np.int64)
    everything = np.concatenate([listed, ranked])
    kept: Mask = (_earlier_alike(everything) < most)[len(listed) :]
    return kept | (ranked < 0)


def _earlier_alike(labels: IntArray) -> IntArray:
    """How many earlier entries have the same label, shape (k,)."""
    order = np.argsort(labels, kind="stable")
    ordered = labels[order]
    starts = np.searchsorted(ordered, ordered)
    counts = np.empty(len(labels), np.int64)
    counts[order] = np.arange(len(labels)) - starts
    return counts
