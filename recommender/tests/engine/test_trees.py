"""Trees as arrays: they answer as the library that grew them, and their parts add up."""

import lightgbm
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.engine.interactions import EngineError
from recommender.engine.trees import Forest

DEPTH = 4


@pytest.fixture(scope="module")
def table() -> np.ndarray:
    return np.random.default_rng(3).normal(size=(2000, 5)).astype(np.float32)


@pytest.fixture(scope="module")
def booster(table: np.ndarray) -> lightgbm.Booster:
    answer = table[:, 0] * table[:, 1] + (table[:, 2] > 0.3)
    settings = {"max_depth": DEPTH, "num_leaves": 11, "verbose": -1, "num_threads": 1}
    return lightgbm.train(settings, lightgbm.Dataset(table, answer), 30)


@pytest.fixture(scope="module")
def forest(booster: lightgbm.Booster) -> Forest:
    trees = booster.dump_model()["tree_info"]
    return Forest.from_dump([tree["tree_structure"] for tree in trees], DEPTH)


def test_it_predicts_what_the_library_predicts(
    forest: Forest, booster: lightgbm.Booster, table: np.ndarray
) -> None:
    np.testing.assert_allclose(forest.predict(table), booster.predict(table), atol=1e-5)


def test_a_value_at_the_threshold_goes_the_way_the_library_sends_it(
    forest: Forest, booster: lightgbm.Booster
) -> None:
    edges = np.unique(forest.thresholds[np.isfinite(forest.thresholds)])
    for near in (edges, np.nextafter(edges, np.float32(9)), np.nextafter(edges, np.float32(-9))):
        table = np.repeat(near[:, None], 5, axis=1)
        np.testing.assert_allclose(forest.predict(table), booster.predict(table), atol=1e-5)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(allow_nan=False, width=32), min_size=5, max_size=5))
def test_the_parts_add_up_to_the_prediction(forest: Forest, row: list[float]) -> None:
    table = np.array([row], np.float32)
    parts = forest.contributions(table)
    assert parts.shape == (1, 6)
    assert parts.sum() == pytest.approx(forest.predict(table)[0], abs=1e-4)


def test_a_column_that_no_tree_asks_for_adds_nothing(forest: Forest, table: np.ndarray) -> None:
    unasked = sorted(set(range(5)) - set(forest.features[np.isfinite(forest.thresholds)].tolist()))
    wide = np.hstack([table, np.ones((len(table), 1), np.float32)])
    assert not forest.contributions(wide)[:, [*unasked, 5]].any()


def test_a_forest_without_trees_predicts_nothing() -> None:
    nothing = np.zeros((0, 1), np.float32)
    empty = Forest(nothing.astype(np.int16), nothing, np.zeros((0, 3), np.float32))
    assert not empty.predict(np.ones((4, 2), np.float32)).any()
    assert not empty.contributions(np.ones((4, 2), np.float32)).any()


def test_what_does_not_fit_together_is_refused(forest: Forest) -> None:
    with pytest.raises(EngineError, match="fit together"):
        Forest(forest.features, forest.thresholds, forest.values[:, :-1])
    with pytest.raises(EngineError, match="columns"):
        forest.predict(np.ones((1, 1), np.float32))


def test_a_tree_deeper_than_said_is_refused(booster: lightgbm.Booster) -> None:
    trees = [tree["tree_structure"] for tree in booster.dump_model()["tree_info"]]
    with pytest.raises(EngineError, match="deeper"):
        Forest.from_dump(trees, 2)
