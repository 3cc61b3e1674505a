"""EASE at the size of the published set: 7.8 million ratings, 73,500 members, 11,200 titles.

`python benchmarks/ease_at_size.py DIR`, DIR holding cooperunion/rating.csv.gz. Prints a table and
writes results/ease_at_size.json.

The set is resampled from the 4,500 members: each new member is one of them, drawn with replacement,
whose list is redrawn title by title, with replacement: four lines of five are titles of that list,
the fifth is a title of somebody else who watched the drawn one. So lists differ, what goes together
still does, and lengths spread as they did. Titles that nobody here watched, so that there are as many
as in the published set, take five lines each. The fit runs in a process of its own, whose peak memory
is its own too.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from small_instances import read_cooperunion

from recommender.engine.interactions import Interactions, MemberList
from recommender.engine.linear import Ease, EaseConfig

RESULT = Path(__file__).parent / "results" / "ease_at_size.json"
SEED = 20261123
MEMBERS, RATINGS, TITLES = 73_500, 7_800_000, 11_200
KEPT = 0.8
ROUNDS = 400


def resampled(data: Interactions, rng: np.random.Generator) -> Interactions:
    """MEMBERS lists with about RATINGS lines over TITLES titles, see the head of this file."""
    titles = data.vocabulary()
    X = data.matrix(titles)
    who = rng.integers(0, X.shape[0], MEMBERS)
    sizes = np.diff(X.indptr)[who]
    # Repeated titles fall together below; ask for more lines to begin with.
    wanted = np.maximum(1, np.round(sizes * (1.7 * RATINGS / sizes.sum()))).astype(np.int64)
    members = np.repeat(np.arange(MEMBERS), wanted)
    source = np.repeat(who, wanted)
    items = _line_of(X, source, rng)
    moved = rng.random(len(items)) > KEPT
    watchers = X.T.tocsr()
    items[moved] = _line_of(X, _line_of(watchers, items[moved], rng), rng)
    keys = np.unique(members * len(titles) + items)
    if len(keys) > RATINGS:
        keys = np.sort(rng.choice(keys, RATINGS, replace=False))
    members, items = np.divmod(keys, len(titles))
    ids, members, items = _with_more_titles(titles.ids, members, items, rng)
    scores = np.clip(np.round(rng.normal(7.8, 1.6, len(items))), 1, 10)
    scores[rng.random(len(items)) < 0.19] = np.nan
    return Interactions.of(members, ids[items], scores)


def _line_of(X: sp.csr_matrix, rows: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A random column of each of these rows."""
    sizes = np.diff(X.indptr)[rows]
    return X.indices[X.indptr[rows] + rng.integers(0, sizes)].astype(np.int64)


def _with_more_titles(
    ids: np.ndarray, members: np.ndarray, items: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The published set has rarer titles than these members watched: split lines off to new ids."""
    missing = max(0, TITLES - len(ids))
    lines = rng.choice(len(items), missing * 5, replace=False)
    items = items.copy()
    items[lines] = len(ids) + np.repeat(np.arange(missing), 5)
    return np.concatenate([ids, ids.max() + 1 + np.arange(missing)]), members, items


def fit(folder: Path) -> None:
    """Fit on the columns in `folder`, save the model and what it took."""
    columns = [np.load(folder / f"{name}.npy") for name in ("members", "items", "scores")]
    data = Interactions.of(*columns)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began, cpu = time.perf_counter(), time.process_time()
    model = Ease(EaseConfig()).fit(data)
    figures = {
        "fit_seconds": round(time.perf_counter() - began, 1),
        "fit_processor_seconds": round(time.process_time() - cpu, 1),
        "peak_megabytes": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "megabytes_before_fit": round(before / 1024),
        "titles": len(model.vocabulary),
    }
    model.save(folder / "ease")
    (folder / "fit.json").write_text(json.dumps(figures))


def serve(folder: Path, lists: list[MemberList]) -> dict[str, Any]:
    began = time.perf_counter()
    model = Ease.load(folder)
    model.recommend(lists[0], 20)
    loaded = time.perf_counter() - began
    times = []
    for member in lists:
        began = time.perf_counter()
        model.recommend(member, 20)
        times.append((time.perf_counter() - began) * 1000)
    p50, p95, p99 = np.percentile(times, [50, 95, 99])
    return {
        "load_and_first_answer_seconds": round(loaded, 3),
        "artifact_megabytes": round(sum(f.stat().st_size for f in folder.iterdir()) / 1e6, 1),
        "weights": int(model.weights.nnz),
        "one_member_ms": {"p50": round(p50, 3), "p95": round(p95, 3), "p99": round(p99, 3)},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, metavar="DIR", help="folder of the published files")
    rng = np.random.default_rng(SEED)
    began = time.perf_counter()
    data = resampled(read_cooperunion(parser.parse_args().folder), rng)
    figures: dict[str, Any] = {
        "ratings": len(data),
        "members": len(data.member_ids),
        "titles": len(data.vocabulary()),
        "longest_list": int(np.unique(data.members, return_counts=True)[1].max()),
        "seed": SEED,
        "resampling_seconds": round(time.perf_counter() - began, 1),
    }
    print(figures, flush=True)
    lists = data.take(data.members < ROUNDS).lists()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for column in ("members", "items", "scores"):
            np.save(folder / f"{column}.npy", getattr(data, column))
        del data
        child = multiprocessing.get_context("spawn").Process(target=fit, args=(folder,))
        child.start()
        child.join()
        if child.exitcode:
            raise SystemExit(child.exitcode)
        figures |= {"fit": json.loads((folder / "fit.json").read_text())}
        figures |= {"serve": serve(folder / "ease", list(lists.values()))}
    for part, value in figures.items():
        print(f"{part:>20}  {value}")
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
