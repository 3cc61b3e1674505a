"""The dials: neutral changes nothing, each does what its name says, and a list is always full."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.engine.base import Ranked
from recommender.engine.diversity import (
    NEUTRAL,
    Dials,
    arrange,
    depth,
    explore,
    mmr,
    with_popularity,
)
from recommender.engine.interactions import EngineError

FINITE = st.floats(-1e6, 1e6, width=32)
DIALS = st.builds(
    Dials,
    popularity=st.floats(-1, 1),
    diversity=st.floats(0, 1),
    per_franchise=st.integers(0, 20),
    exploration=st.floats(0, 0.5),
)


def ranked(scores: list[float]) -> Ranked:
    best_first = np.sort(np.array(scores, np.float32))[::-1]
    return Ranked(np.arange(len(scores)) + 100, best_first)


def alike(groups: list[int]):
    """Titles of one group are the same, of two groups have nothing in common."""
    of = np.array(groups)
    return lambda place: (of == of[place]).astype(np.float32)


def arranged(scores: list[float], dials: Dials, top_n: int, *, members=None, groups=None, seed=1):
    found = ranked(scores)
    known = np.ones(len(scores)) if members is None else np.array(members, float)
    same = alike(groups or list(range(len(scores))))
    return arrange(found, dials, top_n, members=known, similarity=same, seed=seed)


@given(
    lines=st.lists(st.tuples(FINITE, st.floats() | st.none(), st.integers(0, 3)), max_size=60),
    dials=DIALS,
    top_n=st.integers(0, 30),
    seed=st.integers(0, 2**64),
)
def test_asked_for_some_while_they_exist_gives_them_each_once_in_any_position(
    lines: list, dials: Dials, top_n: int, seed: int
) -> None:
    members = [np.nan if known is None or abs(known) > 1e12 else known for _, known, _ in lines]
    found = arranged(
        [score for score, _, _ in lines],
        dials,
        top_n,
        members=members,
        groups=[group for *_, group in lines],
        seed=seed,
    )
    assert len(found.places) == len(found.propensities) == min(top_n, len(lines))
    assert len(set(found.places.tolist())) == len(found.places)
    assert set(found.places.tolist()) <= set(range(len(lines)))
    assert ((found.propensities > 0) & (found.propensities <= 1)).all()


@given(scores=st.lists(FINITE, max_size=60), top_n=st.integers(0, 30), k=st.integers(0, 3))
def test_neutral_dials_change_nothing(scores: list[float], top_n: int, k: int) -> None:
    found = arranged(scores, Dials(per_franchise=k), top_n)
    assert found.places.tolist() == list(range(min(top_n, len(scores))))
    assert (found.propensities == 1).all()


@pytest.mark.parametrize(
    "asked",
    [
        {"popularity": 1.1},
        {"popularity": float("nan")},
        {"diversity": -0.1},
        {"per_franchise": -1},
        {"exploration": 0.6},
    ],
)
def test_a_dial_turned_too_far_is_named(asked: dict[str, float]) -> None:
    with pytest.raises(EngineError, match=next(iter(asked))):
        Dials(**asked)


def test_popularity_works_both_ways() -> None:
    scores, members = [1.0, 0.9, 0.8, 0.7], [500, 5, 50_000, 50]
    known = arranged(scores, Dials(popularity=1), 4, members=members).places.tolist()
    hidden = arranged(scores, Dials(popularity=-1), 4, members=members).places.tolist()
    assert known.index(2) < known.index(1)
    assert hidden[0] == 1
    assert hidden[-1] == 2


def test_popularity_by_hand() -> None:
    # Scores 2 and 0 have z = 1 and -1; log(1 + members) of e-1 and 0 is 1 and 0, z = 1 and -1.
    found = with_popularity(np.array([2, 0], np.float32), [np.e - 1, 0], -0.5)
    assert found == pytest.approx([0.5, -0.5])


def test_where_all_are_as_well_known_popularity_changes_no_order() -> None:
    for members in ([10, 10, 10], [np.nan, np.nan, np.nan]):
        assert arranged([3, 2, 1], Dials(popularity=1), 3, members=members).places.tolist() == [
            0,
            1,
            2,
        ]


def test_mmr_by_hand() -> None:
    # By rank 1, .5, 0; the first two are the same title. λ = .5: after the first, the second gains
    # .25 - .5 = -.25, the third 0.
    places = mmr(np.array([10, 9, 0], np.float32), alike([1, 1, 2]), 3, 0.5)
    assert places.tolist() == [0, 2, 1]
    assert mmr(np.array([10, 9, 0], np.float32), alike([1, 1, 2]), 3, 1.0).tolist() == [0, 1, 2]


def test_more_diversity_shows_more_groups() -> None:
    scores = np.linspace(1, 0.5, 30).tolist()
    groups = [0] * 10 + [1] * 10 + [2] * 10
    seen = [
        len(
            {
                groups[place]
                for place in arranged(scores, Dials(diversity=d), 6, groups=groups).places
            }
        )
        for d in (0, 0.5, 1)
    ]
    assert seen[0] == 1
    assert seen == sorted(seen)
    assert seen[-1] == 3


def test_the_same_day_gives_the_same_surprises_and_another_day_others() -> None:
    dials = Dials(exploration=0.5)
    scores = np.linspace(1, 0, 200).tolist()
    today, again, tomorrow = (arranged(scores, dials, 20, seed=seed).places for seed in (1, 1, 2))
    assert today.tolist() == again.tolist()
    assert today.tolist() != tomorrow.tolist()


def test_about_the_stated_share_of_places_is_left_to_chance() -> None:
    deep = [(explore(np.arange(200), 20, 0.25, seed).places >= 25).mean() for seed in range(300)]
    # Of the places left to chance a few fall on what would have stood there anyway.
    assert 0.18 < np.mean(deep) < 0.25


def test_stated_propensities_are_those_that_occur() -> None:
    """Of the first place, over many days: how often a title stands there is what it says."""
    said = {}
    stood = np.zeros(4)
    for seed in range(4000):
        first = explore(np.arange(4), 1, 0.4, seed)
        stood[first.places[0]] += 1
        said[int(first.places[0])] = float(first.propensities[0])
    assert said == pytest.approx({0: 0.7, 1: 0.1, 2: 0.1, 3: 0.1})
    assert stood / 4000 == pytest.approx([0.7, 0.1, 0.1, 0.1], abs=0.03)


def test_more_candidates_are_looked_at_than_are_shown() -> None:
    assert depth(20) == 200
    assert depth(120) == 600
    assert not NEUTRAL.reorders
