"""The hybrid: candidates of several models, ranked by what is known of member and title."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.engine import registry
from recommender.engine.base import ItemFeatures
from recommender.engine.coldstart import FIRST_PAGE
from recommender.engine.hybrid import Hybrid, HybridConfig
from recommender.engine.interactions import Interactions, MemberList
from recommender.engine.pairs import COLUMNS, PLACE
from recommender.engine.prior import Prior
from recommender.engine.reranker import (
    LEAST_SLOPE,
    Examples,
    Reranker,
    RerankerConfig,
    levels_of,
    line_of,
)
from recommender.engine.shelf import MISSING, Catalogue

FIRST_ID = 9_000_000
ITEMS, NEW = 60, 10
SMALL = HybridConfig(folds=2, fewest_members=50, rounds=30, candidates=30)


def three_shelves() -> ItemFeatures:
    """Titles of three kinds in turn; the last ten are told of and watched by nobody."""
    number = np.arange(ITEMS + NEW)
    words = ("robots pilots war", "tea garden quiet", "ball team match")
    return ItemFeatures(
        ids=FIRST_ID + number,
        titles=[f"{('Robot', 'Tea', 'Ball')[n % 3]} story {n}" for n in number],
        synopses=[f"{words[n % 3]} {n % 7}" for n in number],
        genres=[[("Mecha", "Slice of Life", "Sports")[n % 3]] for n in number],
        kinds=["tv" if n % 2 else "movie" for n in number],
        years=(2000 + number / 4).astype(np.float32),
    )


def three_tastes(members: int = 150) -> Interactions:
    rng = np.random.default_rng(1)
    who, what, scores = [], [], []
    for member in range(members):
        own = np.arange(member % 3, ITEMS, 3)
        others = np.setdiff1d(np.arange(ITEMS), own)
        for item in [*rng.choice(own, 12, replace=False), *rng.choice(others, 3, replace=False)]:
            who.append(member + 1)
            what.append(FIRST_ID + item)
            scores.append(rng.integers(5, 11))
    return Interactions.of(who, what, scores)


@pytest.fixture(scope="module")
def hybrid() -> Hybrid:
    return Hybrid(SMALL).fit(three_tastes(), three_shelves())


@pytest.fixture
def robots() -> MemberList:
    return MemberList.of(FIRST_ID + np.arange(0, 24, 3), [9, 8, None, 7, 10, 8, 9, 6])


def is_robot(ids: np.ndarray) -> np.ndarray:
    return (np.asarray(ids) - FIRST_ID) % 3 == 0


def test_titles_of_the_lists_own_kind_come_first(hybrid: Hybrid, robots: MemberList) -> None:
    assert len(hybrid.reranker.forest.values) == SMALL.rounds
    assert is_robot(hybrid.recommend(robots, 8).ids).mean() >= 0.85


def test_the_parts_of_a_score_add_up_to_it(hybrid: Hybrid, robots: MemberList) -> None:
    found = hybrid.recommend(robots, ITEMS + NEW)
    for part, score in zip(hybrid.attributions(robots, found.ids), found.scores, strict=True):
        assert part.score == pytest.approx(score, abs=1e-4)


def test_a_score_does_not_depend_on_what_else_is_asked(hybrid: Hybrid, robots: MemberList) -> None:
    all_scores = hybrid.score(robots)
    found = hybrid.recommend(robots, 5)
    at = hybrid.vocabulary.positions(found.ids)
    np.testing.assert_allclose(found.scores, all_scores[at], atol=1e-5)


def sets_of_five(members: int = 300) -> Interactions:
    """Who watches one title of a set watches more of it: single titles speak for each other."""
    rng = np.random.default_rng(1)
    who, what = [], []
    for member in range(1, members + 1):
        sets = rng.choice(ITEMS // 5, 3, replace=False)
        own = [5 * one + rng.choice(5, rng.integers(2, 5), replace=False) for one in sets]
        items = np.unique(np.concatenate([*own, rng.choice(ITEMS, 2)]))
        who += [member] * len(items)
        what += (FIRST_ID + items).tolist()
    return Interactions.of(who, what, np.full(len(who), np.nan))


def test_without_its_strongest_cause_a_title_scores_lower() -> None:
    data = sets_of_five()
    hybrid, lower = Hybrid(SMALL).fit(data, three_shelves()), []
    lists = list(data.lists().values())[:100]
    lower = []
    for member in lists:
        best = hybrid.recommend(member, 1)
        (part,) = hybrid.attributions(member, best.ids)
        strongest = part.ids[np.argmax(part.values)]
        (without,) = hybrid.attributions(member.at(member.items != strongest), best.ids)
        lower.append(without.score < part.score)
    assert np.mean(lower) >= 0.95


def test_titles_nobody_watched_come_in_their_own_channel(
    hybrid: Hybrid, robots: MemberList
) -> None:
    ids = hybrid.recommend(robots, 50).ids
    is_new = ids >= FIRST_ID + ITEMS
    assert set(hybrid.cold.vocabulary.ids) == set(FIRST_ID + ITEMS + np.arange(NEW))
    assert is_new.any()
    for length in range(1, len(ids) + 1):
        first, further = min(length, FIRST_PAGE), max(0, length - FIRST_PAGE)
        most = SMALL.most_cold * first + SMALL.deep_cold * further
        assert is_new[:length].sum() <= most + 1e-9


def test_new_titles_keep_the_order_of_their_channel(hybrid: Hybrid, robots: MemberList) -> None:
    at = hybrid.vocabulary.positions(hybrid.cold.vocabulary.ids)
    order = np.argsort(-hybrid.cold.score(robots), kind="stable")
    assert (np.diff(hybrid.cold.score(robots)[order]) < 0).any()
    assert (np.diff(hybrid.score(robots)[at][order]) <= 0).all()
    assert len(np.unique(hybrid.score(robots)[at])) > 1


def test_the_share_of_the_blend_does_not_bury_new_titles(
    hybrid: Hybrid, robots: MemberList
) -> None:
    """Their scores are log-odds learned apart; a blend of nothing moves none of them."""
    weights = np.zeros_like(hybrid.reranker.weights)
    unblended = replace(hybrid, reranker=replace(hybrid.reranker, weights=weights))
    at = hybrid.vocabulary.positions(hybrid.cold.vocabulary.ids)
    np.testing.assert_array_equal(unblended.score(robots)[at], hybrid.score(robots)[at])


def lists_with_levels(slope: float) -> tuple[np.ndarray, Examples]:
    """A column that tells found from not found at this slope, and a level of its own for each list."""
    rng = np.random.default_rng(5)
    lists, rows = 200, 300
    column = rng.normal(0, 0.1, (lists, rows)).astype(np.float32)
    levels = rng.normal(-2, 1, (lists, 1))
    found = rng.random((lists, rows)) < 1 / (1 + np.exp(-(slope * column + levels)))
    table = np.zeros((lists * rows, len(COLUMNS)), np.float32)
    examples = Examples(table, found.ravel(), np.full(lists, rows), np.ones(len(table), np.float32))
    return column.ravel(), examples


def test_the_line_of_a_column_is_found_again_under_the_levels_of_lists() -> None:
    slope, level = line_of(*lists_with_levels(12.0))
    assert slope == pytest.approx(12.0, rel=0.05)
    assert level == pytest.approx(-2, abs=0.2)


def test_a_column_that_tells_nothing_still_gives_an_order() -> None:
    column, examples = lists_with_levels(-12.0)
    slope, _ = line_of(column, examples)
    assert slope == pytest.approx(LEAST_SLOPE / column.std(), rel=1e-3)


def test_only_new_titles_allowed_gives_only_new_titles(hybrid: Hybrid, robots: MemberList) -> None:
    allowed = hybrid.vocabulary.ids >= FIRST_ID + ITEMS
    assert len(hybrid.recommend(robots, 20, allowed)) == NEW


@settings(max_examples=30, deadline=None)
@given(st.sets(st.integers(0, ITEMS + NEW - 1)), st.integers(0, 80))
def test_a_list_is_full_while_titles_are_allowed(
    hybrid: Hybrid, places: set[int], top_n: int
) -> None:
    member = MemberList.of([FIRST_ID, FIRST_ID + 3], [9, None])
    allowed = np.isin(np.arange(ITEMS + NEW), list(places))
    open_ = len(places - {0, 3})
    found = hybrid.recommend(member, top_n, allowed)
    assert len(found) == min(top_n, open_)
    assert set(found.ids - FIRST_ID) <= places - {0, 3}


def test_the_re_ranker_learns_from_members_the_models_have_not_seen() -> None:
    data, shelves = three_tastes(), three_shelves()
    only_mine = FIRST_ID + 10_000
    lists = data.lists()
    own = Interactions.of(
        [*data.members, *lists],
        [*data.items, *(only_mine + member for member in lists)],
        [*data.scores, *[9] * len(lists)],
    )
    model = Hybrid(SMALL)
    examples = Examples.join(model.examples(own, Catalogue.read(shelves, None), None))
    # Models that had seen the member would put forward the title that nobody else watched.
    found = examples.rows[examples.found]
    assert len(found)
    assert (found[:, PLACE["id"]] < only_mine).all()


def test_two_fits_give_the_same_bytes_and_loading_gives_the_same_answers(
    hybrid: Hybrid, robots: MemberList, tmp_path: Path
) -> None:
    again = Hybrid(SMALL).fit(three_tastes(), three_shelves()).arrays()
    for name, array in hybrid.arrays().items():
        assert array.tobytes() == again[name].tobytes(), name
    hybrid.save(tmp_path / "kept")
    loaded = registry.load(tmp_path / "kept")
    np.testing.assert_array_equal(loaded.score(robots), hybrid.score(robots))
    assert loaded.recommend(robots, 20).ids.tolist() == hybrid.recommend(robots, 20).ids.tolist()


def test_it_can_be_cut_to_fewer_titles(hybrid: Hybrid, robots: MemberList) -> None:
    kept = FIRST_ID + np.arange(30)
    small = hybrid.cut_to(kept)
    assert set(small.vocabulary.ids) == set(kept)
    found = small.recommend(robots, 50)
    assert len(found) == 30 - len(robots)
    (part,) = small.attributions(robots, found.ids[:1])
    assert part.score == pytest.approx(found.scores[0], abs=1e-4)


def test_titles_nobody_watched_stay_when_it_is_cut(
    hybrid: Hybrid, robots: MemberList, tmp_path: Path
) -> None:
    new = FIRST_ID + ITEMS + np.arange(4)
    small = hybrid.cut_to([*(FIRST_ID + np.arange(ITEMS)), *new, 1])
    assert len(small.vocabulary) == ITEMS + 4
    at, before = small.vocabulary.positions(new), hybrid.vocabulary.positions(new)
    np.testing.assert_allclose(small.score(robots)[at], hybrid.score(robots)[before], rtol=1e-5)
    small.save(tmp_path / "small")
    loaded = registry.load(tmp_path / "small")
    np.testing.assert_array_equal(loaded.score(robots), small.score(robots))


def test_few_members_are_ranked_in_the_order_of_ease() -> None:
    few = three_tastes(20)
    model = Hybrid(HybridConfig(candidates=5)).fit(few, three_shelves())
    member = MemberList.of([FIRST_ID, FIRST_ID + 3])
    warm = np.isin(model.vocabulary.ids, model.bases.vocabulary.ids)
    expected = model.bases.ease.recommend(member, 5).ids
    assert model.recommend(member, 5, warm).ids.tolist() == expected.tolist()


def test_one_member_and_a_prior_are_enough() -> None:
    prior = Prior.of(three_tastes(), least_members=2)
    one = Interactions.of([1, 1], [FIRST_ID, FIRST_ID + 3], [9, 8])
    model = Hybrid().fit(one, three_shelves(), prior)
    found = model.recommend(MemberList.of([FIRST_ID, FIRST_ID + 3, FIRST_ID + 6]), 6)
    assert is_robot(found.ids).mean() > 0.8


def test_unknown_facts_of_a_title_are_no_nan(hybrid: Hybrid) -> None:
    bare = Hybrid(SMALL).fit(three_tastes())
    member = MemberList.of([FIRST_ID, 5], [None, 3])
    view = bare.bases.view(member)
    rows = view.rows(np.arange(ITEMS), bare.bases.scores(member))
    assert np.isfinite(rows).all()
    assert (rows[:, PLACE["year"]] == MISSING).all()


def test_examples_of_one_kind_teach_nothing() -> None:
    rows = np.zeros((10, len(COLUMNS)), np.float32)
    learned = Reranker.learn(Examples.of(rows, np.zeros(10, bool)), RerankerConfig())
    assert not len(learned.forest.values)


def test_each_list_has_a_level_of_its_own_in_training() -> None:
    sizes = np.array([40, 10])
    rng = np.random.default_rng(0)
    found = np.concatenate([np.arange(40) < 10, np.arange(10) < 9])
    examples = Examples(
        np.zeros((50, len(COLUMNS)), np.float32), found, sizes, np.ones(50, np.float32)
    )
    start = rng.normal(size=50).astype(np.float32)
    levels = levels_of(start, examples)
    chances = 1 / (1 + np.exp(-(start + np.repeat(levels, sizes))))
    assert chances[:40].sum() == pytest.approx(10, abs=1e-6)
    assert chances[40:].sum() == pytest.approx(9, abs=1e-6)


def test_a_list_of_which_nothing_was_found_has_a_level_too() -> None:
    rows = np.zeros((6, len(COLUMNS)), np.float32)
    levels = levels_of(np.zeros(6, np.float32), Examples.of(rows, np.zeros(6, bool)))
    assert -20 < levels[0] < 0
