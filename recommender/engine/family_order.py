"""Which title stands for others, and in which order the parts of a series are watched."""

from __future__ import annotations

import heapq
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np

from recommender.engine.base import ItemFeatures
from recommender.engine.family_edges import Pair
from recommender.engine.interactions import IntArray, Mask

# What titles stand for others, the best first; anything else comes after.
KINDS = ("tv", "ona", "movie")
# Never a thing to watch next, so never what stands for others where anything else can.
CLIPS = frozenset(("music", "cm", "pv"))
RECAP = re.compile(r"\b(?:recaps?|soushuuhen|digest)\b", re.IGNORECASE)
EPISODES, EPISODE_MINUTES, FILM_MINUTES = 8, 15, 30
# The day of what has no date: after all others.
SOME_DAY = 4_000_000
LATER = SOME_DAY - 1
Rank = tuple[bool, bool, bool, int, int, float, int]


@dataclass(frozen=True)
class Facts:
    """What is known of the titles; all columns of one length, sorted by id.

    `features`: ids, titles, kinds, genres, studios, episodes, minutes and members. `begins`: the
    first day on which it may have begun, as a proleptic ordinal, SOME_DAY where nothing is known, and
    LATER for what is announced without a day, shape (n,).
    `latest`: the last such day, later where only the month or the year is known, shape (n,).
    `held_back`: not for everybody, or not out yet, shape (n,).
    """

    features: ItemFeatures
    begins: IntArray
    latest: IntArray
    held_back: Mask

    @classmethod
    def of(cls, features: ItemFeatures) -> Facts:
        """With whole years for days, for data that know no better."""
        known = ~np.isnan(features.years)
        years = np.where(known, features.years, 0)
        begins = np.where(known, np.floor(years * 365.25), SOME_DAY).astype(np.int64)
        return cls(features, begins, begins, np.zeros(len(features), bool))


@dataclass(frozen=True)
class Standing:
    """The rank of a title among those it may stand for, and its days."""

    rank: Rank
    begins: int
    latest: int
    kind: str


def standings(facts: Facts, recaps: Collection[int]) -> dict[int, Standing]:
    """By id. `recaps`: titles that edges call a summary of another."""
    features = facts.features
    rows = zip(
        features.ids.tolist(), features.titles, features.kinds, features.episodes.tolist(),
        features.minutes.tolist(), np.nan_to_num(features.members).tolist(), facts.begins.tolist(),
        facts.latest.tolist(), facts.held_back.tolist(), strict=True,
    )  # fmt: skip
    found = {}
    for pk, title, kind, episodes, minutes, members, begins, latest, held_back in rows:
        empty = kind in CLIPS or pk in recaps or RECAP.search(title) is not None
        place = KINDS.index(kind) if kind in KINDS else len(KINDS)
        short = not is_full_length(kind, episodes, minutes)
        rank = (empty, held_back, short, place, begins, -members, pk)
        found[pk] = Standing(rank, begins, latest, kind)
    return found


def is_full_length(kind: str, episodes: float, minutes: float) -> bool:
    """Eight episodes of a quarter of an hour, or half an hour at once; NaN is a benefit of the doubt
    for what is usually long enough."""
    doubt = kind in KINDS
    long_enough = minutes >= EPISODE_MINUTES or (np.isnan(minutes) and doubt)
    many_enough = episodes >= EPISODES or (np.isnan(episodes) and kind in ("tv", "ona"))
    film = kind not in ("tv", "ona") and (minutes >= FILM_MINUTES or (np.isnan(minutes) and doubt))
    return bool((many_enough and long_enough) or film)


def watch_order(
    ids: Iterable[int], after: Iterable[Pair], standing: dict[int, Standing]
) -> list[int]:
    """`ids` in the order of release, except where `after`, pairs (title, what follows it), knows
    better: what has no exact day stands right behind what it follows. An edge against the days is not
    heeded (who watched in the order of release has missed nothing), nor one that closes a circle.
    """
    day = {pk: standing[pk].begins if pk in standing else SOME_DAY for pk in ids}
    followers: dict[int, list[int]] = {pk: [] for pk in day}
    waits = dict.fromkeys(day, 0)
    for first, then in set(after):
        if first in day and then in day and not _surely_later(first, then, standing):
            followers[first].append(then)
            waits[then] += 1
    ready = [(day[pk], pk) for pk in day if not waits[pk]]
    heapq.heapify(ready)
    circles = iter(sorted((day[pk], pk) for pk in day))
    order: dict[int, int] = {}
    while len(order) < len(day):
        reached, pk = heapq.heappop(ready) if ready else next(circles)
        if pk in order:
            continue
        order[pk] = reached
        for then in followers[pk]:
            waits[then] -= 1
            if not waits[then]:
                heapq.heappush(ready, (reached if day[then] == SOME_DAY else day[then], then))
    return list(order)


def _surely_later(first: int, then: int, standing: dict[int, Standing]) -> bool:
    if first not in standing or then not in standing:
        return False
    one, other = standing[first], standing[then]
    return SOME_DAY > one.begins > other.latest
