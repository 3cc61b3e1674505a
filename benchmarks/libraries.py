"""Our ALS and item kNN beside those of `implicit` and LensKit. `python benchmarks/libraries.py DIR`

DIR holds the published rating.csv.gz (user_id,anime_id,rating). Same split, same run, one thread each;
seconds are CPU time, which other work on the machine does not stretch.
The libraries are no part of the site: `pip install -r requirements-bench.txt` into an environment
of its own. One that is not installed is left out, and the table says so.

Two sections, each printed and written to results/libraries.json: `tuning` chooses the libraries'
settings on validation members, who are not the test members; `comparison` then asks the test members
of the leaderboard once. `--only` runs one of them.
"""

from __future__ import annotations

import os

# Before numpy is loaded: the libraries have thread pools of their own, and one each is fair.
for variable in ("OPENBLAS", "OMP", "MKL", "RAYON", "LK"):
    os.environ[f"{variable}_NUM_THREADS"] = "1"

import argparse
import gzip
import importlib.util
import json
import platform
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from recommender.engine.base import Ranked, Recommender, top
from recommender.engine.evaluation import evaluate_ranker
from recommender.engine.factorization import Als, AlsConfig
from recommender.engine.interactions import FloatArray, Interactions, Mask, MemberList, Vocabulary
from recommender.engine.neighbours import ItemKnn, ItemKnnConfig
from recommender.engine.popularity import Popularity
from recommender.engine.splitting import HoldOut, hold_out_members

RESULT = Path(__file__).parent / "results" / "libraries.json"
SEED, VALIDATION_SEED = 20261123, 11
# What each library is measured by; loaded before any clock runs.
LIBRARIES = {
    "implicit": ("implicit.als", "implicit.nearest_neighbours"),
    "lenskit": ("lenskit.data", "lenskit.als", "lenskit.knn", "pandas"),
}
# Sweeps of every factorisation that is compared; the same for all.
SWEEPS = 15
STARTS = (0, 1, 2)
# λ and α that were worth trying, with `implicit`'s meaning of α: a watched title is believed α.
TRIED = [
    (5.0, 1.0), (20.0, 1.0), (40.0, 1.0),
    (5.0, 2.0), (10.0, 2.0), (20.0, 2.0), (40.0, 2.0), (80.0, 2.0),
    (10.0, 3.0), (20.0, 4.0), (40.0, 4.0), (80.0, 4.0), (160.0, 4.0),
    (30.0, 6.0), (80.0, 8.0), (160.0, 8.0),
]  # fmt: skip
FACTORS = (64, 128, 256)
NEIGHBOURS = (1, 2, 3, 5, 10, 20, 50, 100, 200)
# LensKit's take longer, and are asked about fewer.
LENSKIT_NEIGHBOURS = NEIGHBOURS[:7]
# What the textbook calls item kNN: the cosine, shrunk, with no popularity under it.
TEXTBOOK = ItemKnnConfig(
    neighbours=100,
    shrinkage=20,
    asymmetry=0.5,
    locality=1,
    score_slope=0,
    member_power=0,
    prior_titles=0,
)


def plain_als(factors: int, regularization: float, alpha: float, seed: int = 0) -> AlsConfig:
    """Our ALS with nothing that `implicit` lacks. Its α is the whole confidence, ours is beside 1."""
    return AlsConfig(
        factors=factors,
        regularization=regularization,
        alpha=alpha - 1,
        iterations=SWEEPS,
        regularization_power=0,
        score_slope=0,
        average_member=0,
        seed=seed,
    )


# --- the libraries, as models that can be asked


@dataclass
class Library:
    """A library's model that gives a score to every title; lists are cut as ours are."""

    kind: str
    vocabulary: Vocabulary
    answer: Callable[[MemberList], FloatArray]

    def recommend(self, member: MemberList, top_n: int, allowed: Mask | None = None) -> Ranked:
        open_ = np.ones(len(self.vocabulary), bool) if allowed is None else allowed.copy()
        seen = self.vocabulary.positions(member.items)
        open_[seen[seen >= 0]] = False
        return top(self.vocabulary, self.answer(member), open_, top_n)


def implicit_als(
    data: Interactions, factors: int, regularization: float, alpha: float, seed: int = 0
) -> Library:
    als = importlib.import_module("implicit.als")
    vocabulary = data.vocabulary()
    model = als.AlternatingLeastSquares(
        factors=factors,
        regularization=regularization,
        alpha=alpha,
        iterations=SWEEPS,
        random_state=seed,
        num_threads=1,
    )
    model.fit(data.matrix(vocabulary), show_progress=False)

    def answer(member: MemberList) -> FloatArray:
        vector = model.recalculate_user(0, one_row(member, vocabulary))
        return np.asarray(model.item_factors @ vector)

    return Library("implicit ALS", vocabulary, answer)


def implicit_knn(data: Interactions, name: str, neighbours: int) -> Library:
    """`name` is one of its item-item models: Cosine, TFIDF or BM25."""
    module = importlib.import_module("implicit.nearest_neighbours")
    vocabulary = data.vocabulary()
    model = getattr(module, f"{name}Recommender")(K=neighbours, num_threads=1)
    model.fit(data.matrix(vocabulary), show_progress=False)
    similarity = model.similarity.tocsr()

    def answer(member: MemberList) -> FloatArray:
        scores = one_row(member, vocabulary) @ similarity
        return np.asarray(scores.toarray()).ravel().astype(np.float32)

    return Library(f"implicit {name} kNN", vocabulary, answer)


def lenskit_model(data: Interactions, module: str, scorer: str, **config: Any) -> Library:
    lenskit = importlib.import_module("lenskit.data")
    pandas = importlib.import_module("pandas")
    frame = pandas.DataFrame({"user_id": data.members, "item_id": data.items})
    model = getattr(importlib.import_module(module), scorer)(**config)
    model.train(lenskit.from_interactions_df(frame))
    vocabulary = data.vocabulary()
    everything = lenskit.ItemList(item_ids=vocabulary.ids)

    def answer(member: MemberList) -> FloatArray:
        # A title that it never saw is an error to it, where ours passes over it.
        known = member.known_to(vocabulary)[1].items
        query = lenskit.RecQuery(history_items=lenskit.ItemList(item_ids=known))
        return np.nan_to_num(model(query=query, items=everything).scores(), nan=-np.inf)

    return Library(f"LensKit {scorer}", vocabulary, answer)


def one_row(member: MemberList, vocabulary: Vocabulary) -> Any:
    """The list as a CSR row of ones."""
    lines = Interactions.of(
        np.zeros(len(member)), member.items, np.full(len(member), np.nan)
    ).only_items(vocabulary.ids)
    return lines.matrix(vocabulary)


def present(library: str) -> bool:
    return importlib.util.find_spec(library) is not None


def load_libraries() -> None:
    for name, modules in LIBRARIES.items():
        if not present(name):
            print(f"{name} is not installed, and left out")
            continue
        for module in modules:
            importlib.import_module(module)


# --- measuring


@dataclass
class Contender:
    name: str
    fit: Callable[[Interactions], Library | Recommender]
    settings: dict[str, Any] = field(default_factory=dict)
    sweeps: int | None = None


def measured(contender: Contender, split: HoldOut) -> dict[str, Any]:
    """One row of the table: quality on the split's members, CPU seconds of one thread, settings."""
    began = time.process_time()
    model = contender.fit(split.train)
    seconds = time.process_time() - began
    found = evaluate_ranker(model, split)  # type: ignore[arg-type]
    at = found.at[1]
    row = {
        "name": contender.name,
        "settings": contender.settings,
        "ndcg@20": round(at.ndcg, 4),
        "ndcg@20_low": round(at.ndcg_low, 4),
        "ndcg@20_high": round(at.ndcg_high, 4),
        "recall@20": round(at.recall, 4),
        "fit_seconds": round(seconds, 1),
    }
    if contender.sweeps:
        row["seconds_per_sweep"] = round(seconds / contender.sweeps, 2)
    show(row)
    return row


def show(row: dict[str, Any]) -> None:
    sweep = f"{row['seconds_per_sweep']:.2f} s/sweep" if "seconds_per_sweep" in row else ""
    print(
        f"{row['name']:<34}{row['ndcg@20']:>8.4f}  [{row['ndcg@20_low']:.3f}, "
        f"{row['ndcg@20_high']:.3f}]{row['fit_seconds']:>8.1f} s"
        f"  {sweep:<15}{row['settings'] or ''}",
        flush=True,
    )


def als_contender(
    name: str, factors: int, regularization: float, alpha: float, seed: int = 0
) -> Contender:
    settings = {"factors": factors, "regularization": regularization, "alpha": alpha, "seed": seed}
    fits: dict[str, Callable[[Interactions], Library | Recommender]] = {
        "implicit ALS": lambda data: implicit_als(data, **settings),
        "Als, same settings": lambda data: Als(config=plain_als(**settings)).fit(data),
    }
    return Contender(name, fits[name], settings, SWEEPS)


# --- sections


def tuning(validation: HoldOut) -> dict[str, Any]:
    """The best settings of each library's models on the validation members."""
    chosen: dict[str, Any] = {}
    if present("implicit"):
        runs = [
            measured(als_contender("implicit ALS", max(FACTORS), *pair), validation)
            for pair in TRIED
        ]
        best = max(runs, key=lambda row: row["ndcg@20"])["settings"]
        runs += [
            measured(
                als_contender("implicit ALS", f, best["regularization"], best["alpha"]), validation
            )
            for f in FACTORS[:-1]
        ]
        chosen["implicit ALS"] = summary(runs)
        runs = [measured(knn, validation) for knn in implicit_neighbours()]
        chosen["implicit kNN"] = summary(runs)
    if present("lenskit"):
        chosen["LensKit kNN"] = summary(
            [measured(lenskit_neighbours(k), validation) for k in LENSKIT_NEIGHBOURS]
        )
    return chosen


def summary(runs: list[dict[str, Any]]) -> dict[str, Any]:
    return {"best": max(runs, key=lambda row: row["ndcg@20"])["settings"], "tried": runs}


def implicit_neighbours() -> Iterator[Contender]:
    for name in ("Cosine", "TFIDF", "BM25"):
        for k in NEIGHBOURS:
            yield implicit_neighbour(name, k)


def implicit_neighbour(name: str, neighbours: int) -> Contender:
    settings = {"name": name, "neighbours": neighbours}
    return Contender("implicit kNN", lambda data: implicit_knn(data, **settings), settings)


def lenskit_neighbours(neighbours: int) -> Contender:
    config = {"max_nbrs": neighbours, "feedback": "implicit"}
    return Contender(
        "LensKit kNN",
        lambda data: lenskit_model(data, "lenskit.knn", "ItemKNNScorer", **config),
        config,
    )


def lenskit_als(factors: int, regularization: float, alpha: float, **_: Any) -> Contender:
    """The same settings again. Its weight is beside 1, as our α is."""
    config = {
        "embedding_size": factors,
        "regularization": regularization,
        "weight": alpha - 1,
        "epochs": SWEEPS,
    }
    return Contender(
        "LensKit ALS",
        lambda data: lenskit_model(data, "lenskit.als", "ImplicitMFScorer", **config),
        config,
        SWEEPS,
    )


def comparison(split: HoldOut, tuned: dict[str, Any]) -> dict[str, Any]:
    """Every contender asks the test members; ALS from three starts, as its own luck is a per cent."""
    contenders = [
        Contender("Popularity", lambda data: Popularity().fit(data)),
        Contender("ItemKnn, textbook", lambda data: ItemKnn(config=TEXTBOOK).fit(data)),
        Contender("ItemKnn, default", lambda data: ItemKnn().fit(data)),
        Contender("Als, default", lambda data: Als().fit(data), sweeps=AlsConfig().iterations),
    ]
    if "implicit ALS" in tuned:
        best = tuned["implicit ALS"]["best"]
        for seed in STARTS:
            again = {**best, "seed": seed}
            contenders += [
                als_contender("implicit ALS", **again),
                als_contender("Als, same settings", **again),
            ]
        contenders.append(implicit_neighbour(**tuned["implicit kNN"]["best"]))
    if "LensKit kNN" in tuned:
        contenders.append(lenskit_neighbours(tuned["LensKit kNN"]["best"]["max_nbrs"]))
        if "implicit ALS" in tuned:
            contenders.append(lenskit_als(**tuned["implicit ALS"]["best"]))
    rows = [measured(contender, split) for contender in contenders]
    return {"rows": rows, "as_good_as_implicit": ratio(rows)}


def ratio(rows: list[dict[str, Any]]) -> dict[str, float]:
    """Means over the starts of ours and theirs at the same settings, and ours / theirs."""
    means = {
        name: {
            key: float(np.mean([row[key] for row in rows if row["name"] == name]))
            for key in ("ndcg@20", "seconds_per_sweep")
        }
        for name in ("Als, same settings", "implicit ALS")
        if any(row["name"] == name for row in rows)
    }
    if len(means) < 2:
        return {}
    ours, theirs = means.values()
    found = {f"{key}_ratio": round(ours[key] / theirs[key], 4) for key in ours}
    print("ours / implicit at the same settings:", found)
    return found


def read_ratings(folder: Path) -> Interactions:
    with gzip.open(folder / "rating.csv.gz", "rt") as lines:
        rows = np.loadtxt(lines, np.int64, delimiter=",", skiprows=1)
    return Interactions.of(rows[:, 0], rows[:, 1], np.where(rows[:, 2] < 0, np.nan, rows[:, 2]))


def facts(split: HoldOut) -> dict[str, Any]:
    packages = ("implicit", "lenskit", "numpy", "scipy")
    return {
        "split": split.describe(),
        "cores": os.cpu_count(),
        "threads": 1,
        "python": platform.python_version(),
        "versions": {name: metadata.version(name) for name in packages if present(name)},
        "not_installed": [name for name in LIBRARIES if not present(name)],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, metavar="DIR", help="holds rating.csv.gz")
    parser.add_argument("--only", choices=["tuning", "comparison"], help="run one section")
    options = parser.parse_args()
    data = read_ratings(options.folder)
    split = hold_out_members(data, seed=SEED)
    known = json.loads(RESULT.read_text()) if RESULT.exists() else {}
    load_libraries()
    if options.only != "comparison":
        print("Validation members:")
        known["tuning"] = tuning(hold_out_members(split.train, seed=VALIDATION_SEED))
        known["tuning_facts"] = facts(split)
        write(known)
    if options.only != "tuning":
        print("Test members:")
        known["comparison"] = comparison(split, known.get("tuning", {}))
        known["comparison_facts"] = facts(split)
        write(known)


def write(figures: dict[str, Any]) -> None:
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
