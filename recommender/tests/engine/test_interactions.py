import numpy as np
import pytest

from recommender.engine import registry, rules
from recommender.engine.evaluation import evaluate_ranker, evaluate_scorer
from recommender.engine.interactions import EngineError, Interactions, MemberList, Vocabulary
from recommender.engine.splitting import hold_out_members
from recommender.tests.engine.worlds import two_tastes


def test_of_a_repeated_pair_the_last_one_counts() -> None:
    data = Interactions.of([1, 1, 1], [5, 6, 5], [3, 4, 9])
    assert data.items.tolist() == [5, 6]
    assert data.scores.tolist() == [9, 4]


@pytest.mark.parametrize("score", [0, 11, -1, float("inf")])
def test_a_score_out_of_range_is_refused(score: float) -> None:
    with pytest.raises(EngineError, match="between 1 and 10"):
        Interactions.of([1], [5], [score])


def test_columns_of_different_length_are_refused() -> None:
    with pytest.raises(EngineError):
        Interactions.of([1, 2], [5], [7])
    with pytest.raises(EngineError):
        MemberList.of([1, 2], [7])


def test_a_vocabulary_knows_positions_and_what_it_lacks() -> None:
    words = Vocabulary([3, 7, 9])
    assert words.positions([9, 4, 3]).tolist() == [2, -1, 0]
    assert 7 in words
    assert 8 not in words
    with pytest.raises(EngineError):
        Vocabulary([7, 3])


def test_the_fingerprint_follows_the_data_not_its_order() -> None:
    one = Interactions.of([1, 2], [5, 6], [7, np.nan])
    assert one.fingerprint() == Interactions.of([2, 1], [6, 5], [np.nan, 7]).fingerprint()
    assert one.fingerprint() != Interactions.of([2, 1], [6, 5], [np.nan, 8]).fingerprint()


def test_test_members_are_in_no_training_row() -> None:
    data = two_tastes()
    split = hold_out_members(data, seed=1, members=10)
    tested = set(split.hidden.members)
    assert len(tested) == 10
    assert not tested & set(split.train.members)
    assert tested == set(split.shown.members)
    assert len(split.train) + len(split.shown) + len(split.hidden) == len(data)


def test_a_fifth_of_each_test_list_is_hidden() -> None:
    split = hold_out_members(two_tastes(), seed=1, members=10)
    assert np.unique(split.hidden.members, return_counts=True)[1].tolist() == [2] * 10  # of 12


def test_a_seed_gives_its_split_again() -> None:
    one, same, other = (hold_out_members(two_tastes(), seed=seed, members=10) for seed in (1, 1, 2))
    assert one.hidden.fingerprint() == same.hidden.fingerprint()
    assert one.hidden.fingerprint() != other.hidden.fingerprint()


def test_a_dropped_title_is_never_the_right_answer() -> None:
    data = Interactions.of([1] * 10 + [2] * 10, [*range(10)] * 2, [7] * 20, [True] * 20)
    assert len(hold_out_members(data, seed=1, members=1).hidden) == 0


def test_an_evaluation_prefers_the_model_that_knows_the_tastes() -> None:
    split = hold_out_members(two_tastes(), seed=1, members=12)
    ease, popular = (
        evaluate_ranker(registry.create(kind).fit(split.train), split, ks=(5, 20))
        for kind in ("ease", "popularity")
    )
    assert ease.ndcg_at(20) > popular.ndcg_at(20)
    row = ease.at[0]
    assert row.ndcg_low <= row.ndcg <= row.ndcg_high


def test_predicted_scores_are_compared_with_the_hidden_ones() -> None:
    split = hold_out_members(two_tastes(), seed=1, members=12)
    result = evaluate_scorer(registry.create("svd").fit(split.train), split)
    assert result.rmse is not None
    assert result.mae is not None
    assert 0 < result.mae <= result.rmse < 4


def test_a_sequel_waits_for_what_comes_before_it() -> None:
    allowed = np.array([1, 2, 3, 9])
    chain = np.array([[2, 1], [3, 2]])
    assert rules.in_series_order(allowed, chain, np.array([], int)).tolist() == [1, 9]
    assert rules.in_series_order(np.array([2, 3, 9]), chain, np.array([1])).tolist() == [2, 9]
    assert rules.in_series_order(allowed, np.empty((0, 2), int), np.array([])).tolist() == [
        1,
        2,
        3,
        9,
    ]
