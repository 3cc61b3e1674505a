"""Hold-outs: which members test a model, and what is hidden of their lists.

Every function takes a seed, and gives the same split for the same data and seed. What no split
shows a model: a hidden line, in training or beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from recommender.engine.interactions import EngineError, IntArray, Interactions, Mask

# How each kind of split hides: one sentence for whoever reads its figures.
KINDS = {
    "members": "The test members are in no training row; a share of each of their lists is hidden "
    "at random, the rest is shown (strong generalisation).",
    "random": "A share of every member's list is hidden at random and the rest trains, so a test "
    "member's shown titles were learnt from too (weak generalisation).",
    "dates": "Lines written before one day train and are shown, lines from that day on are hidden; "
    "lines without a day are left out.",
    "new_titles": "Titles drawn at random are in no training row and on no shown list; only they "
    "are hidden. The test members are in no training row either.",
    "new_members": "The test members are in no training row; of each list a few titles drawn at "
    "random are shown and all others hidden.",
}
SIZES = (1, 2, 3, 5, 10)
# A new member's list must have so many titles beyond the most that is shown of it.
LEFT_TO_FIND = 5


@dataclass(frozen=True)
class HoldOut:
    """What trains, what is shown of the test members, and what a model should then find.

    `train`: whatever a model may learn from. `shown`: what it is told of the test members when
    asked. `hidden`: lines in neither. `kind`: one of KINDS; the first is strong generalisation.
    """

    train: Interactions
    shown: Interactions
    hidden: Interactions
    seed: int
    kind: str = "members"

    def describe(self) -> str:
        return (
            f"{len(self.train.member_ids):,} members train, {len(self.hidden.member_ids):,} test; "
            f"{len(self.hidden):,} titles hidden of {len(self.hidden) + len(self.shown):,}; seed {self.seed}"
        )

    def as_dict(self) -> dict[str, Any]:
        """The same for a file, with what kind of split it is."""
        return {
            "kind": self.kind,
            "how": KINDS[self.kind],
            "description": self.describe(),
            "seed": self.seed,
            "training_members": len(self.train.member_ids),
            "training_lines": len(self.train),
            "test_members": len(self.hidden.member_ids),
            "shown_lines": len(self.shown),
            "hidden_lines": len(self.hidden),
            "hidden_titles": len(np.unique(self.hidden.items)),
        }


# --- members whom training has not seen


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
    tested = _drawn_members(interactions, rng, members, shortest)
    is_tested = np.isin(interactions.members, tested)
    hidden = _hide(interactions, is_tested, hidden_share, rng)
    return HoldOut(
        train=interactions.take(~is_tested),
        shown=interactions.take(is_tested & ~hidden),
        hidden=interactions.take(hidden & ~interactions.dropped),
        seed=seed,
    )


def validation_members(
    interactions: Interactions, test_split: HoldOut, seed: int, members: int = 500
) -> HoldOut:
    """A second hold-out, of members who do not test: settings are chosen on it.

    The test members of `test_split` (those it shows or hides anything of) are in no part of it.
    """
    tested = np.union1d(test_split.shown.members, test_split.hidden.members)
    rest = interactions.take(~np.isin(interactions.members, tested))
    return hold_out_members(rest, seed=seed, members=members)


def new_members(
    split: HoldOut, *, seed: int, sizes: Sequence[int] = SIZES, draws: int = 3
) -> Iterator[tuple[int, int, HoldOut]]:
    """(size, draw, hold-out) with `size` titles shown of each test member of `split`.

    The same members for every size: those with LEFT_TO_FIND more titles than the largest one.
    Within a draw a longer list begins with the shorter ones, so that sizes differ by nothing else.
    Dropped titles are neither shown nor hidden. No hold-outs where no list is long enough.
    """
    lists = _joined(split.shown, split.hidden)
    lists = lists.take(~lists.dropped)
    ids, counts = np.unique(lists.members, return_counts=True)
    able = ids[counts >= max(sizes) + LEFT_TO_FIND]
    lists = lists.take(np.isin(lists.members, able))
    rng = np.random.default_rng(seed)
    for draw in range(draws if len(able) else 0):
        rank = _rank_within(lists.members, rng.random(len(lists)))
        for size in sizes:
            shown, hidden = lists.take(rank < size), lists.take(rank >= size)
            yield size, draw, HoldOut(split.train, shown, hidden, seed, "new_members")


# --- members whom training has seen


def hold_out_rows(
    interactions: Interactions,
    *,
    seed: int,
    members: int = 500,
    hidden_share: float = 0.2,
    shortest: int = 5,
) -> HoldOut:
    """Hide `hidden_share` of every list of `shortest` titles or more; `members` of those test."""
    rng = np.random.default_rng(seed)
    ids, sizes = np.unique(interactions.members, return_counts=True)
    able = ids[sizes >= shortest]
    hidden = _hide(interactions, np.isin(interactions.members, able), hidden_share, rng)
    tested = rng.choice(able, min(members, len(able)), replace=False)
    is_tested = np.isin(interactions.members, tested)
    return HoldOut(
        train=interactions.take(~hidden),
        shown=interactions.take(is_tested & ~hidden),
        hidden=interactions.take(is_tested & hidden & ~interactions.dropped),
        seed=seed,
        kind="random",
    )


def hold_out_after(
    interactions: Interactions, *, seed: int, members: int = 500, hidden_share: float = 0.2
) -> HoldOut:
    """Hide what was written on the day at the quantile 1 - `hidden_share` of days, or later.

    `members` test, drawn from those with lines on both sides. EngineError where no line has a day,
    or where no member has lines on both sides.
    """
    dated = interactions.take(np.isfinite(interactions.days))
    if not len(dated):
        raise EngineError("no line has a day")
    first_hidden = np.quantile(dated.days, 1 - hidden_share, method="higher")
    late = dated.days >= first_hidden
    able = np.intersect1d(dated.members[~late], dated.members[late & ~dated.dropped])
    if not len(able):
        raise EngineError("nobody has lines both before and after one day")
    rng = np.random.default_rng(seed)
    is_tested = np.isin(dated.members, rng.choice(able, min(members, len(able)), replace=False))
    return HoldOut(
        train=dated.take(~late),
        shown=dated.take(is_tested & ~late),
        hidden=dated.take(is_tested & late & ~dated.dropped),
        seed=seed,
        kind="dates",
    )


# --- titles that training has not seen


def hold_out_titles(
    interactions: Interactions,
    *,
    seed: int,
    members: int = 500,
    share: float = 0.1,
    fewest_watchers: int = 5,
    shortest: int = 5,
) -> HoldOut:
    """Take `share` of the titles with `fewest_watchers` or more out of all training.

    Each such title is as likely to be drawn as any other. Of the test members, drawn as in
    `hold_out_members`, those titles are hidden and all others shown; whoever has none of them
    does not test. EngineError where there is no such title or member.
    """
    rng = np.random.default_rng(seed)
    tested = _drawn_members(interactions, rng, members, shortest)
    titles, watchers = np.unique(interactions.items, return_counts=True)
    able = titles[watchers >= fewest_watchers]
    if not len(able):
        raise EngineError(f"no title was watched by {fewest_watchers} members")
    new = rng.choice(able, max(1, round(len(able) * share)), replace=False)
    is_new = np.isin(interactions.items, new)
    is_tested = np.isin(interactions.members, tested)
    hidden = interactions.take(is_tested & is_new & ~interactions.dropped)
    if not len(hidden):
        raise EngineError("no test member watched any of the titles held out")
    asked = np.isin(interactions.members, hidden.members)
    return HoldOut(
        train=interactions.take(~is_tested & ~is_new),
        shown=interactions.take(asked & ~is_new),
        hidden=hidden,
        seed=seed,
        kind="new_titles",
    )


# --- drawing


def _drawn_members(
    interactions: Interactions, rng: np.random.Generator, members: int, shortest: int
) -> IntArray:
    """`members` ids with lists of `shortest` titles or more, at most a fifth of all members."""
    ids, sizes = np.unique(interactions.members, return_counts=True)
    able = ids[sizes >= shortest]
    number = min(members, max(1, len(ids) // 5), len(able))
    return np.sort(rng.choice(able, number, replace=False))


def _hide(interactions: Interactions, tested: Mask, share: float, rng: np.random.Generator) -> Mask:
    """Mark `share` of each tested member's rows, at least one, by random rank within the member."""
    rows = np.flatnonzero(tested)
    marked = np.zeros(len(interactions), bool)
    members = interactions.members[rows]
    rank = _rank_within(members, rng.random(len(rows)))
    _, inverse, sizes = np.unique(members, return_inverse=True, return_counts=True)
    quota = np.maximum(1, np.floor(sizes * share)).astype(np.int64)
    marked[rows[rank < quota[inverse]]] = True
    return marked


def _rank_within(groups: IntArray, values: npt.NDArray[np.float64]) -> IntArray:
    """The rank of each value among those of its group, from 0, shape (n,)."""
    order = np.lexsort((values, groups))
    ordered = groups[order]
    rank = np.empty(len(groups), np.int64)
    rank[order] = np.arange(len(groups)) - np.searchsorted(ordered, ordered)
    return rank


def _joined(one: Interactions, other: Interactions) -> Interactions:
    return Interactions.of(
        np.concatenate([one.members, other.members]),
        np.concatenate([one.items, other.items]),
        np.concatenate([one.scores, other.scores]),
        np.concatenate([one.dropped, other.dropped]),
        np.concatenate([one.days, other.days]),
    )
