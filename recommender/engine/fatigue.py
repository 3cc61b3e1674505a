"""What was shown again and again and left where it was comes later."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from recommender.engine.interactions import FloatArray
from recommender.engine.position_bias import usual

# A title may be overlooked so often before it tires.
FREE_LOOKS = 3.0
# So many days without it forgive half of the looks.
HALF_LIFE = 30.0
# What log2(1 + looks too many) is worth, in spreads of the best scores.
GAIN = 1.0


def looks_at(places: npt.ArrayLike) -> FloatArray:
    """The chance that each place, from 0, is looked at on one day, shape as given."""
    return usual(places).astype(np.float32)


def looks_left(looks: npt.ArrayLike, days: npt.ArrayLike) -> FloatArray:
    """What remains of `looks` after `days` without: looks · 2^(−days / HALF_LIFE)."""
    kept = np.asarray(looks, np.float64) * np.exp2(-np.asarray(days, np.float64) / HALF_LIFE)
    return kept.astype(np.float32)


def tiredness(looks: npt.ArrayLike) -> FloatArray:
    """GAIN · log2(1 + looks beyond FREE_LOOKS), in spreads of the best scores; 0 up to FREE_LOOKS."""
    over = np.maximum(np.asarray(looks, np.float64) - FREE_LOOKS, 0)
    return np.asarray(GAIN * np.log2(1 + over), np.float32)
