"""Scoring one member against 12,000 titles, the engine alone. `python benchmarks/scoring.py`

The members and titles are simulated: popularity follows a power law, lists are 20 to 1,000 long,
and the weights are as many as a fitted EASE keeps. Prints a table and writes results/scoring.json.
"""

import json
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from recommender.engine.interactions import Interactions, MemberList
from recommender.engine.linear import Ease

TITLES, MEMBERS, LONGEST, ROUNDS = 12_000, 6_000, 400, 300
RESULT = Path(__file__).parent / "results" / "scoring.json"


def simulated_lists(rng: np.random.Generator) -> Interactions:
    chance = 1 / np.arange(10, TITLES + 10) ** 0.9
    chance /= chance.sum()
    who, what = [], []
    for member in range(MEMBERS):
        items = rng.choice(TITLES, int(rng.integers(20, LONGEST)), replace=False, p=chance)
        who.append(np.full(len(items), member))
        what.append(items)
    # Every title occurs, so that the model has all of them.
    who.append(np.full(TITLES, MEMBERS))
    what.append(np.arange(TITLES))
    members, items = np.concatenate(who), np.concatenate(what)
    return Interactions.of(members, items, rng.integers(1, 11, len(items)))


def milliseconds(model: Ease, length: int, rng: np.random.Generator) -> np.ndarray:
    times = []
    for _ in range(ROUNDS):
        member = MemberList.of(
            rng.choice(TITLES, length, replace=False), rng.integers(1, 11, length)
        )
        began = time.perf_counter()
        model.recommend(member, 20)
        times.append((time.perf_counter() - began) * 1000)
    return np.array(times)


def main() -> None:
    rng = np.random.default_rng(1)
    began = time.perf_counter()
    fitted = Ease().fit(simulated_lists(rng))
    figures: dict[str, object] = {
        "titles": len(fitted.vocabulary),
        "weights": int(fitted.weights.nnz),
        "fit_seconds": round(time.perf_counter() - began, 1),
    }
    with tempfile.TemporaryDirectory() as folder:
        fitted.save(Path(folder) / "ease")
        began = time.perf_counter()
        model = Ease.load(Path(folder) / "ease")
        figures["load_seconds"] = round(time.perf_counter() - began, 3)
        figures["artifact_bytes"] = sum(f.stat().st_size for f in (Path(folder) / "ease").iterdir())
        print(figures)
        print(f"{'list':>6}{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}")
        for length in (1, 20, 100, 300, 1000):
            p50, p95, p99 = np.percentile(milliseconds(model, length, rng), [50, 95, 99])
            figures[f"list_{length}"] = {
                "p50": round(p50, 3),
                "p95": round(p95, 3),
                "p99": round(p99, 3),
            }
            print(f"{length:>6}{p50:>9.3f}{p95:>9.3f}{p99:>9.3f}")
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
