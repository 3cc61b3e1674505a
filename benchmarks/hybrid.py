"""The hybrid and members it has not seen: size, time, and whether reasons are true.

`python benchmarks/hybrid.py` fits it on the leaderboard's training members, saves it, opens what was
saved, and asks it about the shown lists of the test members, one thread for linear algebra. Prints a
table and writes results/hybrid.json.

Reasons: do the parts of a recommendation add up to its score, and does the score fall once the title
that is named as the strongest cause is taken off the list?
"""

import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "animerec.settings")

import django

django.setup()

from threadpoolctl import threadpool_limits

from recommender import datasets
from recommender.engine import registry
from recommender.engine.base import Recommender
from recommender.engine.interactions import MemberList
from recommender.engine.leaderboard import artifact_bytes
from recommender.engine.splitting import hold_out_members
from recommender.training import DEFAULT_SEED

SHORTEST, LONGEST, ROUNDS, WARM_UP = 200, 400, 5, 20
LISTED = 10
RESULT = Path(__file__).parent / "results" / "hybrid.json"


def times(model: Recommender, lists: list[MemberList]) -> dict[str, Any]:
    """Milliseconds for the best 20."""
    taken = []
    for member in lists[:WARM_UP] + lists * ROUNDS:
        began = time.perf_counter()
        model.recommend(member, 20)
        taken.append((time.perf_counter() - began) * 1000)
    p50, p95 = np.percentile(taken[min(WARM_UP, len(lists)) :], [50, 95])
    return {"lists": len(lists), "p50_ms": round(float(p50), 2), "p95_ms": round(float(p95), 2)}


def asked(model: Recommender, member: MemberList) -> list[tuple[int, float, float]]:
    """Of each listed title its place, what its parts lack of its score, and the change of the score
    without its strongest cause. Titles for which no title of the list speaks are left out."""
    best = model.recommend(member, LISTED)
    parts = model.attributions(member, best.ids)
    found = []
    for place, (pk, score, part) in enumerate(zip(best.ids, best.scores, parts, strict=True)):
        if not len(part.ids) or part.values.max() <= 0:
            continue
        shorter = member.at(member.items != part.ids[part.values.argmax()])
        # The sum of the parts is the score, which `greatest_missing_from_a_sum` shows.
        (without,) = model.attributions(shorter, [pk])
        found.append((place, abs(part.score - float(score)), without.score - part.score))
    return found


def reasons(model: Recommender, lists: list[MemberList]) -> dict[str, Any]:
    rows = [row for member in lists for row in asked(model, member)]
    places, missing, changes = (np.array(column) for column in zip(*rows, strict=True))
    first = places == 0
    return {
        "members": len(lists),
        "recommendations": len(rows),
        "greatest_missing_from_a_sum": float(missing.max()),
        "best_with_a_named_title": int(first.sum()),
        "best_that_fell_without_it": int((changes[first] < 0).sum()),
        "share_of_all_that_fell": round(float((changes < 0).mean()), 4),
        "median_change": round(float(np.median(changes)), 3),
    }


def main() -> None:
    data, features = datasets.read_interactions(), datasets.read_features()
    split = hold_out_members(data, seed=DEFAULT_SEED)
    fitted = registry.create("hybrid").fit(split.train, features)
    lists = list(split.shown.lists().values())
    middling = [one for one in lists if SHORTEST <= len(one) <= LONGEST]
    with tempfile.TemporaryDirectory() as name, threadpool_limits(1):
        folder = Path(name) / "hybrid"
        fitted.save(folder)
        began = time.perf_counter()
        model = registry.load(folder)
        load = time.perf_counter() - began
        figures = {
            "split": split.describe(),
            "titles": len(model.vocabulary),
            "megabytes": round(artifact_bytes(model) / 1e6, 1),
            "load_seconds": round(load, 3),
            f"lists_of_{SHORTEST}_to_{LONGEST}": times(model, middling),
            "all_lists": times(model, lists),
            "reasons": reasons(model, lists),
            "load_average": [round(value, 2) for value in os.getloadavg()],
        }
    for name, value in figures.items():
        print(f"{name:<22}{value}")
    RESULT.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
