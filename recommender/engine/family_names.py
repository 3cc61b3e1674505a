"""What names say of families, for titles that no edge touches."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

import numpy as np

from recommender.engine.base import ItemFeatures
from recommender.engine.family_edges import Pair
from recommender.engine.family_order import Rank
from recommender.engine.series import Name, series_of

TOLD_ANEW = re.compile(r"\(((?:19|20)\d\d)\)")


def same_series(
    features: ItemFeatures, touched: Collection[int], ranks: Mapping[int, Rank]
) -> list[Pair]:
    """Pairs (title, one of its series): names alike up to the subtitle, "Gintama': Enchousen"."""
    return _joins(features.ids.tolist(), map(_telling, features.titles), touched, ranks)


def _telling(title: str) -> str:
    """What parts of one series share; with a year of its own it is told anew: "Hunter x Hunter (2011)"."""
    stem, year = Name.of(title).stem, TOLD_ANEW.search(title)
    return f"{stem} {year[1]}" if stem and year else stem


def same_franchise(
    features: ItemFeatures, touched: Collection[int], ranks: Mapping[int, Rank]
) -> list[Pair]:
    """Pairs (title, one of its franchise): names with a shared beginning too, and alike in content."""
    names_alone = replace(features, prequels=np.empty((0, 2), np.int64))
    keys = series_of(names_alone).key.tolist()
    return _joins(features.ids.tolist(), keys, touched, ranks)


def _joins(
    ids: Iterable[int],
    labels: Iterable[int | str],
    touched: Collection[int],
    ranks: Mapping[int, Rank],
) -> list[Pair]:
    """Each title that no edge touches, with the best one that edges do touch, else with the best one.

    Only with one: what edges tell apart is never joined by a third title.
    """
    alike: dict[int | str, list[int]] = defaultdict(list)
    for pk, label in zip(ids, labels, strict=True):
        if label:
            alike[label].append(pk)
    pairs = []
    for group in alike.values():
        if len(group) > 1:
            told = [pk for pk in group if pk in touched]
            anchor = min(told or group, key=ranks.__getitem__)
            pairs += [(anchor, pk) for pk in group if pk not in touched and pk != anchor]
    return pairs
