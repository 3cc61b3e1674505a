"""Where the points of a small network stand."""

import numpy as np
import pytest

from recommender.engine.ego_layout import arrange, overlaps

FRAME = (660.0, 500.0)


def network(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A middle that draws all, chance edges, and names of 30 to 120 units."""
    rng = np.random.default_rng(seed)
    near = np.triu(rng.random((n, n)) < 0.1, 1).astype(float)
    near[0, 1:] = rng.random(n - 1)
    boxes = np.stack([rng.uniform(30, 120, n), np.full(n, 44.0)], axis=1)
    return near + near.T, boxes


@pytest.mark.parametrize("n", [1, 2, 3, 10, 25])
@pytest.mark.parametrize("seed", range(8))
def test_no_box_lies_over_another_and_all_are_inside(n: int, seed: int) -> None:
    near, boxes = network(n, seed)
    places = arrange(near, boxes, FRAME)
    assert not overlaps(places, boxes).any()
    assert (np.abs(places) + boxes / 2 <= np.array(FRAME) / 2 + 1e-6).all()


def test_the_first_stands_in_the_middle() -> None:
    assert np.allclose(arrange(*network(12, 1), FRAME)[0], 0)


def test_the_same_network_looks_the_same() -> None:
    assert np.array_equal(arrange(*network(20, 3), FRAME), arrange(*network(20, 3), FRAME))


def test_who_is_drawn_together_stands_nearer_than_who_is_not() -> None:
    near = np.zeros((9, 9))
    near[0, 1:] = near[1:, 0] = 0.3
    near[1:5, 1:5] = near[5:, 5:] = 1
    np.fill_diagonal(near, 0)
    places = arrange(near, np.full((9, 2), 10.0), FRAME)
    far = np.linalg.norm(places[:, None] - places[None], axis=2)
    assert far[1:5, 1:5].mean() < far[1:5, 5:].mean()


def test_nothing_is_arranged_where_there_is_nothing() -> None:
    assert arrange(np.zeros((0, 0)), np.zeros((0, 2)), FRAME).shape == (0, 2)


def test_what_finds_no_room_is_told() -> None:
    boxes = np.full((30, 2), 200.0)
    assert overlaps(arrange(np.ones((30, 30)), boxes, FRAME), boxes).any()
    assert overlaps(np.zeros((2, 2)), [[2, 2], [2, 2]]).tolist() == [False, True]
