"""What another policy would have come to, from what was shown by chance: nobody has to see it first.

Sources: Horvitz and Thompson 1952 (IPS); Swaminathan and Joachims, The Self-Normalized Estimator for
Counterfactual Learning, NIPS 2015 (SNIPS); Ionides 2008 (clipped weights).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recommender.engine.experiments.estimates import Arm, ratio
from recommender.engine.experiments.moments import Moments
from recommender.engine.interactions import EngineError

CLIP = 50.0


@dataclass(frozen=True)
class OffPolicy:
    """Reward for each impression under the other policy. `effective`: (Σw)² / Σw², the impressions this rests on."""

    ips: Arm
    snips: Arm
    effective: float


def off_policy(
    rewards: npt.ArrayLike,
    logged: npt.ArrayLike,
    wanted: npt.ArrayLike,
    members: npt.ArrayLike,
    clip: float = CLIP,
) -> OffPolicy:
    """w = min(wanted / logged, clip) for each impression, all of shape (k,).

    `logged`: how likely the title was to stand there when it was shown, above 0. `wanted`: how likely it
    is under the other policy. IPS = Σwr / k, SNIPS = Σwr / Σw; errors by the delta method over members,
    because impressions of one member are no independent ones.
    """
    r, had, likely = (np.asarray(one, np.float64) for one in (rewards, logged, wanted))
    if not len(r) or (had <= 0).any() or (likely < 0).any():
        raise EngineError("each impression needs the chance that it had, above 0")
    w = np.minimum(likely / had, clip)
    _, whose = np.unique(np.asarray(members), return_inverse=True)
    sums = [np.bincount(whose, one) for one in (w * r, np.ones_like(w), w)]
    effective = float(w.sum() ** 2 / (w * w).sum()) if w.any() else 0.0
    if not effective:
        raise EngineError("nothing that was shown would be shown by the other policy")
    table = Moments.of(*sums)
    return OffPolicy(ratio(table, 0, 1), ratio(table, 0, 2), effective)
