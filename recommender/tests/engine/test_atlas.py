"""The map of all titles."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.manifold import trustworthiness as reference

from recommender.engine.artifacts import ArtifactError
from recommender.engine.atlas import Atlas, AtlasConfig
from recommender.engine.base import ItemFeatures
from recommender.engine.interactions import EngineError, Interactions
from recommender.engine.map_quality import onto_last_map, trustworthiness
from recommender.tests.engine.worlds import FIRST_ID, ITEMS, evens, two_shelves, two_tastes

SMALL = AtlasConfig(perplexity=8, neighbours=5)
NEVER_WATCHED = FIRST_ID + ITEMS


@pytest.fixture(scope="module")
def atlas() -> Atlas:
    return Atlas(config=SMALL).fit(two_tastes(), two_shelves())


def shelves_and_one_more() -> ItemFeatures:
    shelves = two_shelves()
    return ItemFeatures(
        ids=np.append(shelves.ids, NEVER_WATCHED), genres=[*shelves.genres, ["Mecha", "Action"]]
    )


def test_every_title_has_a_place(atlas: Atlas) -> None:
    assert len(atlas.vocabulary) == ITEMS
    assert atlas.coordinates.shape == (ITEMS, 2)
    assert np.isfinite(atlas.coordinates).all()
    assert np.sqrt((atlas.coordinates**2).sum(axis=1).mean()) == pytest.approx(1, abs=1e-4)


def test_titles_of_one_taste_are_neighbours(atlas: Atlas) -> None:
    own = [
        (evens(atlas.neighbours(pk, 8).ids) == evens(np.array([pk]))).mean()
        for pk in atlas.vocabulary.ids.tolist()
    ]
    assert np.mean(own) > 0.9
    assert atlas.facts["trustworthiness"] > 0.7


def test_neighbours_come_nearest_first_and_without_the_title(atlas: Atlas) -> None:
    found = atlas.neighbours(FIRST_ID, 100)
    assert len(found) == ITEMS - 1
    assert FIRST_ID not in found.ids
    assert (np.diff(found.scores) <= 0).all()
    allowed = evens(np.asarray(atlas.vocabulary.ids))
    assert evens(atlas.neighbours(FIRST_ID, 100, allowed).ids).all()
    assert len(atlas.neighbours(1, 5)) == 0
    with pytest.raises(EngineError):
        atlas.neighbours(FIRST_ID, -1)


def test_a_title_nobody_watched_lies_among_those_it_is_like() -> None:
    atlas = Atlas(config=SMALL).fit(two_tastes(), shelves_and_one_more())
    assert not atlas.watched[-1]
    assert evens(atlas.neighbours(NEVER_WATCHED, 5).ids).all()
    assert np.isnan(atlas.positions_of([1])).all()
    assert np.isfinite(atlas.positions_of([NEVER_WATCHED])).all()


@pytest.fixture(scope="module")
def next_maps(atlas: Atlas) -> list[Atlas]:
    """After three other trainings: one map alone hangs on the processor's last bits."""
    return [
        Atlas(config=SMALL).fit(two_tastes(seed=seed), shelves_and_one_more(), previous=atlas)
        for seed in (4, 6, 8)
    ]


def middles(coordinates: np.ndarray, is_even: np.ndarray) -> np.ndarray:
    """The middle of either taste, shape (2, 2)."""
    return np.array([coordinates[side].mean(axis=0) for side in (is_even, ~is_even)])


def test_the_next_map_lies_like_the_last(atlas: Atlas, next_maps: list[Atlas]) -> None:
    ids = np.asarray(atlas.vocabulary.ids)
    before = middles(np.asarray(atlas.coordinates), evens(ids))
    moved = []
    for again in next_maps:
        assert again.facts["shared_with_last"] == ITEMS
        assert again.facts["drift"] < 1
        after = middles(again.positions_of(ids), evens(ids))
        moved.append(np.linalg.norm(after - before, axis=1).max())
    assert np.median(moved) < 0.5
    # No taste ever comes to lie where the other was.
    assert max(moved) < np.linalg.norm(before[0] - before[1]) / 2


def test_a_last_map_of_other_titles_is_of_no_use_and_no_harm(atlas: Atlas) -> None:
    world = two_tastes()
    moved = Interactions.of(world.members, world.items + 1000, world.scores)
    fresh = Atlas(config=SMALL).fit(moved, None, previous=atlas)
    assert "drift" not in fresh.facts
    assert np.isfinite(fresh.coordinates).all()


@pytest.mark.parametrize("angle", [0.0, 1.0, 3.0])
@pytest.mark.parametrize("flip", [1, -1])
def test_a_map_turned_flipped_moved_and_grown_is_brought_back(angle: float, flip: int) -> None:
    rng = np.random.default_rng(2)
    last = rng.normal(size=(30, 2)).astype(np.float32)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [flip * np.sin(angle), flip * np.cos(angle)]])
    now = (3 * last @ turn + 7).astype(np.float32)
    back = onto_last_map(now, last)
    np.testing.assert_allclose(back.apply(now), last, atol=1e-4)
    assert back.drift == pytest.approx(0, abs=1e-4)


def test_trustworthiness_is_the_reference_where_all_titles_are_asked() -> None:
    rng = np.random.default_rng(0)
    points, places = rng.normal(size=(80, 6)), rng.normal(size=(80, 2))
    places[:, 0] += points[:, 0] * 3
    ours = trustworthiness(points.astype(np.float32), places.astype(np.float32), 7, 500, 1)
    theirs = reference(points, places, n_neighbors=7)
    assert ours == pytest.approx(theirs, abs=1e-3)


def test_a_map_of_the_points_themselves_is_trusted_wholly() -> None:
    points = np.random.default_rng(0).normal(size=(60, 2)).astype(np.float32)
    assert trustworthiness(points, points, 5, 60, 0) == 1
    assert trustworthiness(points[:8], points[:8], 5, 60, 0) is None


@pytest.mark.parametrize(
    ("who", "what"),
    [([1], [5]), ([1, 1], [5, 6]), ([1, 2], [5, 5]), (range(12), range(12)), ([1] * 9, range(9))],
    ids=["one of each", "one member", "one title", "nobody alike", "one long list"],
)
def test_the_smallest_worlds_have_a_map(who: list, what: list) -> None:
    world = Interactions.of(who, what, [5.0] * len(what))
    first = Atlas(config=SMALL).fit(world, two_shelves())
    again = Atlas(config=SMALL).fit(world, two_shelves(), previous=first)
    for atlas in (first, again):
        assert np.isfinite(atlas.coordinates).all()
        assert len(atlas.coordinates) == len(atlas.vocabulary)


def test_nothing_to_learn_from_is_said() -> None:
    with pytest.raises(EngineError):
        Atlas().fit(Interactions.of([], [], []))


def test_only_the_most_watched_are_laid_out_where_they_are_too_many() -> None:
    config = AtlasConfig(perplexity=8, neighbours=5, most_laid_out=25)
    atlas = Atlas(config=config).fit(two_tastes(), two_shelves())
    assert atlas.watched.sum() == 25
    assert np.isfinite(atlas.coordinates).all()


def test_two_fits_give_the_same_bytes(atlas: Atlas) -> None:
    again = Atlas(config=SMALL).fit(two_tastes(), two_shelves())
    assert again.facts == atlas.facts
    assert again.coordinates.tobytes() == atlas.coordinates.tobytes()


def test_what_is_kept_is_the_same_map(atlas: Atlas, tmp_path) -> None:
    atlas.save(tmp_path / "atlas")
    loaded = Atlas.load(tmp_path / "atlas")
    np.testing.assert_array_equal(loaded.coordinates, atlas.coordinates)
    np.testing.assert_array_equal(
        loaded.neighbours(FIRST_ID, 5).ids, atlas.neighbours(FIRST_ID, 5).ids
    )
    file = tmp_path / "atlas" / "coordinates.npy"
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(ArtifactError):
        Atlas.load(tmp_path / "atlas")


# Fewer titles, and more


def test_a_map_cut_to_some_titles_has_them_where_they_were(atlas: Atlas, tmp_path: Path) -> None:
    kept = atlas.vocabulary.ids[::3]
    atlas.cut_to([*kept[::-1], kept[0], 1]).save(tmp_path / "cut")
    small = Atlas.load(tmp_path / "cut")
    assert small.vocabulary.ids.tolist() == kept.tolist()
    np.testing.assert_array_equal(small.positions_of(kept), atlas.positions_of(kept))
    assert np.isnan(small.positions_of([atlas.vocabulary.ids[1]])).all()
    allowed = np.isin(atlas.vocabulary.ids, kept)
    found, before = small.neighbours(FIRST_ID, 5), atlas.neighbours(FIRST_ID, 5, allowed)
    assert found.ids.tolist() == before.ids.tolist()
    assert (small.facts["cut_to"], len(small.watched)) == (len(kept), len(kept))


def test_titles_newer_than_the_map_are_placed_by_what_they_are(atlas: Atlas) -> None:
    more = atlas.with_placed(shelves_and_one_more())
    assert len(more.vocabulary) == ITEMS + 1
    assert evens(more.neighbours(NEVER_WATCHED, 5).ids).all()
    assert not more.watched[more.vocabulary.positions([NEVER_WATCHED])].any()
    ids = atlas.vocabulary.ids
    np.testing.assert_array_equal(more.positions_of(ids), atlas.positions_of(ids))
    assert NEVER_WATCHED not in atlas.vocabulary
