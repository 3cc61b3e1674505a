"""Hold-outs: which members test a model, and what is hidden of their lists."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recommender.engine.interactions import Interactions, Mask


@dataclass(frozen=True)
class HoldOut:
    """Strong generalisation: the test members are in no training row.

    `train`: everybody else. `shown`: what a model is told of the test members. `hidden`: what it
    should then find.
    """

    train: Interactions
    shown: Interactions
    hidden: Interactions
    seed: int

    def describe(self) -> str:
        return (
            f"{len(self.train.member_ids):,} members train, {len(self.hidden.member_ids):,} test; "
            f"{len(self.hidden):,} titles hidden of {len(self.hidden) + len(self.shown):,}; seed {self.seed}"
        )


def hold_out_members(
    interactions: Interactions,
    *,
    seed: int,
    members: int = 500,
    hidden_share: float = 0.2,
    shortest: int = 5,
) -> HoldOut:
    """Draw `members` test members (at most a fifth of all) and hide `hidden_share` of each list.

    Only members with `shortest` titles or more are drawn; at least one title of each is hidden.
    The same data and seed give the same split.
    """
    rng = np.random.default_rng(seed)
    ids, sizes = np.unique(interactions.members, return_counts=True)
    able = ids[sizes >= shortest]
    number = min(members, max(1, len(ids) // 5), len(able))
    tested = np.sort(rng.choice(able, number, replace=False))
    is_tested = np.isin(interactions.members, tested)
    hidden = _hide(interactions, is_tested, hidden_share, rng)
    return HoldOut(
        train=interactions.take(~is_tested),
        shown=interactions.take(is_tested & ~hidden),
        hidden=interactions.take(hidden & ~interactions.dropped),
        seed=seed,
    )


def _hide(interactions: Interactions, tested: Mask, share: float, rng: np.random.Generator) -> Mask:
    """Mark `share` of each tested member's rows, at least one, by random rank within the member."""
    rows = np.flatnonzero(tested)
    order = rows[np.lexsort((rng.random(len(rows)), interactions.members[rows]))]
    _, starts, sizes = np.unique(interactions.members[order], return_index=True, return_counts=True)
    rank = np.arange(len(order)) - np.repeat(starts, sizes)
    quota = np.maximum(1, np.floor(sizes * share)).astype(np.int64)
    marked = np.zeros(len(interactions), bool)
    marked[order[rank < np.repeat(quota, sizes)]] = True
    return marked
