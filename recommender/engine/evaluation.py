"""Ask a fitted model about the lists of a hold-out, and count what it finds."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from recommender.engine import metrics
from recommender.engine.base import Recommender
from recommender.engine.interactions import (
    EngineError,
    IntArray,
    Mask,
    MemberList,
    Vocabulary,
)
from recommender.engine.questions import Questions
from recommender.engine.score_errors import USUAL_SCORE, Errors, errors_of
from recommender.engine.splitting import HoldOut
from recommender.engine.surroundings import Likeness

KS = (10, 20, 100)
# Which items may be listed for someone with this list: bool over the vocabulary.
Rule = Callable[[Vocabulary, MemberList], Mask]


@dataclass(frozen=True)
class AtK:
    """Means over the test members at one list length; `_low` to `_high` is a 95 % interval.

    None where nothing is known: nobody liked anything, no series, genres or watchers were given.
    """

    k: int
    ndcg: float
    ndcg_low: float
    ndcg_high: float
    recall: float
    recall_low: float
    recall_high: float
    map: float
    map_low: float
    map_high: float
    liked_ndcg: float | None
    liked_ndcg_low: float | None
    liked_ndcg_high: float | None
    coverage: float
    novelty: float
    diversity: float | None = None
    sequel_share: float | None = None


@dataclass(frozen=True)
class Evaluation:
    """One model on one hold-out. Times in seconds and milliseconds, errors in score points."""

    kind: str
    at: list[AtK]
    rmse: float | None
    mae: float | None
    fit_seconds: float
    milliseconds_per_member: float
    milliseconds_p95: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def ndcg_at(self, k: int) -> float:
        return next(row.ndcg for row in self.at if row.k == k)


@dataclass(frozen=True)
class Lists:
    """What a model lists for each test member, in the order of the questions.

    `ids`: item ids, best first, one array for each member. `milliseconds`: what each took.
    """

    ids: list[IntArray]
    milliseconds: npt.NDArray[np.float64]


def evaluate(
    model: Recommender,
    split: HoldOut,
    *,
    ranks: bool,
    predicts: bool,
    fit_seconds: float = 0.0,
) -> Evaluation:
    """As a ranker, as a predictor of scores, or as both; times are then those of ranking."""
    if not ranks:
        return evaluate_scorer(model, split, fit_seconds=fit_seconds)
    ranked = evaluate_ranker(model, split, fit_seconds=fit_seconds)
    if not predicts:
        return ranked
    scored = evaluate_scorer(model, split)
    return replace(ranked, rmse=scored.rmse, mae=scored.mae)


# --- ranking


def evaluate_ranker(
    model: Recommender, split: HoldOut, *, ks: Sequence[int] = KS, fit_seconds: float = 0.0
) -> Evaluation:
    """Rank everything each test member was not shown, and look for what was hidden.

    `model` must have been fitted on `split.train`. Intervals are 95 % bootstrap over members.
    Where nothing is hidden, nothing is measured: `at` is empty.
    """
    questions = Questions(split)
    lists = recommend_lists(model, questions, max(ks))
    return Evaluation(
        kind=model.kind,
        at=[quality(lists, questions, k) for k in ks] if len(questions) else [],
        rmse=None,
        mae=None,
        fit_seconds=round(fit_seconds, 2),
        milliseconds_per_member=mean_and_p95(lists.milliseconds)[0],
        milliseconds_p95=mean_and_p95(lists.milliseconds)[1],
    )


def recommend_lists(
    model: Recommender, questions: Questions, top_n: int, rule: Rule | None = None
) -> Lists:
    """The best `top_n` for each test member, of everything that is not on the list shown."""
    ids, milliseconds = [], []
    for shown in questions.shown:
        allowed = None if rule is None else rule(model.vocabulary, shown)
        began = time.perf_counter()
        ids.append(model.recommend(shown, top_n, allowed).ids)
        milliseconds.append((time.perf_counter() - began) * 1000)
    return Lists(ids, np.array(milliseconds))


def mean_and_p95(milliseconds: npt.NDArray[np.float64]) -> tuple[float, float]:
    """0 where nobody was asked."""
    taken = milliseconds if len(milliseconds) else np.zeros(1)
    return round(float(taken.mean()), 3), round(float(np.percentile(taken, 95)), 3)


def quality(lists: Lists, questions: Questions, k: int) -> AtK:
    """All metrics of the first `k` of each list; EngineError where nobody was asked."""
    if not len(questions):
        raise EngineError("no test member has anything hidden")
    cut = [ids[:k] for ids in lists.ids]
    listed = np.concatenate(cut)
    known = listed[np.isin(listed, questions.vocabulary.ids)]
    found, liked = hits_of(lists, questions.hidden_items, k), questions.liked_items
    with_liked = [place for place, items in enumerate(liked) if len(items)]
    seed, surroundings = questions.split.seed, questions.surroundings
    return AtK(
        k=k,
        **_estimated("ndcg", _each(metrics.ndcg, found), seed),
        **_estimated("recall", _each(metrics.recall, found), seed),
        **_estimated("map", _each(metrics.average_precision, found), seed),
        **_estimated("liked_ndcg", ndcg_of_each(lists, liked, k)[with_liked], seed),
        coverage=metrics.coverage(known, len(questions.vocabulary)),
        novelty=_mean([_novelty(ids, questions) for ids in cut if len(ids)]) or 0.0,
        diversity=_mean(_diversities(cut, surroundings.likeness)) if surroundings else None,
        sequel_share=_mean(_sequel_shares(cut, questions)) if surroundings else None,
    )


def hits_of(lists: Lists, truths: Sequence[IntArray], k: int) -> list[tuple[metrics.Hits, int]]:
    """For each member which of the first `k` are right, shape (k,), and how many could be.

    A list that ran out counts as misses from there on.
    """
    found = []
    for ids, truth in zip(lists.ids, truths, strict=True):
        hits = np.zeros(k, bool)
        hits[: len(ids)] = np.isin(ids[:k], truth)
        found.append((hits, len(truth)))
    return found


def ndcg_of_each(lists: Lists, truths: Sequence[IntArray], k: int) -> metrics.Values:
    """NDCG@k of each member's list against the items of `truths`, shape (members,)."""
    return _each(metrics.ndcg, hits_of(lists, truths, k))


def recall_of_each(lists: Lists, truths: Sequence[IntArray], k: int) -> metrics.Values:
    """Recall@k of each member's list against the items of `truths`, shape (members,)."""
    return _each(metrics.recall, hits_of(lists, truths, k))


def _each(
    metric: Callable[[metrics.Hits, int], float], found: Sequence[tuple[metrics.Hits, int]]
) -> metrics.Values:
    return np.array([metric(hits, held_out) for hits, held_out in found])


def _estimated(name: str, values: metrics.Values, seed: int) -> dict[str, Any]:
    """The mean and its interval under three names; None where there are no values."""
    if not len(values):
        return {name: None, f"{name}_low": None, f"{name}_high": None}
    low, high = metrics.interval(values, seed)
    return {name: float(values.mean()), f"{name}_low": low, f"{name}_high": high}


def _novelty(ids: IntArray, questions: Questions) -> float:
    return metrics.novelty(questions.watchers_of(ids), questions.training_members)


def _diversities(cut: Sequence[IntArray], likeness: Likeness) -> list[float]:
    return [metrics.intra_list_diversity(likeness(ids)) for ids in cut]


def _sequel_shares(cut: Sequence[IntArray], questions: Questions) -> list[float]:
    asked = zip(cut, questions.sequels, strict=True)
    return [float(np.isin(ids, later).mean()) for ids, later in asked if len(ids)]


def _mean(values: list[float]) -> float | None:
    """Of those that are known."""
    known = [value for value in values if not math.isnan(value)]
    return float(np.mean(known)) if known else None


# --- predicting scores


def evaluate_scorer(model: Recommender, split: HoldOut, *, fit_seconds: float = 0.0) -> Evaluation:
    """How far the predicted scores are from the hidden ones. Unknown titles get the mean.

    `rmse` and `mae` are None where no hidden line has a score.
    """
    found, milliseconds = predict_scores(model, Questions(split))
    return Evaluation(
        kind=model.kind,
        at=[],
        rmse=None if found is None else found.rmse,
        mae=None if found is None else found.mae,
        fit_seconds=round(fit_seconds, 2),
        milliseconds_per_member=mean_and_p95(milliseconds)[0],
        milliseconds_p95=mean_and_p95(milliseconds)[1],
    )


def predict_scores(
    model: Recommender, questions: Questions
) -> tuple[Errors | None, npt.NDArray[np.float64]]:
    """Errors of the scores predicted for what is hidden, and the milliseconds each member took."""
    mean = float(model.facts.get("mean_score", USUAL_SCORE))
    predicted, milliseconds = [], []
    for shown, hidden in zip(questions.shown, questions.hidden_items, strict=True):
        began = time.perf_counter()
        scores = np.append(model.score(shown), mean)
        milliseconds.append((time.perf_counter() - began) * 1000)
        predicted.append(scores[model.vocabulary.positions(hidden)])
    return errors_of(predicted, questions), np.array(milliseconds)
