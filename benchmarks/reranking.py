"""What else could rank the hybrid's candidates. `python benchmarks/reranking.py`

Reads the lists and the catalogue from the database. The leaderboard's test members are dropped
first; 500 others are held out to compare on. Every way is given the same candidates and the same
rows of pairs. Prints a table and writes results/reranking.json.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "animerec.settings")

import django

django.setup()

import lightgbm
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from recommender import datasets
from recommender.engine import metrics
from recommender.engine.candidates import Bases, candidates
from recommender.engine.content import Content
from recommender.engine.hybrid import Hybrid
from recommender.engine.interactions import MemberList
from recommender.engine.pairs import COLUMNS, PLACE, SERIES
from recommender.engine.reranker import (
    BLEND_SHARE,
    Examples,
    Reranker,
    RerankerConfig,
    blend,
    levels_of,
)
from recommender.engine.splitting import HoldOut, hold_out_members
from recommender.training import DEFAULT_SEED

VALIDATION_SEED, K, ROUNDS = 7, 20, 250
RESULT = Path(__file__).parent / "results" / "reranking.json"
EASE, SHIPPED = "order of EASE", "blend and boosted trees (shipped)"
Score = Callable[[np.ndarray], np.ndarray]


class Asked:
    """The validation members' candidates: rows, and which of them were hidden."""

    def __init__(self, bases: Bases, split: HoldOut, wanted: int) -> None:
        shown, empty = split.shown.lists(), MemberList.of([])
        parts, self.found, self.hidden = [], [], []
        for pk, truth in split.hidden.lists().items():
            member = shown.get(pk, empty)
            scores, view = bases.scores(member), bases.view(member)
            open_ = np.ones(len(bases.vocabulary), bool)
            open_[view.positions] = False
            asked = candidates(scores, open_, bases.shelf, view, wanted)
            parts.append(view.rows(asked, {name: own[asked] for name, own in scores.items()}))
            self.found.append(np.isin(bases.vocabulary.ids[asked], truth.items))
            self.hidden.append(len(truth))
        self.rows = np.concatenate(parts)
        self.bounds = np.cumsum([0, *map(len, parts)])

    def ndcg(self, score: Score) -> metrics.Values:
        """Of each member, shape (members,)."""
        given = score(self.rows)
        found = [
            metrics.ndcg(hits[np.argsort(-given[a:b], kind="stable")[:K]], hidden)
            for hits, hidden, a, b in zip(
                self.found, self.hidden, self.bounds, self.bounds[1:], strict=False
            )
        ]
        return np.array(found)

    def recall(self) -> float:
        pairs = zip(self.found, self.hidden, strict=True)
        return float(np.mean([hits.sum() / hidden for hits, hidden in pairs]))


def of_ease(rows: np.ndarray) -> np.ndarray:
    return rows[:, PLACE["ease"]]


def blended(examples: Examples) -> Score:
    weights, bias = blend(examples)
    return Reranker(weights, bias, Reranker.untrained().forest).score


def logistic(examples: Examples) -> Score:
    scaler = StandardScaler().fit(examples.rows)
    model = LogisticRegression(C=0.1, max_iter=300)
    model.fit(scaler.transform(examples.rows), examples.found)
    return lambda rows: model.decision_function(scaler.transform(rows))


def shipped(examples: Examples) -> Score:
    return Reranker.learn(examples, RerankerConfig()).score


def without(examples: Examples, *names: str) -> Score:
    """The shipped way, told nothing in these columns."""
    places = [PLACE[name] for name in names]
    rows = examples.rows.copy()
    rows[:, places] = 0
    model = Reranker.learn(replace(examples, rows=rows), RerankerConfig())

    def score(asked: np.ndarray) -> np.ndarray:
        blank = asked.copy()
        blank[:, places] = 0
        return model.score(blank)

    return score


TREES = {
    "learning_rate": 0.05,
    "max_depth": 7,
    "num_leaves": 63,
    "min_data_in_leaf": 100,
    "feature_fraction": 0.3,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "deterministic": True,
    "force_row_wise": True,
    "seed": 0,
    "verbose": -1,
}


def lambdarank(examples: Examples, *, constrained: bool, share: float = 0.0) -> Score:
    """`constrained`: rising where the shipped way is; `share`: of the blend under the trees."""
    settings: dict[str, object] = {
        **TREES,
        "objective": "lambdarank",
        "lambdarank_truncation_level": 2 * K,
    }
    if constrained:
        settings["monotone_constraints"] = [int(column.rising) for column in COLUMNS]
    weights, _ = blend(examples)
    under = Reranker(np.float32(share) * weights, 0.0, Reranker.untrained().forest).score
    data = lightgbm.Dataset(
        examples.rows,
        examples.found.astype(int),
        group=examples.sizes,
        init_score=under(examples.rows) if share else None,
    )
    model = lightgbm.train(settings, data, ROUNDS)
    return lambda rows: np.asarray(model.predict(rows)) + (under(rows) if share else 0.0)


def free(examples: Examples) -> Score:
    """The shipped trees without a blend under them and without constraints."""
    start = levels_of(np.zeros(len(examples.rows), np.float32), examples)
    data = lightgbm.Dataset(
        examples.rows,
        examples.found.astype(int),
        init_score=np.repeat(start, examples.sizes),
    )
    model = lightgbm.train({**TREES, "objective": "binary"}, data, ROUNDS)
    return lambda rows: np.asarray(model.predict(rows, raw_score=True))


def compared(name: str, found: dict[str, metrics.Values]) -> dict[str, object]:
    """Against EASE's order, and against the shipped way with a 95 % interval over members."""
    own = found[name]
    low, high = metrics.interval(own - found[SHIPPED], VALIDATION_SEED)
    return {
        "way": name,
        "ndcg_at_20": round(float(own.mean()), 4),
        "ratio_to_ease": round(float(own.mean() / found[EASE].mean()), 4),
        "over_shipped": round(float((own - found[SHIPPED]).mean()), 4),
        "low": round(low, 4),
        "high": round(high, 4),
    }


def main() -> None:
    data, features = datasets.read_interactions(), datasets.read_features()
    outside = hold_out_members(data, seed=DEFAULT_SEED).train
    split = hold_out_members(outside, seed=VALIDATION_SEED)
    model = Hybrid()
    content = Content().fit(split.train, features)
    catalogue = model.catalogue(split.train, features, content, None)
    examples = Examples.join(model.examples(split.train, catalogue, None))
    asked = Asked(Bases.fit(split.train, catalogue), split, model.settings.candidates)
    statistics = [column.name for column in COLUMNS if column.statistics]
    series = [column.name for column in COLUMNS if column.group == SERIES]
    ways: dict[str, Callable[[], Score]] = {
        EASE: lambda: of_ease,
        "linear blend of EASE, item kNN and ALS": lambda: blended(examples),
        "logistic regression over all columns": lambda: logistic(examples),
        SHIPPED: lambda: shipped(examples),
        "boosted trees, free": lambda: free(examples),
        "lambdarank, free": lambda: lambdarank(examples, constrained=False),
        "lambdarank, rising": lambda: lambdarank(examples, constrained=True),
        "lambdarank, rising, over the blend": lambda: lambdarank(
            examples, constrained=True, share=BLEND_SHARE
        ),
        "shipped, without the catalogue's statistics": lambda: without(examples, *statistics),
        "shipped, without series": lambda: without(examples, *series),
    }
    found, seconds = {}, {}
    for name, learn in ways.items():
        began = time.perf_counter()
        found[name] = asked.ndcg(learn())
        seconds[name] = round(time.perf_counter() - began, 1)
        print(f"{name:<46}{found[name].mean():>8.4f}", flush=True)
    rows = [compared(name, found) | {"seconds": seconds[name]} for name in ways]
    for row in rows:
        print(
            f"{row['way']:<46}{row['over_shipped']:>+9.4f} ({row['low']:+.4f} to {row['high']:+.4f})"
        )
    figures = {
        "split": split.describe(),
        "recall_of_candidates": round(asked.recall(), 4),
        "rows": len(examples.rows),
        "ways": rows,
    }
    RESULT.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
