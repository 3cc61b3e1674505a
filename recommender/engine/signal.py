"""What one line of a list says, as a number: the signal that the linear models learn from."""

from __future__ import annotations

import numpy as np

from recommender.engine.interactions import DROPPED_WEIGHT, FloatArray, IntArray, MemberList

# A member with few scores is taken to centre on the community's usual mean; 5 scores weigh as much.
USUAL_MEAN = 7.5
MEAN_SHRINKAGE = 5.0


def member_means(rows: IntArray, scores: FloatArray, members: int) -> FloatArray:
    """Each member's shrunk mean score, (Σ s + 5 · 7.5) / (n + 5), shape (members,)."""
    scored = ~np.isnan(scores)
    sums = np.bincount(rows[scored], scores[scored], members)
    counts = np.bincount(rows[scored], minlength=members)
    means = (sums + MEAN_SHRINKAGE * USUAL_MEAN) / (counts + MEAN_SHRINKAGE)
    return means.astype(np.float32)


def liking(
    scores: FloatArray, means: FloatArray | np.float32, slope: float, floor: float
) -> FloatArray:
    """1 + slope · (s - mean) / 2, at least `floor`; 1 where no score was given. Shape as `scores`."""
    centred = np.where(np.isnan(scores), 0.0, scores - means)
    return np.maximum(1 + slope * centred / 2, floor).astype(np.float32)


# Chosen on held-out members: steeper finds more liked titles, flatter more titles at all.
LIST_SLOPE = 0.25
# A score this low says what a dropped title says.
DISLIKED = 3.0


def list_weights(member: MemberList) -> FloatArray:
    """x, what each line of one member's list counts for when a model is asked, shape (k,)."""
    means = member_means(np.zeros(len(member), np.int64), member.scores, 1)
    likings = liking(member.scores, means[0], LIST_SLOPE, 0.0)
    disliked = np.nan_to_num(member.scores, nan=10.0) <= DISLIKED
    weights = np.where(disliked, DROPPED_WEIGHT, likings * member.weights)
    return np.where(member.weights < 0, member.weights, weights).astype(np.float32)
