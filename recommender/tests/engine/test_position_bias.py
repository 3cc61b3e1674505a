"""How far down members look, what a title passed over says, and what tires."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.engine.fatigue import FREE_LOOKS, HALF_LIFE, looks_at, looks_left, tiredness
from recommender.engine.interactions import EngineError
from recommender.engine.position_bias import PLACES, PositionBias, cells_of, usual


def shown(
    number: int, power: float, seed: int = 0
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Better titles stand higher, and higher places are looked at more: the two have to be told apart."""
    rng = np.random.default_rng(seed)
    cells = rng.integers(0, 10, number)
    places = np.minimum(39, (rng.exponential(6, number) + 9 - cells).astype(np.int64))
    wanted = np.linspace(0.01, 0.2, 10)
    taken = rng.random(number) < wanted[cells] / (1 + places) ** power
    return places, cells, taken, wanted


@pytest.mark.parametrize("power", [0.5, 1.0])
def test_it_tells_the_places_part_from_the_titles(power: float) -> None:
    places, cells, taken, wanted = shown(400_000, power)
    bias = PositionBias.of(places, cells, taken)
    for place in (1, 4, 9, 19):
        assert bias.looked[place] == pytest.approx(1 / (1 + place) ** power, rel=0.25)
    assert bias.wanted[9] / bias.wanted[4] == pytest.approx(wanted[9] / wanted[4], rel=0.25)
    # Plain rates by place mix the two up: the first places hold what is wanted more.
    naive = taken[places == 9].mean() / taken[places == 0].mean()
    assert naive < 0.5 / (1 + 9) ** power


def test_the_likelihood_is_at_its_top() -> None:
    places, cells, taken, _ = shown(50_000, 1.0)
    bias = PositionBias.of(places, cells, taken)

    def likelihood(looked: np.ndarray) -> float:
        chance = looked[places] * bias.wanted[cells]
        return float(np.where(taken, np.log(chance), np.log1p(-chance)).sum())

    best = likelihood(bias.looked)
    for place in (3, 12):
        for factor in (0.5, 2.0):
            other = bias.looked.copy()
            other[place] = min(1.0, other[place] * factor)
            assert likelihood(other) < best


def test_with_little_to_go_by_the_usual_curve_stays() -> None:
    few = np.arange(20)
    bias = PositionBias.of(few, np.zeros(20, np.int64), few == 3)
    np.testing.assert_allclose(bias.looked, usual(np.arange(PLACES)), rtol=0.35)


def test_what_was_passed_over_far_down_counts_little() -> None:
    places, cells, taken, _ = shown(50_000, 1.0)
    bias = PositionBias.of(places, cells, taken)
    weights = bias.weights(places, cells, taken)
    assert (weights[taken] == 1).all()
    assert ((weights >= 0) & (weights <= 1)).all()
    passed = ~taken
    assert weights[passed & (places == 0)].min() > 0.9
    assert weights[passed & (places > 15)].mean() < 0.15
    # Bayes by hand.
    theta, gamma = bias.looked[7], bias.wanted[2]
    at = np.flatnonzero(passed & (places == 7) & (cells == 2))[0]
    assert weights[at] == pytest.approx(theta * (1 - gamma) / (1 - theta * gamma), rel=1e-5)


@given(st.lists(st.tuples(st.integers(0, 100), st.integers(0, 3), st.booleans()), min_size=1))
def test_whatever_was_shown_chances_are_chances(rows: list[tuple[int, int, bool]]) -> None:
    places, cells, taken = (np.array(column) for column in zip(*rows, strict=True))
    bias = PositionBias.of(places, cells, taken)
    weights = bias.weights(places, cells, taken)
    assert bias.looked[0] == 1
    for some in (bias.looked, bias.wanted, weights):
        assert ((some >= 0) & (some <= 1)).all()


def test_columns_of_unequal_length_are_refused() -> None:
    nothing = np.empty(0, np.int64)
    with pytest.raises(EngineError, match="one length"):
        PositionBias.of(nothing, nothing, nothing > 0)


def test_cells_are_tenths_of_each_models_scores() -> None:
    models = np.repeat([7, 9], 1000)
    scores = np.concatenate([np.arange(1000.0), 1e6 * np.arange(1000.0)]).astype(np.float32)
    cells = cells_of(models, scores)
    assert np.bincount(cells).tolist() == [100] * 20
    assert cells[500] == cells[1500] - 10
    assert set(cells_of(models, np.ones(2000, np.float32))) <= {0, 1, 2, 3}


# What tires


def test_a_title_may_be_overlooked_a_few_times() -> None:
    assert tiredness([0, 1, FREE_LOOKS]).tolist() == [0, 0, 0]
    more = tiredness(FREE_LOOKS + np.array([1.0, 3.0, 7.0]))
    assert more.tolist() == pytest.approx([1, 2, 3])


def test_far_down_it_is_hardly_overlooked_and_time_forgives() -> None:
    assert looks_at([0, 3, 15]).tolist() == pytest.approx([1, 0.5, 0.25])
    assert looks_left([8.0, 8.0, 8.0], [0, HALF_LIFE, 2 * HALF_LIFE]).tolist() == [8, 4, 2]
