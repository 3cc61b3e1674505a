"""No split shows a model what it hides."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.engine.interactions import EngineError, Interactions
from recommender.engine.splitting import (
    KINDS,
    LEFT_TO_FIND,
    SIZES,
    HoldOut,
    hold_out_after,
    hold_out_members,
    hold_out_rows,
    hold_out_titles,
    new_members,
    validation_members,
)
from recommender.tests.engine.worlds import two_tastes

Split = Callable[..., HoldOut]
ALL: list[Split] = [hold_out_members, hold_out_rows, hold_out_titles, hold_out_after]


def dated(seed: int = 0) -> Interactions:
    data, rng = two_tastes(seed), np.random.default_rng(seed)
    days = rng.integers(18_000, 19_000, len(data)).astype(np.float32)
    return Interactions.of(data.members, data.items, data.scores, days=days)


def lines(data: Interactions) -> set[tuple[int, int]]:
    return set(zip(data.members.tolist(), data.items.tolist(), strict=True))


@pytest.mark.parametrize("split", ALL)
def test_a_hidden_line_is_nowhere_else(split: Split) -> None:
    made = split(dated(), seed=1, members=10)
    assert len(made.hidden)
    assert not lines(made.hidden) & (lines(made.train) | lines(made.shown))
    assert lines(made.hidden) | lines(made.shown) <= lines(dated())


@pytest.mark.parametrize("split", ALL)
def test_the_same_seed_gives_the_same_split_and_another_seed_another(split: Split) -> None:
    one, same, other = (split(dated(), seed=seed, members=5).hidden for seed in (1, 1, 2))
    assert one.fingerprint() == same.fingerprint()
    assert one.fingerprint() != other.fingerprint()


@pytest.mark.parametrize("split", [hold_out_members, hold_out_titles])
def test_members_held_out_are_in_no_training_row(split: Split) -> None:
    made = split(dated(), seed=1, members=10)
    tested = np.union1d(made.shown.member_ids, made.hidden.member_ids)
    assert len(tested)
    assert not np.isin(tested, made.train.members).any()


def test_lines_held_out_at_random_leave_their_members_in_training() -> None:
    made = hold_out_rows(dated(), seed=1, members=10)
    assert np.isin(made.hidden.member_ids, made.train.members).all()
    assert lines(made.shown) <= lines(made.train)
    assert len(made.hidden.member_ids) == 10


def test_nothing_of_a_later_day_trains_or_is_shown() -> None:
    made = hold_out_after(dated(), seed=1)
    first = made.hidden.days.min()
    assert max(made.train.days.max(), made.shown.days.max()) < first
    assert 0.1 < len(made.hidden) / len(dated()) < 0.3


def test_lines_without_a_day_take_no_part_in_a_split_by_date() -> None:
    data = dated()
    days = np.where(data.members <= 30, np.nan, data.days)
    made = hold_out_after(Interactions.of(data.members, data.items, data.scores, days=days), seed=1)
    assert min(made.train.members.min(), made.hidden.members.min()) > 30


def test_without_any_day_there_is_no_split_by_date() -> None:
    with pytest.raises(EngineError, match="no line has a day"):
        hold_out_after(two_tastes(), seed=1)
    one_day = Interactions.of([1, 1, 2], [1, 2, 1], [7, 7, 7], days=[5, 5, 5])
    with pytest.raises(EngineError, match="both before and after"):
        hold_out_after(one_day, seed=1)


def test_new_titles_are_neither_in_training_nor_shown() -> None:
    made = hold_out_titles(dated(), seed=1, members=12, share=0.2)
    new = np.unique(made.hidden.items)
    assert not np.isin(new, made.train.items).any()
    assert not np.isin(new, made.shown.items).any()
    assert len(two_tastes().vocabulary()) - len(made.train.vocabulary()) == 8


def test_titles_that_few_watched_are_not_held_out() -> None:
    data = Interactions.of([1, 2, 3], [1, 2, 3], [7, 7, 7])
    with pytest.raises(EngineError, match="watched by 5 members"):
        hold_out_titles(data, seed=1, shortest=1)


def test_validation_members_are_none_of_the_test_members() -> None:
    test = hold_out_members(two_tastes(), seed=1, members=10)
    choice = validation_members(two_tastes(), test, seed=1, members=10)
    tested = np.union1d(test.shown.member_ids, test.hidden.member_ids)
    for part in (choice.train, choice.shown, choice.hidden):
        assert not np.isin(part.member_ids, tested).any()
    assert len(choice.hidden.member_ids) == 10


def test_new_members_are_the_same_at_every_size_and_their_titles_add_up() -> None:
    split = hold_out_members(_longer(), seed=1, members=10)
    made = list(new_members(split, seed=1, draws=2))
    assert [size for size, _, _ in made] == [*SIZES, *SIZES]
    whole = lines(split.shown) | lines(split.hidden)
    for size, _, one in made:
        assert lines(one.shown) | lines(one.hidden) == whole
        assert not lines(one.shown) & lines(one.hidden)
        assert (np.unique(one.shown.members, return_counts=True)[1] == size).all()
        assert one.train is split.train
    assert lines(made[0][2].shown) < lines(made[1][2].shown)
    assert lines(made[0][2].shown) != lines(made[5][2].shown)


def test_new_members_need_lists_with_something_left_to_find() -> None:
    split = hold_out_members(two_tastes(), seed=1, members=10)
    assert list(new_members(split, seed=1, sizes=(12 - LEFT_TO_FIND + 1,))) == []
    assert len(list(new_members(split, seed=1, sizes=(12 - LEFT_TO_FIND,), draws=1))) == 1


def test_each_split_says_how_it_hides() -> None:
    for split in ALL:
        told = split(dated(), seed=3, members=10).as_dict()
        assert told["how"] == KINDS[told["kind"]]
        assert told["hidden_lines"] > 0
        assert "seed 3" in told["description"]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 6), st.integers(1, 8), st.booleans()), max_size=40),
    st.integers(0, 5),
)
def test_no_lists_are_too_odd_to_hold_out(rows: list[tuple[int, int, bool]], seed: int) -> None:
    who, what, dropped = (list(column) for column in zip(*rows, strict=True)) if rows else ([],) * 3
    data = Interactions.of(who, what, [7] * len(rows), dropped, [float(n % 4) for n in what])
    for split in ALL:
        try:
            made = split(data, seed=seed, members=3)
        except EngineError:
            continue
        assert not lines(made.hidden) & (lines(made.train) | lines(made.shown))
        assert not made.hidden.dropped.any()


def _longer() -> Interactions:
    rng = np.random.default_rng(0)
    rows = [(m, int(i)) for m in range(60) for i in rng.choice(40, 20, replace=False)]
    return Interactions.of([m for m, _ in rows], [i for _, i in rows], [7] * len(rows))
