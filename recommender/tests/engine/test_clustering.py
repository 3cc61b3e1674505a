"""Groups of members, their names, and that they stay."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from sklearn.metrics import adjusted_rand_score

from recommender.engine.artifacts import ArtifactError
from recommender.engine.base import ItemFeatures
from recommender.engine.clustering import ClusterConfig, Clusters
from recommender.engine.interactions import EngineError, Interactions, MemberList
from recommender.engine.spherical import agreement, nearest, spherical_kmeans, unit_rows
from recommender.tests.engine.worlds import FIRST_ID, ITEMS, evens, two_shelves, two_tastes

TWO = ClusterConfig(fewest=2, most=4)


@pytest.fixture(scope="module")
def clusters() -> Clusters:
    return Clusters(config=TWO).fit(two_tastes(), two_shelves())


def test_the_two_tastes_are_found_and_named_by_what_sets_them_apart(clusters: Clusters) -> None:
    assert len(clusters.groups) == 2
    assert {group.size for group in clusters.groups} == {30}
    assert sum(group.share for group in clusters.groups) == pytest.approx(1)
    names = {group.name for group in clusters.groups}
    assert {"Slice of Life"} < names
    assert names & {"Mecha and Action", "Action and Mecha"}
    for group in clusters.groups:
        robots = "Mecha" in group.name
        assert (evens(np.array(group.titles)) == robots).all()


def test_members_are_grouped_by_their_taste(clusters: Clusters) -> None:
    world = two_tastes()
    assert adjusted_rand_score(clusters.assign_all(world), world.member_ids % 2) == 1


def test_a_new_member_is_put_with_their_like(clusters: Clusters) -> None:
    group = clusters.assign(MemberList.of([FIRST_ID, FIRST_ID + 2], [9, None]))
    assert group is not None
    assert "Mecha" in group.name


def test_a_list_that_says_nothing_has_no_group(clusters: Clusters) -> None:
    dropped = MemberList.of([FIRST_ID], [None], [-0.3])
    for list_ in (MemberList.of([]), MemberList.of([1], [10]), dropped):
        assert clusters.assign(list_) is None


def test_no_member_can_be_told_from_what_is_kept(clusters: Clusters) -> None:
    kept = clusters.arrays()
    assert set(kept) == {"idf", "components", "centroids"}
    assert len(kept["centroids"]) == 2
    assert set(clusters.facts["groups"][0]) == {"label", "name", "size", "share", "words", "titles"}


def test_labels_and_names_stay_from_one_training_to_the_next(clusters: Clusters) -> None:
    again = Clusters(config=TWO).fit(two_tastes(seed=3), two_shelves(), previous=clusters)
    was = {"Mecha" in group.name: (group.label, group.name) for group in clusters.groups}
    now = {"Mecha" in group.name: (group.label, group.name) for group in again.groups}
    assert now == was
    assert again.facts["continued"] > 0.9


def test_a_group_that_is_new_gets_a_label_nobody_had(clusters: Clusters) -> None:
    other = two_tastes()
    moved = Interactions.of(other.members, other.items + 1000, other.scores)
    fresh = Clusters(config=TWO).fit(moved, None, previous=clusters)
    assert not {g.label for g in fresh.groups} & {g.label for g in clusters.groups}
    third = Clusters(config=TWO).fit(two_tastes(), two_shelves(), previous=fresh)
    labels = [g.label for world in (clusters, fresh, third) for g in world.groups]
    assert len(labels) == len(set(labels))


def test_groups_alike_in_genre_have_different_names() -> None:
    world = two_tastes()
    plain = ItemFeatures(
        ids=np.arange(FIRST_ID, FIRST_ID + ITEMS),
        titles=[f"{'ab'[n % 2]} title {n}" for n in range(ITEMS)],
    )
    names = [group.name for group in Clusters(config=TWO).fit(world, plain).groups]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("who", "what"),
    [([1], [5]), ([1, 1], [5, 6]), ([1, 2], [5, 5]), (range(12), range(12)), ([1] * 9, range(9))],
    ids=["one of each", "one member", "one title", "nobody alike", "one long list"],
)
def test_the_smallest_worlds_have_groups(who: list, what: list) -> None:
    clusters = Clusters().fit(Interactions.of(who, what, [5.0] * len(what)), two_shelves())
    assert sum(group.size for group in clusters.groups) == len(set(who))
    assert np.isfinite(clusters.centroids).all()


def test_where_everything_was_dropped_there_are_still_groups() -> None:
    world = Interactions.of([1, 2], [5, 6], [2, 3], dropped=[True, True])
    assert Clusters().fit(world).groups


def test_nothing_to_learn_from_is_said() -> None:
    with pytest.raises(EngineError):
        Clusters().fit(Interactions.of([], [], []))


def test_two_fits_give_the_same_bytes(clusters: Clusters) -> None:
    again = Clusters(config=TWO).fit(two_tastes(), two_shelves())
    assert again.facts == clusters.facts
    for name, array in clusters.arrays().items():
        assert array.tobytes() == again.arrays()[name].tobytes(), name


def test_what_is_kept_assigns_the_same(clusters: Clusters, tmp_path) -> None:
    clusters.save(tmp_path / "clusters")
    loaded = Clusters.load(tmp_path / "clusters")
    assert loaded.groups == clusters.groups
    list_ = MemberList.of([FIRST_ID + 1], [9])
    assert loaded.assign(list_) == clusters.assign(list_)
    file = tmp_path / "clusters" / "idf.npy"
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(ArtifactError):
        Clusters.load(tmp_path / "clusters")


# k-means and agreement


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=40))
def test_agreement_is_the_adjusted_rand_index(pairs: list) -> None:
    a, b = zip(*pairs, strict=True)
    assert agreement(a, b) == pytest.approx(adjusted_rand_score(a, b))


@settings(max_examples=60, deadline=None)
@given(
    arrays.arrays(
        np.float32, st.tuples(st.integers(1, 15), st.just(3)), elements=st.integers(-3, 3)
    ),
    st.integers(1, 6),
)
def test_any_points_have_centroids_of_length_one_or_none(points: np.ndarray, number: int) -> None:
    centroids = spherical_kmeans(unit_rows(points), number, 0)
    assert len(centroids) == min(number, len(points))
    lengths = np.linalg.norm(centroids, axis=1)
    assert ((np.abs(lengths - 1) < 1e-4) | (lengths < 1e-4)).all()


def test_the_last_groups_stay_where_others_fit_no_better() -> None:
    rng = np.random.default_rng(0)
    points = unit_rows(rng.normal(size=(300, 4)).astype(np.float32))
    last = spherical_kmeans(points, 5, 1)
    for seed, other in pairwise(range(2, 6)):
        stays = spherical_kmeans(points, 5, seed + other, last)
        assert agreement(nearest(points, stays), nearest(points, last)) > 0.95


def test_a_list_is_nearest_to_the_group_it_is_put_in(clusters: Clusters) -> None:
    list_ = MemberList.of([FIRST_ID, FIRST_ID + 2], [9, None])
    near = clusters.nearness(list_)
    assert clusters.groups[int(near.argmax())] == clusters.assign(list_)
    assert (clusters.nearness(MemberList.of([1], [10])) == 0).all()


def test_a_group_is_nearest_to_itself(clusters: Clusters) -> None:
    for position in range(len(clusters.groups)):
        near = clusters.nearness_of_groups(position)
        assert int(near.argmax()) == position
        assert near[position] == pytest.approx(1, abs=1e-5)


def test_what_a_group_watches_most_is_of_its_taste(clusters: Clusters) -> None:
    for position, group in enumerate(clusters.groups):
        typical = clusters.typical(position, 5)
        assert len(typical) == 5
        assert (evens(typical.ids) == ("Mecha" in group.name)).all()


# Titles, and fewer of them


def test_a_title_belongs_to_the_group_that_watches_it(clusters: Clusters) -> None:
    ids = np.asarray(clusters.vocabulary.ids)
    groups = clusters.of_titles(ids)
    robots = ["Mecha" in clusters.groups[group].name for group in groups.tolist()]
    assert (np.array(robots) == evens(ids)).all()
    assert clusters.of_titles([1, FIRST_ID]).tolist() == [-1, groups[0]]
    assert Clusters().of_titles([FIRST_ID]).tolist() == [-1]


def test_groups_cut_to_some_titles_put_members_where_they_were(
    clusters: Clusters, tmp_path: Path
) -> None:
    kept = clusters.vocabulary.ids[:20]
    clusters.cut_to([*kept[::-1], kept[0], 1]).save(tmp_path / "cut")
    small = Clusters.load(tmp_path / "cut")
    assert small.vocabulary.ids.tolist() == kept.tolist()
    assert [group.name for group in small.groups] == [group.name for group in clusters.groups]
    np.testing.assert_array_equal(small.of_titles(kept), clusters.of_titles(kept))
    list_ = MemberList.of([FIRST_ID, FIRST_ID + 2], [9, None])
    before, now = clusters.assign(list_), small.assign(list_)
    assert before is not None
    assert now is not None
    assert before.label == now.label
    # A title that was cut off emblems nothing any more.
    assert all(set(group.titles) <= set(kept.tolist()) for group in small.groups)
