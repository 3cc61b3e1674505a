"""A recommendation taken apart, line by line, as its page shows it."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from ratings.models import User
from recommender import serving
from recommender.datasets import OwnTitles
from recommender.favourites import FAVOURITE
from recommender.serving import Breakdown, Cause, Recommendation
from recommender.serving.reasons import CORRECTION, name_of_feature

# So many of the strongest are shown at once, for the title and against it; the others are folded away.
FOR, AGAINST = 8, 4
# More others than these come only when they are asked for: a list of a thousand has a thousand causes.
FOLDED = 60
# Half the width of a bar's picture, in its own units: a bar grows from the middle to either side.
HALF = 100


@dataclass(frozen=True)
class Line:
    """One cause. `width`: its bar, at most HALF."""

    cause: Cause
    width: float

    @property
    def is_for(self) -> bool:
        return self.cause.value > 0

    @property
    def x(self) -> float:
        """Where the bar begins."""
        return HALF if self.is_for else HALF - self.width

    @property
    def sentence(self) -> str:
        """Twin of the bar: '+0.31, 42 % of what speaks for it'."""
        if not self.is_for:
            return f"{signed(self.cause.value)}, against it"
        share = self.cause.share * 100
        said = f"{share:.0f}" if share >= 1 else "less than 1"
        return f"{signed(self.cause.value)}, {said} % of what speaks for it"

    @property
    def takes_back(self) -> str:
        """What the button says where the cause is the member's own word."""
        own = self.cause.feature.startswith((CORRECTION, FAVOURITE))
        return "Take this back" if own else "This one should not count"


@dataclass(frozen=True)
class Why:
    found: Recommendation
    told: Breakdown

    @classmethod
    def of(
        cls, member: User, found: Recommendation | None, own: OwnTitles | None = None
    ) -> "Why | None":
        """None where no model has anything to say of the title."""
        if found is None or not (len(found.parts.ids) or found.parts.features or found.left_out):
            return None
        return cls(found, serving.breakdowns(member, [found], own=own)[0])

    @cached_property
    def lines(self) -> list[Line]:
        """Every cause: for the title, strongest first, then against it, strongest last."""
        most = max((abs(cause.value) for cause in self.told.causes), default=1.0) or 1.0
        return [Line(cause, round(HALF * abs(cause.value) / most, 1)) for cause in self.told.causes]

    @property
    def strongest(self) -> list[Line]:
        return [*self._helping[:FOR], *self._against[-AGAINST:]]

    @property
    def others(self) -> list[Line]:
        return [*self._helping[FOR:], *self._against[:-AGAINST]]

    @cached_property
    def _helping(self) -> list[Line]:
        return [line for line in self.lines if line.is_for]

    @cached_property
    def _against(self) -> list[Line]:
        return [line for line in self.lines if not line.is_for]

    @property
    def is_long(self) -> bool:
        return len(self.others) > FOLDED

    @property
    def sum_of_others(self) -> str:
        return signed(_sum(line.cause.value for line in self.others))

    @property
    def score(self) -> str:
        return signed(self.told.score)

    @property
    def remainder(self) -> str:
        return signed(self.told.remainder)

    @property
    def has_remainder(self) -> bool:
        return abs(self.told.remainder) >= 0.005

    @property
    def left_out(self) -> list[tuple[str, str, str]]:
        """Features that do not count: name, its words, what it would have added."""
        return [
            (name, name_of_feature(name), signed(value))
            for name, value in self.found.left_out.items()
        ]


def _sum(values: Iterable[float]) -> float:
    return float(sum(values))


def signed(value: float) -> str:
    """'+0.31', with a true minus."""
    return f"{value:+.2f}".replace("-", "\N{MINUS SIGN}")
