"""Fit on one part of the data, ask about the other, and count."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from recommender.engine import metrics
from recommender.engine.base import Recommender
from recommender.engine.interactions import IntArray, MemberList
from recommender.engine.splitting import HoldOut

LIKED = 8
BOOTSTRAP_ROUNDS = 1000


@dataclass(frozen=True)
class AtK:
    """Means over the test members at one list length."""

    k: int
    ndcg: float
    ndcg_low: float
    ndcg_high: float
    recall: float
    map: float
    liked_ndcg: float
    coverage: float


@dataclass(frozen=True)
class Evaluation:
    """One model on one hold-out."""

    kind: str
    at: list[AtK]
    rmse: float | None
    mae: float | None
    fit_seconds: float
    milliseconds_per_member: float

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def ndcg_at(self, k: int) -> float:
        return next(row.ndcg for row in self.at if row.k == k)


def evaluate_ranker(
    model: Recommender,
    split: HoldOut,
    *,
    ks: Sequence[int] = (10, 20, 100),
    fit_seconds: float = 0.0,
) -> Evaluation:
    """Rank everything each test member was not shown, and look for what was hidden.

    `model` must have been fitted on `split.train`. Intervals are 95 % bootstrap over members.
    """
    shown, hidden = split.shown.lists(), split.hidden.lists()
    empty = MemberList.of([])
    began = time.perf_counter()
    lists = {m: model.recommend(shown.get(m, empty), max(ks)).ids for m in hidden}
    spent = (time.perf_counter() - began) * 1000 / max(1, len(hidden))
    size = len(split.train.vocabulary())
    rows = [_at(k, lists, hidden, size, split.seed) for k in ks]
    return Evaluation(model.kind, rows, None, None, round(fit_seconds, 2), round(spent, 3))


def _at(
    k: int, lists: dict[int, IntArray], hidden: dict[int, MemberList], size: int, seed: int
) -> AtK:
    hits = {m: _padded(np.isin(lists[m][:k], hidden[m].items), k) for m in hidden}
    counts = {m: len(hidden[m]) for m in hidden}
    ndcgs = np.array([metrics.ndcg(hits[m], counts[m]) for m in hidden])
    low, high = _interval(ndcgs, seed)
    return AtK(
        k=k,
        ndcg=float(ndcgs.mean()),
        ndcg_low=low,
        ndcg_high=high,
        recall=float(np.mean([metrics.recall(hits[m], counts[m]) for m in hidden])),
        map=float(np.mean([metrics.average_precision(hits[m], counts[m]) for m in hidden])),
        liked_ndcg=_liked_ndcg(k, lists, hidden),
        coverage=metrics.coverage(np.concatenate([ids[:k] for ids in lists.values()]), size),
    )


def _padded(hits: metrics.Hits, k: int) -> metrics.Hits:
    """A list that ran out counts as misses from there on."""
    return np.pad(hits, (0, k - len(hits)))


def _liked_ndcg(k: int, lists: dict[int, IntArray], hidden: dict[int, MemberList]) -> float:
    values = []
    for member, truth in hidden.items():
        liked = truth.items[np.nan_to_num(truth.scores) >= LIKED]
        if len(liked):
            values.append(metrics.ndcg(_padded(np.isin(lists[member][:k], liked), k), len(liked)))
    return float(np.mean(values)) if values else 0.0


def _interval(values: np.ndarray[Any, np.dtype[np.float64]], seed: int) -> tuple[float, float]:
    rng = np.random.default_rng(seed)
    draws = rng.integers(0, len(values), (BOOTSTRAP_ROUNDS, len(values)))
    low, high = np.percentile(values[draws].mean(axis=1), [2.5, 97.5])
    return float(low), float(high)


def evaluate_scorer(model: Recommender, split: HoldOut, *, fit_seconds: float = 0.0) -> Evaluation:
    """How far the predicted scores are from the hidden ones. Unknown titles get the mean."""
    shown, empty = split.shown.lists(), MemberList.of([])
    predicted, given = [], []
    began = time.perf_counter()
    hidden = split.hidden.lists()
    for member, truth in hidden.items():
        scored = ~np.isnan(truth.scores)
        positions = model.vocabulary.positions(truth.items[scored])
        scores = model.score(shown.get(member, empty))
        mean = float(model.facts.get("mean_score", 7.0))
        predicted.append(np.where(positions >= 0, scores[positions], mean))
        given.append(truth.scores[scored])
    spent = (time.perf_counter() - began) * 1000 / max(1, len(hidden))
    guess, truth_scores = (np.concatenate(part).astype(np.float64) for part in (predicted, given))
    errors = metrics.rmse(guess, truth_scores), metrics.mae(guess, truth_scores)
    return Evaluation(model.kind, [], *errors, round(fit_seconds, 2), round(spent, 3))
