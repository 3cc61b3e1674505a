"""Content: titles that read alike, share genres or come from the same studio."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self, cast

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from recommender.engine.artifacts import Arrays
from recommender.engine.base import NO_CAUSES, Attribution, Config, ItemFeatures, Recommender
from recommender.engine.interactions import (
    EngineError,
    FloatArray,
    IntArray,
    Interactions,
    MemberList,
    Vocabulary,
)
from recommender.engine.signal import list_weights

# Says how good a title is, not what it is like.
NOT_CONTENT = frozenset({"Award Winning"})


@dataclass(frozen=True)
class ContentConfig(Config):
    synopsis_weight: float = 1.0
    genre_weight: float = 1.0
    studio_weight: float = 0.35
    # Words in fewer synopses than this are names; beyond `max_words` the rarest go.
    rarest_word: int = 3
    max_words: int = 20_000


@dataclass
class Content(Recommender):
    """score_j = cos(profile, f_j), profile = Σ_i x_i f_i / Σ|x_i|.

    f_i joins TF-IDF of the synopsis (sublinear tf, L2), one-hot genres weighted by their idf (L2)
    and one-hot studios (L2), each times the square root of its weight, and is then L2-normalised.
    """

    kind = "content"
    config_type = ContentConfig
    config: Config = field(default_factory=ContentConfig)
    features: sp.csr_matrix = field(default_factory=lambda: sp.csr_matrix((0, 0), dtype=np.float32))

    @property
    def settings(self) -> ContentConfig:
        return cast(ContentConfig, self.config)

    def fit(self, interactions: Interactions, features: ItemFeatures | None = None) -> Self:
        """`interactions` are not looked at; `features` must be given and not be empty."""
        if features is None or not len(features.ids):
            raise EngineError("the content model needs titles with features")
        self.vocabulary = Vocabulary(features.ids)
        blocks = [
            (self.settings.synopsis_weight, self._synopses(features)),
            (self.settings.genre_weight, _one_hot(features.genres)),
            (self.settings.studio_weight, _one_hot(features.studios)),
        ]
        joined = sp.hstack([block * np.sqrt(weight) for weight, block in blocks], format="csr")
        self.features = _unit_rows(joined.astype(np.float32))
        self.facts = {"items": len(features.ids), "columns": self.features.shape[1]}
        return self

    def _synopses(self, features: ItemFeatures) -> sp.csr_matrix:
        # Loaded here alone: whatever serves the model does without scikit-learn.
        from sklearn.feature_extraction.text import TfidfVectorizer

        told = sum(bool(text) for text in features.synopses)
        rarest = self.settings.rarest_word if told >= 100 else 1
        vectorizer = TfidfVectorizer(
            stop_words="english",
            sublinear_tf=True,
            min_df=rarest,
            max_features=self.settings.max_words,
            dtype=np.float32,
        )
        try:
            return vectorizer.fit_transform(features.synopses)
        except ValueError:
            # No synopsis has a word that counts; genres and studios carry the model.
            return sp.csr_matrix((len(features.ids), 0), dtype=np.float32)

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

    def arrays(self) -> Arrays:
        F = self.features
        shape = np.array(F.shape, dtype=np.int64)
        return {"data": F.data, "indices": F.indices, "indptr": F.indptr, "shape": shape}

    def restore(self, arrays: Arrays) -> None:
        parts = (arrays["data"], arrays["indices"], arrays["indptr"])
        try:
            self.features = sp.csr_matrix(parts, shape=tuple(arrays["shape"]), copy=False)
        except ValueError as problem:
            raise KeyError(f"features do not fit together: {problem}") from None


def _one_hot(names: Sequence[Sequence[str]]) -> sp.csr_matrix:
    """Items × names, each name weighted by log(1 + n / its count), rows of length 1."""
    rows = [[name for name in set(line) if name not in NOT_CONTENT] for line in names]
    columns = {name: place for place, name in enumerate(sorted({n for row in rows for n in row}))}
    indices = [columns[name] for row in rows for name in sorted(row)]
    indptr = np.cumsum([0, *map(len, rows)])
    ones = np.ones(len(indices), np.float32)
    hot = sp.csr_matrix((ones, indices, indptr), shape=(len(rows), len(columns)))
    counts = np.maximum(np.asarray(hot.sum(axis=0)).ravel(), 1)
    idf = np.log1p(len(rows) / counts).astype(np.float32)
    return _unit_rows(hot @ sp.diags(idf, dtype=np.float32))


def _unit_rows(matrix: sp.csr_matrix) -> sp.csr_matrix:
    lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    lengths[lengths == 0] = 1
    return sp.csr_matrix(sp.diags((1 / lengths).astype(np.float32)) @ matrix)
