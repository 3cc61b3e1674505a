"""The served hybrid: size, time to load, time for one member. `python benchmarks/hybrid.py`

Asks the active hybrid of the database for the best 20 titles of real members' lists of 250 to 350
titles, one thread for linear algebra. Prints a table and writes results/hybrid.json.
"""

import json
import os
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "animerec.settings")

import django

django.setup()

from threadpoolctl import threadpool_limits

from recommender import datasets
from recommender.engine import registry
from recommender.serving import active_models

SHORTEST, LONGEST, ROUNDS = 250, 350, 3
RESULT = Path(__file__).parent / "results" / "hybrid.json"


def main() -> None:
    folder = active_models()["hybrid"].path
    began = time.perf_counter()
    model = registry.load(folder)
    load = time.perf_counter() - began
    lists = [
        member
        for member in datasets.read_interactions().lists().values()
        if SHORTEST <= len(member) <= LONGEST
    ]
    times = []
    with threadpool_limits(1):
        for member in lists[:20] + lists * ROUNDS:
            began = time.perf_counter()
            model.recommend(member, 20)
            times.append((time.perf_counter() - began) * 1000)
    p50, p95 = np.percentile(times[20:], [50, 95])
    figures = {
        "titles": len(model.vocabulary),
        "lists": len(lists),
        "megabytes": round(sum(f.stat().st_size for f in folder.iterdir()) / 1e6, 1),
        "load_seconds": round(load, 3),
        "p50_ms": round(float(p50), 2),
        "p95_ms": round(float(p95), 2),
        "load_average": [round(value, 2) for value in os.getloadavg()],
    }
    for name, value in figures.items():
        print(f"{name:<16}{value}")
    RESULT.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
