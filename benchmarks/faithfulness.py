"""Do reasons tell the truth? `python benchmarks/faithfulness.py`

Asks the served hybrid of the database about lists of real members: for each of a member's best
titles, do its parts add up to its score, and does the score fall once the title that is named as its
strongest cause is taken off the list? Prints a table and writes results/faithfulness.json.
"""

import json
import os
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "animerec.settings")

import django

django.setup()

from recommender import datasets
from recommender.engine import registry
from recommender.engine.base import Recommender
from recommender.engine.interactions import MemberList
from recommender.serving import active_models

MEMBERS, SHORTEST, LISTED, SEED = 500, 5, 10, 20261123
RESULT = Path(__file__).parent / "results" / "faithfulness.json"


def asked(model: Recommender, member: MemberList) -> list[tuple[int, float, float, float]]:
    """Of each listed title: its place, what its parts lack of its score, the change of the score
    without the strongest cause, and what that cause is said to add."""
    best = model.recommend(member, LISTED)
    found = []
    parts = model.attributions(member, best.ids)
    for place, (pk, score, part) in enumerate(zip(best.ids, best.scores, parts, strict=True)):
        if not len(part.ids) or part.values.max() <= 0:
            continue
        shorter = member.at(member.items != part.ids[part.values.argmax()])
        # The sum of its parts is the score, as `greatest_missing_from_a_sum` proves.
        (without,) = model.attributions(shorter, [pk])
        named = float(part.values.max())
        found.append((place, abs(part.score - float(score)), without.score - part.score, named))
    return found


def main() -> None:
    model = registry.load(active_models()["hybrid"].path)
    lists = [one for one in datasets.read_interactions().lists().values() if len(one) >= SHORTEST]
    chosen = np.random.default_rng(SEED).permutation(len(lists))[:MEMBERS]
    rows = [row for place in chosen for row in asked(model, lists[place])]
    places, missing, changes, named = (np.array(column) for column in zip(*rows, strict=True))
    first = places == 0
    figures = {
        "members": len(chosen),
        "recommendations": len(rows),
        "greatest_missing_from_a_sum": float(missing.max()),
        "lowered_without_the_named_title": round(float((changes < 0).mean()), 4),
        "lowered_of_each_member's_best": f"{int((changes[first] < 0).sum())} of {int(first.sum())}",
        "median_change": round(float(np.median(changes)), 3),
        "correlation_of_change_with_named_part": round(
            float(np.corrcoef(-changes, named)[0, 1]), 3
        ),
    }
    for name, value in figures.items():
        print(f"{name:<42}{value}")
    RESULT.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
