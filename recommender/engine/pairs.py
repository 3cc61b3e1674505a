"""What the re-ranker is told of a (member, title) pair: one row of named numbers, no NaN.

A row depends on the member's list and on the title alone, never on which other titles are asked
about. So a score can be recomputed for any title, and taken apart, at any time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from recommender.engine import sparse
from recommender.engine.companions import DAMPING
from recommender.engine.interactions import FloatArray, IntArray, MemberList, Vocabulary
from recommender.engine.shelf import KINDS, MISSING, Shelf, within
from recommender.engine.signal import list_weights, member_means

# Columns of a row by name, each of shape (rows,) or one number for all.
Parts = dict[str, npt.NDArray[Any]]

TASTE, CONTENT, SERIES, POPULARITY = "taste", "content", "series", "popularity"
QUALITY, ERA, LENGTH, KIND, LIST = "quality", "era", "length", "kind", "list"


@dataclass(frozen=True)
class Column:
    """One number of a row: its `group` names it in reasons; `rising` ones can only raise a score."""

    name: str
    group: str
    rising: bool = False
    statistics: bool = False  # comes from the catalogue's own figures


COLUMNS = (
    Column("ease", TASTE, rising=True),
    Column("item_knn", TASTE, rising=True),
    Column("als", TASTE, rising=True),
    Column("strongest_cause", TASTE, rising=True),
    Column("strongest_three", TASTE, rising=True),
    Column("strongest_ten", TASTE, rising=True),
    Column("nearest_watched", TASTE, rising=True),
    Column("after_best", TASTE, rising=True),
    Column("after_mean", TASTE, rising=True),
    Column("before_best", TASTE, rising=True),
    Column("before_mean", TASTE, rising=True),
    Column("name_nearest", CONTENT),
    Column("name_sum", CONTENT),
    Column("name_share", CONTENT),
    Column("story_nearest", CONTENT),
    Column("story_sum", CONTENT),
    Column("story_share", CONTENT),
    Column("genres_met", CONTENT),
    Column("genres_liked", CONTENT),
    Column("series_watched", SERIES),
    Column("series_size", SERIES),
    Column("series_earlier", SERIES),
    Column("series_later", SERIES),
    Column("series_previous", SERIES),
    Column("series_score", SERIES),
    Column("series_dropped", SERIES),
    Column("watchers", POPULARITY),
    Column("rank", POPULARITY),
    Column("rank_watched", POPULARITY),
    Column("above_watched", POPULARITY),
    Column("mean_score", QUALITY),
    Column("scored_share", QUALITY),
    Column("dropped_share", QUALITY),
    Column("catalogue_members", POPULARITY, statistics=True),
    Column("catalogue_ratio", POPULARITY, statistics=True),
    Column("catalogue_score", QUALITY, statistics=True),
    Column("year", ERA),
    Column("id", ERA),
    Column("after_newest", ERA),
    Column("after_late", ERA),
    Column("after_median", ERA),
    Column("id_after_newest", ERA),
    Column("years_met", ERA),
    Column("year_watched", ERA),
    Column("episodes", LENGTH),
    Column("minutes", LENGTH),
    Column("kind", KIND),
    Column("kind_met", KIND),
    Column("list_length", LIST),
    Column("list_mean", LIST),
    Column("list_spread", LIST),
    Column("list_unscored", LIST),
    Column("list_popularity", LIST),
    Column("list_first_years", LIST),
    Column("list_median_year", LIST),
    Column("list_last_years", LIST),
    Column("list_newest_id", LIST),
)
PLACE = {column.name: place for place, column in enumerate(COLUMNS)}


class ListView:
    """One member's list against a shelf: what all their pairs have in common, worked out once."""

    def __init__(self, shelf: Shelf, vocabulary: Vocabulary, member: MemberList) -> None:
        self.shelf = shelf
        places = vocabulary.positions(member.items)
        known = places >= 0
        self.positions, self.weights = places[known], member.weights[known]
        self.x = list_weights(member)[known]
        self.scores = member.scores[known]
        self.mean = float(member_means(np.zeros(len(member), np.int64), member.scores, 1)[0])
        watched = self.weights > 0
        self.watched, self.own_scores = self.positions[watched], self.scores[watched]
        self.signal = np.zeros(len(shelf), np.float32)
        self.signal[self.positions] = self.x
        self.seen = np.zeros(len(shelf), np.float32)
        self.seen[self.watched] = 1

    def rows(self, asked: IntArray, scores: Mapping[str, FloatArray]) -> FloatArray:
        """The pairs with the items at `asked`, float32, shape (len(asked), len(COLUMNS)).

        `scores`: what "ease", "item_knn" and "als" give those items, each of shape (len(asked),).
        """
        parts: dict[str, Any] = {
            **scores,
            **self._causes(asked),
            **self._company(asked),
            **self._content(asked),
            **self._series(asked),
            **self._popularity(asked),
            **self._era(asked),
            **self._shape(asked),
            **self._habits(),
        }
        table = np.empty((len(asked), len(COLUMNS)), np.float32)
        for column, place in PLACE.items():
            table[:, place] = parts[column]
        return np.nan_to_num(table, copy=False, nan=MISSING, posinf=MISSING, neginf=MISSING)

    def _causes(self, asked: IntArray) -> Parts:
        """Sums of EASE's greatest summands, and how many of the nearest items were watched."""
        rows, columns, weights = sparse.entries(self.shelf.incoming, asked, self.signal != 0)
        parts = weights * self.signal[columns]
        met = np.flatnonzero(parts > 0)
        rows, parts = rows[met], parts[met]
        # By row, and in a row the greatest first: parts as fractions of 1 order what rows leave.
        order = np.argsort(rows - 0.999 * (parts / parts.max(initial=1e-30)).astype(np.float64))
        rows, parts = rows[order], parts[order]
        rank = np.arange(len(rows)) - np.searchsorted(rows, rows)
        sums = {
            limit: np.bincount(rows, np.where(rank < limit, parts, 0), len(asked))
            for limit in (1, 3, 10)
        }
        return {
            "strongest_cause": sums[1],
            "strongest_three": sums[3],
            "strongest_ten": sums[10],
            "nearest_watched": self.shelf.watched_with[asked] @ self.seen,
        }

    def _company(self, asked: IntArray) -> Parts:
        """c_ij / (c_ii + d), of those who saw i the share that saw j, and c_ij / (c_jj + d).

        The greatest over what was watched, and the sum divided by the length of the list.
        """
        rows, columns, shared = sparse.entries(self.shelf.companions, asked, self.seen > 0)
        counts, number = self.shelf.counts + np.float32(DAMPING), max(1, len(self.watched))
        after = shared / counts[columns]
        return {
            "after_best": sparse.maxima(rows, after, len(asked)),
            "after_mean": np.bincount(rows, after, len(asked)) / number,
            "before_best": sparse.maxima(rows, shared, len(asked)) / counts[asked],
            "before_mean": np.bincount(rows, shared, len(asked)) / counts[asked] / number,
        }

    def _content(self, asked: IntArray) -> Parts:
        found: Parts = {}
        for word, matrix in (("name", self.shelf.names), ("story", self.shelf.stories)):
            near = matrix[asked]
            met = near.data * self.seen[near.indices]
            total = near @ self.seen
            found |= {
                f"{word}_nearest": sparse.row_maxima(near, met),
                f"{word}_sum": total,
                f"{word}_share": total / (sparse.row_sums(near) + 0.1),
            }
        genres = self.shelf.genres
        number = max(1, len(self.watched))
        met_genres = genres[self.watched].sum(axis=0) / number
        lean = np.nan_to_num(self.own_scores - self.mean)
        liked = (genres[self.watched] * lean[:, None]).sum(axis=0) / number
        found["genres_met"] = genres[asked] @ met_genres
        found["genres_liked"] = genres[asked] @ liked
        return found

    def _series(self, asked: IntArray) -> Parts:
        shelf, watched = self.shelf, self.watched
        size = int(shelf.series.max(initial=-1)) + 1
        own = shelf.series[watched]
        number = np.bincount(own, minlength=size)
        first = np.full(size, np.inf)
        np.minimum.at(first, own, shelf.places[watched])
        last = np.full(size, -np.inf)
        np.maximum.at(last, own, shelf.places[watched])
        given = np.bincount(own, np.nan_to_num(self.own_scores, nan=self.mean), size)
        dropped = np.bincount(shelf.series[self.positions[self.weights < 0]], minlength=size)
        series, place = shelf.series[asked], shelf.places[asked]
        return {
            "series_watched": number[series],
            "series_size": np.bincount(shelf.series, minlength=size)[series],
            "series_earlier": first[series] < place,
            "series_later": last[series] > place,
            "series_previous": last[series] == place - 1,
            "series_score": np.where(
                number[series] > 0, given[series] / np.maximum(number[series], 1), MISSING
            ),
            "series_dropped": dropped[series],
        }

    def _popularity(self, asked: IntArray) -> Parts:
        shelf = self.shelf
        ranks = shelf.ranks[asked]
        own = np.sort(shelf.ranks[self.watched])
        reach = np.maximum(20, ranks // 3)
        low, high = np.maximum(ranks - reach, 0), np.minimum(ranks + reach, len(shelf) - 1)
        between = np.searchsorted(own, high) - np.searchsorted(own, low)
        members = shelf.catalogue_members[asked]
        ratio = members - shelf.watchers[asked]
        return {
            "watchers": shelf.watchers[asked],
            "rank": ranks,
            "rank_watched": between / np.maximum(high - low, 1),
            "above_watched": np.searchsorted(own, ranks) / np.maximum(ranks, 1),
            "mean_score": shelf.mean_scores[asked],
            "scored_share": shelf.scored_shares[asked],
            "dropped_share": shelf.dropped_shares[asked],
            "catalogue_members": members,
            "catalogue_ratio": np.where(members == MISSING, MISSING, ratio),
            "catalogue_score": shelf.catalogue_scores[asked],
        }

    def _era(self, asked: IntArray) -> Parts:
        shelf = self.shelf
        years, ids = shelf.years[asked], shelf.ids[asked]
        _, median, high, newest = self._own_years
        known = years != MISSING
        own = np.sort(shelf.years[self.watched])
        met = within(years, own, np.ones(len(own)))
        return {
            "year": years,
            "id": ids,
            "after_newest": np.where(known, years - newest, MISSING),
            "after_late": np.where(known, years - high, MISSING),
            "after_median": np.where(known, years - median, MISSING),
            "id_after_newest": ids - self._newest_id,
            "years_met": met / max(1, len(own)),
            "year_watched": met / np.maximum(shelf.year_peers[asked], 1),
        }

    @property
    def _own_years(self) -> tuple[float, float, float, float]:
        """Early, middle, late and newest year of what was watched; MISSING where none is known."""
        years = self.shelf.years[self.watched]
        years = years[years != MISSING]
        if not len(years):
            return (MISSING,) * 4
        low, median, high = np.quantile(years, [0.1, 0.5, 0.9])
        return float(low), float(median), float(high), float(years.max())

    @property
    def _newest_id(self) -> float:
        ids = self.shelf.ids[self.watched]
        return float(np.quantile(ids, 0.97)) if len(ids) else 0.0

    def _shape(self, asked: IntArray) -> Parts:
        shelf = self.shelf
        kinds = np.bincount(shelf.kinds[self.watched] + 1, minlength=len(KINDS) + 1)
        return {
            "episodes": shelf.episodes[asked],
            "minutes": shelf.minutes[asked],
            "kind": shelf.kinds[asked],
            "kind_met": kinds[shelf.kinds[asked] + 1] / max(1, len(self.watched)),
        }

    def _habits(self) -> dict[str, float]:
        given = self.own_scores[~np.isnan(self.own_scores)]
        low, median, high, _ = self._own_years
        return {
            "list_length": float(np.log1p(len(self.watched))),
            "list_mean": float(given.mean()) if len(given) else MISSING,
            "list_spread": float(given.std()) if len(given) else MISSING,
            "list_unscored": 1 - len(given) / max(1, len(self.watched)),
            "list_popularity": float(self.shelf.watchers[self.watched].mean())
            if len(self.watched)
            else MISSING,
            "list_first_years": low,
            "list_median_year": median,
            "list_last_years": high,
            "list_newest_id": self._newest_id,
        }
