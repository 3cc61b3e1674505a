"""Item kNN: its similarities by hand, its bounds, its causes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.engine.interactions import EngineError, Interactions, MemberList
from recommender.engine.neighbours import ItemKnn, ItemKnnConfig
from recommender.tests.engine.worlds import FIRST_ID, ITEMS, evens, two_tastes

PLAIN = ItemKnnConfig(
    neighbours=10,
    shrinkage=0,
    asymmetry=0.5,
    locality=1,
    score_slope=0,
    member_power=0,
    prior_titles=0,
)


def changed(**fields: float) -> ItemKnnConfig:
    return ItemKnnConfig(**{**PLAIN.__dict__, **fields})


@pytest.fixture(scope="module")
def model() -> ItemKnn:
    return ItemKnn().fit(two_tastes())


@pytest.fixture(scope="module")
def watched() -> Interactions:
    """Title 10 has four watchers, 20 two of them, 30 one of these and a stranger."""
    return Interactions.of([1, 2, 3, 4, 1, 2, 1, 5], [10, 10, 10, 10, 20, 20, 30, 30], [np.nan] * 8)


def similarities(config: ItemKnnConfig, data: Interactions) -> np.ndarray:
    return ItemKnn(config=config).fit(data).weights.toarray()


def test_plain_settings_are_the_cosine(watched: Interactions) -> None:
    a, b, c = 2 / 8**0.5, 1 / 8**0.5, 1 / 2
    np.testing.assert_allclose(
        similarities(PLAIN, watched), [[0, a, b], [a, 0, c], [b, c, 0]], rtol=1e-6
    )


def test_what_few_members_share_is_shrunk(watched: Interactions) -> None:
    plain, shrunk = (similarities(changed(shrinkage=s), watched) for s in (0, 3))
    shared = np.array([[4, 2, 1], [2, 2, 1], [1, 1, 2]])
    np.testing.assert_allclose(shrunk, plain * shared / (shared + 3), rtol=1e-6)


def test_asymmetry_divides_by_the_listed_titles_length(watched: Interactions) -> None:
    """At 1 it is the share of i's watchers who watched j too."""
    shares = np.array([[0, 2, 1], [2, 0, 1], [1, 1, 0]]) / np.array([[4], [2], [2]])
    np.testing.assert_allclose(similarities(changed(asymmetry=1.0), watched), shares, rtol=1e-6)


def test_locality_raises_similarities_to_a_power(watched: Interactions) -> None:
    plain, sharp = (similarities(changed(locality=q), watched) for q in (1, 3))
    np.testing.assert_allclose(sharp, plain**3, rtol=1e-5)


def test_each_title_keeps_its_nearest_neighbours_only(watched: Interactions) -> None:
    kept = similarities(changed(neighbours=1), watched)
    assert (kept > 0).sum(axis=0).tolist() == [1, 1, 1]
    assert kept.argmax(axis=0).tolist() == [1, 0, 1]


def test_the_blocks_are_joined_without_a_seam() -> None:
    from recommender.engine.gram import Weighting, training_matrix

    data = two_tastes()
    knn = ItemKnn(config=changed(neighbours=5))
    X = training_matrix(data, data.vocabulary(), Weighting(0, 0))
    whole, in_parts = (knn._neighbourhoods(X, block=block) for block in (1000, 7))
    np.testing.assert_array_equal(whole.toarray(), in_parts.toarray())


def test_a_dropped_title_is_no_sign_of_likeness() -> None:
    data = Interactions.of([1, 1, 2, 2], [10, 20, 10, 20], [np.nan] * 4, [False, True, False, True])
    assert similarities(PLAIN, data).sum() == 0


def test_a_taste_is_told_from_one_title(model: ItemKnn) -> None:
    assert evens(model.recommend(MemberList.of([FIRST_ID], [9]), 10).ids).all()
    assert not evens(model.recommend(MemberList.of([FIRST_ID + 1], [9]), 10).ids).any()
    assert evens(model.similar_items(FIRST_ID, 8).ids).all()


def test_a_disliked_title_speaks_against_its_like(model: ItemKnn) -> None:
    liked, disliked = (model.score(MemberList.of([FIRST_ID], [score])) for score in (10, 2))
    even = evens(model.vocabulary.ids)
    even[0] = False
    assert liked[even].mean() > model.prior[even].mean() > disliked[even].mean()


def test_an_empty_list_is_answered_by_popularity() -> None:
    data = Interactions.of([1, 2, 3, 1, 2, 1], [30, 30, 30, 20, 20, 10], [np.nan] * 6)
    assert ItemKnn().fit(data).recommend(MemberList.of([]), 3).ids.tolist() == [30, 20, 10]


def test_removing_the_strongest_cause_lowers_the_score(model: ItemKnn) -> None:
    lists = two_tastes().lists()
    for member in lists.values():
        best = model.recommend(member, 1)
        (part,) = model.attributions(member, best.ids)
        less = member.at(member.items != part.ids[part.values.argmax()])
        assert model.score(less)[model.vocabulary.positions(best.ids)] < best.scores
    assert len(lists) == 60


def test_a_cut_model_scores_what_it_kept_as_before(model: ItemKnn) -> None:
    small = model.cut_to([*model.vocabulary.ids[:20], 1])
    member = MemberList.of(model.vocabulary.ids[:3], [9, 9, 9])
    np.testing.assert_allclose(small.score(member), model.score(member)[:20], rtol=1e-5)


@pytest.mark.parametrize("wrong", [{"neighbours": 0}, {"shrinkage": -1}])
def test_settings_without_meaning_are_refused(wrong: dict) -> None:
    with pytest.raises(EngineError, match="item kNN needs"):
        ItemKnn(config=changed(**wrong)).fit(two_tastes())


def test_a_prior_of_another_length_is_refused(model: ItemKnn) -> None:
    copy = ItemKnn(vocabulary=model.vocabulary)
    with pytest.raises(KeyError, match="prior"):
        copy.restore({**model.arrays(), "prior": model.prior[:-1]})


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, ITEMS + 3),
            st.one_of(st.none(), st.floats(1, 10)),
            st.sampled_from([1.0, 0.0, -0.3]),
        ),
        max_size=60,
    )
)
def test_any_list_is_answered_and_its_causes_add_up(lines: list) -> None:
    """Unknown titles, repeated ones, nothing but dropped ones."""
    list_ = MemberList.of(
        [FIRST_ID + item for item, _, _ in lines],
        [score for _, score, _ in lines],
        [weight for _, _, weight in lines],
    )
    scores = MODEL.score(list_)
    assert np.isfinite(scores).all()
    for part, score in zip(MODEL.attributions(list_, MODEL.vocabulary.ids), scores, strict=True):
        assert part.score == pytest.approx(score, rel=1e-4, abs=1e-5)


MODEL = ItemKnn().fit(two_tastes())
