"""What members were shown and what they did with it, as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from recommender.engine.interactions import FloatArray, IntArray, Mask
from recommender.engine.position_bias import PositionBias, cells_of


@dataclass(frozen=True)
class Impressions:
    """A title that a member was shown, once each; columns of shape (n,).

    `places`: from 0, where it first stood. `days`: since 1970-01-01, when. `models`: a number for whatever
    scored it, `scores` what that gave. `taken`: put on the list after. `refused`: looked at for
    certain, and not wanted.
    """

    members: IntArray
    items: IntArray
    places: IntArray
    days: FloatArray
    models: IntArray
    scores: FloatArray
    taken: Mask
    refused: Mask

    def __len__(self) -> int:
        return len(self.members)

    def take(self, rows: Mask | IntArray) -> Self:
        return type(self)(**{name: column[rows] for name, column in vars(self).items()})

    def weights(self) -> tuple[FloatArray, PositionBias]:
        """How sure it is that each was looked at, shape (n,), by how far down members look."""
        cells = cells_of(self.models, self.scores)
        bias = PositionBias.of(self.places, cells, self.taken)
        found = bias.weights(self.places, cells, self.taken)
        return np.where(self.refused, np.float32(1), found), bias
