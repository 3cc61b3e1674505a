"""Two rankings in one list."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.engine.experiments.interleaving import preferences, team_draft

RANKING = st.lists(st.integers(1, 30), unique=True, max_size=15).map(
    lambda ids: np.array(ids, np.int64)
)


@given(first=RANKING, second=RANKING, length=st.integers(0, 20), seed=st.integers(0, 2**32))
def test_a_draft_is_fair_whatever_the_rankings(first, second, length: int, seed: int) -> None:
    found = team_draft(first, second, length, np.random.default_rng(seed))
    both = np.union1d(first, second)
    assert len(found.items) == min(length, len(both))
    assert len(set(found.items.tolist())) == len(found.items)
    for team, own in ((0, first), (1, second)):
        put = found.items[found.teams == team]
        # Each ranking's own titles stand in its own order.
        assert np.isin(put, own).all()
        places = [own.tolist().index(item) for item in put]
        assert places == sorted(places)


@given(seed=st.integers(0, 2**32))
def test_while_both_have_titles_neither_gets_more_than_one_ahead(seed: int) -> None:
    first, second = np.arange(1, 11), np.arange(5, 15)[::-1].copy()
    teams = team_draft(first, second, 8, np.random.default_rng(seed)).teams
    assert (np.abs(np.cumsum(1 - 2 * teams.astype(int))) <= 1).all()


def test_chance_alone_decides_who_is_first() -> None:
    rng = np.random.default_rng(0)
    begins = [int(team_draft(np.array([1]), np.array([2]), 1, rng).teams[0]) for _ in range(4000)]
    assert np.mean(begins) == pytest.approx(0.5, abs=0.03)


def test_members_prefer_the_ranking_that_they_took_more_of() -> None:
    assert preferences([[2, 0], [0, 1], [1, 1], [3, 2]]) == (2, 1, 1)
    assert preferences([]) == (0, 0, 0)
