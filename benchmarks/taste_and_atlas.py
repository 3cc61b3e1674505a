"""Does the taste hold for titles not shown, do groups and map stay? `python benchmarks/taste_and_atlas.py`

Reads the lists and the catalogue of the configured database (load a published dataset first). The test
members of the leaderboard are left out. Prints what it finds and writes results/taste_and_atlas.json;
`--only taste|corrections|clusters|atlas|time` measures one part anew and keeps the rest of the file.
"""

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

# Timings are of one thread, and of the same sums in the same order everywhere.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "animerec.settings")
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import django

django.setup()

import numpy as np

from recommender import datasets
from recommender.engine.atlas import Atlas
from recommender.engine.base import ItemFeatures
from recommender.engine.clustering import ClusterConfig, Clusters
from recommender.engine.interactions import Interactions, MemberList
from recommender.engine.linear import Ease
from recommender.engine.map_layout import lay_out, principal_plane
from recommender.engine.spherical import agreement, unit_rows
from recommender.engine.splitting import hold_out_members
from recommender.engine.taste import TasteModel
from recommender.engine.taste_reading import Claim, Taste

RESULT = Path(__file__).parent / "results" / "taste_and_atlas.json"
TEST_SEED, SEED = 20261123, 20261124
RESAMPLED = 1000
# A claim is tried on a member whose hidden titles have so many of the trait, and without it.
LINES_TO_TRY = 3
WATCHERS = 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=PARTS, help="measure one part and keep the others")
    options = parser.parse_args()
    everybody = datasets.read_interactions()
    data = hold_out_members(everybody, seed=TEST_SEED).train
    features = datasets.read_features()
    found = json.loads(RESULT.read_text()) if options.only and RESULT.exists() else {}
    found |= {
        "command": "python benchmarks/taste_and_atlas.py",
        "data": f"{len(data):,} lines of {len(data.member_ids):,} members",
        "machine": {"python": platform.python_version(), "cores": os.cpu_count(), "threads": 1},
    }
    for name, measure in PARTS.items():
        if options.only in (None, name):
            found[name] = measure(data, features)
            print(name, json.dumps(found[name], indent=1), flush=True)
    RESULT.write_text(json.dumps(found, indent=1) + "\n")


# --- taste


def measure_taste(data: Interactions, features: ItemFeatures) -> dict[str, Any]:
    """Three of ten titles of 500 members are hidden; what the rest tells of them."""
    split = hold_out_members(data, seed=SEED, hidden_share=0.3, shortest=20)
    began = time.perf_counter()
    model = TasteModel().fit(split.train, features)
    seconds = time.perf_counter() - began
    rows, tried = [], []
    hidden = split.hidden.lists()
    for member, shown in split.shown.lists().items():
        if member not in hidden:
            continue
        taste = model.taste(model.learn(shown))
        rows.append(_directions(model, taste, shown, hidden[member]))
        tried += _claims(model, taste, hidden[member])
    return {
        "members": len(rows),
        "split": split.describe(),
        "direction_of_hidden_scores": _hits(rows),
        "claims_that_hold": _held(tried),
        "priors": model.facts["priors"],
        "seconds": {"fit": round(seconds, 2), **_seconds_of_one(model)},
    }


def _directions(
    model: TasteModel, taste: Taste, shown: MemberList, hidden: MemberList
) -> np.ndarray:
    """What is foretold and what came, both less the member's own level; shape (k, 2)."""
    given = ~np.isnan(hidden.scores)
    items = hidden.items[given]
    left = hidden.scores[given] - model.expected[model.vocabulary.positions(items)] / 100
    own = ~np.isnan(shown.scores)
    mine = shown.scores[own] - model.expected[model.vocabulary.positions(shown.items[own])] / 100
    k = model.priors.noise / model.priors.level
    traits = model.traits_matrix(items)
    number = np.maximum(np.asarray(traits.sum(axis=1)).ravel(), 1)
    foretold = (traits @ taste.mean) / np.sqrt(number)
    return np.stack([foretold, left - mine.sum() / (own.sum() + k)], axis=1)


def _hits(rows: list[np.ndarray]) -> dict[str, Any]:
    """Share of hidden scores on the side foretold; the intervals are over members."""
    rows = [row for row in rows if len(row)]
    every = np.concatenate(rows)
    firm = np.median(np.abs(every[:, 0]))
    above = float((every[:, 1] > 0).mean())
    correlations = [
        np.corrcoef(row.T)[0, 1] for row in rows if len(row) > 4 and (row.std(axis=0) > 0).all()
    ]
    return {
        "titles": len(every),
        "hit_rate": _interval(rows, lambda all_: _same_side(all_)),
        "hit_rate_of_the_firmer_half": _interval(
            rows, lambda all_: _same_side(all_[np.abs(all_[:, 0]) >= firm])
        ),
        "always_the_commoner_side": round(max(above, 1 - above), 4),
        "correlation_within_a_member": round(float(np.mean(correlations)), 4),
    }


def _same_side(rows: np.ndarray) -> float:
    return float((np.sign(rows[:, 0]) == np.sign(rows[:, 1])).mean())


def _interval(rows: list[np.ndarray], figure: Callable[[np.ndarray], float]) -> dict[str, float]:
    rng = np.random.default_rng(SEED)
    drawn = [
        figure(np.concatenate([rows[n] for n in rng.integers(0, len(rows), len(rows))]))
        for _ in range(RESAMPLED)
    ]
    low, high = np.quantile(drawn, [0.025, 0.975])
    value = figure(np.concatenate(rows))
    return {"value": round(value, 4), "low": round(float(low), 4), "high": round(float(high), 4)}


def _claims(model: TasteModel, taste: Taste, hidden: MemberList) -> list[tuple[str, float, bool]]:
    """Facet, certainty, and whether it is so among the hidden titles, where enough can be tried."""
    unseen = model.learn(hidden)
    places = {trait: n for n, trait in enumerate(model.traits.names)}
    tried = []
    for claim in taste.claims():
        held = _holds(claim, places[claim.kind, claim.name], unseen, model)
        if held is not None:
            tried.append((claim.facet, claim.certainty, held))
    return tried


def _holds(claim: Claim, n: int, unseen: Any, model: TasteModel) -> bool | None:
    lines, total, watched, _ = unseen.totals
    if claim.facet == "watch":
        usual = float(watched * model.shares[n])
        return (
            None
            if usual < LINES_TO_TRY
            else bool((unseen.watched[n] - usual) * claim.direction > 0)
        )
    own = unseen.scored[n]
    if min(own, lines - own) < LINES_TO_TRY:
        return None
    difference = unseen.residuals[n] / own - (total - unseen.residuals[n]) / (lines - own)
    return bool(difference * claim.direction > 0)


def _held(tried: list[tuple[str, float, bool]]) -> dict[str, Any]:
    found = {}
    for facet in ("score", "watch"):
        own = [(sure, held) for name, sure, held in tried if name == facet]
        surest = [held for sure, held in own if sure >= 0.999]
        found[facet] = {
            "tried": len(own),
            "held": round(float(np.mean([held for _, held in own])), 4),
            "tried_of_999_in_1000": len(surest),
            "held_of_999_in_1000": round(float(np.mean(surest)), 4),
        }
    return found


def _seconds_of_one(model: TasteModel) -> dict[str, float]:
    """Medians for a list of 5,000 titles: from scratch, one rating, and reading the taste."""
    rng = np.random.default_rng(SEED)
    ids = np.sort(rng.choice(model.vocabulary.ids, 5000, replace=False))
    long = MemberList.of(ids.tolist(), rng.integers(1, 11, 5000).tolist())
    statistics = model.learn(long)
    steps: dict[str, Callable[[], Any]] = {
        "learn_5000_lines": lambda: model.learn(long),
        "one_rating": lambda: model.rate(statistics, int(rng.choice(ids)), 7),
        "read_taste": lambda: model.taste(statistics),
    }
    return {name: round(_median_seconds(step), 6) for name, step in steps.items()}


def _median_seconds(step: Callable[[], Any]) -> float:
    times = []
    for _ in range(30):
        began = time.perf_counter()
        step()
        times.append(time.perf_counter() - began)
    return float(np.median(times))


def measure_corrections(data: Interactions, features: ItemFeatures) -> dict[str, Any]:
    """Share of EASE's first 20 that have the genre which is commonest there, as it is corrected.

    Over titles with WATCHERS or more: rarer ones do not come to the first 20 and cost the time.
    """
    ids, counts = np.unique(data.items, return_counts=True)
    split = hold_out_members(data.only_items(ids[counts >= WATCHERS]), seed=SEED, members=200)
    model, ranker = TasteModel().fit(split.train, features), Ease().fit(split.train, features)
    traits = model.traits_matrix(ranker.vocabulary.ids)
    genres = model.traits.of_kind("genre")
    shares: dict[int, list[float]] = {step: [] for step in range(-2, 3)}
    for shown in split.shown.lists().values():
        scores = ranker.score(shown)
        places, _ = shown.known_to(ranker.vocabulary)
        scores[places] = -np.inf
        best = np.argsort(-scores, kind="stable")[:20]
        genre = int(genres[np.asarray(traits[best][:, genres].sum(axis=0)).argmax()])
        statistics = model.learn(shown)
        for step, found in shares.items():
            taste = model.taste(statistics, {model.traits.names[genre]: step} if step else {})
            terms = taste.ranking_terms(traits, scores)
            again = np.argsort(-(scores + sum(terms.values())), kind="stable")[:20]
            found.append(float(traits[again][:, [genre]].sum()) / 20)
    return {
        "members": len(shares[0]),
        "share_of_the_corrected_genre_in_20": {
            f"{step:+d}": round(float(np.mean(found)), 4) for step, found in shares.items()
        },
    }


# --- groups and map


def measure_clusters(data: Interactions, features: ItemFeatures) -> dict[str, Any]:
    """Adjusted Rand index over all members of two trainings."""
    began = time.perf_counter()
    first = Clusters().fit(data, features)
    seconds = time.perf_counter() - began
    seeded = Clusters(config=ClusterConfig(seed=SEED)).fit(data, features)
    one, other = (Clusters().fit(part, features) for part in _halves(data))
    later = Clusters().fit(_share(data, 0.9, SEED), features, previous=first)
    names = {group.label: group.name for group in first.groups}
    of_first = first.assign_all(data)
    return {
        "groups": [
            {"name": group.name, "share": round(group.share, 4), "words": group.words}
            for group in first.groups
        ],
        "agreement_of_halves_by_number": first.facts["stability"],
        "agreement_two_seeds": round(agreement(of_first, seeded.assign_all(data)), 4),
        "agreement_two_halves": round(agreement(one.assign_all(data), other.assign_all(data)), 4),
        "agreement_with_next_training_on_90_percent": round(
            agreement(of_first, later.assign_all(data)), 4
        ),
        "labels_and_names_kept": sum(names.get(g.label) == g.name for g in later.groups),
        "seconds": round(seconds, 1),
    }


def _halves(data: Interactions) -> list[Interactions]:
    members = data.member_ids
    first = np.random.default_rng(SEED).random(len(members)) < 0.5
    is_first = np.isin(data.members, members[first])
    return [data.take(is_first), data.take(~is_first)]


def _share(data: Interactions, share: float, seed: int) -> Interactions:
    members = data.member_ids
    kept = members[np.random.default_rng(seed).random(len(members)) < share]
    return data.take(np.isin(data.members, kept))


def measure_atlas(data: Interactions, features: ItemFeatures) -> dict[str, Any]:
    """Two maps of 90 % of the members each: begun from the last one, and anew."""
    began = time.perf_counter()
    last = Atlas().fit(_share(data, 0.9, SEED), features)
    seconds = time.perf_counter() - began
    part = _share(data, 0.9, SEED + 1)
    following = Atlas().fit(part, features, previous=last)
    return {
        "first": last.facts,
        "next": following.facts,
        "near_stay_near": round(_kept_neighbours(last, following), 4),
        "seconds": round(seconds, 1),
    }


def _kept_neighbours(one: Atlas, other: Atlas, nearest: int = 12, sample: int = 500) -> float:
    """Share of a title's nearest on one map that are among its nearest 3 · 12 on the other."""
    shared = np.intersect1d(one.vocabulary.ids[one.watched], other.vocabulary.ids[other.watched])
    asked = np.random.default_rng(SEED).choice(shared, min(sample, len(shared)), replace=False)
    masks = [np.isin(atlas.vocabulary.ids, shared) for atlas in (one, other)]
    found = [
        np.isin(
            one.neighbours(pk, nearest, masks[0]).ids,
            other.neighbours(pk, 3 * nearest, masks[1]).ids,
        ).mean()
        for pk in asked.tolist()
    ]
    return float(np.mean(found))


def measure_time(data: Interactions, features: ItemFeatures) -> dict[str, Any]:
    """A layout of 12,000 titles: the watched ones, drawn again with a little noise."""
    atlas = Atlas()
    chosen = atlas._laid_out(data)
    factors = atlas._factors(data, chosen)
    rng = np.random.default_rng(SEED)
    rows = rng.integers(0, len(factors), 12_000)
    noise = rng.normal(scale=0.3 / np.sqrt(factors.shape[1]), size=(12_000, factors.shape[1]))
    many = unit_rows((factors[rows] + noise).astype(np.float32))
    settings = atlas.settings
    began, cpu = time.perf_counter(), time.process_time()
    lay_out(
        many,
        principal_plane(many),
        perplexity=settings.perplexity,
        steps=settings.steps,
        angle=settings.angle,
        seed=settings.seed,
    )
    return {
        "titles": 12_000,
        "seconds": round(time.perf_counter() - began, 1),
        "processor_seconds": round(time.process_time() - cpu, 1),
    }


PARTS: dict[str, Callable[[Interactions, ItemFeatures], dict[str, Any]]] = {
    "taste": measure_taste,
    "corrections": measure_corrections,
    "clusters": measure_clusters,
    "atlas": measure_atlas,
    "time": measure_time,
}

if __name__ == "__main__":
    main()
