"""Small worlds whose right answers are known."""

import numpy as np

from recommender.engine.base import ItemFeatures
from recommender.engine.interactions import Interactions

MEMBERS, ITEMS = 60, 40
FIRST_ID = 9_000_000


def two_tastes(seed: int = 0) -> Interactions:
    """Members of even number watch even titles, the others odd ones: each sees 12 of their 20."""
    rng = np.random.default_rng(seed)
    who, what, scores = [], [], []
    for member in range(MEMBERS):
        for item in rng.choice(np.arange(member % 2, ITEMS, 2), 12, replace=False):
            who.append(member + 1)
            what.append(FIRST_ID + item)
            scores.append(rng.integers(6, 11))
    return Interactions.of(who, what, scores)


def two_shelves() -> ItemFeatures:
    """Even titles are about robots, odd ones about tea."""
    even = [item % 2 == 0 for item in range(ITEMS)]
    return ItemFeatures(
        ids=np.arange(FIRST_ID, FIRST_ID + ITEMS),
        synopses=[
            f"pilots robots war {n % 5}" if e else f"quiet tea garden {n % 5}"
            for n, e in enumerate(even)
        ],
        genres=[["Mecha", "Action"] if e else ["Slice of Life"] for e in even],
        studios=[["Ironworks"] if e else ["Teahouse"] for e in even],
    )


def evens(ids: np.ndarray) -> np.ndarray:
    return (np.asarray(ids) - FIRST_ID) % 2 == 0
