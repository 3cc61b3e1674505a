"""What each model learns from worlds with a known answer."""

import numpy as np
import pytest

from recommender.engine import registry
from recommender.engine.content import Content, ContentConfig
from recommender.engine.interactions import Interactions, MemberList
from recommender.engine.linear import Ease, EaseConfig
from recommender.engine.popularity import Popularity, PopularityConfig
from recommender.engine.score_blend import ScoreBlend
from recommender.tests.engine.worlds import FIRST_ID, evens, two_shelves, two_tastes


@pytest.mark.parametrize("kind", ["ease", "content"])
def test_a_taste_is_told_from_one_title(kind: str) -> None:
    model = registry.create(kind).fit(two_tastes(), two_shelves())
    assert evens(model.recommend(MemberList.of([FIRST_ID], [9]), 10).ids).all()
    assert not evens(model.recommend(MemberList.of([FIRST_ID + 1], [9]), 10).ids).any()


@pytest.mark.parametrize("kind", ["ease", "content"])
def test_similar_titles_are_of_the_same_taste(kind: str) -> None:
    model = registry.create(kind).fit(two_tastes(), two_shelves())
    assert evens(model.similar_items(FIRST_ID, 8).ids).all()


@pytest.mark.parametrize("kind", ["ease", "content"])
def test_a_disliked_title_speaks_against_its_like(kind: str) -> None:
    model = registry.create(kind).fit(two_tastes(), two_shelves())
    liked, disliked = (model.score(MemberList.of([FIRST_ID], [score])) for score in (10, 2))
    even = evens(model.vocabulary.ids)
    even[model.vocabulary.positions([FIRST_ID])] = False
    assert liked[even].mean() > disliked[even].mean()


def test_removing_the_strongest_cause_lowers_the_score() -> None:
    data = two_tastes()
    model = Ease().fit(data)
    checked = 0
    for member in data.lists().values():
        best = model.recommend(member, 1)
        (part,) = model.attributions(member, best.ids)
        kept = member.items != part.ids[part.values.argmax()]
        less = MemberList(member.items[kept], member.scores[kept], member.weights[kept])
        position = model.vocabulary.positions(best.ids)
        assert model.score(less)[position] < best.scores
        checked += 1
    assert checked == 60


def test_ease_solves_the_ridge_equation() -> None:
    """With plain settings B is I - P / diag(P), P the inverse of the Gram matrix plus the ridge."""
    data = Interactions.of([1, 1, 2, 2, 3, 3, 3], [10, 20, 10, 20, 10, 20, 30], [np.nan] * 7)
    plain = EaseConfig(
        regularization=0.5, item_power=0, member_power=0, score_slope=0, prior_titles=0
    )
    gram = np.array([[3, 3, 1], [3, 3, 1], [1, 1, 1]], float)
    P = np.linalg.inv(gram + 0.5 * np.trace(gram) / 3 * np.eye(3))
    expected = np.eye(3) - P / np.diag(P)
    np.testing.assert_allclose(Ease(config=plain).fit(data).weights.toarray(), expected, atol=1e-5)


def test_a_model_cut_to_some_titles_scores_them_as_before() -> None:
    model = Ease().fit(two_tastes())
    kept = model.vocabulary.ids[:20]
    small = model.cut_to(kept)
    member = MemberList.of(kept[:3], [9, 9, 9])
    np.testing.assert_allclose(small.score(member), model.score(member)[:20], rtol=1e-5)


def test_popularity_counts_members_who_did_not_drop_it() -> None:
    data = Interactions.of(
        [1, 2, 3, 3], [10, 10, 10, 20], [8, 6, 1, np.nan], [False, False, True, False]
    )
    model = Popularity(config=PopularityConfig(damping=2)).fit(data)
    assert model.counts.tolist() == [2, 1]
    # (8 + 6 + 1 + 2 · 5) / (3 + 2), and nothing but the common mean of 5 for the unscored one.
    assert model.mean_scores.tolist() == [5, 5]


def test_content_joins_its_parts_by_their_weights() -> None:
    only_studio = ContentConfig(weights={"studio": 1.0})
    model = Content(config=only_studio).fit(two_tastes(), two_shelves())
    near = model.item_similarities(0)
    np.testing.assert_allclose(near, evens(model.vocabulary.ids).astype(float), atol=1e-6)


def test_a_predicted_score_follows_the_title_and_the_member() -> None:
    rng = np.random.default_rng(3)
    who = np.repeat(np.arange(80), 30)
    what = np.tile(np.arange(30), 80)
    truth = 5 + (what % 3) + np.where(who % 2, 1.5, -1.5)
    data = Interactions.of(
        who, what, np.clip(np.round(truth + rng.normal(0, 0.3, len(who))), 1, 10)
    )
    model = ScoreBlend().fit(data)
    strict = MemberList.of(range(20), 5 + np.arange(20) % 3 - 1.5)
    predicted = model.score(strict)[20:]
    assert np.abs(predicted - (5 + np.arange(20, 30) % 3 - 1.5)).mean() < 0.6
    assert ((predicted >= 1) & (predicted <= 10)).all()
