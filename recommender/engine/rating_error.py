"""Folds of scores, and what a model predicts for those of one fold."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from recommender.engine.interactions import EngineError, IntArray, Interactions, Mask, MemberList
from recommender.engine.score_model import Floats, ScoreModel


def score_folds(scored: Interactions, *, folds: int, seed: int) -> IntArray:
    """A number 0..folds-1 for each line: each member's lines spread evenly, at random.

    Who has fewer lines than there are folds is in some of them only; which ones is random too.
    """
    if folds < 2:
        raise EngineError("scores need two folds or more: one to test, the others to learn from")
    rng = np.random.default_rng(seed)
    order = np.lexsort((rng.random(len(scored)), scored.members))
    _, starts, sizes = np.unique(scored.members[order], return_index=True, return_counts=True)
    first = rng.integers(0, folds, len(starts))
    numbers = np.empty(len(scored), np.int64)
    numbers[order] = (
        np.arange(len(scored)) - np.repeat(starts, sizes) + np.repeat(first, sizes)
    ) % folds
    return numbers


def member_groups(scored: Interactions, *, groups: int, seed: int) -> Iterator[Mask]:
    """`groups` masks over the lines, each line in one: all lines of a random part of the members."""
    ids = scored.member_ids
    drawn = np.random.default_rng(seed).permutation(len(ids)) % groups
    numbers = drawn[np.searchsorted(ids, scored.members)]
    for group in range(groups):
        yield numbers == group


def predicted_scores(model: ScoreModel, shown: Interactions, asked: Interactions) -> Floats:
    """One prediction for each line of `asked`, each member being folded in from `shown`.

    A title the model does not know is predicted the mean.
    """
    lists, empty = shown.lists(), MemberList.of([])
    found = np.full(len(asked), model.mean)
    members, starts = np.unique(asked.members, return_index=True)
    for member, start, stop in zip(members, starts, [*starts[1:], len(asked)], strict=True):
        positions = model.vocabulary.positions(asked.items[start:stop])
        scores = model.score(lists.get(int(member), empty))
        known = positions >= 0
        found[start:stop][known] = scores[positions[known]]
    return found
