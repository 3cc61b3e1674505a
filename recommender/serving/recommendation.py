"""One answer of the recommender, and how much of it is worked out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from recommender.engine.base import NO_CAUSES, Attribution
from recommender.serving.reasons import NOTHING_SPECIAL, POPULAR, Cause


class Detail(IntEnum):
    """Each holds what those before it hold."""

    ORDER = 0  # titles and what they are ranked by
    REASONS = 1  # the few causes that add most, and the predicted score
    SUMS = 2  # the exact sum, a line for every title of the list


@dataclass(frozen=True)
class Recommendation:
    anime_id: int
    score: float
    predicted_score: float | None
    causes: tuple[Cause, ...]  # the few that add most, a title first
    explained: float  # share of all that speaks for the title that these causes are, 0..1
    propensity: float = 1.0  # how likely it was to stand here; 1 unless places are left to chance
    parts: Attribution = field(default=NO_CAUSES, compare=False, repr=False)  # the exact sum
    # What features would add that the member does not let count; no part of the score.
    left_out: Mapping[str, float] = field(default_factory=dict, compare=False, repr=False)

    @property
    def reason(self) -> str:
        usual = NOTHING_SPECIAL if "popularity" in self.left_out else POPULAR
        return " · ".join(cause.sentence for cause in self.causes[:2]) or usual
