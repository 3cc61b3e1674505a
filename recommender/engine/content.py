"""Content: titles that read alike, share names and genres or come from like studios."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self, cast

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from recommender.engine.artifacts import Arrays
from recommender.engine.base import NO_CAUSES, Attribution, Config, ItemFeatures, Recommender
from recommender.engine.content_parts import read_blocks
from recommender.engine.content_weights import DEFAULT_WEIGHTS, learned_weights
from recommender.engine.interactions import (
    EngineError,
    FloatArray,
    IntArray,
    Interactions,
    MemberList,
    Vocabulary,
)
from recommender.engine.prior import Prior
from recommender.engine.signal import list_weights


@dataclass(frozen=True)
class ContentConfig(Config):
    # What each part counts, by its name in `content_parts`; None: learned from the interactions.
    weights: Mapping[str, float] | None = None


@dataclass
class Content(Recommender):
    """score_j = Σ_i x_i Σ_p w_p cos_p(i, j) / Σ|x_i|, over the list's titles i and the parts p.

    Parts: TF-IDF of synopsis and of title, series, genres one-hot by idf, studio vectors, type,
    source, era, length (see `content_parts`). w ≥ 0 adds up to 1 and is learned (see
    `content_weights`). cos_p is 0 where a part is not known of a title, so well-described titles
    score higher than ones of which nothing can be said.

    `features`: items × terms, the blocks side by side, each times √w_p: the inner product of two
    rows is Σ_p w_p cos_p. `offsets`: where each part's columns begin, and the end, shape (p + 1,).
    """

    kind = "content"
    config_type = ContentConfig
    config: Config = field(default_factory=ContentConfig)
    features: sp.csr_matrix = field(default_factory=lambda: sp.csr_matrix((0, 0), dtype=np.float32))
    offsets: IntArray = field(default_factory=lambda: np.zeros(len(DEFAULT_WEIGHTS) + 1, np.int64))

    @property
    def settings(self) -> ContentConfig:
        return cast(ContentConfig, self.config)

    def fit(
        self,
        interactions: Interactions,
        features: ItemFeatures | None = None,
        prior: Prior | None = None,
    ) -> Self:
        """`features` must be given and not be empty; without interactions default weights count."""
        if features is None or not len(features.ids):
            raise EngineError("the content model needs titles with features")
        self.vocabulary = Vocabulary(features.ids)
        blocks = read_blocks(features, interactions)
        weights = self._weights(blocks, interactions)
        parts = [blocks[name] * np.float32(np.sqrt(weights[name])) for name in DEFAULT_WEIGHTS]
        self.features = sp.hstack(parts, format="csr", dtype=np.float32)
        self.features.eliminate_zeros()
        self.offsets = np.cumsum([0, *(part.shape[1] for part in parts)])
        self.facts = {
            "items": len(features.ids),
            "columns": self.features.shape[1],
            "weights": {name: round(weight, 4) for name, weight in weights.items()},
        }
        return self

    def _weights(
        self, blocks: Mapping[str, sp.csr_matrix], interactions: Interactions
    ) -> Mapping[str, float]:
        given = self.settings.weights
        if given is None:
            return learned_weights(blocks, interactions, self.vocabulary)
        if unknown := sorted(set(given) - set(DEFAULT_WEIGHTS)):
            raise EngineError(f"no part of content is called {', '.join(unknown)}")
        if not all(0 <= weight < np.inf for weight in given.values()):
            raise EngineError("a weight of a part of content is a number from 0")
        return {name: given.get(name, 0.0) for name in DEFAULT_WEIGHTS}

    def part(self, name: str) -> sp.csr_matrix:
        """Items × terms of one part, times √w; its rows' inner products are w · cos."""
        place = list(DEFAULT_WEIGHTS).index(name)
        return self.features[:, self.offsets[place] : self.offsets[place + 1]]

    # --- answering

    def signal(self, member: MemberList) -> tuple[IntArray, FloatArray]:
        positions = self.vocabulary.positions(member.items)
        known = positions >= 0
        x = list_weights(member)[known]
        total = float(np.abs(x).sum())
        return positions[known], (x / total if total else x).astype(np.float32)

    def score(self, member: MemberList) -> FloatArray:
        positions, x = self.signal(member)
        if not len(positions):
            return np.zeros(len(self.vocabulary), np.float32)
        profile = self.features[positions].T @ x
        own: FloatArray = self.features @ profile
        return own

    def attributions(self, member: MemberList, item_ids: npt.ArrayLike) -> list[Attribution]:
        targets = self.vocabulary.positions(item_ids)
        positions, x = self.signal(member)
        ids = np.asarray(self.vocabulary.ids)[positions]
        parts = (self.features[positions] @ self.features[targets.clip(0)].T).toarray() * x[:, None]
        return [
            Attribution(ids, parts[:, place].astype(np.float32)) if target >= 0 else NO_CAUSES
            for place, target in enumerate(targets)
        ]

    def item_similarities(self, position: int) -> FloatArray:
        near: FloatArray = (self.features @ self.features[[position]].T).toarray().ravel()
        return near

    def similarity_parts(self, position: int, others: IntArray) -> FloatArray:
        """How near each of `others` (positions) is in each part, shape (k, p); rows add up to cos."""
        both = self.features[others].multiply(self.features[[position]]).tocsc()
        ends = zip(self.offsets, self.offsets[1:], strict=False)
        sums = [np.asarray(both[:, start:end].sum(axis=1)) for start, end in ends]
        return np.hstack(sums).astype(np.float32)

    def similarities_of(self, position: int, positions: IntArray) -> FloatArray:
        """The same numbers, without those of all other items: some hundred rows, not thousands."""
        own = self.features[[position]].toarray().ravel()
        near: FloatArray = self.features[positions] @ own
        return near

    # --- keeping

    def arrays(self) -> Arrays:
        F = self.features
        shape = np.array(F.shape, dtype=np.int64)
        parts = {"data": F.data, "indices": F.indices, "indptr": F.indptr}
        return {**parts, "shape": shape, "offsets": self.offsets}

    def restore(self, arrays: Arrays) -> None:
        parts = (arrays["data"], arrays["indices"], arrays["indptr"])
        try:
            self.features = sp.csr_matrix(parts, shape=tuple(arrays["shape"]), copy=False)
        except ValueError as problem:
            raise KeyError(f"features do not fit together: {problem}") from None
        self.offsets = arrays["offsets"]
