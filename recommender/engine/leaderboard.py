"""Every model on every kind of hold-out, as one structure that a file can hold.

What is written here is all that a page of figures is made from; see `leaderboard_page`.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from recommender.engine import registry, splitting
from recommender.engine.base import Fitted, ItemFeatures, Recommender
from recommender.engine.comparing import Compared, Curve, Figures
from recommender.engine.evaluation import (
    KS,
    Lists,
    Rule,
    mean_and_p95,
    ndcg_of_each,
    predict_scores,
    quality,
    recall_of_each,
    recommend_lists,
)
from recommender.engine.interactions import EngineError, Interactions
from recommender.engine.popularity import Popularity
from recommender.engine.questions import Questions
from recommender.engine.score_errors import Errors, mean_errors
from recommender.engine.splitting import HoldOut
from recommender.engine.surroundings import Surroundings

# In the order in which they are printed. Curve and statistics need the hold-out of members.
SECTIONS = ("members", "curve", "statistics", "random", "dates", "new_titles")
FEWEST_MEMBERS = 10
# What models are compared by, and at which length: of new titles, whether they are found at all.
COMPARED_BY = {"new_titles": ("recall", 100)}
COMPARED_AT = ("ndcg", 20)
OF_EACH = {"ndcg": ndcg_of_each, "recall": recall_of_each}
# New members are to be served better than by this, whatever they have said.
REFERENCE = Popularity.kind
Report = Callable[[str], None]


@dataclass(frozen=True)
class Settings:
    """`members`: how many test at most. `hidden`: the share of a list that is hidden.

    `sizes`, `draws`: of the curve of new members.
    """

    seed: int
    members: int = 500
    hidden: float = 0.2
    ks: Sequence[int] = KS
    sizes: Sequence[int] = splitting.SIZES
    draws: int = 3


def leaderboard(
    data: Interactions,
    features: ItemFeatures,
    kinds: Sequence[str],
    settings: Settings,
    *,
    sections: Iterable[str] = SECTIONS,
    report: Report = lambda _: None,
) -> Figures:
    """All figures of `sections`; EngineError where there are too few members to test anything.

    A section or model for which the data has nothing is left out, with a sentence that says why.
    Each model is fitted once for each split.
    """
    if len(data.member_ids) < FEWEST_MEMBERS:
        raise EngineError(
            f"fewer than {FEWEST_MEMBERS} members have a list; "
            "load a dataset first: manage.py load_dataset DIR"
        )
    board = Board(data, features, kinds, settings, report)
    found = board.sections(set(sections))
    return {
        "data": describe_data(data, features),
        "settings": asdict(settings),
        "reference": REFERENCE,
        "baselines": [kind for kind in registry.RANKING_ORDER if kind in kinds],
        "sections": {name: found[name] for name in SECTIONS if name in found},
    }


def describe_data(data: Interactions, features: ItemFeatures) -> Figures:
    """How much of what there is; `fingerprint` is that of the lists."""
    return {
        "fingerprint": data.fingerprint(),
        "lines": len(data),
        "members": len(data.member_ids),
        "titles": len(data.vocabulary()),
        "scores": int((~np.isnan(data.scores)).sum()),
        "days": int(np.isfinite(data.days).sum()),
        "catalogue": {
            "titles": len(features),
            "synopses": sum(bool(text) for text in features.synopses),
            "genres": sum(bool(names) for names in features.genres),
            "studios": sum(bool(names) for names in features.studios),
            "years": int(np.isfinite(features.years).sum()),
            "prequels": len(features.prequels),
        },
    }


def artifact_bytes(model: Fitted) -> int:
    """What the saved model takes on disk."""
    with tempfile.TemporaryDirectory() as folder:
        model.save(Path(folder) / "model")
        return sum(file.stat().st_size for file in Path(folder).rglob("*") if file.is_file())


@dataclass
class Board:
    """What the sections share: the data, what is to be measured, and whom to tell of it."""

    data: Interactions
    features: ItemFeatures
    kinds: Sequence[str]
    settings: Settings
    report: Report
    surroundings: Surroundings = field(init=False)

    def __post_init__(self) -> None:
        self.surroundings = Surroundings.of(self.features)

    def sections(self, wanted: set[str]) -> dict[str, Figures]:
        found: dict[str, Figures] = {}
        if wanted & {"members", "curve", "statistics"}:
            found |= self.members(wanted)
        for name, hold_out in self._other_splits().items():
            if name in wanted:
                found[name] = _or_left_out(partial(self.simple, hold_out))
        return found

    def _other_splits(self) -> dict[str, Callable[[], HoldOut]]:
        """Hold-outs beside that of whole members, each with a seed of its own."""
        data, seed = self.data, self.settings.seed
        members, share = self.settings.members, self.settings.hidden
        return {
            "random": lambda: splitting.hold_out_rows(
                data, seed=seed + 1, members=members, hidden_share=share
            ),
            "dates": lambda: splitting.hold_out_after(
                data, seed=seed + 2, members=members, hidden_share=share
            ),
            "new_titles": lambda: splitting.hold_out_titles(data, seed=seed + 3, members=members),
        }

    # --- sections

    def members(self, wanted: set[str]) -> dict[str, Figures]:
        """Whole members held out: everything that is measured of the same fitted models."""
        split = splitting.hold_out_members(
            self.data,
            seed=self.settings.seed,
            members=self.settings.members,
            hidden_share=self.settings.hidden,
        )
        questions = Questions(split, self.surroundings)
        section, compared = self._begin(questions), Compared()
        first_parts, compared_new = questions.without_sequels(), Compared()
        curve = Curve(self._newcomers(split) if "curve" in wanted else [], COMPARED_AT[1])
        for model, seconds in self._fitted(split, section):
            figures = self._measured(model, questions, seconds, compared)
            if figures["at"]:
                figures["in_series_order"] = self._by_rule(
                    model, questions, self.surroundings.in_order, Compared()
                )
                figures["new_stories"] = self._by_rule(
                    model, first_parts, self.surroundings.new_stories, compared_new
                )
                curve.add(model)
            section["models"].append(figures | {"bytes": artifact_bytes(model)})
            self.report(f"{model.kind}: measured")
        section["ratios"] = compared.ratios(split.seed)
        section["new_stories"] = {
            "hidden_lines": len(first_parts.split.hidden),
            "ratios": compared_new.ratios(split.seed),
        }
        found = {"members": _finished(section)}
        if "curve" in wanted:
            found["curve"] = _or_left_out(lambda: self._curve(curve))
        if "statistics" in wanted:
            found["statistics"] = _or_left_out(
                lambda: self._without_statistics(questions, compared)
            )
        return found

    def simple(self, hold_out: Callable[[], HoldOut]) -> Figures:
        """A hold-out on which only ranking and predicted scores are measured."""
        questions = Questions(hold_out(), self.surroundings)
        section, compared, split = self._begin(questions), Compared(), questions.split
        for model, seconds in self._fitted(split, section):
            section["models"].append(self._measured(model, questions, seconds, compared))
        section["ratios"] = compared.ratios(split.seed)
        return _finished(section)

    def _newcomers(self, split: HoldOut) -> list[tuple[int, int, HoldOut]]:
        drawn = splitting.new_members(
            split, seed=self.settings.seed, sizes=self.settings.sizes, draws=self.settings.draws
        )
        return list(drawn)

    def _curve(self, curve: Curve) -> Figures:
        if not curve.asked:
            most = max(self.settings.sizes) + splitting.LEFT_TO_FIND
            raise EngineError(f"no test member has {most} titles")
        return {
            "split": curve.asked[0][1].split.as_dict(),
            "metric": list(COMPARED_AT),
            "models": curve.figures(REFERENCE, self.settings.seed),
        }

    def _without_statistics(self, questions: Questions, compared: Compared) -> Figures:
        """The model that answers where nobody asks for another, not told how many know a title or
        how it is scored elsewhere."""
        kind = next((kind for kind in registry.RANKING_ORDER if kind in compared.values), None)
        if kind is None:
            raise EngineError("no model that is served by default was asked for")
        unknown = np.full(len(self.features), np.nan, np.float32)
        told = replace(self.features, members=unknown, mean_scores=unknown)
        model, seconds = self._fit(kind, questions.split.train, told)
        without, own = self._begin(questions), Compared()
        without["models"].append(self._measured(model, questions, seconds, own))
        own.values |= {"with": compared.values[kind]}
        without["ratio"] = own.ratio(kind, "with", questions.split.seed)
        return without

    # --- one model

    def _begin(self, questions: Questions) -> Figures:
        if not len(questions):
            raise EngineError("no member has a list of which anything could be hidden")
        split = questions.split
        return {
            "split": split.as_dict(),
            "metric": list(COMPARED_BY.get(split.kind, COMPARED_AT)),
            "mean_score": _errors(mean_errors(questions)),
            "models": [],
            "left_out": [],
        }

    def _fitted(self, split: HoldOut, section: Figures) -> Iterator[tuple[Recommender, float]]:
        """Each model in turn, held one at a time. What cannot be fitted is left out and said."""
        for kind in self.kinds:
            try:
                fitted = self._fit(kind, split.train, self.features)
            except EngineError as problem:
                section["left_out"].append({"kind": kind, "why": str(problem)})
                self.report(f"{kind}: left out: {problem}")
            else:
                yield fitted

    def _fit(
        self, kind: str, train: Interactions, features: ItemFeatures
    ) -> tuple[Recommender, float]:
        began = time.perf_counter()
        model = registry.create(kind).fit(train, features)
        seconds = time.perf_counter() - began
        self.report(f"{kind}: fitted in {seconds:.1f} s")
        return model, seconds

    def _measured(
        self, model: Recommender, questions: Questions, seconds: float, compared: Compared
    ) -> Figures:
        """As a ranker, as a predictor of scores, or as both, whichever the registry says."""
        figures: Figures = {
            "kind": model.kind,
            "config": asdict(model.config),
            "titles": len(model.vocabulary),
            "fit_seconds": round(seconds, 2),
            "at": [],
        }
        if model.kind in registry.SCORERS:
            errors, taken = predict_scores(model, questions)
            figures |= {**_times(taken), "errors": _errors(errors)}
        if model.kind in registry.RANKERS:
            lists = recommend_lists(model, questions, max(self.settings.ks))
            figures |= {**_times(lists.milliseconds), "at": self._at(lists, questions)}
            _compare(model, lists, questions, compared)
        return figures

    def _by_rule(
        self, model: Recommender, questions: Questions, rule: Rule, compared: Compared
    ) -> list[Figures]:
        if not len(questions):
            return []
        lists = recommend_lists(model, questions, max(self.settings.ks), rule)
        _compare(model, lists, questions, compared)
        return self._at(lists, questions)

    def _at(self, lists: Lists, questions: Questions) -> list[Figures]:
        return [asdict(quality(lists, questions, k)) for k in self.settings.ks]


def _compare(model: Recommender, lists: Lists, questions: Questions, compared: Compared) -> None:
    metric, k = COMPARED_BY.get(questions.split.kind, COMPARED_AT)
    compared.values[model.kind] = OF_EACH[metric](lists, questions.hidden_items, k)


def _times(milliseconds: npt.NDArray[np.float64]) -> Figures:
    mean, p95 = mean_and_p95(milliseconds)
    return {"milliseconds_per_member": mean, "milliseconds_p95": p95}


def _errors(found: Errors | None) -> Figures | None:
    return None if found is None else asdict(found)


def _finished(section: Figures) -> Figures:
    """EngineError, with the first reason, where not one model could be measured."""
    if not section["models"]:
        raise EngineError(
            section["left_out"][0]["why"] if section["left_out"] else "no model asked"
        )
    return section


def _or_left_out(make: Callable[[], Figures]) -> Figures:
    try:
        return make()
    except EngineError as problem:
        return {"left_out": str(problem)}
