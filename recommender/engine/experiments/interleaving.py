"""Two rankings in one list: whose titles are taken up shows which is liked better, with few members.

Source: Radlinski, Kurup and Joachims, How Does Clickthrough Data Reflect Retrieval Quality?, CIKM 2008
(team draft).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recommender.engine.interactions import IntArray

Teams = npt.NDArray[np.int8]


@dataclass(frozen=True)
class Drafted:
    """`items` in the order to show, and which ranking put each there: `teams`, 0 or 1, shape (k,)."""

    items: IntArray
    teams: Teams


def team_draft(first: IntArray, second: IntArray, length: int, rng: np.random.Generator) -> Drafted:
    """Both choose in turn their best that is not there yet; who begins a round is drawn by chance.

    When one has nothing left, the other fills up.
    """
    lists, at = (first.tolist(), second.tolist()), [0, 0]
    items: list[int] = []
    teams: list[int] = []
    there: set[int] = set()

    def next_of(team: int) -> int | None:
        own = lists[team]
        while at[team] < len(own) and own[at[team]] in there:
            at[team] += 1
        return own[at[team]] if at[team] < len(own) else None

    while len(items) < length:
        begins = int(rng.integers(2))
        before = len(items)
        for team in (begins, 1 - begins):
            item = next_of(team)
            if item is not None and len(items) < length:
                items.append(item)
                teams.append(team)
                there.add(item)
        if len(items) == before:
            break
    return Drafted(np.array(items, np.int64), np.array(teams, np.int8))


def preferences(credits_: npt.ArrayLike) -> tuple[int, int, int]:
    """Members who took up more of the first, more of the second, as many of both; credits: (members, 2)."""
    given = np.asarray(credits_, np.float64).reshape(-1, 2)
    ahead = np.sign(given[:, 0] - given[:, 1])
    return int((ahead > 0).sum()), int((ahead < 0).sum()), int((ahead == 0).sum())
