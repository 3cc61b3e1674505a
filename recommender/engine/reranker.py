"""The second stage: a blend of additive scores, and boosted trees that correct it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import expit

from recommender.engine.artifacts import Arrays
from recommender.engine.candidates import ADDITIVE
from recommender.engine.interactions import EngineError, FloatArray, IntArray, Mask
from recommender.engine.pairs import COLUMNS, PLACE
from recommender.engine.trees import Forest

# Ridge on the blend's standardised weights, so that models which agree share the weight.
RIDGE = 1e-3
# So much of the blend is kept under the trees. All of it would leave them to undo what a straight
# line gets wrong, and rank worse; nothing would leave flat places where a title does not count.
BLEND_SHARE = 0.2
NEWTON_STEPS, TINY, NEAR_ENOUGH = 40, 1e-6, 1e-7
# Titles of which only EASE's score is known need an order even where it tells next to nothing.
LEAST_SLOPE = 0.05


@dataclass(frozen=True)
class RerankerConfig:
    rounds: int = 300
    # More of them, on lists that were shown alone, where there are any. Among those of members, which
    # are fifty times as many, they would not be heard.
    answer_rounds: int = 30
    learning_rate: float = 0.05
    depth: int = 7
    leaves: int = 63
    least_rows: int = 100
    columns_share: float = 0.3
    rows_share: float = 0.8
    ridge: float = 5.0
    catalogue_statistics: bool = True
    seed: int = 0


@dataclass(frozen=True)
class Examples:
    """`rows` of pairs, float32 (k, len(COLUMNS)); `found`: bool (k,), whether it was on the list.

    `sizes`: how many rows each list has, one list after the other, shape (lists,). `weights`: how much
    each row counts, 0..1, shape (k,). `are_answers`: the lists were shown to members, and are no parts of
    their own.
    """

    rows: FloatArray
    found: Mask
    sizes: IntArray
    weights: FloatArray
    are_answers: bool = False

    @classmethod
    def of(cls, rows: FloatArray, found: Mask) -> Self:
        """Those of one list."""
        return cls(rows, found, np.array([len(rows)]), np.ones(len(rows), np.float32))

    @classmethod
    def answered(cls, rows: FloatArray, taken: Mask, weights: FloatArray) -> Self:
        """Those of one list that was shown."""
        return cls(rows, taken, np.array([len(rows)]), weights, are_answers=True)

    @classmethod
    def join(cls, parts: Iterable[Self]) -> Self:
        kept = [part for part in parts if len(part.rows)]
        if not kept:
            raise EngineError("no member has a list long enough to learn an order from")
        return cls(
            np.concatenate([part.rows for part in kept]),
            np.concatenate([part.found for part in kept]),
            np.concatenate([part.sizes for part in kept]),
            np.concatenate([part.weights for part in kept]),
        )


@dataclass
class Reranker:
    """score(row) = bias + Σ_k weights_k · row_k over ADDITIVE, + Σ_t tree_t(row).

    Differences between the scores of one list are differences of log-odds. In training each list
    has a level of its own beside the score: how much of it was hidden is no property of a title, and
    trees that have to explain it would let a score rise when a title is taken off a short list.

    The weights come first, a share of those of a logistic regression with weights >= 0; the trees
    are boosted from there and may only rise in the columns marked so. So a title that speaks for another always adds
    to its score, by no less than its part of the blend.

    Lists that were shown come last: further trees are boosted on them, from the score that there is by
    then. Their titles are all among the best, so that with the levels of before, which know nothing of
    that, they would pull down whatever is among the best.

    `alone`: slope and level of the log-odds where EASE's score is all that is known of a title,
    slope >= 0; learned apart, because the trees leave EASE's own score but a part of its say.
    """

    weights: FloatArray
    bias: float
    forest: Forest
    alone: tuple[float, float] = (1.0, 0.0)
    facts: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def untrained(cls) -> Self:
        """EASE's own order."""
        weights = np.array([name == "ease" for name in ADDITIVE], np.float32)
        nothing = np.zeros((0, 1), np.float32)
        forest = Forest(nothing.astype(np.int16), nothing, np.zeros((0, 3), np.float32))
        return cls(weights, 0.0, forest, facts={"rows": 0})

    @classmethod
    def learn(
        cls, examples: Examples, config: RerankerConfig, answered: Examples | None = None
    ) -> Self:
        if examples.found.all() or not examples.found.any():
            return cls.untrained()
        whole, _ = blend(examples)
        weights = np.float32(BLEND_SHARE) * whole
        start = _linear(examples.rows, weights, 0.0)
        levels = levels_of(start, examples)
        bias = float(np.float32(levels.mean()))
        start += np.repeat(levels, examples.sizes).astype(np.float32)
        forest = _boost(examples, start, config, config.rounds)
        if answered is not None:
            forest = forest.and_(_answering(answered, forest, weights, config))
        told = (
            {} if answered is None else {"rows": len(answered.rows), "lists": len(answered.sizes)}
        )
        alone = line_of(examples.rows[:, PLACE["ease"]], examples)
        facts = {
            "rows": len(examples.rows),
            "found": int(examples.found.sum()),
            "weights": dict(zip(ADDITIVE, map(float, weights), strict=True)),
            "answers": told,
            "ease_alone": {"slope": alone[0], "level": alone[1]},
        }
        return cls(weights, bias, forest, alone, facts)

    def score(self, rows: FloatArray) -> FloatArray:
        """Shape (k,), for rows of shape (k, len(COLUMNS))."""
        both = _linear(rows, self.weights, self.bias) + self.forest.predict(rows)
        return both.astype(np.float32)

    def arrays(self) -> Arrays:
        return {
            "weights": self.weights,
            "bias": np.array([self.bias]),
            "alone": np.array(self.alone),
            **{f"trees_{name}": array for name, array in self.forest.arrays().items()},
        }

    @classmethod
    def restore(cls, arrays: Mapping[str, npt.NDArray[Any]]) -> Self:
        trees = {name: arrays[f"trees_{name}"] for name in ("features", "thresholds", "values")}
        slope, level = map(float, arrays["alone"])
        bias = float(arrays["bias"][0])
        return cls(arrays["weights"], bias, Forest.of(trees), (slope, level))


def _additive(rows: FloatArray) -> FloatArray:
    return rows[:, [PLACE[name] for name in ADDITIVE]]


def _linear(rows: FloatArray, weights: FloatArray, bias: float) -> FloatArray:
    own: FloatArray = (_additive(rows) @ weights + np.float32(bias)).astype(np.float32)
    return own


def blend(examples: Examples) -> tuple[FloatArray, float]:
    """w >= 0 and b that maximise the likelihood of σ(w·s + b), by L-BFGS-B; shape (3,) and b."""
    raw = _additive(examples.rows).astype(np.float64)
    spread = np.maximum(raw.std(axis=0), 1e-9)
    S, y = raw / spread, examples.found.astype(np.float64)

    def loss(given: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        w, b = given[:-1], given[-1]
        z = S @ w + b
        p = expit(z)
        value = float(np.mean(np.logaddexp(0, z) - y * z) + RIDGE * (w @ w) / 2)
        slope = np.append(S.T @ (p - y) / len(y) + RIDGE * w, (p - y).mean())
        return value, slope

    start = np.append(np.full(S.shape[1], 0.1), -2.0)
    bounds = [*[(0.0, None)] * S.shape[1], (None, None)]
    best = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds)
    return (best.x[:-1] / spread).astype(np.float32), float(np.float32(best.x[-1]))


def line_of(column: FloatArray, examples: Examples) -> tuple[float, float]:
    """a and the mean of b_list that maximise the likelihood of σ(a · column + b_list).

    Newton's method: for each a the levels of the lists that fit it, then a step in a with the
    levels following (Schur complement of the lists' own second derivatives). a is at least
    LEAST_SLOPE for each standard deviation of the column.
    """
    spread = float(column.std(dtype=np.float64))
    x = column.astype(np.float64) / (spread or 1.0)
    y, sizes = examples.found.astype(np.float64), examples.sizes
    starts, slope = np.cumsum(sizes) - sizes, LEAST_SLOPE
    for _ in range(NEWTON_STEPS):
        levels = levels_of((slope * x).astype(np.float32), examples)
        p = expit(slope * x + np.repeat(levels, sizes))
        spent = p * (1 - p)
        own = np.maximum(np.add.reduceat(spent, starts), TINY)
        across = np.add.reduceat(spent * x, starts)
        curve = float(spent @ (x * x) - (across**2 / own).sum())
        step = float((y - p) @ x) / max(curve, TINY)
        before, slope = slope, max(LEAST_SLOPE, slope + step)
        if abs(slope - before) < NEAR_ENOUGH:
            break
    levels = levels_of((slope * x).astype(np.float32), examples)
    return slope / (spread or 1.0), float(levels.mean())


def levels_of(start: FloatArray, examples: Examples) -> npt.NDArray[np.float64]:
    """b of each list with Σ u σ(start + b) = Σ u of its rows that were found, u their weights, shape (lists,).

    A list of which nothing or everything was found counts as half a row off. Newton's method with
    steps of at most 1.
    """
    z, sizes = start.astype(np.float64), examples.sizes
    counts = examples.weights.astype(np.float64)
    starts = np.cumsum(sizes) - sizes
    wanted = np.add.reduceat(counts * examples.found, starts)
    wanted = wanted.clip(0.5, np.add.reduceat(counts, starts) - 0.5)
    levels = np.zeros(len(sizes))
    for _ in range(NEWTON_STEPS):
        p = expit(z + np.repeat(levels, sizes))
        slope = np.maximum(np.add.reduceat(counts * p * (1 - p), starts), TINY)
        steps = ((wanted - np.add.reduceat(counts * p, starts)) / slope).clip(-1, 1)
        levels += steps
        if np.abs(steps).max(initial=0) < NEAR_ENOUGH:
            break
    return levels


def _answering(
    answered: Examples, forest: Forest, weights: FloatArray, config: RerankerConfig
) -> Forest:
    """What answers still say of an order once lists have taught theirs."""
    start = _linear(answered.rows, weights, 0.0) + forest.predict(answered.rows)
    start += np.repeat(levels_of(start, answered), answered.sizes).astype(np.float32)
    return _boost(answered, start, config, config.answer_rounds)


def _boost(examples: Examples, start: FloatArray, config: RerankerConfig, rounds: int) -> Forest:
    # Loaded here alone: whatever serves the model does without LightGBM.
    import lightgbm

    rows = examples.rows
    if not config.catalogue_statistics:
        rows = rows.copy()
        rows[:, [PLACE[column.name] for column in COLUMNS if column.statistics]] = 0
    settings = {
        "objective": "binary",
        "learning_rate": config.learning_rate,
        "max_depth": config.depth,
        "num_leaves": config.leaves,
        "min_data_in_leaf": config.least_rows,
        "feature_fraction": config.columns_share,
        "bagging_fraction": config.rows_share,
        "bagging_freq": 1,
        "lambda_l2": config.ridge,
        "monotone_constraints": [int(column.rising) for column in COLUMNS],
        "use_missing": False,
        "deterministic": True,
        "force_row_wise": True,
        "seed": config.seed,
        "verbose": -1,
    }
    answers = examples.found.astype(np.int32)
    data = lightgbm.Dataset(rows, answers, weight=examples.weights, init_score=start)
    trees = lightgbm.train(settings, data, rounds).dump_model()["tree_info"]
    return Forest.from_dump([tree["tree_structure"] for tree in trees], config.depth)
