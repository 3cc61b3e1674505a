"""Where the points of a small network stand: neighbours near each other, no name over another.

Source: Fruchterman and Reingold, Graph Drawing by Force-directed Placement, 1991, with the first
point held in the middle; then boxes that overlap are pushed apart along the shorter way.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

STEPS = 300
PUSHES = 300
GOLDEN = np.pi * (3 - 5**0.5)
# Air between two boxes.
GAP = 3.0


def arrange(near: npt.ArrayLike, boxes: npt.ArrayLike, frame: tuple[float, float]) -> Floats:
    """Positions of n points in a frame of (width, height) about (0, 0), shape (n, 2); the first in the middle.

    `near`: how strongly two points draw each other, ≥ 0, symmetric, shape (n, n). `boxes`: width and
    height that each point needs about itself, shape (n, 2), in units of the frame. Deterministic.
    """
    pull, size = np.asarray(near, np.float64), np.asarray(boxes, np.float64)
    if not len(pull):
        return np.zeros((0, 2))
    half = np.maximum((np.array(frame) - size) / 2, 0)
    places = _springs(pull) * np.array(frame) / 2
    return _apart(np.clip(places, -half, half), size, half)


def overlaps(places: Floats, boxes: npt.ArrayLike) -> Bools:
    """Which boxes still lie over one that stands before them, shape (n,)."""
    over = _overlap(places, np.asarray(boxes, np.float64), 0.0)[1]
    found: Bools = np.asarray(np.tril(over, -1).any(axis=1))
    return found


def _springs(pull: Floats) -> Floats:
    """Forces in a square of side 2; from a spiral, so that the same network looks the same."""
    n = len(pull)
    steps = np.arange(n)
    places = np.sqrt(steps / max(n - 1, 1))[:, None] * np.stack(
        [np.cos(GOLDEN * steps), np.sin(GOLDEN * steps)], axis=1
    )
    ideal = 1.6 / np.sqrt(n)
    for step in range(STEPS):
        between = places[:, None] - places[None]
        far = np.maximum(np.sqrt((between**2).sum(axis=2)), 1e-3)
        force = ideal**2 / far - pull * far**2 / ideal
        np.fill_diagonal(force, 0)
        move = (between / far[:, :, None] * force[:, :, None]).sum(axis=1)
        length = np.maximum(np.sqrt((move**2).sum(axis=1, keepdims=True)), 1e-9)
        places += move / length * np.minimum(length, 0.1 * (1 - step / STEPS))
        places[0] = 0
    scaled: Floats = places / max(float(np.abs(places).max()), 1e-9)
    return scaled


def _apart(places: Floats, size: Floats, half: Floats) -> Floats:
    """Push overlapping boxes apart until none do, or patience ends."""
    for _ in range(PUSHES):
        reach, over = _overlap(places, size, GAP)
        if not over.any():
            break
        places = places + _push(places, reach, over)
        places[0] = 0
        places = np.clip(places, -half, half)
    return places


def _overlap(places: Floats, size: Floats, gap: float) -> tuple[Floats, Bools]:
    """By how much each pair reaches into each other along both axes, (n, n, 2), and whether it does."""
    far = np.abs(places[:, None] - places[None])
    reach = (size[:, None] + size[None]) / 2 + gap - far
    over: Bools = np.asarray((reach > 1e-9).all(axis=2))
    np.fill_diagonal(over, False)
    return reach, over


def _push(places: Floats, reach: Floats, over: Bools) -> Floats:
    """Half of what is missing to each side, along the axis on which less is missing."""
    order = np.arange(len(places))
    # Of two on one spot the later goes on.
    side = np.sign(places[:, None] - places[None])
    side = np.where(side == 0, np.sign(order[:, None] - order[None])[:, :, None], side)
    shorter = reach.argmin(axis=2)[:, :, None] == np.arange(2)
    moves = np.where(over[:, :, None] & shorter, side * reach * 0.55, 0)
    # Nobody moves the one in the middle: who meets it goes the whole way.
    moves[:, 0] *= 2
    found: Floats = moves.sum(axis=1)
    return found
