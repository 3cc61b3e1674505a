"""When several things are compared at once, one of them looks good by chance: p made right for that.

Sources: Holm 1979; Benjamini and Hochberg 1995.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from recommender.engine.experiments.moments import Floats


def holm(p: npt.ArrayLike) -> Floats:
    """Adjusted so that no true "no difference" is rejected at all, but for α of the time. In the given order."""
    given = np.asarray(p, np.float64)
    order, k = np.argsort(given, kind="stable"), len(given)
    stepped = np.maximum.accumulate(given[order] * (k - np.arange(k)))
    return _back(stepped, order)


def benjamini_hochberg(p: npt.ArrayLike) -> Floats:
    """Adjusted so that of what is rejected a share of α, at most, is true. In the given order."""
    given = np.asarray(p, np.float64)
    order, k = np.argsort(given, kind="stable"), len(given)
    scaled = given[order] * k / np.arange(1, k + 1)
    stepped = np.minimum.accumulate(scaled[::-1])[::-1]
    return _back(stepped, order)


def _back(stepped: Floats, order: npt.NDArray[np.intp]) -> Floats:
    found = np.empty_like(stepped)
    found[order] = np.minimum(stepped, 1.0)
    return found
