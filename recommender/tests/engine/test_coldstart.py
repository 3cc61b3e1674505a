"""Titles nobody has rated: what they get from the ones that somebody has."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.engine.base import ItemFeatures, Ranked
from recommender.engine.coldstart import ColdSettings, ColdTitles, merge_channels
from recommender.engine.interactions import EngineError, Interactions, MemberList
from recommender.engine.linear import Ease
from recommender.tests.engine.worlds import FIRST_ID, ITEMS, evens, two_shelves, two_tastes

UNRATED = np.arange(FIRST_ID, FIRST_ID + 6)
ROBOTS = MemberList.of([FIRST_ID + 10, FIRST_ID + 12, FIRST_ID + 14], [9, 8, None])


def without_some() -> Interactions:
    return two_tastes().take(~np.isin(two_tastes().items, UNRATED))


@pytest.fixture(scope="module")
def cold() -> ColdTitles:
    data = without_some()
    return ColdTitles().fit(data, two_shelves(), Ease().fit(data))


def test_the_cold_titles_are_those_the_model_does_not_know(cold: ColdTitles) -> None:
    assert cold.vocabulary.ids.tolist() == UNRATED.tolist()


def test_an_unrated_title_follows_the_taste_of_its_like(cold: ColdTitles) -> None:
    scores = cold.score(ROBOTS)
    even = evens(cold.vocabulary.ids)
    assert scores[even].min() > scores[~even].max()


def test_cold_scores_are_on_the_scale_of_warm_ones(cold: ColdTitles) -> None:
    warm = cold.ease.score(ROBOTS)
    unlisted = ~np.isin(cold.ease.vocabulary.ids, ROBOTS.items)
    like = evens(cold.ease.vocabulary.ids) & unlisted
    own = cold.score(ROBOTS)[evens(cold.vocabulary.ids)]
    assert 0.5 * warm[like].mean() < own.mean() < 2 * warm[like].mean()


def test_the_causes_add_up_to_the_score(cold: ColdTitles) -> None:
    parts = cold.attributions(ROBOTS, cold.vocabulary.ids)
    for part, score in zip(parts, cold.score(ROBOTS), strict=True):
        assert part.score == pytest.approx(score, rel=1e-4, abs=1e-6)
        assert part.ids.tolist() == ROBOTS.items.tolist()


def test_removing_the_strongest_cause_lowers_the_score(cold: ColdTitles) -> None:
    best = int(cold.score(ROBOTS).argmax())
    (part,) = cold.attributions(ROBOTS, [cold.vocabulary.ids[best]])
    kept = ROBOTS.items != part.ids[part.values.argmax()]
    less = MemberList(ROBOTS.items[kept], ROBOTS.scores[kept], ROBOTS.weights[kept])
    assert cold.score(less)[best] < cold.score(ROBOTS)[best]


def test_warm_scores_at_hand_save_computing_them(cold: ColdTitles) -> None:
    given_ = cold.score(ROBOTS, cold.ease.score(ROBOTS))
    np.testing.assert_array_equal(given_, cold.score(ROBOTS))


def test_an_empty_list_and_unknown_titles_are_answered(cold: ColdTitles) -> None:
    for nobody in (MemberList.of([]), MemberList.of([1, 2], [10, 1])):
        np.testing.assert_allclose(cold.score(nobody), cold.prior, atol=1e-7)
    (part,) = cold.attributions(ROBOTS, [1])
    assert part.score == 0


def test_what_is_kept_answers_the_same(cold: ColdTitles) -> None:
    again = ColdTitles().restore(cold.arrays(), cold.ease)
    np.testing.assert_array_equal(again.score(ROBOTS), cold.score(ROBOTS))
    with pytest.raises(KeyError):
        ColdTitles().restore({}, cold.ease)
    with pytest.raises(KeyError, match="another model"):
        ColdTitles().restore(cold.arrays(), Ease().fit(two_tastes()))


def test_two_fits_give_the_same_bytes(cold: ColdTitles) -> None:
    again = ColdTitles().fit(without_some(), two_shelves(), cold.ease)
    for name, array in cold.arrays().items():
        assert array.tobytes() == again.arrays()[name].tobytes(), name


def test_of_two_like_titles_the_one_the_catalogue_counts_more_of_comes_first() -> None:
    shelves = two_shelves()
    counts = np.bincount(without_some().items - FIRST_ID, minlength=ITEMS).astype(np.float32)
    members = np.where(counts > 0, counts * 100, 10).astype(np.float32)
    members[2] = 4_000
    features = ItemFeatures(shelves.ids, genres=shelves.genres, members=members)
    data = without_some()
    model = ColdTitles().fit(data, features, Ease().fit(data))
    scores = dict(zip(model.vocabulary.ids.tolist(), model.score(ROBOTS).tolist(), strict=True))
    assert scores[FIRST_ID + 2] > scores[FIRST_ID]
    blind = ColdTitles(ColdSettings(use_statistics=False)).fit(data, features, model.ease)
    blind_scores = blind.score(ROBOTS)
    assert blind_scores[2] == pytest.approx(blind_scores[0], rel=1e-5)


@pytest.mark.parametrize(
    "features",
    [
        None,
        ItemFeatures(np.array([1, 2, 3])),
        ItemFeatures(np.arange(FIRST_ID, FIRST_ID + ITEMS)),
        two_shelves().only(two_tastes().items),
    ],
    ids=["no catalogue", "another catalogue", "ids alone", "all rated"],
)
def test_where_nothing_can_be_mapped_scores_are_still_finite(features: ItemFeatures | None) -> None:
    data = without_some() if features is None or len(features) != ITEMS else two_tastes()
    model = ColdTitles().fit(data, features, Ease().fit(data))
    assert len(model.score(ROBOTS)) == len(model.vocabulary)
    assert np.isfinite(model.score(ROBOTS)).all()


@pytest.mark.parametrize(
    ("who", "what"),
    [([1], [FIRST_ID]), ([1, 1], [FIRST_ID, FIRST_ID + 1]), ([1, 2], [FIRST_ID] * 2)],
)
def test_the_smallest_worlds_have_cold_titles_too(who: list, what: list) -> None:
    data = Interactions.of(who, what, [5] * len(who))
    model = ColdTitles().fit(data, two_shelves(), Ease().fit(data))
    assert len(model.vocabulary) == ITEMS - len(set(what))
    assert np.isfinite(model.score(MemberList.of([FIRST_ID], [10]))).all()


# --- two channels in one ranking


def ranked(ids: range, scores: list) -> Ranked:
    return Ranked(np.array(ids, np.int64), np.array(scores, np.float32))


def test_cold_titles_take_at_most_their_share_of_every_beginning() -> None:
    merged = merge_channels(
        ranked(range(100), [1.0] * 100), ranked(range(100, 150), [9.0] * 50), 40, most=0.1, least=0
    )
    cold_so_far = np.cumsum(merged.ids >= 100)
    assert cold_so_far.tolist() == [place // 10 for place in range(1, 41)]


def test_cold_titles_get_at_least_their_share_however_low_they_score() -> None:
    merged = merge_channels(
        ranked(range(100), [9.0] * 100),
        ranked(range(100, 150), [0.1] * 50),
        40,
        most=0.2,
        least=0.05,
    )
    assert int((merged.ids >= 100).sum()) == 2


def test_behind_the_first_page_there_may_be_more_of_the_new() -> None:
    warm, cold = ranked(range(100), [9.0] * 100), ranked(range(100, 150), [0.1] * 50)
    merged = merge_channels(warm, cold, 100, most=0.1, least=0.05, deep=0.25).ids >= 100
    assert int(merged[:20].sum()) == 1
    assert int(merged.sum()) == 1 + 80 // 4
    with pytest.raises(EngineError):
        merge_channels(warm, cold, 5, deep=1.5)


def test_a_channel_that_runs_out_leaves_its_places_to_the_other() -> None:
    merged = merge_channels(ranked(range(3), [1, 1, 1]), ranked(range(10, 20), [0] * 10), 8)
    assert merged.ids.tolist() == [0, 1, 2, 10, 11, 12, 13, 14]
    nothing = ranked(range(0), [])
    assert len(merge_channels(nothing, nothing, 5)) == 0


def test_shares_that_make_no_sense_are_refused() -> None:
    with pytest.raises(EngineError):
        merge_channels(ranked(range(1), [1]), ranked(range(1), [1]), 1, most=0.1, least=0.2)


scores = st.lists(st.floats(-5, 5, width=32), max_size=30).map(lambda s: sorted(s, reverse=True))


@given(scores, scores, st.integers(0, 70), st.floats(0, 1), st.floats(0, 1))
def test_merging_keeps_each_channels_order_and_fills_every_place(
    warm: list, cold: list, top_n: int, one: float, other: float
) -> None:
    least, most = sorted((one, other))
    first = ranked(range(len(warm)), warm)
    second = ranked(range(1000, 1000 + len(cold)), cold)
    merged = merge_channels(first, second, top_n, most=most, least=least).ids
    assert len(merged) == min(top_n, len(warm) + len(cold))
    assert merged[merged < 1000].tolist() == list(range(int((merged < 1000).sum())))
    assert merged[merged >= 1000].tolist() == list(range(1000, 1000 + int((merged >= 1000).sum())))
