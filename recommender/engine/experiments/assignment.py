"""Who is in which variant: a stable hash, the same on every machine, so nothing has to be stored.

Source: Kohavi, Tang and Xu, Trustworthy Online Controlled Experiments, 2020, chapter 4 (layers and slices).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

from recommender.engine.interactions import EngineError

# As many bits as a float holds exactly.
BITS = 53
TOLERANCE = 1e-9


def place_of(salt: str, subject: str) -> float:
    """In [0, 1), uniform over subjects and independent between salts: blake2b of both / 2^53.

    The salt's length goes in too, so that no other salt and subject make the same text.
    """
    said = f"{len(salt)}:{salt}:{subject}".encode()
    whole = int.from_bytes(blake2b(said, digest_size=8).digest(), "big")
    return float(whole >> (64 - BITS)) / 2.0**BITS


def chosen(place: float, shares: Sequence[float]) -> int:
    """The variant whose part of [0, 1) holds `place`; parts lie in order, `shares` sum to 1."""
    upper = 0.0
    for variant, share in enumerate(shares):
        upper += share
        if place < upper:
            return variant
    # Rounding left a sliver at the end: it belongs to the last that has a share at all.
    return max(variant for variant, share in enumerate(shares) if share > 0)


def check_shares(shares: Sequence[float]) -> None:
    """EngineError unless there are two or more, none below 0, which sum to 1."""
    if len(shares) < 2:
        raise EngineError("an experiment needs two variants or more")
    if not all(0 <= share <= 1 for share in shares) or abs(sum(shares) - 1) > TOLERANCE:
        raise EngineError("the shares of the variants lie between 0 and 1 and sum to 1")


@dataclass(frozen=True)
class Slice:
    """The part [start, end) of a layer that an experiment holds: no member is in two of one layer."""

    start: float
    end: float

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end <= 1:
            raise EngineError("a slice of a layer lies between 0 and 1 and holds something")

    def holds(self, place: float) -> bool:
        return self.start <= place < self.end

    def overlaps(self, other: Slice) -> bool:
        return self.start < other.end - TOLERANCE and other.start < self.end - TOLERANCE
