"""How alike two members score, against arithmetic done by hand."""

import numpy as np
import pytest

from recommender.engine.interactions import EngineError
from recommender.engine.likeness import ENOUGH, Sums, correlations, likeness, sums_of

ONE = [10, 8, 6, 4, 2]


def test_the_correlation_is_pearsons() -> None:
    rng = np.random.default_rng(3)
    for _ in range(20):
        x, y = rng.integers(1, 11, 30), rng.integers(1, 11, 30)
        assert correlations(sums_of(x, y))[0] == pytest.approx(np.corrcoef(x, y)[0, 1])


def test_by_hand_five_shared_titles_in_the_same_order_are_a_tenth() -> None:
    # r is 1, and five of fifty titles make a tenth of it.
    assert likeness(sums_of(ONE, [9, 8, 7, 6, 5]))[0] == pytest.approx(0.1)
    assert likeness(sums_of(ONE, [5, 6, 7, 8, 9]))[0] == pytest.approx(-0.1)


def test_enough_shared_titles_are_taken_at_their_word() -> None:
    many = ONE * (ENOUGH // 5)
    assert likeness(sums_of(many, many))[0] == pytest.approx(1.0)
    twice = many * 2
    assert likeness(sums_of(twice, twice))[0] == pytest.approx(1.0)


def test_more_of_the_same_agreement_never_makes_two_less_alike() -> None:
    found = [likeness(sums_of(ONE * n, [9, 8, 8, 5, 1] * n))[0] for n in range(1, 15)]
    assert (np.diff(found) >= -1e-9).all()


@pytest.mark.parametrize(
    ("own", "others"),
    [
        ([], []),
        ([10, 8, 6, 4], [10, 8, 6, 4]),
        ([7, 7, 7, 7, 7], ONE),
        (ONE, [7, 7, 7, 7, 7]),
    ],
)
def test_too_few_or_always_the_same_score_says_nothing(own: list[int], others: list[int]) -> None:
    assert np.isnan(likeness(sums_of(own, others))[0])


def test_many_members_come_to_the_same_as_each_alone() -> None:
    rng = np.random.default_rng(4)
    pairs = [(rng.integers(1, 11, n), rng.integers(1, 11, n)) for n in (3, 8, 60, 200)]
    each = [sums_of(x, y) for x, y in pairs]
    names = ("number", "x", "y", "xx", "yy", "xy")
    both = Sums(*(np.concatenate([getattr(one, name) for one in each]) for name in names))
    alone = np.concatenate([likeness(one) for one in each])
    np.testing.assert_allclose(likeness(both), alone)


def test_it_is_the_same_from_either_side() -> None:
    other = [3, 9, 6, 5, 1]
    assert likeness(sums_of(ONE, other))[0] == pytest.approx(likeness(sums_of(other, ONE))[0])


def test_scores_that_do_not_pair_up_are_refused() -> None:
    with pytest.raises(EngineError):
        sums_of([1, 2], [1])
    with pytest.raises(EngineError):
        Sums(*([np.ones(2)] * 5), np.ones(3))
