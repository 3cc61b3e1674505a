"""How well a small instance recommends, with the prior and without.

`python benchmarks/small_instances.py DIR`, DIR holding the published files: cooperunion/rating.csv.gz
and mal2020/animelist.csv.gz. Prints tables and writes results/small_instances.json.

Two worlds. In the first everybody is of the cooperunion set: 3,000 members make the prior, the local
community is drawn from 1,000 others, and the 500 test members of the leaderboard are asked. In the
second the community and its test members are of the mal2020 set, with lists of other years and
twenty times as long, and the same prior of cooperunion members is all that ships.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from recommender.engine import metrics
from recommender.engine.base import top
from recommender.engine.interactions import IntArray, Interactions, MemberList
from recommender.engine.linear import Ease, EaseConfig
from recommender.engine.prior import Prior
from recommender.engine.splitting import HoldOut, hold_out_members

RESULT = Path(__file__).parent / "results" / "small_instances.json"
SEED = 20261123
PRIOR_MEMBERS = 3_000
TOP = 20
# Small communities differ from each other: so many of each size are drawn and averaged.
DRAWS = {0: 1, 10: 5, 100: 3, 300: 1, 1_000: 1}
WATCHED, DROPPED = {"1", "2", "3"}, "4"

Ranking = Callable[[MemberList], IntArray]


def read_cooperunion(folder: Path) -> Interactions:
    with gzip.open(folder / "cooperunion" / "rating.csv.gz", "rt", newline="") as file:
        rows = np.array([tuple(map(int, row)) for row in list(csv.reader(file))[1:]])
    return Interactions.of(rows[:, 0], rows[:, 1], np.where(rows[:, 2] < 1, np.nan, rows[:, 2]))


def read_mal2020(folder: Path) -> Interactions:
    """Watching, completed and on hold are watched; dropped is dropped; a plan is nothing."""
    with gzip.open(folder / "mal2020" / "animelist.csv.gz", "rt", newline="") as file:
        rows = [
            (int(row["user_id"]), int(row["anime_id"]), int(row["rating"]), status == DROPPED)
            for row in csv.DictReader(file)
            if (status := row["watching_status"]) in WATCHED or status == DROPPED
        ]
    who, what, score, dropped = (np.array(column) for column in zip(*rows, strict=True))
    return Interactions.of(who, what, np.where(score < 1, np.nan, score), dropped)


def members_only(data: Interactions, members: IntArray) -> Interactions:
    return data.take(np.isin(data.members, members))


def ndcgs(rank: Ranking, split: HoldOut) -> np.ndarray:
    """NDCG@20 of every test member, shape (members,)."""
    shown, nobody = split.shown.lists(), MemberList.of([])
    values = []
    for member, hidden in split.hidden.lists().items():
        hits = np.isin(rank(shown.get(member, nobody)), hidden.items)
        values.append(metrics.ndcg(np.pad(hits, (0, TOP - len(hits))), len(hidden)))
    return np.array(values)


def rankings(
    local: Interactions, prior: Prior, config: EaseConfig
) -> Iterator[tuple[str, Ranking]]:
    """What a community of `local` could be served, by name."""
    for name, known in (("with_prior", prior), ("without", None)):
        if known is None and not len(local):
            continue
        model = Ease(config=config)
        gram = model.gram_of(local, known)
        counts, vocabulary = gram.counts.copy(), gram.vocabulary

        def by_count(member: MemberList, counts=counts, vocabulary=vocabulary) -> IntArray:
            unseen = ~np.isin(vocabulary.ids, member.items)
            return top(vocabulary, counts, unseen, TOP).ids

        yield f"popularity_{name}", by_count
        fitted = model.fit_gram(gram)
        del gram
        yield f"ease_{name}", lambda member, fitted=fitted: fitted.recommend(member, TOP).ids


def measure(
    pool: Interactions,
    split: HoldOut,
    prior: Prior,
    sizes: tuple[int, ...],
    config: EaseConfig,
) -> dict[str, dict[str, float]]:
    """NDCG@20 by size of the local community and by what answers."""
    rng = np.random.default_rng(SEED)
    table: dict[str, dict[str, float]] = {}
    for size in sizes:
        found: dict[str, list[float]] = {}
        for _ in range(DRAWS[size]):
            members = rng.choice(pool.member_ids, size, replace=False)
            for name, rank in rankings(members_only(pool, members), prior, config):
                found.setdefault(name, []).append(float(ndcgs(rank, split).mean()))
        table[str(size)] = {name: round(float(np.mean(v)), 4) for name, v in found.items()}
        print(f"{size:>6} local members", table[str(size)], flush=True)
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, metavar="DIR", help="folder of the published files")
    folder = parser.parse_args().folder
    config = EaseConfig()
    published = hold_out_members(read_cooperunion(folder), seed=SEED)
    order = np.random.default_rng(SEED).permutation(published.train.member_ids)
    prior = Prior.of(members_only(published.train, order[:PRIOR_MEMBERS]))
    others = members_only(published.train, order[PRIOR_MEMBERS:])
    figures: dict[str, object] = {
        "seed": SEED,
        "prior_members": prior.members,
        "prior_titles": len(prior.vocabulary),
        "prior_least_members": prior.least_members,
        "draws_of_each_size": {str(size): draws for size, draws in DRAWS.items()},
        "ndcg_at": TOP,
    }
    print("Same community:", published.describe())
    figures["same_community"] = {
        "test_members": len(published.hidden.member_ids),
        "sizes": measure(others, published, prior, (0, 10, 100, 1_000), config),
    }
    elsewhere = hold_out_members(read_mal2020(folder), seed=SEED)
    print("Another community:", elsewhere.describe())
    figures["another_community"] = {
        "test_members": len(elsewhere.hidden.member_ids),
        "sizes": measure(elsewhere.train, elsewhere, prior, (0, 10, 100, 300), config),
    }
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
