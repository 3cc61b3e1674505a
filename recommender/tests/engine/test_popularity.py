"""Popularity, overall and recent."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.engine.base import ItemFeatures
from recommender.engine.interactions import Interactions, MemberList
from recommender.engine.popularity import (
    Popularity,
    PopularityConfig,
    RecentPopularity,
    RecentPopularityConfig,
)

HALF = RecentPopularityConfig(half_life_days=100, half_life_years=2)
NONE = [np.nan] * 4
# Title 10 is watched by three members, 20 by one.
THREE_AND_ONE = ([1, 2, 3, 3], [10, 10, 10, 20])


def counts(days: list | None, years: list | None) -> list[float]:
    data = Interactions.of(*THREE_AND_ONE, NONE, days=days)
    features = (
        None if years is None else ItemFeatures(ids=np.array([10, 20]), years=np.array(years))
    )
    return RecentPopularity(config=HALF).fit(data, features).counts.tolist()


def test_popularity_counts_members_who_did_not_drop_it() -> None:
    data = Interactions.of(
        [1, 2, 3, 3], [10, 10, 10, 20], [8, 6, 1, np.nan], [False, False, True, False]
    )
    for model in (Popularity(config=PopularityConfig(damping=2)), RecentPopularity()):
        assert model.fit(data).counts.tolist() == [2, 1]
    # (8 + 6 + 1 + 2 · 5) / (3 + 2), and nothing but the common mean of 5 for the unscored one.
    assert Popularity(config=PopularityConfig(damping=2)).fit(data).mean_scores.tolist() == [5, 5]


def test_a_line_counts_half_for_each_half_life_that_it_is_old() -> None:
    assert counts([1000, 900, 800, 1000], None) == pytest.approx([1.75, 1])


def test_where_no_line_has_a_day_new_titles_weigh_more() -> None:
    assert counts(None, [2012.0, 2016.0]) == pytest.approx([3 / 4, 1])


def test_a_line_without_a_day_is_as_old_as_its_title() -> None:
    """Day 0 is the beginning of 1970: now. The title is of 1966, two half-lives before."""
    assert counts([0, np.nan, np.nan, 0], [1966.0, 1969.0]) == pytest.approx([1.5, 1])


def test_a_title_of_the_future_is_new_not_newer() -> None:
    assert counts([0, np.nan, np.nan, 0], [1990.0, 1969.0]) == pytest.approx([3, 1])


def test_a_line_of_unknown_age_counts_as_the_others_do() -> None:
    assert counts([1000, 900, np.nan, 1000], None) == pytest.approx([1.5 + 2.5 / 3, 1])


def test_with_neither_days_nor_years_recent_is_overall() -> None:
    assert counts(None, None) == counts(None, [np.nan, np.nan]) == [3, 1]
    data = Interactions.of(*THREE_AND_ONE, NONE)
    assert RecentPopularity().fit(data, ItemFeatures(ids=np.array([99]))).counts.tolist() == [3, 1]


def test_a_list_changes_nothing_but_what_is_left_out() -> None:
    model = Popularity().fit(Interactions.of(*THREE_AND_ONE, NONE))
    assert model.recommend(MemberList.of([]), 2).ids.tolist() == [10, 20]
    assert model.recommend(MemberList.of([10], [9]), 2).ids.tolist() == [20]
    (part,) = model.attributions(MemberList.of([20]), [10])
    assert part.features == {"popularity": 3}


@pytest.mark.parametrize("kind", [Popularity, RecentPopularity])
def test_a_cut_model_keeps_its_counts(kind: type) -> None:
    model = kind().fit(Interactions.of(*THREE_AND_ONE, [8, 9, 10, 4]))
    small = model.cut_to([20, 77])
    assert small.vocabulary.ids.tolist() == [20]
    assert small.counts == model.counts[1]
    assert small.mean_scores == model.mean_scores[1]


def test_counts_of_another_length_are_refused() -> None:
    model = Popularity().fit(Interactions.of(*THREE_AND_ONE, NONE))
    with pytest.raises(KeyError, match="vocabulary"):
        Popularity(vocabulary=model.vocabulary).restore({**model.arrays(), "counts": np.ones(3)})


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(1, 4),
            st.integers(1, 6),
            st.one_of(st.just(np.nan), st.floats(-40_000, 40_000)),
            st.booleans(),
        ),
        min_size=1,
        max_size=30,
    ),
    st.lists(st.one_of(st.just(np.nan), st.floats(1900, 2100)), min_size=6, max_size=6),
)
def test_no_line_counts_more_than_one_and_none_is_lost_to_nan(lines: list, years: list) -> None:
    who, what, days, dropped = zip(*lines, strict=True)
    data = Interactions.of(who, what, [np.nan] * len(lines), dropped, days)
    features = ItemFeatures(ids=np.arange(1, 7), years=np.array(years))
    recent, overall = RecentPopularity().fit(data, features), Popularity().fit(data)
    assert ((recent.counts >= 0) & (recent.counts <= overall.counts * (1 + 1e-5))).all()
