"""What every recommender is: a frozen config, fit, recommend, similar_items, save, load."""

from __future__ import annotations

import platform
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
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
from recommender.engine.prior import Prior


@dataclass(frozen=True)
class ItemFeatures:
    """What is known of the items themselves: columns of one length, sorted by id.

    Only `ids` must be given; a column left out is filled with what says "unknown": an empty text,
    no names, NaN. `years`: decimal year of the first day. `minutes`: length of one episode.
    `members`, `mean_scores`: the catalogue's own statistics. `prequels`: pairs (title, prequel)
    of ids, shape (k, 2), empty where no source tells relations.
    """

    ids: IntArray
    synopses: Sequence[str] = ()
    genres: Sequence[Sequence[str]] = ()
    studios: Sequence[Sequence[str]] = ()
    titles: Sequence[str] = ()
    kinds: Sequence[str] = ()
    sources: Sequence[str] = ()
    years: FloatArray = field(default_factory=lambda: np.empty(0, np.float32))
    episodes: FloatArray = field(default_factory=lambda: np.empty(0, np.float32))
    minutes: FloatArray = field(default_factory=lambda: np.empty(0, np.float32))
    members: FloatArray = field(default_factory=lambda: np.empty(0, np.float32))
    mean_scores: FloatArray = field(default_factory=lambda: np.empty(0, np.float32))
    prequels: IntArray = field(default_factory=lambda: np.empty((0, 2), np.int64))

    def __post_init__(self) -> None:
        for name, unknown in UNKNOWN.items():
            column = getattr(self, name)
            if not len(column):
                object.__setattr__(self, name, unknown(len(self.ids)))
            elif len(column) != len(self.ids):
                raise EngineError(f"item features need columns of one length; {name} differs")

    def __len__(self) -> int:
        return len(self.ids)

    def only(self, ids: npt.ArrayLike) -> ItemFeatures:
        """The same columns for those of `ids` that are here."""
        rows = np.flatnonzero(np.isin(self.ids, np.asarray(ids)))
        columns = {name: _rows_of(getattr(self, name), rows) for name in UNKNOWN}
        return replace(self, ids=self.ids[rows], **columns)


def _rows_of(column: Any, rows: npt.NDArray[np.intp]) -> Any:
    return column[rows] if isinstance(column, np.ndarray) else [column[row] for row in rows]


def _no_texts(size: int) -> list[str]:
    return [""] * size


def _no_names(size: int) -> list[tuple[str, ...]]:
    return [()] * size


def _no_numbers(size: int) -> FloatArray:
    return np.full(size, np.nan, np.float32)


# The columns of ItemFeatures beside `ids`, and what stands where nothing is known.
UNKNOWN: dict[str, Callable[[int], Any]] = {
    "synopses": _no_texts,
    "titles": _no_texts,
    "kinds": _no_texts,
    "sources": _no_texts,
    "genres": _no_names,
    "studios": _no_names,
    "years": _no_numbers,
    "episodes": _no_numbers,
    "minutes": _no_numbers,
    "members": _no_numbers,
    "mean_scores": _no_numbers,
}


@dataclass(frozen=True)
class Ranked:
    """Item ids, best first, and their scores; both of shape (k,)."""

    ids: IntArray
    scores: FloatArray

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, places: npt.NDArray[np.intp]) -> Ranked:
        """Those at `places`, in that order."""
        return Ranked(self.ids[places], self.scores[places])


@dataclass(frozen=True)
class Attribution:
    """A score taken apart: `score` = Σ `values` + Σ `features` + `remainder`, to float32 rounding.

    `ids`: the member's own items, shape (k,). `values`: what each adds, shape (k,).
    `features`: what named properties of the title add ("popularity", "era"), in the units of the
    score. `remainder`: what belongs to no name (a model's constant).
    """

    ids: IntArray
    values: FloatArray
    features: Mapping[str, float] = field(default_factory=dict)
    remainder: float = 0.0

    @property
    def score(self) -> float:
        return float(self.values.sum()) + sum(self.features.values()) + self.remainder


@dataclass(frozen=True)
class Config:
    """Settings of a model; subclasses add fields with defaults."""


@dataclass
class Fitted(ABC):
    """What was learned and can be kept: config, vocabulary, facts and arrays."""

    kind: ClassVar[str]
    config_type: ClassVar[type[Config]]

    config: Config
    vocabulary: Vocabulary = field(default_factory=lambda: Vocabulary([]))
    facts: dict[str, Any] = field(default_factory=dict)

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


@dataclass
class Recommender(Fitted):
    """Base of all models. Unknown members and items are answered, not raised."""

    # --- learning

    @abstractmethod
    def fit(
        self,
        interactions: Interactions,
        features: ItemFeatures | None = None,
        prior: Prior | None = None,
    ) -> Self:
        """Learn from `interactions`; EngineError when there is nothing to learn from."""

    # --- answering

    @abstractmethod
    def score(self, member: MemberList) -> FloatArray:
        """One score for each item of the vocabulary, shape (n,); higher is better."""

    @abstractmethod
    def attributions(self, member: MemberList, item_ids: npt.ArrayLike) -> list[Attribution]:
        """Take the score of each of `item_ids` apart; an unknown item has the score 0 of no causes."""

    def feature_values(
        self, member: MemberList, item_ids: npt.ArrayLike, names: Sequence[str]
    ) -> FloatArray:
        """What each of the features `names` adds to each item, shape (k, number of names).

        The same numbers as in `attributions`; 0 where an item has no such feature.
        """
        parts = self.attributions(member, item_ids)
        found = [[part.features.get(name, 0.0) for name in names] for part in parts]
        return np.array(found, np.float32).reshape(len(parts), len(names))

    @abstractmethod
    def item_similarities(self, position: int) -> FloatArray:
        """How near each item is to the one at `position`, shape (n,)."""

    def similarities_of(self, position: int, positions: IntArray) -> FloatArray:
        """How near the items at `positions` are to the one at `position`, shape (k,)."""
        near: FloatArray = self.item_similarities(position)[positions]
        return near

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


NO_CAUSES = Attribution(np.empty(0, np.int64), np.empty(0, np.float32))


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
