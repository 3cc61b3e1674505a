"""Implicit ALS: what it solves, how a list is folded in, and how its scores are taken apart."""

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.engine import least_squares
from recommender.engine.factorization import Als, AlsConfig
from recommender.engine.interactions import EngineError, Interactions, MemberList
from recommender.engine.least_squares import batches, solve
from recommender.tests.engine.worlds import FIRST_ID, ITEMS, evens, two_tastes

SMALL = AlsConfig(factors=2, regularization=2.0, iterations=15)


@pytest.fixture(scope="module")
def model() -> Als:
    return Als(config=SMALL).fit(two_tastes())


def exact(weights: np.ndarray, Y: np.ndarray, ridge: float, alpha: float) -> np.ndarray:
    """argmin of the loss by its definition, over every column, in float64."""
    confidence = 1 + alpha * np.abs(weights)
    A = Y.T @ np.diag(confidence) @ Y + ridge * np.eye(Y.shape[1])
    return np.linalg.solve(A, Y.T @ (confidence * (weights > 0)))


def test_a_half_sweep_solves_each_rows_least_squares() -> None:
    rng = np.random.default_rng(2)
    dense = rng.choice([0, 0, 0, 1, 0.5, -0.3], (30, 20))
    dense[0] = 0
    W, Y = sp.csr_matrix(dense, dtype=np.float32), rng.standard_normal((20, 4)).astype(np.float32)
    X, ridge = np.zeros((30, 4), np.float32), np.linspace(0.5, 3, 30, dtype=np.float32)
    solve(batches(W, 5.0, 4), X, Y, ridge, steps=12)
    for row in range(30):
        np.testing.assert_allclose(X[row], exact(dense[row], Y, ridge[row], 5.0), atol=1e-4)


def test_how_rows_are_batched_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(3)
    W = sp.random(50, 30, 0.2, "csr", np.float32, rng)
    Y = rng.standard_normal((30, 4)).astype(np.float32)

    def solved() -> np.ndarray:
        X = np.zeros((50, 4), np.float32)
        todo = batches(W, 2.0, 4)
        assert sum(len(batch.rows) for batch in todo) == (np.diff(W.indptr) > 0).sum()
        solve(todo, X, Y, np.ones(50, np.float32), steps=8)
        return X

    at_once = solved()
    monkeypatch.setattr(least_squares, "BATCH", 40)
    np.testing.assert_allclose(solved(), at_once, rtol=1e-4, atol=1e-5)


def test_more_steps_than_a_system_needs_do_no_harm() -> None:
    """Once solved the residual is rounding, and dividing by it would throw the answer away."""
    W = sp.csr_matrix(np.eye(3, dtype=np.float32))
    X, Y = np.zeros((3, 2), np.float32), np.array([[1, 0], [0, 1], [1, 1]], np.float32)
    solve(batches(W, 1.0, 2), X, Y, np.ones(3, np.float32), steps=50)
    for row in range(3):
        np.testing.assert_allclose(X[row], exact(np.eye(3)[row], Y, 1.0, 1.0), atol=1e-5)


def test_a_new_member_is_solved_exactly() -> None:
    plain = AlsConfig(factors=6, average_member=0, score_slope=0, regularization_power=0, alpha=3)
    model = Als(config=plain).fit(two_tastes())
    member = MemberList.of([FIRST_ID, FIRST_ID + 3, FIRST_ID + 8], [9, 2, None], [1, 1, -0.3])
    weights = np.zeros(ITEMS)
    weights[[0, 3, 8]] = [1, -0.3, -0.3]
    expected = exact(weights, model.factors.astype(float), plain.regularization, 3)
    np.testing.assert_allclose(model.member_factors(member), expected, rtol=1e-3, atol=1e-6)


def test_popular_titles_are_held_back_more_where_the_power_says_so() -> None:
    model = Als(config=AlsConfig(regularization=2.0, regularization_power=1.0))
    np.testing.assert_allclose(model._ridge(np.array([50.0, 100.0, 300.0]), 100.0), [1, 2, 6])


def test_a_taste_is_told_from_one_title(model: Als) -> None:
    assert evens(model.recommend(MemberList.of([FIRST_ID], [9]), 10).ids).all()
    assert not evens(model.recommend(MemberList.of([FIRST_ID + 1], [9]), 10).ids).any()


def test_similar_titles_are_of_the_same_taste(model: Als) -> None:
    near = model.similar_items(FIRST_ID, 8)
    assert evens(near.ids).all()
    assert near.scores.max() <= 1 + 1e-6


def test_a_disliked_title_takes_from_its_like(model: Als) -> None:
    even = [FIRST_ID, FIRST_ID + 2, FIRST_ID + 4]
    liked = model.score(MemberList.of(even, [9, 9, 9]))
    disliked = model.score(MemberList.of(even, [9, 9, 1]))
    others = evens(model.vocabulary.ids)
    others[:5] = False
    assert disliked[others].mean() < liked[others].mean()


def test_an_empty_list_is_answered_by_what_the_average_member_watches() -> None:
    rng = np.random.default_rng(5)
    who = np.repeat(np.arange(200), 5)
    chance = np.linspace(1, 10, 30) ** 2
    what = np.concatenate([rng.choice(30, 5, False, chance / chance.sum()) for _ in range(200)])
    data = Interactions.of(who, what, np.full(len(who), np.nan))
    model = Als(config=SMALL).fit(data)
    counts = np.bincount(what, minlength=30)
    assert counts[model.recommend(MemberList.of([]), 5).ids].min() >= np.sort(counts)[-8]
    (part,) = model.attributions(MemberList.of([]), [29])
    assert (
        part.features["popularity"]
        == pytest.approx(part.score)
        == model.score(MemberList.of([]))[29]
    )


def test_removing_the_strongest_cause_lowers_the_score(model: Als) -> None:
    lists = two_tastes().lists()
    for member in lists.values():
        best = model.recommend(member, 1)
        (part,) = model.attributions(member, best.ids)
        less = member.at(member.items != part.ids[part.values.argmax()])
        assert model.score(less)[model.vocabulary.positions(best.ids)] < best.scores
    assert len(lists) == 60


def test_a_cut_model_scores_what_it_kept_as_before(model: Als) -> None:
    small = model.cut_to([*model.vocabulary.ids[:20], 1])
    member = MemberList.of(model.vocabulary.ids[:3], [9, 9, 9])
    np.testing.assert_allclose(small.score(member), model.score(member)[:20], rtol=1e-5)


def test_another_seed_starts_elsewhere_and_tells_the_same_tastes(model: Als) -> None:
    other = Als(config=AlsConfig(factors=2, regularization=2.0, iterations=15, seed=1)).fit(
        two_tastes()
    )
    assert not np.array_equal(other.factors, model.factors)
    assert evens(other.recommend(MemberList.of([FIRST_ID], [9]), 10).ids).all()


@pytest.mark.parametrize(
    "wrong", [{"factors": 0}, {"regularization": 0}, {"alpha": -1}, {"iterations": 0}, {"steps": 0}]
)
def test_settings_that_cannot_be_solved_are_refused(wrong: dict) -> None:
    with pytest.raises(EngineError, match="ALS needs"):
        Als(config=AlsConfig(**wrong)).fit(two_tastes())


def test_vectors_that_do_not_fit_are_refused(model: Als) -> None:
    copy = Als(config=SMALL, vocabulary=model.vocabulary, facts=model.facts)
    for name, array in model.arrays().items():
        with pytest.raises(KeyError, match="do not fit"):
            copy.restore({**model.arrays(), name: array[:-1]})


LINE = st.tuples(
    st.integers(0, ITEMS + 3),
    st.one_of(st.none(), st.floats(1, 10)),
    st.sampled_from([1.0, 0.0, -0.3, -5.0]),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(LINE, max_size=60))
def test_any_list_is_answered_and_its_causes_add_up(lines: list) -> None:
    """Unknown titles, repeated ones, nothing but dropped ones."""
    model = MODEL
    list_ = MemberList.of(
        [FIRST_ID + item for item, _, _ in lines],
        [score for _, score, _ in lines],
        [weight for _, _, weight in lines],
    )
    scores = model.score(list_)
    assert np.isfinite(scores).all()
    for part, score in zip(model.attributions(list_, model.vocabulary.ids), scores, strict=True):
        assert part.score == pytest.approx(score, rel=1e-3, abs=1e-4)


MODEL = Als(config=SMALL).fit(two_tastes())


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(1, 4),
            st.integers(1, 6),
            st.one_of(st.none(), st.integers(1, 10)),
            st.booleans(),
        ),
        min_size=1,
        max_size=20,
    )
)
def test_the_smallest_worlds_are_learnt_from(lines: list) -> None:
    who, what, scores, dropped = zip(*lines, strict=True)
    given_scores = [np.nan if score is None else score for score in scores]
    data = Interactions.of(who, what, given_scores, dropped)
    model = Als(config=SMALL).fit(data)
    for member in data.lists().values():
        assert np.isfinite(model.score(member)).all()
