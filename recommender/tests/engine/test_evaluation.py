"""What is asked of models, and what the leaderboard and its page tell of it."""

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recommender.engine import registry
from recommender.engine.base import ItemFeatures
from recommender.engine.comparing import Compared
from recommender.engine.evaluation import (
    evaluate,
    evaluate_ranker,
    evaluate_scorer,
    predict_scores,
    quality,
    recommend_lists,
)
from recommender.engine.interactions import EngineError, Interactions, MemberList, Vocabulary
from recommender.engine.leaderboard import SECTIONS, Settings, leaderboard
from recommender.engine.leaderboard_page import MEANINGS, SECTION_NAMES, page, printed
from recommender.engine.popularity import Popularity
from recommender.engine.questions import Questions
from recommender.engine.score_errors import mean_errors
from recommender.engine.splitting import HoldOut, hold_out_members
from recommender.engine.surroundings import Surroundings
from recommender.engine.tables import Table, estimate
from recommender.tests.engine.worlds import FIRST_ID, ITEMS, two_shelves, two_tastes

DOCS = Path(__file__).parents[3] / "docs"
KINDS = ["popularity", "ease", "content", "svd"]
SMALL = Settings(seed=3, members=12, ks=(5, 20), sizes=(1, 3), draws=2)


@dataclass
class InOrderOfId(Popularity):
    """Knows the items 1 to 9 and prefers the lower id; predicts its own id as the score."""

    vocabulary: Vocabulary = field(default_factory=lambda: Vocabulary(range(1, 10)))

    def score(self, member: MemberList) -> np.ndarray:
        return -np.arange(1, 10, dtype=np.float32)


def questions(surroundings: Surroundings | None = None) -> Questions:
    """Two members: one is shown 1 and hides 2 and 9, the other is shown 5 and hides 4."""
    train = Interactions.of([7, 7, 8, 8], [2, 3, 2, 4], [8, 6, 7, 7])
    shown = Interactions.of([1, 2], [1, 5], [9, 9])
    hidden = Interactions.of([1, 1, 2], [2, 9, 4], [9, 7, np.nan])
    return Questions(HoldOut(train, shown, hidden, seed=1), surroundings)


def catalogue() -> ItemFeatures:
    """1 to 3 are seasons of one series; the even ones are romances, the odd ones have no genre."""
    return ItemFeatures(
        ids=np.arange(1, 10),
        titles=["Hillside", "Hillside 2nd Season", "Hillside 3rd Season", *"abcdef"],
        kinds=["tv"] * 9,
        genres=[["Romance"] if n % 2 == 0 else [] for n in range(1, 10)],
    )


# --- lists and what they are worth


def test_a_member_is_asked_for_what_is_not_on_their_list() -> None:
    lists = recommend_lists(InOrderOfId(), questions(), 3)
    assert [ids.tolist() for ids in lists.ids] == [[2, 3, 4], [1, 2, 3]]
    assert (lists.milliseconds > 0).all()


def test_the_figures_are_those_counted_by_hand() -> None:
    asked = questions(Surroundings.of(catalogue()))
    row = quality(recommend_lists(InOrderOfId(), asked, 3), asked, 3)
    best = 1 + 1 / np.log2(3)
    assert row.ndcg == pytest.approx((1 / best + 0) / 2)
    assert row.recall == pytest.approx((1 / 2 + 0) / 2)
    assert row.map == pytest.approx((1 / 2 + 0) / 2)
    assert row.liked_ndcg == 1  # only the first member liked anything: 2, which comes first
    assert row.coverage == 1  # of 2, 3 and 4, all listed; 1 was watched by nobody in training
    # 2 is known to both of two, 3 and 4 to one, 1 counts as known to one.
    assert row.novelty == pytest.approx(((0 + 1 + 1) / 3 + (1 + 0 + 1) / 3) / 2)
    assert row.sequel_share == pytest.approx((2 / 3 + 0) / 2)
    assert row.diversity == 0  # 2 and 4 are alike; of the second list no pair is known


def test_without_surroundings_nothing_is_said_of_series_and_genres() -> None:
    asked = questions()
    row = quality(recommend_lists(InOrderOfId(), asked, 3), asked, 3)
    assert (row.diversity, row.sequel_share) == (None, None)


def test_series_order_holds_back_what_is_not_due() -> None:
    surroundings = Surroundings.of(catalogue())
    lists = recommend_lists(InOrderOfId(), questions(), 3, surroundings.in_order)
    assert [ids.tolist() for ids in lists.ids] == [[2, 4, 5], [1, 4, 6]]


def test_without_sequels_they_are_neither_listed_nor_looked_for() -> None:
    surroundings = Surroundings.of(catalogue())
    asked = questions(surroundings).without_sequels()
    assert [items.tolist() for items in asked.hidden_items] == [[9], [4]]
    lists = recommend_lists(InOrderOfId(), asked, 3, surroundings.new_stories)
    assert [ids.tolist() for ids in lists.ids] == [[4, 5, 6], [1, 2, 3]]


def test_a_list_that_runs_out_counts_as_misses() -> None:
    asked = questions()
    row = quality(recommend_lists(InOrderOfId(), asked, 100), asked, 100)
    assert row.recall == 1
    assert 0 < row.ndcg < 1


def test_where_nothing_is_hidden_nothing_is_measured() -> None:
    split = replace(questions().split, hidden=Interactions.of([], [], []))
    found = evaluate_ranker(InOrderOfId(), split)
    assert (found.at, found.milliseconds_per_member) == ([], 0)
    assert evaluate_scorer(InOrderOfId(), split).rmse is None


def test_predicted_scores_are_held_against_those_given() -> None:
    model = InOrderOfId()
    errors, _ = predict_scores(model, questions())
    assert errors is not None
    assert errors.scores == 2  # one hidden line has no score
    assert errors.mae == pytest.approx(((9 + 2) + (7 + 9)) / 2)
    assert errors.rmse == pytest.approx(np.sqrt((11**2 + 16**2) / 2))
    mean = mean_errors(questions())
    assert mean is not None
    assert mean.mae == pytest.approx(1)  # everybody in training gives 7


def test_what_a_model_does_is_what_it_is_asked_for() -> None:
    split = questions().split
    ranked, scored, both = (
        evaluate(InOrderOfId(), split, ranks=ranks, predicts=predicts)
        for ranks, predicts in ((True, False), (False, True), (True, True))
    )
    assert (len(ranked.at), ranked.rmse) == (3, None)
    assert (scored.at, both.rmse, both.mae) == ([], scored.rmse, scored.mae)
    assert both.at == ranked.at


def test_a_title_the_model_does_not_know_is_given_the_mean() -> None:
    model = InOrderOfId()
    model.vocabulary, model.facts = Vocabulary([1]), {"mean_score": 6.0}
    model.score = lambda member: np.array([99.0], np.float32)  # type: ignore[method-assign]
    errors, _ = predict_scores(model, questions())
    assert errors is not None
    assert errors.mae == pytest.approx((3 + 1) / 2)


def test_ratios_of_two_models_are_each_others_inverse() -> None:
    rng = np.random.default_rng(0)
    compared = Compared({"a": rng.random(50) + 1, "b": rng.random(50) + 0.5})
    ratios = compared.ratios(seed=1)
    assert ratios["a"]["b"]["ratio"] == pytest.approx(1 / ratios["b"]["a"]["ratio"])
    assert ratios["a"]["b"]["low"] < ratios["a"]["b"]["ratio"] < ratios["a"]["b"]["high"]
    assert Compared({"a": np.zeros(5), "b": np.zeros(5)}).ratio("a", "b", 1)["ratio"] is None


# --- the leaderboard


@pytest.fixture(scope="module")
def figures() -> dict[str, Any]:
    data = two_tastes()
    days = np.random.default_rng(0).integers(18_000, 19_000, len(data))
    dated = Interactions.of(data.members, data.items, data.scores, days=days)
    return leaderboard(dated, two_shelves(), KINDS, SMALL)


def models(figures: dict[str, Any], section: str) -> dict[str, Any]:
    return {model["kind"]: model for model in figures["sections"][section]["models"]}


def test_every_section_is_measured_and_fits_in_a_file(figures: dict[str, Any]) -> None:
    assert tuple(figures["sections"]) == SECTIONS
    assert json.loads(json.dumps(figures, allow_nan=False)).keys() == figures.keys()
    for name in ("members", "random", "dates", "new_titles"):
        assert set(models(figures, name)) == set(KINDS), name
    assert set(models(figures, "curve")) == set(KINDS) - {"svd"}
    assert [size["titles"] for size in models(figures, "curve")["ease"]["sizes"]] == [1, 3]


def test_who_knows_the_tastes_is_first_and_ratios_say_by_how_much(figures: dict[str, Any]) -> None:
    found = models(figures, "members")
    ease, popular = (found[kind]["at"][1]["ndcg"] for kind in ("ease", "popularity"))
    told = figures["sections"]["members"]["ratios"]["ease"]["popularity"]
    assert told["ratio"] == pytest.approx(ease / popular)
    assert 1 < told["low"] < told["ratio"] < told["high"]
    assert found["svd"]["at"] == []
    assert 0 < found["svd"]["errors"]["mae"] < 4


def test_every_model_says_what_it_costs(figures: dict[str, Any]) -> None:
    for model in models(figures, "members").values():
        assert model["bytes"] > 100
        assert model["fit_seconds"] >= 0
        assert model["milliseconds_per_member"] > 0
        assert model["titles"] == ITEMS


def test_popularity_is_once_itself_at_every_size(figures: dict[str, Any]) -> None:
    curve = models(figures, "curve")
    for size in curve["popularity"]["sizes"]:
        assert size["ratio"] == {"ratio": 1, "low": 1, "high": 1}
    one, three = (size["ratio"]["ratio"] for size in curve["ease"]["sizes"])
    assert three > 1
    assert one > 0


def test_new_titles_are_found_only_by_what_they_are(figures: dict[str, Any]) -> None:
    found = models(figures, "new_titles")
    assert found["content"]["at"][1]["recall"] > 0
    assert found["popularity"]["at"][1]["recall"] == 0
    assert found["popularity"]["titles"] < found["content"]["titles"]


def test_the_same_seed_gives_the_same_figures_but_for_time() -> None:
    one, other = (
        leaderboard(two_tastes(), two_shelves(), ["popularity"], SMALL, sections=["members"])
        for _ in range(2)
    )
    assert _timeless(one) == _timeless(other)
    assert _timeless({"fit_seconds": 1, "a": [{"b": 2}]}) == {"a": [{"b": 2}]}


def _timeless(value: Any) -> Any:
    if isinstance(value, dict):
        kept = {k: _timeless(v) for k, v in value.items()}
        return {k: v for k, v in kept.items() if "second" not in k}
    return [_timeless(one) for one in value] if isinstance(value, list) else value


def test_only_what_is_asked_for_is_measured() -> None:
    fitted: list[str] = []
    found = leaderboard(
        two_tastes(),
        two_shelves(),
        ["popularity"],
        SMALL,
        sections=["random"],
        report=fitted.append,
    )
    assert list(found["sections"]) == ["random"]
    assert len(fitted) == 1


def test_the_curve_uses_the_models_of_the_members_held_out() -> None:
    told: list[str] = []
    leaderboard(
        two_tastes(),
        two_shelves(),
        ["popularity", "ease"],
        SMALL,
        sections=["members", "curve"],
        report=told.append,
    )
    assert [line for line in told if "fitted" in line and line.startswith("ease")] == [
        next(line for line in told if line.startswith("ease: fitted"))
    ]


def test_a_model_that_predicts_and_ranks_is_measured_as_both(monkeypatch) -> None:
    monkeypatch.setattr(registry, "SCORERS", {"svd", "popularity"})
    found = leaderboard(two_tastes(), two_shelves(), ["popularity"], SMALL, sections=["members"])
    (model,) = found["sections"]["members"]["models"]
    assert model["at"]
    assert model["errors"]["rmse"] > 0


# --- data that lacks something


def test_too_few_members_are_refused() -> None:
    data = two_tastes()
    with pytest.raises(EngineError, match="fewer than 10 members"):
        leaderboard(data.take(data.members < 10), two_shelves(), KINDS, SMALL)


def test_lists_too_short_to_hide_anything_are_refused() -> None:
    data = Interactions.of(range(20), [1] * 20, [7] * 20)
    with pytest.raises(EngineError, match="anything could be hidden"):
        leaderboard(data, two_shelves(), ["popularity"], SMALL)


def test_what_the_data_has_nothing_for_is_left_out_and_said() -> None:
    data = two_tastes()
    unscored = Interactions.of(data.members, data.items, np.full(len(data), np.nan))
    found = leaderboard(unscored, ItemFeatures(np.empty(0, np.int64)), KINDS, Settings(3, 12))
    assert found["sections"]["dates"] == {"left_out": "no line has a day"}
    assert found["sections"]["curve"] == {"left_out": "no test member has 15 titles"}
    left_out = {one["kind"]: one["why"] for one in found["sections"]["members"]["left_out"]}
    assert set(left_out) == {"content", "svd"}
    (row, *_) = models(found, "members")["ease"]["at"]
    assert row["liked_ndcg"] is None
    assert row["diversity"] is None
    told = page(found)
    assert "Held out by date: left out, no line has a day." in told
    assert f"Members held out, svd: left out, {left_out['svd']}." in told
    assert "RMSE" not in told


# --- the page


def test_the_page_has_every_figure_s_meaning_and_no_other(figures: dict[str, Any]) -> None:
    told = page(figures)
    assert all(f"- **{column}**: " in told for column in MEANINGS)
    assert all(f"## {title}" in told for title in SECTION_NAMES.values())
    ndcg = models(figures, "members")["ease"]["at"][1]["ndcg"]
    assert f"| ease | {ndcg:.3f} |" in told
    without = dict(figures, sections={"random": figures["sections"]["random"]})
    told = page(without)
    assert "**coverage**" not in told
    assert "- New members: not measured." in told
    assert "## New members" not in told


def test_the_page_comes_from_the_file_alone(figures: dict[str, Any]) -> None:
    again = json.loads(json.dumps(figures))
    assert page(again, "results/x.json") == page(figures, "results/x.json")
    assert printed(again) == printed(figures)
    assert "(results/x.json)" in page(figures, "results/x.json")


def test_models_stand_in_the_order_of_their_quality(figures: dict[str, Any]) -> None:
    rows = [
        line.split()[0] for line in printed(figures).split("First 20 titles:")[1].split("\n")[3:6]
    ]
    found = models(figures, "members")
    assert rows == sorted(rows, key=lambda kind: -found[kind]["at"][1]["ndcg"])
    assert set(rows) == {"ease", "popularity", "content"}


def test_the_committed_page_is_what_the_committed_figures_give() -> None:
    figures = json.loads((DOCS / "results" / "evaluation_all.json").read_text())
    assert (DOCS / "evaluation.md").read_text() == page(figures, "results/evaluation_all.json")


def test_a_table_is_the_same_in_markdown_and_on_a_terminal() -> None:
    table = Table(
        ["model", "NDCG"], [["ease", estimate(0.5, 0.4, 0.6)], ["als", estimate(None, None, None)]]
    )
    assert table.as_markdown().split("\n") == [
        "| model | NDCG |",
        "|---|---:|",
        "| ease | 0.500 (0.400 to 0.600) |",
        "| als | – |",
    ]
    assert table.as_text().split("\n")[2] == "ease   0.500 (0.400 to 0.600)"


def test_the_split_of_members_is_the_one_that_documents_figures_so_far() -> None:
    made = hold_out_members(two_tastes(), seed=20261123, members=10)
    assert made.hidden.member_ids.tolist() == [3, 4, 13, 26, 30, 31, 44, 47, 49, 59]
    assert (made.hidden.items[:4] - FIRST_ID).tolist() == [24, 32, 33, 35]
