"""Who watched what, as arrays: the only data a model is fitted on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

if TYPE_CHECKING:
    from recommender.engine.impressions import Impressions

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]


class EngineError(ValueError):
    """Something the engine was given cannot be worked with; the message says what."""


class Vocabulary:
    """Item ids in the order of a model's rows and columns.

    Models work on positions 0..n-1, the outside world on ids; a vocabulary is saved with each
    model, so the two cannot drift apart. Ids it does not hold have position -1.
    """

    def __init__(self, ids: npt.ArrayLike) -> None:
        self.ids: IntArray = np.asarray(ids, dtype=np.int64)
        if self.ids.ndim != 1 or (np.diff(self.ids) <= 0).any():
            raise EngineError("a vocabulary needs a sorted list of distinct ids")

    def __len__(self) -> int:
        return len(self.ids)

    def __contains__(self, item_id: int) -> bool:
        return bool(self.positions([item_id])[0] >= 0)

    def positions(self, ids: npt.ArrayLike) -> IntArray:
        """Positions of `ids` (shape (k,)), -1 where unknown."""
        wanted = np.asarray(ids, dtype=np.int64).reshape(-1)
        if not len(self.ids):
            return np.full(len(wanted), -1, dtype=np.int64)
        places = np.searchsorted(self.ids, wanted).clip(max=len(self.ids) - 1)
        return np.where(self.ids[places] == wanted, places, -1)


@dataclass(frozen=True)
class MemberList:
    """One member's list, for fold-in.

    `items`: ids, shape (k,). `scores`: float32, shape (k,), 1..10 or NaN where none was given.
    `weights`: float32, shape (k,), how much each line counts as liked: 1 for watched, below 0 for
    dropped. An empty list is a list.
    """

    items: IntArray
    scores: FloatArray
    weights: FloatArray

    @classmethod
    def of(
        cls,
        items: Iterable[int],
        scores: Iterable[float | None] | None = None,
        weights: Iterable[float] | None = None,
    ) -> Self:
        ids = np.fromiter(items, dtype=np.int64)
        given = np.full(len(ids), np.nan, dtype=np.float32)
        if scores is not None:
            given = np.array([np.nan if s is None else s for s in scores], dtype=np.float32)
        counted = np.ones(len(ids), dtype=np.float32)
        if weights is not None:
            counted = np.fromiter(weights, dtype=np.float32)
        if not len(ids) == len(given) == len(counted):
            raise EngineError("a list needs one score and one weight for each item")
        return cls(ids, given, counted)

    def __len__(self) -> int:
        return len(self.items)

    def at(self, lines: IntArray | Mask) -> Self:
        """The list cut to some of its lines."""
        return type(self)(self.items[lines], self.scores[lines], self.weights[lines])

    def known_to(self, vocabulary: Vocabulary) -> tuple[IntArray, Self]:
        """Positions of the items that `vocabulary` holds, and the list cut to them."""
        positions = vocabulary.positions(self.items)
        known = positions >= 0
        return positions[known], self.at(known)


@dataclass(frozen=True)
class Interactions:
    """Members × items, in coordinates.

    `members`, `items`: ids, shape (nnz,). `scores`: float32, 1..10 or NaN for watched without a
    score. Each (member, item) occurs once. `dropped`: bool, shape (nnz,). `days`: float32, days
    since 1970-01-01 on which the line was written, NaN where no source tells. `shown`: what they
    were put forward, where that is known.
    """

    members: IntArray
    items: IntArray
    scores: FloatArray
    dropped: Mask
    days: FloatArray
    shown: Impressions | None = None

    @classmethod
    def of(
        cls,
        members: npt.ArrayLike,
        items: npt.ArrayLike,
        scores: npt.ArrayLike,
        dropped: npt.ArrayLike | None = None,
        days: npt.ArrayLike | None = None,
    ) -> Self:
        """Check and sort raw columns; of a repeated (member, item) the last one counts.

        Scores outside 1..10 raise EngineError; NaN means none given.
        """
        who, what = np.asarray(members, dtype=np.int64), np.asarray(items, dtype=np.int64)
        score = np.asarray(scores, dtype=np.float32)
        drop = np.zeros(len(who), bool) if dropped is None else np.asarray(dropped, dtype=bool)
        day = np.full(len(who), np.nan) if days is None else np.asarray(days)
        if not len(who) == len(what) == len(score) == len(drop) == len(day):
            raise EngineError("interactions need columns of one length")
        if ((score < 1) | (score > 10)).any():
            raise EngineError("a score lies between 1 and 10, or is NaN where none was given")
        order = np.lexsort((np.arange(len(who)), what, who))
        last = np.ones(len(who), bool)
        last[:-1] = (np.diff(who[order]) != 0) | (np.diff(what[order]) != 0)
        kept = order[last]
        return cls(who[kept], what[kept], score[kept], drop[kept], day[kept].astype(np.float32))

    def __len__(self) -> int:
        return len(self.members)

    @property
    def member_ids(self) -> IntArray:
        return np.unique(self.members)

    def vocabulary(self) -> Vocabulary:
        return Vocabulary(np.unique(self.items))

    def take(self, rows: Mask) -> Self:
        """Some lines, and what was shown to their members; but no title taken up of which the line is gone."""
        members, items = self.members[rows], self.items[rows]
        shown = self.shown
        if shown is not None:
            there = np.isin(_pairs(shown.members, shown.items), _pairs(members, items))
            shown = shown.take(np.isin(shown.members, members) & (there | ~shown.taken))
        return type(self)(
            members, items, self.scores[rows], self.dropped[rows], self.days[rows], shown
        )

    def only_items(self, ids: npt.ArrayLike) -> Self:
        return self.take(np.isin(self.items, np.asarray(ids)))

    def matrix(self, vocabulary: Vocabulary, values: FloatArray | None = None) -> sp.csr_matrix:
        """CSR float32, shape (members, len(vocabulary)); 1 for each interaction unless `values`."""
        rows = np.searchsorted(self.member_ids, self.members)
        columns = vocabulary.positions(self.items)
        known = columns >= 0
        data = np.ones(len(self), np.float32) if values is None else values
        shape = (len(self.member_ids), len(vocabulary))
        return sp.csr_matrix((data[known], (rows[known], columns[known])), shape=shape)

    def lists(self) -> dict[int, MemberList]:
        """Each member's list by member id."""
        ids, starts = np.unique(self.members, return_index=True)
        ends = np.append(starts[1:], len(self))[: len(starts)]
        return {
            int(member): MemberList(
                self.items[a:b], self.scores[a:b], watched_weights(self.dropped[a:b])
            )
            for member, a, b in zip(ids, starts, ends, strict=True)
        }

    def fingerprint(self) -> str:
        """SHA-256 over the sorted columns: same data, same fingerprint."""
        digest = hashlib.sha256()
        for column in (self.members, self.items, np.nan_to_num(self.scores), self.dropped):
            digest.update(np.ascontiguousarray(column).tobytes())
        for column in vars(self.shown).values() if self.shown else ():
            digest.update(np.ascontiguousarray(column).tobytes())
        return digest.hexdigest()


def _pairs(members: IntArray, items: IntArray) -> IntArray:
    """One number for each member and item."""
    found: IntArray = members * 2**32 + items
    return found


# A dropped title tells what to avoid, more weakly than a watched one tells what to seek.
DROPPED_WEIGHT = -0.3


def watched_weights(dropped: Mask) -> FloatArray:
    return np.where(dropped, DROPPED_WEIGHT, 1.0).astype(np.float32)
