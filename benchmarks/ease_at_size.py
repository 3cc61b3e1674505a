"""EASE at the size of the published set: 7.8 million ratings, 73,500 members, 11,200 titles.

`python benchmarks/ease_at_size.py DIR`, DIR holding cooperunion/rating.csv.gz. Prints a table and
writes results/ease_at_size.json.

The set is resampled, see `published`. The fit runs in a process of its own, whose peak memory
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

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from published import SEED, resampled
from small_instances import read_cooperunion

from recommender.engine.interactions import Interactions, MemberList
from recommender.engine.linear import Ease, EaseConfig

RESULT = Path(__file__).parent / "results" / "ease_at_size.json"
ROUNDS = 400


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
