"""What lists that were shown teach. `python benchmarks/feedback.py [MEMBERS [ROUNDS]]`

Reads the lists and the catalogue from the database; who answers is SIMULATED, what they want is not. Each of
MEMBERS (1,000) real members begins with half of their list; what they gave 8 or more in the other half is what they
want. The hybrid, trained on the halves, shows each of them SHOWN titles. They look at place k with a chance of
1/k, and of what they look at and want they take most. Lists tell what was watched, answers what is liked. Then it is trained anew, on the same lists with what was taken:

- lists alone: what was shown tells nothing;
- places not minded: what was passed over counts fully wherever it stood;
- places minded: as shipped.

They are compared by what was liked: of 500 members whom none of them has seen, and of what the answering members
still want. The
differences are of the same members, with 95 % intervals by bootstrap. Prints a table and writes results/feedback.json.
"""

import json
import os
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "animerec.settings")

import django

django.setup()

from recommender import datasets
from recommender.engine import metrics
from recommender.engine.base import ItemFeatures
from recommender.engine.hybrid import Hybrid
from recommender.engine.impressions import Impressions
from recommender.engine.interactions import FloatArray, Interactions, MemberList
from recommender.engine.position_bias import PositionBias
from recommender.engine.splitting import HoldOut, hold_out_members

RESULT = Path(__file__).parent / "results" / "feedback.json"
TESTED, K, SHOWN, TAKES = 500, 20, 30, 0.8
LEAST_LIST, LIKED, DAY = 40, 8, 20_000.0
WAYS = ("lists alone", "places not minded", "places minded")


@dataclass(frozen=True)
class PlacesIgnored(Impressions):
    def weights(self) -> tuple[FloatArray, PositionBias]:
        whole, bias = super().weights()
        return np.ones_like(whole), bias


@dataclass(frozen=True)
class Site:
    """`begun`: what is known of the answering members; `wanted`: what they would take, by member."""

    begun: Interactions
    wanted: dict[int, np.ndarray]
    test: HoldOut
    features: ItemFeatures


def site(members: int, seed: int) -> Site:
    rng = np.random.default_rng(seed)
    lines = datasets.read_interactions()
    ids, sizes = np.unique(lines.members, return_counts=True)
    test = hold_out_members(lines, seed=seed, members=TESTED)
    long = np.setdiff1d(ids[sizes >= LEAST_LIST], test.shown.members)
    own = lines.take(np.isin(lines.members, rng.permutation(long)[:members]))
    later = rng.random(len(own)) < 0.5
    wants = own.take(later)
    return Site(
        replace(own.take(~later), shown=None),
        liked_of(wants),
        test,
        datasets.read_features(),
    )


def answers(found: Site, model: Hybrid, rng: np.random.Generator) -> Impressions:
    rows = []
    for member, list_ in found.begun.lists().items():
        best = model.recommend(list_, SHOWN)
        place = np.arange(len(best))
        wanted = np.isin(best.ids, found.wanted.get(member, []))
        taken = wanted & (rng.random(len(best)) < TAKES / (1 + place))
        rows += zip([member] * len(best), best.ids, place, best.scores, taken, strict=True)
    members, items, places, scores, taken = (np.array(column) for column in zip(*rows, strict=True))
    number = len(members)
    return Impressions(
        members, items, places, np.full(number, DAY, np.float32), np.zeros(number, np.int64),
        scores.astype(np.float32), taken, np.zeros(number, bool),
    )  # fmt: skip


def with_taken(begun: Interactions, shown: Impressions) -> Interactions:
    new = shown.take(shown.taken)
    unscored = np.full(len(new), np.nan)
    return Interactions.of(
        np.concatenate([begun.members, new.members]),
        np.concatenate([begun.items, new.items]),
        np.concatenate([begun.scores, unscored]),
        np.concatenate([begun.dropped, new.taken & False]),
        np.concatenate([begun.days, new.days]),
    )


def liked_of(lines: Interactions) -> dict[int, np.ndarray]:
    liked = lines.take(lines.scores >= LIKED)
    return {pk: list_.items for pk, list_ in liked.lists().items()}


def ndcg_of(
    model: Hybrid, lists: dict[int, MemberList], wanted: dict[int, np.ndarray]
) -> np.ndarray:
    """Of each of the members who want anything, shape (members,)."""
    found = []
    for member, own in lists.items():
        truth = np.setdiff1d(wanted.get(member, np.empty(0, np.int64)), own.items)
        if len(truth):
            best = model.recommend(own, K)
            found.append(metrics.ndcg(np.isin(best.ids, truth), len(truth)))
    return np.array(found)


def played(members: int, seed: int) -> dict[str, Any]:
    found, rng = site(members, seed), np.random.default_rng(seed)
    first = Hybrid().fit(found.begun, found.features)
    shown = answers(found, first, rng)
    lists = with_taken(found.begun, shown)
    told = {
        WAYS[0]: lists,
        WAYS[1]: replace(lists, shown=PlacesIgnored(**vars(shown))),
        WAYS[2]: replace(lists, shown=shown),
    }
    hidden = liked_of(found.test.hidden)
    values: dict[str, dict[str, np.ndarray]] = {}
    facts: dict[str, Any] = {}
    for way, data in told.items():
        began = time.perf_counter()
        model = Hybrid().fit(data, found.features)
        facts[way] = {"fit_seconds": round(time.perf_counter() - began, 1), **model.facts["shown"]}
        values[way] = {
            "unseen": ndcg_of(model, found.test.shown.lists(), hidden),
            "answering": ndcg_of(model, lists.lists(), found.wanted),
        }
    _, bias = shown.weights()
    return {
        "shown": len(shown), "taken": int(shown.taken.sum()), "facts": facts, "values": values,
        "looked_at": {
            str(k): {"true": round(1 / k, 3), "estimated": round(float(bias.looked[k - 1]), 3)}
            for k in (1, 2, 5, 10, 20, 30)
        },
    }  # fmt: skip


def summed(rounds: list[dict[str, Any]], whom: str) -> dict[str, Any]:
    """Means of all rounds' members, and what each way adds to lists alone."""
    of = {way: np.concatenate([one["values"][way][whom] for one in rounds]) for way in WAYS}
    told: dict[str, Any] = {"members": len(of[WAYS[0]])}
    for way in WAYS:
        more = of[way] - of[WAYS[0]]
        low, high = metrics.interval(more, 0)
        told[way] = {
            "ndcg": round(float(of[way].mean()), 4), "more": round(float(more.mean()), 4),
            "low": round(low, 4), "high": round(high, 4),
        }  # fmt: skip
    apart = of[WAYS[2]] - of[WAYS[1]]
    low, high = metrics.interval(apart, 0)
    told["minded over not minded"] = {
        "more": round(float(apart.mean()), 4), "low": round(low, 4), "high": round(high, 4)
    }  # fmt: skip
    return told


def main(members: int = 1000, rounds: int = 1) -> None:
    played_ = [played(members, 1 + n) for n in range(rounds)]
    told = {
        "note": "simulated answers of real members; see benchmarks/feedback.py",
        "members": members, "rounds": rounds, "k": K,
        "rounds_told": [{k: v for k, v in one.items() if k != "values"} for one in played_],
        **{whom: summed(played_, whom) for whom in ("unseen", "answering")},
    }  # fmt: skip
    RESULT.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    for whom in ("unseen", "answering"):
        print(f"{whom}, {told[whom]['members']:,} members, nDCG@{K}")
        for way in WAYS:
            one = told[whom][way]
            print(
                f"  {way:18} {one['ndcg']:.4f}  {one['more']:+.4f} ({one['low']:+.4f} to {one['high']:+.4f})"
            )
    print(f"looked at, first round: {played_[0]['looked_at']}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
