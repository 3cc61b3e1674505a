"""The predicted score that members are shown: SVD and KNNBaseline, weighed together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self, cast

import numpy as np
import numpy.typing as npt

from recommender.engine.artifacts import Arrays
from recommender.engine.base import Config, ItemFeatures
from recommender.engine.interactions import FloatArray, IntArray, Interactions, MemberList
from recommender.engine.prior import Prior
from recommender.engine.score_model import Floats, ScoreModel
from recommender.engine.surprise_models import KnnBaseline, KnnBaselineConfig, Svd, SvdConfig


@dataclass(frozen=True)
class ScoreBlendConfig(Config):
    """`svd`, `knn`: settings of the two; as read from a manifest they are mappings."""

    svd_share: float = 0.4
    svd: SvdConfig = field(default_factory=SvdConfig)
    knn: KnnBaselineConfig = field(default_factory=KnnBaselineConfig)

    def __post_init__(self) -> None:
        if isinstance(self.svd, Mapping):
            object.__setattr__(self, "svd", SvdConfig(**self.svd))
        if isinstance(self.knn, Mapping):
            object.__setattr__(self, "knn", KnnBaselineConfig(**self.knn))


@dataclass
class ScoreBlend(ScoreModel):
    """r̂ = share · r̂_svd + (1 - share) · r̂_knn, clipped to 1..10 after the sum.

    The two err differently: factors see the whole list, neighbours the few titles that are nearest.
    """

    kind = "score_blend"
    config_type = ScoreBlendConfig
    config: Config = field(default_factory=ScoreBlendConfig)
    svd: Svd = field(default_factory=Svd)
    knn: KnnBaseline = field(default_factory=KnnBaseline)

    @property
    def settings(self) -> ScoreBlendConfig:
        return cast(ScoreBlendConfig, self.config)

    @property
    def shares(self) -> tuple[tuple[ScoreModel, float], ...]:
        share = self.settings.svd_share
        return (self.svd, share), (self.knn, 1 - share)

    def fit(
        self,
        interactions: Interactions,
        features: ItemFeatures | None = None,
        prior: Prior | None = None,
    ) -> Self:
        svd = Svd(config=self.settings.svd).fit(interactions)
        knn = KnnBaseline(config=self.settings.knn).fit(interactions)
        return self._of(svd, knn)

    def _of(self, svd: Svd, knn: KnnBaseline) -> Self:
        """Both know the same titles: those with a score."""
        self.svd, self.knn = svd, knn
        self.vocabulary, self.facts = svd.vocabulary, {**knn.facts, **svd.facts}
        return self

    def predict(self, member: MemberList) -> Floats:
        predicted: Floats = np.zeros(len(self.vocabulary))
        for model, share in self.shares:
            predicted += share * model.predict(member)
        return predicted

    def predict_at(self, member: MemberList, targets: IntArray) -> Floats:
        predicted: Floats = np.zeros(len(targets))
        for model, share in self.shares:
            predicted += share * model.predict_at(member, targets)
        return predicted

    def parts(self, member: MemberList, targets: IntArray) -> tuple[IntArray, Floats, Floats]:
        (svd, share), (knn, rest) = self.shares
        ids, values, constants = svd.parts(member, targets)
        _, others, other_constants = knn.parts(member, targets)
        return ids, share * values + rest * others, share * constants + rest * other_constants

    def item_similarities(self, position: int) -> FloatArray:
        return self.knn.item_similarities(position)

    def arrays(self) -> Arrays:
        return {
            **{f"svd_{name}": array for name, array in self.svd.arrays().items()},
            **{f"knn_{name}": array for name, array in self.knn.arrays().items()},
        }

    def restore(self, arrays: Arrays) -> None:
        known: dict[str, Any] = {"vocabulary": self.vocabulary, "facts": self.facts}
        self.svd = Svd(config=self.settings.svd, **known)
        self.knn = KnnBaseline(config=self.settings.knn, **known)
        for model, prefix in ((self.svd, "svd_"), (self.knn, "knn_")):
            named = [name for name in arrays if name.startswith(prefix)]
            model.restore({name.removeprefix(prefix): arrays[name] for name in named})

    def cut_to(self, ids: npt.ArrayLike) -> Self:
        return type(self)(config=self.config)._of(self.svd.cut_to(ids), self.knn.cut_to(ids))
