"""Cold start both ways: titles nobody has rated, and newcomers. `python benchmarks/cold_start.py`

Works on what `load_dataset` brought into the database that the settings name. Prints and writes
results/cold_start.json (`--json FILE` for another catalogue), and the neighbours of some studios to docs/results/studios.json.

New titles: a tenth of those with 5 watchers or more are in no training row; they are to be found
among all titles of the catalogue, rated or not. Newcomers: test members answer a quiz truthfully
from the shown part of their lists; titles of the hidden fifth are never asked. The shown part is left
out of the ranking whether it was asked or not, so that all ways of asking are compared on the same
targets and the same candidates. `--validation` takes other members, on whom settings are chosen.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from recommender.engine import metrics
from recommender.engine.base import ItemFeatures, Ranked, top
from recommender.engine.coldstart import ColdSettings, ColdTitles, merge_channels
from recommender.engine.content import Content, ContentConfig
from recommender.engine.content_parts import NOT_CONTENT, OF_STUDIOS, read_blocks
from recommender.engine.interactions import FloatArray, IntArray, Interactions, Mask, MemberList
from recommender.engine.linear import Ease
from recommender.engine.quiz import QuizModel
from recommender.engine.splitting import HoldOut, hold_out_members, hold_out_titles, new_members
from recommender.engine.studios import Studios

RESULT = Path(__file__).parent / "results" / "cold_start.json"
STUDIOS = Path(__file__).parent.parent / "docs" / "results" / "studios.json"
SEED, VALIDATION_SEED = 20261123, 1
# What the quiz's expectation of popularity counts, in multiples of EASE's own prior.
TRUSTS = (1, 3, 10)
ASKED, KNOWN, MOST_ASKED = (5, 10, 20), (1, 3, 5), 60
# At most, at least, and behind the first page.
SHARES = (
    (0.05, 0.0, None), (0.1, 0.0, None), (0.1, 0.05, None), (0.1, 0.1, None), (0.2, 0.2, None),
    (0.1, 0.04, 0.2), (0.1, 0.04, 0.25), (0.1, 0.04, 0.3),
)  # fmt: skip
SOME_STUDIOS = (
    "Kyoto Animation", "Studio Ghibli", "Madhouse", "Sunrise", "Shaft", "Toei Animation", "MAPPA",
    "Wit Studio", "ufotable", "P.A. Works", "Nippon Animation", "DLE", "Trigger", "Bones",
)  # fmt: skip
EQUAL_PARTS = {"synopsis": 1.0, "genre": 1.0, "studio": 0.35}
Scores = Callable[[MemberList], FloatArray]
Figures = dict[str, float]
Lists = dict[int, IntArray]
PARTS = ("new_titles", "cost_of_unrated_titles", "newcomers")


# --- titles nobody has rated


def new_titles(split: HoldOut, features: ItemFeatures) -> dict[str, Any]:
    """Recall@100 and NDCG@20 of the titles that were held out, in one ranking with all others."""
    content = Content().fit(split.train, features)
    plain = Content(config=ContentConfig(weights=EQUAL_PARTS)).fit(split.train, features)
    ease = Ease().fit(split.train)
    cold = ColdTitles().fit(split.train, features, ease, content=content)
    blind = ColdTitles(ColdSettings(use_statistics=False))
    blind.fit(split.train, features, ease, content=content)
    members = np.nan_to_num(features.only(cold.vocabulary.ids).members)
    fixed = "content, synopsis, genres and studios at fixed weights"
    everything = {
        "content, learned weights": found(
            split, lists_of(split, lambda s: content.recommend(s, 100))
        ),
        fixed: found(split, lists_of(split, lambda s: plain.recommend(s, 100))),
    }
    for name, model in (("", cold), (", without the catalogue's statistics", blind)):
        for label, lists in Channels(split, ease, model).shares():
            everything[f"{label}{name}"] = found(split, lists)
    unrated = cold.vocabulary
    held_out = np.isin(unrated.ids, split.hidden.items)
    rows = content.vocabulary.positions(unrated.ids)
    alone: dict[str, Scores] = {
        "content, learned weights": lambda shown: content.score(shown)[rows],
        fixed: lambda shown: plain.score(shown)[rows],
        "members in the catalogue": lambda _: members,
        "mapped": cold.score,
        "mapped, without the catalogue's statistics": blind.score,
    }
    return {
        "split": split.as_dict(),
        "unrated_titles": len(unrated),
        "weights": content.facts["weights"],
        "among_all_titles": everything,
        "among_unrated_titles": ranked_alone(split, cold, alone, np.ones(len(unrated), bool)),
        "among_held_out_titles": ranked_alone(split, cold, alone, held_out),
        "milliseconds": milliseconds(
            split, {"content": content.score, "ease": ease.score, "cold titles": cold.score}
        ),
    }


def ranked_alone(
    split: HoldOut, cold: ColdTitles, ways: dict[str, Scores], allowed: Mask
) -> dict[str, Figures]:
    """Each way to rank the unrated titles, without any rated ones between them."""
    answer = {}
    for name, way in ways.items():
        lists = lists_of(
            split, lambda shown, way=way: top(cold.vocabulary, way(shown), allowed, 100)
        )
        answer[name] = found(split, lists)
    return answer


class Channels:
    """The best 100 of each channel for each member, ranked once however often they are merged."""

    def __init__(self, split: HoldOut, ease: Ease, cold: ColdTitles) -> None:
        self.shown = split.shown.lists()
        self.best = {
            member: self._best(ease, cold, self.shown.get(member, MemberList.of([])))
            for member in split.hidden.member_ids.tolist()
        }

    @staticmethod
    def _best(ease: Ease, cold: ColdTitles, shown: MemberList) -> tuple[Ranked, Ranked]:
        open_ = ~np.isin(cold.vocabulary.ids, shown.items)
        unrated = top(cold.vocabulary, cold.score(shown), open_, 100)
        return ease.recommend(shown, 100), unrated

    def merged(self, most: float, least: float, deep: float | None) -> Lists:
        return {
            member: merge_channels(*both, 100, most=most, least=least, deep=deep).ids
            for member, both in self.best.items()
        }

    def shares(self) -> Iterator[tuple[str, Lists]]:
        yield "both channels by score", self.merged(1.0, 0.0, None)
        for most, least, deep in SHARES:
            label = f"both channels, at most {most:.0%}, at least {least:.0%} unrated"
            further = "" if deep is None else f", {deep:.0%} behind the first page"
            yield label + further, self.merged(most, least, deep)


def lists_of(split: HoldOut, way: Callable[[MemberList], Ranked]) -> Lists:
    shown, empty = split.shown.lists(), MemberList.of([])
    return {m: way(shown.get(m, empty)).ids for m in split.hidden.member_ids.tolist()}


def found(split: HoldOut, lists: Lists) -> Figures:
    recalls, ndcgs = [], []
    for member, truth in split.hidden.lists().items():
        hits = np.isin(lists[member], truth.items)
        recalls.append(metrics.recall(padded(hits, 100), len(truth)))
        ndcgs.append(metrics.ndcg(padded(hits, 20), len(truth)))
    return {"recall@100": rounded(recalls), "ndcg@20": rounded(ndcgs)}


def padded(hits: metrics.Hits, k: int) -> metrics.Hits:
    return np.pad(hits[:k], (0, max(0, k - len(hits))))


def rounded(values: Sequence[float]) -> float:
    return round(float(np.mean(values)), 4)


def milliseconds(split: HoldOut, ways: dict[str, Scores]) -> dict[str, Figures]:
    """For lists of 200 to 400 titles."""
    lists = [one for one in split.shown.lists().values() if 200 <= len(one) <= 400][:50]
    answer = {}
    for name, way in ways.items():
        times = []
        for one in lists:
            began = time.perf_counter()
            way(one)
            times.append((time.perf_counter() - began) * 1000)
        p50, p95 = np.percentile(times, [50, 95]) if times else (0.0, 0.0)
        answer[name] = {"p50": round(float(p50), 2), "p95": round(float(p95), 2)}
    return answer


def cost(split: HoldOut, ease: Ease, features: ItemFeatures) -> dict[str, Figures]:
    """What the unrated titles cost where everything to be found is rated."""
    cold = ColdTitles().fit(split.train, features, ease)
    channels = Channels(split, ease, cold)
    alone = {member: warm.ids for member, (warm, _) in channels.best.items()}
    answer = {"EASE alone": found(split, alone)}
    return answer | {label: found(split, lists) for label, lists in channels.shares()}


# --- newcomers


class Newcomers:
    """Test members who answer from what is shown of their lists."""

    def __init__(self, split: HoldOut, ease: Ease, quiz: QuizModel) -> None:
        self.split, self.ease, self.quiz = split, ease, quiz
        self.shown, self.hidden = split.shown.lists(), split.hidden.lists()
        counts = np.bincount(
            ease.vocabulary.positions(split.train.items), minlength=len(ease.vocabulary)
        )
        self.counts = counts.astype(np.float32)
        self.popular = ease.vocabulary.ids[np.argsort(-counts, kind="stable")]
        self.usual = float(quiz.expected(MemberList.of([])).max())

    def ndcg(self, member: int, scores: FloatArray) -> float:
        open_ = ~np.isin(self.ease.vocabulary.ids, self.shown[member].items)
        ids = top(self.ease.vocabulary, scores, open_, 20).ids
        return metrics.ndcg(
            padded(np.isin(ids, self.hidden[member].items), 20), len(self.hidden[member])
        )

    def mean(self, scores: Callable[[int], FloatArray]) -> float:
        return rounded([self.ndcg(member, scores(member)) for member in self.hidden])

    def ways(self, known: MemberList, absent: IntArray) -> dict[str, FloatArray]:
        """Scores of each way to rank after these answers."""
        scores = self.ease.score(known)
        expected = self.quiz.expected(known, absent) * (self.ease.prior.max() / self.usual)
        rows = self.quiz.vocabulary.positions(self.ease.vocabulary.ids)
        own = scores - self.ease.prior
        return {"EASE": scores} | {
            f"EASE, quiz prior × {trust}": own + trust * expected[rows] for trust in TRUSTS
        }

    def answered(self, ask: Callable[[MemberList, IntArray, int], Iterator[int]]) -> dict[str, Any]:
        """NDCG@20 after so many questions asked, and after so many titles known."""
        values: dict[str, dict[str, list[float]]] = {}
        knew: dict[int, list[int]] = {asked: [] for asked in ASKED}
        for member, truth in self.hidden.items():
            for mark, known, absent in self.rounds(member, truth, ask):
                if mark.startswith("asked"):
                    knew[int(mark.split()[1])].append(len(known))
                for way, scores in self.ways(known, absent).items():
                    values.setdefault(mark, {}).setdefault(way, []).append(
                        self.ndcg(member, scores)
                    )
        return {
            "ndcg@20": {
                m: {w: rounded(v) for w, v in ways.items()} for m, ways in sorted(values.items())
            },
            "known": {
                str(asked): round(float(np.mean(number)), 2) for asked, number in knew.items()
            },
        }

    def rounds(
        self,
        member: int,
        truth: MemberList,
        ask: Callable[[MemberList, IntArray, int], Iterator[int]],
    ) -> Iterator[tuple[str, MemberList, IntArray]]:
        own = self.shown[member]
        places = {int(item): place for place, item in enumerate(own.items)}
        known: list[int] = []
        absent: list[int] = []
        never = set(truth.items.tolist())
        for asked in range(1, MOST_ASKED + 1):
            part = cut(own, known)
            item = next(
                (i for i in ask(part, np.array(absent, int), member) if i not in never), None
            )
            if item is None:
                break
            is_new = item in places
            if is_new:
                known.append(places[item])
            else:
                absent.append(item)
            if asked in ASKED:
                yield f"asked {asked:2}", cut(own, known), np.array(absent, int)
            if is_new and len(known) in KNOWN:
                yield f"known {len(known)}", cut(own, known), np.array(absent, int)
            if asked >= max(ASKED) and len(known) >= max(KNOWN):
                return
        # Whoever does not know so many of what was asked is ranked by what they know.
        for mark in KNOWN:
            if mark > len(known):
                yield f"known {mark}", cut(own, known), np.array(absent, int)


def cut(own: MemberList, places: list[int]) -> MemberList:
    rows = np.array(places, int)
    return MemberList(own.items[rows], own.scores[rows], own.weights[rows])


def quiz(split: HoldOut, ease: Ease, features: ItemFeatures) -> dict[str, Any]:
    began = time.perf_counter()
    model = QuizModel().fit(split.train, features)
    fit_seconds = time.perf_counter() - began
    newcomers = Newcomers(split, ease, model)
    pool = newcomers.popular[: model.settings.pool]

    def from_order(order: IntArray, known: MemberList, absent: IntArray) -> Iterator[int]:
        told = {*known.items.tolist(), *absent.tolist()}
        return (int(item) for item in order if int(item) not in told)

    def shuffled(member: int) -> IntArray:
        return np.random.default_rng([split.seed, member]).permutation(pool)

    times: list[float] = []

    def asking(known: MemberList, absent: IntArray, _: int) -> Iterator[int]:
        start = time.perf_counter()
        best = model.next_questions(known, absent).tolist()
        times.append((time.perf_counter() - start) * 1000)
        yield from best
        # Hidden titles may not be asked about: what comes next instead.
        yield from model.next_questions(known, absent, 20).tolist()[1:]

    answers = {
        "quiz": newcomers.answered(asking),
        "most popular": newcomers.answered(lambda k, a, _: from_order(newcomers.popular, k, a)),
        "random of the pool": newcomers.answered(lambda k, a, m: from_order(shuffled(m), k, a)),
    }
    return {
        "split": split.as_dict(),
        "fit_seconds": round(fit_seconds, 1),
        "milliseconds_for_a_question": {
            "p50": round(float(np.percentile(times, 50)), 2),
            "p95": round(float(np.percentile(times, 95)), 2),
        },
        "popularity": newcomers.mean(lambda _: newcomers.counts),
        "whole_list": newcomers.mean(lambda member: ease.score(newcomers.shown[member])),
        "answers": answers,
        "favourite_genres": favourite_genres(newcomers, model, features),
        "titles_drawn_at_random": drawn_titles(split, newcomers),
    }


def favourite_genres(newcomers: Newcomers, model: QuizModel, features: ItemFeatures) -> Figures:
    """The three genres most over-represented among what is shown of a member's list."""
    counts = {m: genre_counts(own, features) for m, own in newcomers.shown.items()}
    usual: dict[str, float] = {}
    for own in counts.values():
        for name, share in own.items():
            usual[name] = usual.get(name, 0.0) + share / len(counts)
    favourites = {
        m: sorted(own, key=lambda n: (-own[n] / (usual[n] + 0.02), n))[:3]
        for m, own in counts.items()
    }
    rows = model.vocabulary.positions(newcomers.ease.vocabulary.ids)
    return {
        "popularity": newcomers.mean(lambda _: newcomers.counts),
        "expected for the genres": newcomers.mean(
            lambda m: model.expected_for_genres(favourites[m])[rows]
        ),
        "EASE on a list of 5 for the genres": newcomers.mean(
            lambda m: newcomers.ease.score(model.list_for_genres(favourites[m]))
        ),
    }


def genre_counts(own: MemberList, features: ItemFeatures) -> Figures:
    """Share of the list's titles that have each genre."""
    rows = np.flatnonzero(np.isin(features.ids, own.items))
    names = [n for row in rows for n in set(features.genres[row]) - NOT_CONTENT]
    return {name: names.count(name) / max(1, len(rows)) for name in sorted(set(names))}


def drawn_titles(split: HoldOut, newcomers: Newcomers) -> dict[str, Figures]:
    """New members with a few titles drawn at random; everything else of their lists is to be found."""
    sums: dict[str, dict[str, list[float]]] = {}
    for size, _, part in new_members(split, seed=split.seed, draws=1):
        hidden = part.hidden.lists()
        for member, shown in part.shown.lists().items():
            ways = {"popularity": newcomers.counts, **newcomers.ways(shown, np.empty(0, np.int64))}
            open_ = ~np.isin(newcomers.ease.vocabulary.ids, shown.items)
            for way, scores in ways.items():
                ids = top(newcomers.ease.vocabulary, scores, open_, 20).ids
                value = metrics.ndcg(
                    padded(np.isin(ids, hidden[member].items), 20), len(hidden[member])
                )
                sums.setdefault(str(size), {}).setdefault(way, []).append(value)
    return {size: {way: rounded(v) for way, v in ways.items()} for size, ways in sums.items()}


# --- studios


def studio_neighbours(interactions: Interactions, features: ItemFeatures) -> dict[str, Any]:
    nobody = Interactions.of([], [], [])
    blocks = read_blocks(features, nobody)
    answer: dict[str, Any] = {}
    for label, data in (("made_and_watched", interactions), ("made_alone", nobody)):
        studios = Studios.learn(features, data, blocks, OF_STUDIOS)
        answer[label] = {
            name: [{"name": near, "similarity": round(value, 3)} for near, value in neighbours]
            for name in SOME_STUDIOS
            if (neighbours := studios.neighbours(name, 6))
        }
        answer["studios"] = len(studios.names)
        answer["dimensions"] = int(studios.vectors.shape[1])
    return answer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--validation", action="store_true", help="other members; writes no file")
    parser.add_argument("--members", type=int, default=500)
    parser.add_argument(
        "--only", choices=PARTS, action="append", help="leave the other parts as they are"
    )
    parser.add_argument("--json", type=Path, default=RESULT, help="where the figures go")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "animerec.settings")
    import django

    django.setup()
    from recommender import datasets

    interactions, features = datasets.read_interactions(), datasets.read_features()
    seed = SEED
    if options.validation:
        interactions, seed = hold_out_members(interactions, seed=SEED).train, VALIDATION_SEED
    figures = json.loads(options.json.read_text()) if options.only and options.json.exists() else {}
    for part in options.only or PARTS:
        figures[part] = measured(part, interactions, features, seed, options.members)
        print(json.dumps({part: figures[part]}, indent=1), flush=True)
        if not options.validation:
            options.json.write_text(json.dumps(figures, indent=1, sort_keys=True) + "\n")
    if any(features.studios) and not options.validation:
        # Of whoever does not test: these vectors are not of test members either.
        train = hold_out_members(interactions, seed=seed, members=options.members).train
        neighbours = json.dumps(studio_neighbours(train, features), indent=1, ensure_ascii=False)
        STUDIOS.write_text(neighbours + "\n")


def measured(
    part: str, interactions: Interactions, features: ItemFeatures, seed: int, members: int
) -> dict[str, Any]:
    if part == "new_titles":
        return new_titles(hold_out_titles(interactions, seed=seed, members=members), features)
    split = hold_out_members(interactions, seed=seed, members=members)
    ease = Ease().fit(split.train)
    return cost(split, ease, features) if part.startswith("cost") else quiz(split, ease, features)


if __name__ == "__main__":
    main()
