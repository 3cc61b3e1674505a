"""Lists that were shown and answered, as something to learn an order from."""

from dataclasses import replace

import numpy as np
import pytest

from recommender.engine.answered import ListsShown
from recommender.engine.hybrid import Hybrid
from recommender.engine.impressions import Impressions
from recommender.engine.interactions import Interactions
from recommender.engine.reranker import RerankerConfig
from recommender.tests.engine.test_hybrid import FIRST_ID, SMALL, three_shelves, three_tastes


def impressions(rows: list[tuple[int, int, int, float, bool]]) -> Impressions:
    """Member, title, place, day, whether it was taken."""
    members, items, places, days, taken = (np.array(column) for column in zip(*rows, strict=True))
    same = np.zeros(len(rows))
    return Impressions(
        members, FIRST_ID + items, places, days.astype(np.float32), same.astype(np.int64),
        same.astype(np.float32), taken, np.zeros(len(rows), bool),
    )  # fmt: skip


@pytest.fixture
def lines() -> Interactions:
    """Member 1: titles 0 and 1 on days 10 and 20, title 2 without a day, title 3 on day 30."""
    ids = FIRST_ID + np.array([0, 1, 2, 3, 0])
    return Interactions.of([1, 1, 1, 1, 2], ids, [np.nan] * 5, days=[10, 20, np.nan, 30, 5])


def lists_of(lines: Interactions, *rows: tuple[int, int, int, float, bool], most: int = 3):
    told = replace(lines, shown=impressions(list(rows)))
    return list(ListsShown.of(told, fewest_taken=1, most=most).of_members(np.array([1, 2])))


def test_a_list_stands_behind_what_was_watched_by_that_day(lines: Interactions) -> None:
    shown = [(1, 3, 0, 20.0, True), (1, 4, 1, 20.0, False), (2, 3, 0, 6.0, False)]
    (one,) = lists_of(lines, *shown)
    assert (one.before.items - FIRST_ID).tolist() == [0, 1, 2]
    assert (one.shown.items - FIRST_ID).tolist() == [3, 4]
    assert one.weights[0] == 1
    assert 0 < one.weights[1] < 1


def test_what_was_taken_the_same_day_is_no_part_of_what_was_known(lines: Interactions) -> None:
    (one,) = lists_of(lines, (1, 1, 0, 20.0, True), (1, 5, 1, 20.0, False))
    assert (one.before.items - FIRST_ID).tolist() == [0, 2]


def test_days_are_lists_of_their_own_and_the_latest_count(lines: Interactions) -> None:
    rows = [(1, n + 5, 0, 10.0 + n, True) for n in range(5)]
    days = [one.shown.days.tolist() for one in lists_of(lines, *rows, most=2)]
    assert days == [[13.0], [14.0]]


def test_with_too_little_taken_nothing_is_learned(lines: Interactions) -> None:
    told = replace(lines, shown=impressions([(1, 3, 0, 20.0, True), (1, 4, 1, 20.0, False)]))
    few = ListsShown.of(told, fewest_taken=2, most=3)
    assert (list(few.of_members(np.array([1]))), few.facts) == ([], {})
    assert ListsShown.of(lines, fewest_taken=0, most=3).facts == {}


def test_lines_that_are_taken_away_take_their_answers_along(lines: Interactions) -> None:
    """Else a hidden title would be told by what was shown."""
    shown = impressions([(1, 3, 0, 20.0, True), (1, 4, 1, 20.0, False), (2, 9, 0, 6.0, False)])
    told = replace(lines, shown=shown)
    without_3 = told.take(lines.items != FIRST_ID + 3)
    assert without_3.shown is not None
    assert (without_3.shown.items - FIRST_ID).tolist() == [4, 9]
    alone = told.take(lines.members == 2)
    assert alone.shown is not None
    assert alone.shown.members.tolist() == [2]
    assert told.fingerprint() != lines.fingerprint()


def put_forward(data: Interactions, power: float, seed: int = 3) -> Impressions:
    """Each member is shown thirty titles they have not; of those the even ones are wanted, and looked at
    the less the lower they stand. Even ones stand low."""
    rng = np.random.default_rng(seed)
    rows = []
    for member, own in data.lists().items():
        new = np.setdiff1d(np.arange(60), own.items - FIRST_ID)
        order = sorted(rng.permutation(new)[:30], key=lambda n: (n % 2 == 0, rng.random()))
        for place, item in enumerate(order):
            looked = rng.random() < 1 / (1 + place) ** power
            rows.append((member, int(item), place, 20_000.0, bool(looked and item % 2 == 0)))
    return impressions(rows)


def test_the_hybrid_learns_from_answers_and_minds_where_titles_stood() -> None:
    data = three_tastes(200)
    plain = Hybrid(SMALL).fit(data, three_shelves())
    taught = Hybrid(SMALL).fit(replace(data, shown=put_forward(data, 0.5)), three_shelves())
    assert plain.facts["shown"] == {}
    told = taught.facts["shown"]
    assert told["titles"] == 200 * 30
    assert told["taken"] > 100
    assert told["looked_at"]["1"] == 1
    answers = taught.facts["blend"]["answers"]
    assert 0 < answers["lists"] <= 200
    assert 0 < answers["rows"] < told["titles"]
    trees = [len(one.reranker.forest.values) for one in (plain, taught)]
    assert trees == [SMALL.rounds, SMALL.rounds + RerankerConfig().answer_rounds]
    # What is wanted comes further up than by lists alone, and the parts still add up.
    member = next(iter(data.lists().values()))
    even = [(one.recommend(member, 20).ids - FIRST_ID) % 2 == 0 for one in (plain, taught)]
    assert even[1].mean() > even[0].mean() + 0.15
    found = taught.recommend(member, 20)
    parts = taught.attributions(member, found.ids)
    assert [part.score for part in parts] == pytest.approx(found.scores.tolist(), abs=1e-4)
