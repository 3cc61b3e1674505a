"""What may be recommended at all, decided before a list is cut to its length."""

from __future__ import annotations

import numpy as np

from recommender.engine.interactions import IntArray


def in_series_order(allowed: IntArray, prequels: IntArray, watched: IntArray) -> IntArray:
    """`allowed` without titles that follow one which should be watched first.

    `prequels`: pairs (title, prequel), shape (k, 2); `watched`: what was seen and not dropped, so
    that nothing follows a dropped title either. A title waits while any of its prequels is unwatched.
    """
    waits = ~np.isin(prequels[:, 1], watched)
    return np.setdiff1d(allowed, prequels[waits, 0])
