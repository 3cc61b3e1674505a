"""How far predicted scores are from given ones, beside Surprise's own models on the same folds.

`python benchmarks/rating_error.py DIR`, DIR holding the published file cooperunion/rating.csv.gz.
Every member's scores are dealt into five folds at random; one is predicted from the other four.
Ours are asked twice: fitted on everybody's other four folds, and ("strong") fitted on other members
alone, the member's four folds being told only when they ask. Prints a table and writes
results/rating_error.json; models measured before stay in it, so that slow ones can be run apart:

    python benchmarks/rating_error.py DIR --models surprise_svdpp_tuned --folds 0

`--tune` writes results/rating_error_tuning.json instead: the settings that were tried, on members
who are not among the leaderboard's test members.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from recommender.engine import metrics
from recommender.engine.interactions import Interactions
from recommender.engine.rating_error import member_groups, predicted_scores, score_folds
from recommender.engine.score_blend import ScoreBlend, ScoreBlendConfig
from recommender.engine.score_model import Floats, ScoreModel, trainset
from recommender.engine.splitting import hold_out_members
from recommender.engine.surprise_models import KnnBaseline, KnnBaselineConfig, Svd, SvdConfig

RESULTS = Path(__file__).parent / "results"
# Of the leaderboard: its test members chose no setting here.
LEADERBOARD_SEED = 20261123
FOLD_SEED, FOLDS, GROUPS = 20270101, 5, 5
TUNING_SEEDS = (77, 78)

Predictions = dict[str, Floats]
Figures = dict[str, Any]


def read_ratings(folder: Path) -> Interactions:
    with gzip.open(folder / "cooperunion" / "rating.csv.gz", "rt", newline="") as file:
        rows = np.array([tuple(map(int, row)) for row in list(csv.reader(file))[1:]])
    return Interactions.of(rows[:, 0], rows[:, 1], np.where(rows[:, 2] < 1, np.nan, rows[:, 2]))


def scores_of(data: Interactions) -> Interactions:
    return data.take(~np.isnan(data.scores))


# --- Surprise's own


def surprise_models() -> dict[str, Callable[[], Any]]:
    """Each with Surprise's defaults, and where it can gain by it with settings that were tuned."""
    import surprise

    ours = SvdConfig()
    near = {"name": "pearson_baseline", "user_based": False}
    return {
        "surprise_baseline_only": lambda: surprise.BaselineOnly(verbose=False),
        "surprise_svd": lambda: surprise.SVD(random_state=0),
        "surprise_svd_tuned": lambda: surprise.SVD(
            n_factors=ours.factors,
            n_epochs=ours.epochs,
            lr_all=ours.learning_rate,
            reg_all=ours.regularization,
            random_state=ours.seed,
        ),
        "surprise_knn_baseline": lambda: surprise.KNNBaseline(sim_options=near, verbose=False),
        "surprise_svdpp": lambda: surprise.SVDpp(random_state=0, cache_ratings=True),
        "surprise_svdpp_tuned": lambda: surprise.SVDpp(
            n_factors=20, n_epochs=40, reg_all=0.1, random_state=0, cache_ratings=True
        ),
    }


def by_surprise(make: Callable[[], Any], train: Interactions, asked: Interactions) -> Floats:
    model = make()
    model.fit(trainset(train, train.vocabulary()))
    pairs = zip(asked.members.tolist(), asked.items.tolist(), strict=True)
    return np.array([model.predict(member, item).est for member, item in pairs])


# --- ours


def by_blend(model: ScoreBlend, shown: Interactions, asked: Interactions) -> Predictions:
    """One fit of the blend holds the two others, as they would be if fitted alone."""
    inner: tuple[ScoreModel, ...] = (model.svd, model.knn, model)
    return {one.kind: predicted_scores(one, shown, asked) for one in inner}


def folded_in(train: Interactions, asked: Interactions) -> Predictions:
    return by_blend(ScoreBlend().fit(train), train, asked)


def strong(train: Interactions, asked: Interactions) -> Predictions:
    """Nobody who is asked about is in the rows that were fitted on."""
    found: Predictions = {}
    groups = member_groups(train, groups=GROUPS, seed=FOLD_SEED)
    for group in groups:
        rows = np.isin(asked.members, train.members[group])
        model = ScoreBlend().fit(train.take(~group))
        for kind, scores in by_blend(model, train.take(group), asked.take(rows)).items():
            found.setdefault(f"{kind}_strong", np.full(len(asked), model.mean))[rows] = scores
    return found


# --- measuring


def measured(
    name: str, train: Interactions, asked: Interactions
) -> Iterator[tuple[str, Floats, float]]:
    """Name, prediction for each line of `asked`, and CPU seconds to fit and predict."""
    began = time.process_time()
    if name == "ours":
        found = folded_in(train, asked)
    elif name == "ours_strong":
        found = strong(train, asked)
    elif name == "global_mean":
        found = {name: np.full(len(asked), train.scores.mean(dtype=np.float64))}
    else:
        found = {name: by_surprise(surprise_models()[name], train, asked)}
    seconds = time.process_time() - began
    for kind, predictions in found.items():
        yield kind, predictions, seconds


def errors(predicted: Floats, asked: Interactions, fresh: np.ndarray) -> Figures:
    """`fresh`: lines of members by whom no setting was chosen."""
    given = asked.scores.astype(np.float64)
    return {
        "rmse": round(metrics.rmse(predicted, given), 4),
        "mae": round(metrics.mae(predicted, given), 4),
        "rmse_fresh_members": round(metrics.rmse(predicted[fresh], given[fresh]), 4),
    }


def measure_fold(
    data: Interactions, fold: int, names: list[str], known: Figures, keep: Callable[[], None]
) -> None:
    """Add to `known`, by model name, the figures of one fold, keeping them after each."""
    scored = scores_of(data)
    numbers = score_folds(scored, folds=FOLDS, seed=FOLD_SEED)
    train, asked = scored.take(numbers != fold), scored.take(numbers == fold)
    tested = hold_out_members(data, seed=LEADERBOARD_SEED).shown.member_ids
    fresh = np.isin(asked.members, tested)
    for name in names:
        for kind, predictions, seconds in measured(name, train, asked):
            found = errors(predictions, asked, fresh) | {"cpu_seconds": round(seconds, 1)}
            known.setdefault(kind, {})[str(fold)] = found
            print(f"fold {fold}  {kind:<26}" + "".join(f"{v:>10}" for v in found.values()))
            sys.stdout.flush()
        keep()


def means(models: Figures) -> Figures:
    """Of each model over its folds; models are only comparable over the same ones."""
    return {
        kind: {
            "folds": sorted(int(fold) for fold in folds),
            **{
                figure: round(float(np.mean([found[figure] for found in folds.values()])), 4)
                for figure in ("rmse", "mae", "rmse_fresh_members")
            },
        }
        for kind, folds in models.items()
    }


def compare(data: Interactions, folds: list[int], names: list[str]) -> None:
    file = RESULTS / "rating_error.json"
    header = {
        "command": "python benchmarks/rating_error.py DIR",
        "fingerprint": data.fingerprint(),
        "scores": len(scores_of(data)),
        "folds_in_all": FOLDS,
        "fold_seed": FOLD_SEED,
        "settings": asdict(ScoreBlendConfig()),
    }
    old = json.loads(file.read_text()) if file.exists() else {}
    same = all(old.get(key) == value for key, value in header.items())
    models: Figures = old["by_fold"] if same else {}
    print(f"seed {FOLD_SEED}; {header['scores']:,} scores; columns: rmse, mae, fresh rmse, CPU s")

    def keep() -> None:
        figures = {**header, "means": means(models), "by_fold": models}
        file.write_text(json.dumps(figures, indent=1, sort_keys=True) + "\n")

    for fold in folds:
        measure_fold(data, fold, names, models, keep)


# --- settings


def candidates() -> Iterator[ScoreModel]:
    svd, knn = SvdConfig(), KnnBaselineConfig()
    for factors, regularization in ((50, 0.1), (100, 0.1), (200, 0.1), (200, 0.06), (200, 0.15)):
        yield Svd(config=replace(svd, factors=factors, regularization=regularization))
    for amplification in (1.0, 2.0, 3.0, 4.0):
        yield KnnBaseline(config=replace(knn, amplification=amplification))
    yield ScoreBlend()


def variants(model: ScoreModel) -> Iterator[ScoreModel]:
    """The fitted model with each setting that only its answers depend on."""
    name, values = {
        "svd": ("ridge", (0.15, 0.25, 0.4)),
        "knn_baseline": ("half_believed", (0.08, 0.15, 0.25)),
        "score_blend": ("svd_share", (0.2, 0.3, 0.4, 0.5, 0.6)),
    }[model.kind]
    for value in values:
        model.config = replace(model.config, **{name: value})  # type: ignore[arg-type]
        yield model


def tune(data: Interactions) -> None:
    tested = hold_out_members(data, seed=LEADERBOARD_SEED).shown.member_ids
    others = data.take(~np.isin(data.members, tested))
    tried: list[Figures] = []
    for seed in TUNING_SEEDS:
        split = hold_out_members(others, seed=seed)
        asked = scores_of(split.hidden)
        for model in candidates():
            model.fit(split.train)
            for variant in variants(model):
                predicted = predicted_scores(variant, split.shown, asked)
                figures = errors(predicted, asked, np.ones(len(asked), bool))
                del figures["rmse_fresh_members"]
                tried.append(
                    {"seed": seed, "kind": model.kind, **figures, "config": asdict(variant.config)}
                )
                print(seed, model.kind, figures, asdict(variant.config), flush=True)
    file = RESULTS / "rating_error_tuning.json"
    command = "python benchmarks/rating_error.py DIR --tune"
    file.write_text(json.dumps({"command": command, "tried": tried}, indent=1) + "\n")


def main() -> None:
    names = ["global_mean", *surprise_models(), "ours", "ours_strong"]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--folds", type=int, nargs="+", default=[0], choices=range(FOLDS))
    parser.add_argument("--models", nargs="+", default=names, choices=names)
    parser.add_argument("--tune", action="store_true", help="try settings instead")
    options = parser.parse_args()
    RESULTS.mkdir(exist_ok=True)
    data = read_ratings(options.folder)
    if options.tune:
        tune(data)
    else:
        compare(data, options.folds, options.models)


if __name__ == "__main__":
    main()
