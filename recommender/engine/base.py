"""What every recommender is: a frozen config, fit, recommend, similar_items, save, load."""

from __future__ import annotations

import platform
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
import scipy

from recommender.engine.artifacts import Arrays, ArtifactError, read_artifact, write_artifact
from recommender.engine.interactions import (
    EngineError,
    FloatArray,
    IntArray,
    Interactions,
    Mask,
    MemberList,
    Vocabulary,
)


@dataclass(frozen=True)
class ItemFeatures:
    """What is known of the items themselves: four columns of one length, sorted by id."""

    ids: IntArray
    synopses: Sequence[str] = ()
    genres: Sequence[Sequence[str]] = ()
    studios: Sequence[Sequence[str]] = ()

    def __post_init__(self) -> None:
        for column in (self.synopses, self.genres, self.studios):
            if len(column) != len(self.ids):
                raise EngineError("item features need columns of one length")

    def only(self, ids: npt.ArrayLike) -> ItemFeatures:
        """The same columns for those of `ids` that are here."""
        rows = np.flatnonzero(np.isin(self.ids, np.asarray(ids))).tolist()
        return ItemFeatures(
            self.ids[rows],
            [self.synopses[row] for row in rows],
            [self.genres[row] for row in rows],
            [self.studios[row] for row in rows],
        )


@dataclass(frozen=True)
class Ranked:
    """Item ids, best first, and their scores; both of shape (k,)."""

    ids: IntArray
    scores: FloatArray

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True)
class Attribution:
    """A score taken apart: `score` = `values`.sum() + `prior`, to float32 rounding.

    `ids`: the member's own items, shape (k,). `values`: what each adds, shape (k,).
    `prior`: what every member would get (popularity).
    """

    ids: IntArray
    values: FloatArray
    prior: float

    @property
    def score(self) -> float:
        return float(self.values.sum()) + self.prior


@dataclass(frozen=True)
class Config:
    """Settings of a model; subclasses add fields with defaults."""


@dataclass
class Recommender(ABC):
    """Base of all models. Unknown members and items are answered, not raised."""

    kind: ClassVar[str]
    config_type: ClassVar[type[Config]]

    config: Config
    vocabulary: Vocabulary = field(default_factory=lambda: Vocabulary([]))
    facts: dict[str, Any] = field(default_factory=dict)

    # --- learning

    @abstractmethod
    def fit(self, interactions: Interactions, features: ItemFeatures | None = None) -> Self:
        """Learn from `interactions`; EngineError when there is nothing to learn from."""

    # --- answering

    @abstractmethod
    def score(self, member: MemberList) -> FloatArray:
        """One score for each item of the vocabulary, shape (n,); higher is better."""

    @abstractmethod
    def attributions(self, member: MemberList, item_ids: npt.ArrayLike) -> list[Attribution]:
        """Take the score of each of `item_ids` apart; an unknown item has the score 0 of no causes."""

    @abstractmethod
    def item_similarities(self, position: int) -> FloatArray:
        """How near each item is to the one at `position`, shape (n,)."""

    def recommend(self, member: MemberList, top_n: int, allowed: Mask | None = None) -> Ranked:
        """The best `top_n` items not on the list; fewer only where fewer are allowed.

        `allowed`: bool, shape (n,), over the vocabulary; None allows all. Rules come in here, so
        they are applied before the cut. Ties go to the lower id.
        """
        scores = self.score(member)
        open_ = np.ones(len(scores), bool) if allowed is None else allowed.copy()
        seen = self.vocabulary.positions(member.items)
        open_[seen[seen >= 0]] = False
        return top(self.vocabulary, scores, open_, top_n)

    def similar_items(self, item_id: int, top_n: int, allowed: Mask | None = None) -> Ranked:
        """The `top_n` items nearest to `item_id`; none for an unknown one."""
        position = int(self.vocabulary.positions([item_id])[0])
        if position < 0:
            return Ranked(np.empty(0, np.int64), np.empty(0, np.float32))
        near = self.item_similarities(position)
        open_ = (near > 0) if allowed is None else allowed & (near > 0)
        open_[position] = False
        return top(self.vocabulary, near, open_, top_n)

    # --- keeping

    @abstractmethod
    def arrays(self) -> Arrays:
        """What was learned, beside the vocabulary."""

    @abstractmethod
    def restore(self, arrays: Arrays) -> None:
        """Take back what `arrays` gave; KeyError where one is missing."""

    def save(self, folder: Path, **provenance: Any) -> None:
        manifest = {
            "kind": self.kind,
            "config": asdict(self.config),
            "facts": self.facts,
            "versions": {
                "python": platform.python_version(),
                "numpy": np.__version__,
                "scipy": scipy.__version__,
            },
            **provenance,
        }
        write_artifact(folder, {"vocabulary": self.vocabulary.ids, **self.arrays()}, manifest)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Open the artifact in `folder`; ArtifactError if it is damaged or of another kind."""
        arrays, manifest = read_artifact(folder)
        if manifest.get("kind") != cls.kind:
            raise ArtifactError(
                f"{folder.name} holds a {manifest.get('kind')!r} model, not {cls.kind!r}"
            )
        try:
            model = cls(config=cls.config_type(**manifest["config"]))
            model.vocabulary = Vocabulary(arrays["vocabulary"])
            model.facts = dict(manifest["facts"])
            model.restore(arrays)
        except (KeyError, TypeError) as problem:
            raise ArtifactError(
                f"{folder.name} lacks or exceeds what this version reads: {problem}"
            ) from None
        return model


NO_CAUSES = Attribution(np.empty(0, np.int64), np.empty(0, np.float32), 0.0)


def top(vocabulary: Vocabulary, scores: FloatArray, open_: Mask, top_n: int) -> Ranked:
    """The best `top_n` open positions, as ids; ties go to the lower id."""
    if top_n < 0:
        raise EngineError("top_n cannot be negative")
    candidates = np.flatnonzero(open_)
    if len(candidates) > top_n > 0:
        worst = np.partition(scores[candidates], len(candidates) - top_n)[len(candidates) - top_n]
        candidates = candidates[scores[candidates] >= worst]
    order = np.argsort(-scores[candidates], kind="stable")[:top_n]
    best = candidates[order]
    return Ranked(np.asarray(vocabulary.ids)[best], scores[best].astype(np.float32))


def need_data(interactions: Interactions) -> None:
    if not len(interactions):
        raise EngineError("there are no interactions to learn from")
