"""EASE: its closed forms, the matrix it shares, and matrices that are not what they should be."""

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.engine.gram import GramMatrix, Weighting, dense_gram, training_matrix
from recommender.engine.interactions import EngineError, Interactions, MemberList
from recommender.engine.linear import Ease, EaseConfig, inverse_of, mirror, strongest
from recommender.tests.engine.worlds import FIRST_ID, ITEMS, two_tastes


def plain(**changes: float) -> EaseConfig:
    """Without powers, slopes and prior: the equation of the paper."""
    bare = {"item_power": 0, "member_power": 0, "score_slope": 0, "prior_titles": 0}
    return EaseConfig(**{**bare, "popularity_share": 0, "denoising": 0, **changes})


def test_the_denoising_variant_weighs_the_diagonal_more() -> None:
    """Λ = λI + p / (1 - p) · diag(G): with p = 0.2 a quarter of the diagonal is added."""
    data = Interactions.of([1, 1, 2, 2, 3, 3, 3], [10, 20, 10, 20, 10, 20, 30], [np.nan] * 7)
    gram = np.array([[3, 3, 1], [3, 3, 1], [1, 1, 1]], float)
    ridge = 0.5 * np.trace(gram) / 3 * np.eye(3) + 0.25 * np.diag(np.diag(gram))
    P = np.linalg.inv(gram + ridge)
    expected = np.eye(3) - P / np.diag(P)
    fitted = Ease(plain(regularization=0.5, denoising=0.2)).fit(data)
    np.testing.assert_allclose(fitted.weights.toarray(), expected, atol=1e-5)


def test_denoising_is_a_share_below_one() -> None:
    for wrong in (-0.1, 1.0, float("nan")):
        with pytest.raises(EngineError, match="denoising"):
            EaseConfig(denoising=wrong)


def test_variants_that_share_a_matrix_are_what_they_are_alone() -> None:
    data = two_tastes()
    gram = Ease().gram_of(data)
    before = gram.values.copy()
    for config in (EaseConfig(), EaseConfig(regularization=9, denoising=0.3, item_power=0.4)):
        alone, shared = Ease(config).fit(data), Ease(config).fit_gram(gram)
        for name, array in alone.arrays().items():
            assert array.tobytes() == shared.arrays()[name].tobytes(), name
        assert alone.facts == shared.facts
    np.testing.assert_array_equal(gram.values, before)


def test_the_matrix_made_in_blocks_is_the_product() -> None:
    X = sp.random(50, 33, 0.2, format="csr", dtype=np.float32, rng=np.random.default_rng(0))
    for block in (1, 7, 33, 100):
        np.testing.assert_allclose(dense_gram(X, block), (X.T @ X).toarray(), rtol=1e-5)


def test_the_inverse_is_the_inverse() -> None:
    rng = np.random.default_rng(0)
    X = rng.random((60, 40))
    gram = np.asfortranarray(X.T @ X, dtype=np.float32)
    added = np.linspace(1, 2, 40).astype(np.float32)
    expected = np.linalg.inv(X.T @ X + np.diag(added))
    np.testing.assert_allclose(inverse_of(gram, added), expected, atol=1e-4)


def test_an_indefinite_matrix_is_ridged_until_it_can_be_inverted() -> None:
    """Eigenvalues 3 and -1: 0.5 on the diagonal is too little, 0.5 · 1.2⁴ = 1.04 is enough."""
    gram = np.asfortranarray([[1, 2], [2, 1]], dtype=np.float32)
    ridge = 1 + 0.5 * 1.2**4
    expected = np.linalg.inv([[ridge, 2], [2, ridge]])
    np.testing.assert_allclose(inverse_of(gram, np.full(2, 0.5, np.float32)), expected, rtol=1e-3)


def test_a_hopeless_matrix_is_refused() -> None:
    gram = np.asfortranarray([[1, 1e6], [1e6, 1]], dtype=np.float32)
    with pytest.raises(EngineError, match="regularization"):
        inverse_of(gram, np.full(2, 0.5, np.float32))


@given(st.integers(1, 9), st.integers(1, 10), st.booleans())
def test_one_triangle_tells_the_other(n: int, block: int, to_upper: bool) -> None:
    matrix = np.asfortranarray(np.arange(n * n, dtype=np.float32).reshape(n, n))
    kept = np.tril(matrix) if to_upper else np.triu(matrix)
    mirror(matrix, to_upper=to_upper, block=block)
    np.testing.assert_array_equal(matrix, kept + kept.T - np.diag(np.diag(kept)))


def test_only_the_strongest_weights_are_kept() -> None:
    dense = np.array([[0.1, -5, 3, 0], [1, 2, -3, 4]], np.float32)
    dense = np.vstack([dense, dense])
    assert strongest(dense, 2).toarray()[:2].tolist() == [[0, -5, 3, 0], [0, 0, -3, 4]]


def test_the_most_watched_titles_are_kept_where_there_are_too_many() -> None:
    data = Interactions.of([1, 2, 3, 1, 2, 3], [5, 5, 5, 6, 6, 7], [np.nan] * 6)
    assert GramMatrix.of(data, Weighting(), max_items=2).vocabulary.ids.tolist() == [5, 6]


def test_two_matrices_add_up_over_the_titles_of_both() -> None:
    weighting = Weighting(0, 0)
    one = GramMatrix.of(Interactions.of([1, 1], [5, 6], [np.nan] * 2), weighting, max_items=9)
    two = GramMatrix.of(Interactions.of([1, 1], [6, 7], [np.nan] * 2), weighting, max_items=9)
    both = one.plus(two, 0.5)
    assert both.vocabulary.ids.tolist() == [5, 6, 7]
    assert both.values.tolist() == [[1, 1, 0], [1, 1.5, 0.5], [0, 0.5, 0.5]]
    assert both.counts.tolist() == [1, 1.5, 0.5]
    assert both.members == 1.5


def test_dropped_titles_teach_no_weight() -> None:
    data = Interactions.of([1, 1, 2, 2], [5, 6, 5, 6], [np.nan] * 4, [False, True, False, False])
    X = training_matrix(data, data.vocabulary(), Weighting(0, 0)).toarray()
    assert X.tolist() == [[1, 0], [1, 1]]


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(1, 4),
            st.integers(1, 6),
            st.one_of(st.none(), st.integers(1, 10)),
            st.booleans(),
        ),
        min_size=1,
        max_size=25,
    ),
    st.floats(0, 0.9),
)
def test_any_lists_are_learnt_from(lines: list, denoising: float) -> None:
    who, what, scores, dropped = zip(*lines, strict=True)
    data = Interactions.of(who, what, [np.nan if s is None else s for s in scores], dropped)
    model = Ease(EaseConfig(denoising=denoising)).fit(data)
    assert np.isfinite(model.score(MemberList.of(what[:1], scores[:1]))).all()


def test_half_a_list_says_more_of_a_taste_than_popularity_does() -> None:
    data = two_tastes()
    model = Ease().fit(data)
    popular = MemberList.of([])
    assert model.score(popular).tolist() == model.prior.tolist()
    even = model.score(MemberList.of([FIRST_ID + 2 * n for n in range(6)]))
    assert even[12:ITEMS:2].min() > even[13:ITEMS:2].max()
