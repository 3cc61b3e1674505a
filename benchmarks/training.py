"""How long it takes to fit everything on what is in the database. `python benchmarks/training.py`

Fits every model and what is learned beside them on all members, one after the other, as
`manage.py train --no-evaluation` does, and keeps and serves nothing. Prints a table and writes
results/training.json.
"""

import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "animerec.settings")

import django

django.setup()

from recommender import datasets, training
from recommender.engine import registry
from recommender.engine.leaderboard import artifact_bytes

RESULT = Path(__file__).parent / "results" / "training.json"


def main() -> None:
    data, features = datasets.read_interactions(), datasets.read_features()
    rows: list[dict[str, Any]] = []
    print(f"{'':<20}{'s, clock':>10}{'s, processor':>14}{'MB':>8}")
    for kind in registry.KINDS:
        began, cpu = time.perf_counter(), time.process_time()
        model = training.fit(kind, data, features, None)
        row = {
            "model": kind,
            "seconds": round(time.perf_counter() - began, 1),
            "processor_seconds": round(time.process_time() - cpu, 1),
            "megabytes": round(artifact_bytes(model) / 1e6, 1),
        }
        rows.append(row)
        print(f"{kind:<20}{row['seconds']:>10}{row['processor_seconds']:>14}{row['megabytes']:>8}")
    figures = {
        "members": len(data.member_ids),
        "lines": len(data),
        "titles": len(features),
        "cores": os.cpu_count(),
        "load_average": [round(value, 2) for value in os.getloadavg()],
        "models": rows,
        "seconds_in_all": round(sum(row["seconds"] for row in rows), 1),
        "peak_megabytes": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }
    print(f"{'in all':<20}{figures['seconds_in_all']:>10}")
    RESULT.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
