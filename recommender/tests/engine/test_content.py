"""What the content model and the studio vectors learn from worlds with a known answer."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.engine.base import ItemFeatures
from recommender.engine.content import Content, ContentConfig
from recommender.engine.content_parts import OF_STUDIOS, read_blocks
from recommender.engine.content_weights import DEFAULT_WEIGHTS
from recommender.engine.interactions import EngineError, Interactions, MemberList
from recommender.engine.studios import Studios
from recommender.tests.engine.worlds import FIRST_ID, ITEMS, evens, two_shelves, two_tastes

NOBODY = Interactions.of([], [], [])


def genres_matter(sources_matter: bool = False) -> tuple[Interactions, ItemFeatures]:
    """300 members of two tastes; titles of one taste share a genre, or else a source."""
    rng = np.random.default_rng(4)
    titles = 60
    who, what = [], []
    for member in range(300):
        for item in rng.choice(np.arange(member % 2, titles, 2), 12, replace=False):
            who.append(member)
            what.append(item)
    taste = ["a" if n % 2 else "b" for n in range(titles)]
    noise = ["c" if n % 4 < 2 else "d" for n in range(titles)]
    features = ItemFeatures(
        ids=np.arange(titles),
        genres=[(name,) for name in (noise if sources_matter else taste)],
        sources=taste if sources_matter else noise,
    )
    return Interactions.of(who, what, [np.nan] * len(who)), features


@pytest.mark.parametrize("sources_matter", [False, True])
def test_the_part_that_tells_tastes_apart_gets_the_weight(sources_matter: bool) -> None:
    weights = Content().fit(*genres_matter(sources_matter)).facts["weights"]
    strong, weak = ("source", "genre") if sources_matter else ("genre", "source")
    # A quarter still comes from the defaults: 300 members against 100.
    assert weights[strong] > 0.7
    assert weights[weak] < 0.2 + DEFAULT_WEIGHTS[weak]
    assert sum(weights.values()) == pytest.approx(1, abs=1e-3)


def test_without_members_the_default_weights_count() -> None:
    weights = Content().fit(NOBODY, two_shelves()).facts["weights"]
    told = {name: w for name, w in DEFAULT_WEIGHTS.items() if weights[name]}
    assert set(told) == {"synopsis", "genre", "studio"}
    for name, weight in told.items():
        assert weights[name] == pytest.approx(weight / sum(told.values()), abs=1e-3)


def test_a_sum_of_cosines_takes_the_parts_that_are_known() -> None:
    features = ItemFeatures(
        ids=np.array([1, 2, 3]), genres=[("a",), ("a",), ()], kinds=["tv", "tv", "tv"]
    )
    model = Content(config=ContentConfig(weights={"genre": 0.7, "type": 0.3}))
    near = model.fit(NOBODY, features).item_similarities(0)
    np.testing.assert_allclose(near, [1, 1, 0.3], atol=1e-6)


def test_the_parts_add_up_to_the_similarity() -> None:
    model = Content().fit(two_tastes(), two_shelves())
    whole = (model.features @ model.features.T).toarray()
    parts = [model.part(name) for name in DEFAULT_WEIGHTS]
    summed = sum((part @ part.T).toarray() for part in parts)
    np.testing.assert_allclose(whole, summed, atol=1e-6)


def test_seasons_are_found_by_their_names_alone() -> None:
    names = ["Quiet Garden", "Quiet Garden 2nd Season", "Iron Pilots", "Blue Harbour"]
    model = Content().fit(NOBODY, ItemFeatures(ids=np.arange(4), titles=names))
    assert model.similar_items(0, 3).ids.tolist() == [1]
    assert model.recommend(MemberList.of([1], [9]), 1).ids.tolist() == [0]


@pytest.mark.parametrize("weights", [{"colour": 1.0}, {"genre": -1.0}, {"genre": float("nan")}])
def test_weights_that_make_no_sense_are_refused(weights: dict) -> None:
    with pytest.raises(EngineError):
        Content(config=ContentConfig(weights=weights)).fit(NOBODY, two_shelves())


def test_given_weights_survive_the_artifact(tmp_path: Path) -> None:
    model = Content(config=ContentConfig(weights={"genre": 1.0})).fit(NOBODY, two_shelves())
    model.save(tmp_path / "kept")
    loaded = Content.load(tmp_path / "kept")
    assert loaded.config == model.config
    assert (loaded.part("genre") != model.part("genre")).nnz == 0


word = st.sampled_from(["", "a", "tea", "☕", "the", "Ω robots", "&#039;"])
number = st.sampled_from([np.nan, -1.0, 0.0, 12.0, 1e9, np.inf])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(word, word, st.lists(word, max_size=3), number, number), min_size=1, max_size=6
    ),
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 7)), max_size=12),
)
def test_any_catalogue_gives_finite_similarities(titles: list, lines: list) -> None:
    synopses, names, genres, years, episodes = zip(*titles, strict=True)
    features = ItemFeatures(
        ids=np.arange(len(titles)),
        synopses=synopses,
        titles=names,
        genres=genres,
        studios=genres,
        years=np.array(years, np.float32),
        episodes=np.array(episodes, np.float32),
    )
    data = Interactions.of([m for m, _ in lines], [i for _, i in lines], [np.nan] * len(lines))
    model = Content().fit(data, features)
    score = model.score(MemberList.of([0, 99], [9, 1]))
    assert np.isfinite(score).all()
    assert (np.abs(score) <= 1 + 1e-4).all()


# --- studios


def many_studios() -> ItemFeatures:
    """40 studios of 6 titles: even ones make robots, odd ones tea."""
    made = [n // 6 for n in range(240)]
    return ItemFeatures(
        ids=np.arange(240),
        studios=[(f"studio {s:02d}",) for s in made],
        genres=[
            ("Mecha", f"g{n % 5}") if s % 2 else ("Slice of Life", f"g{n % 5}")
            for n, s in enumerate(made)
        ],
    )


def learned(features: ItemFeatures, data: Interactions, dimensions: int = 8) -> Studios:
    return Studios.learn(features, data, read_blocks(features, NOBODY), OF_STUDIOS, dimensions)


def test_studios_that_make_alike_are_neighbours() -> None:
    studios = learned(many_studios(), NOBODY, 2)
    near = [int(name.split()[1]) for name, _ in studios.neighbours("studio 03", 8)]
    assert len(near) == 8
    assert all(number % 2 for number in near)


def test_studios_watched_by_the_same_members_are_neighbours() -> None:
    features = many_studios()
    plain = ItemFeatures(ids=features.ids, studios=features.studios)
    # Members watch studios of one half, whatever they make.
    who = np.repeat(np.arange(80), 120)
    what = np.concatenate([np.arange(120) + 120 * (member % 2) for member in range(80)])
    studios = learned(plain, Interactions.of(who, what, np.full(len(who), np.nan)), 2)
    near = [int(name.split()[1]) for name, _ in studios.neighbours("studio 03", 8)]
    assert near
    assert all(number < 20 for number in near)


def test_a_title_without_a_studio_has_no_vector() -> None:
    features = ItemFeatures(
        ids=np.arange(3), studios=[("one",), (), ("one", "two")], genres=[("a",), ("a",), ("b",)]
    )
    vectors = learned(features, NOBODY).item_vectors()
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 0, 1], abs=1e-5)
    assert learned(features, NOBODY).neighbours("nobody") == []


def test_a_catalogue_without_studios_has_no_vectors() -> None:
    studios = learned(ItemFeatures(ids=np.arange(3)), NOBODY)
    assert studios.item_vectors().shape[0] == 3
    assert studios.item_vectors().size == 0


def test_few_studios_are_as_unlike_as_in_one_hot() -> None:
    model = Content(config=ContentConfig(weights={"studio": 1.0}))
    near = model.fit(two_tastes(), two_shelves()).item_similarities(0)
    np.testing.assert_allclose(near, evens(np.arange(ITEMS) + FIRST_ID), atol=1e-5)
