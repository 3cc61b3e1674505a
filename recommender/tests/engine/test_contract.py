"""What every model must keep to, whatever it learns."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.engine import registry
from recommender.engine.artifacts import MANIFEST, ArtifactError
from recommender.engine.base import Recommender
from recommender.engine.interactions import EngineError, Interactions, MemberList
from recommender.tests.engine.worlds import FIRST_ID, ITEMS, two_shelves, two_tastes

UNKNOWN = 1


@pytest.fixture(params=list(registry.MODELS), scope="module")
def model(request: pytest.FixtureRequest) -> Recommender:
    return registry.create(request.param).fit(two_tastes(), two_shelves())


@pytest.fixture
def robots() -> MemberList:
    return MemberList.of([FIRST_ID, FIRST_ID + 2, FIRST_ID + 4], [9, 8, None])


def test_a_seen_title_is_never_recommended(model: Recommender, robots: MemberList) -> None:
    assert not set(model.recommend(robots, ITEMS).ids) & set(robots.items)


def test_as_many_are_given_as_were_asked_for_while_they_exist(
    model: Recommender, robots: MemberList
) -> None:
    assert len(model.recommend(robots, 10)) == 10
    assert len(model.recommend(robots, 10_000)) == len(model.vocabulary) - len(robots)
    assert len(model.recommend(robots, 0)) == 0


def test_the_rules_come_before_the_cut(model: Recommender, robots: MemberList) -> None:
    allowed = np.zeros(len(model.vocabulary), bool)
    allowed[-5:] = True
    found = model.recommend(robots, 5, allowed)
    assert sorted(found.ids) == sorted(model.vocabulary.ids[-5:])


def test_scores_fall_down_the_list(model: Recommender, robots: MemberList) -> None:
    assert (np.diff(model.recommend(robots, ITEMS).scores) <= 0).all()


def test_an_empty_list_and_unknown_titles_are_answered(model: Recommender) -> None:
    for nobody in (MemberList.of([]), MemberList.of([UNKNOWN], [10])):
        assert len(model.recommend(nobody, 5)) == 5
        assert np.isfinite(model.score(nobody)).all()


def test_an_unknown_title_has_no_similar_ones_and_no_causes(
    model: Recommender, robots: MemberList
) -> None:
    assert len(model.similar_items(UNKNOWN, 5)) == 0
    (part,) = model.attributions(robots, [UNKNOWN])
    assert part.score == 0
    assert len(part.ids) == 0


def test_a_title_is_not_similar_to_itself(model: Recommender) -> None:
    assert FIRST_ID not in model.similar_items(FIRST_ID, ITEMS).ids


def test_the_causes_add_up_to_the_score(model: Recommender, robots: MemberList) -> None:
    found = model.recommend(robots, 10)
    for part, score in zip(model.attributions(robots, found.ids), found.scores, strict=True):
        assert part.score == pytest.approx(score, rel=1e-4, abs=1e-5)


def test_two_fits_give_the_same_bytes(model: Recommender) -> None:
    again = registry.create(model.kind).fit(two_tastes(), two_shelves())
    for name, array in model.arrays().items():
        assert array.tobytes() == again.arrays()[name].tobytes(), name


def test_what_is_saved_answers_the_same(
    model: Recommender, robots: MemberList, tmp_path: Path
) -> None:
    model.save(tmp_path / "kept", note="for a test")
    loaded = registry.load(tmp_path / "kept")
    assert type(loaded) is type(model)
    assert loaded.config == model.config
    np.testing.assert_array_equal(loaded.score(robots), model.score(robots))
    assert json.loads((tmp_path / "kept" / MANIFEST).read_text())["note"] == "for a test"


def test_saving_over_an_artifact_replaces_it_whole(model: Recommender, tmp_path: Path) -> None:
    model.save(tmp_path / "kept")
    model.save(tmp_path / "kept")
    assert [entry.name for entry in tmp_path.iterdir()] == ["kept"]
    registry.load(tmp_path / "kept")


def test_a_damaged_artifact_is_refused(model: Recommender, tmp_path: Path) -> None:
    model.save(tmp_path / "kept")
    for file in sorted((tmp_path / "kept").glob("*.npy")):
        whole = file.read_bytes()
        file.write_bytes(whole[:-1])
        with pytest.raises(ArtifactError):
            registry.load(tmp_path / "kept")
        file.unlink()
        with pytest.raises(ArtifactError):
            registry.load(tmp_path / "kept")
        file.write_bytes(whole)


@pytest.mark.parametrize(
    "change",
    [
        {"format": 99},
        {"kind": "other"},
        {"config": {"gone": 1}},
        {"arrays": {}},
        {"arrays": 3},
        {"arrays": {"data": {}}},
    ],
)
def test_an_artifact_of_another_version_is_refused(
    model: Recommender, change: dict, tmp_path: Path
) -> None:
    model.save(tmp_path / "kept")
    file = tmp_path / "kept" / MANIFEST
    file.write_text(json.dumps(json.loads(file.read_text()) | change))
    with pytest.raises(ArtifactError):
        registry.load(tmp_path / "kept")


def test_a_manifest_of_junk_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="missing"):
        registry.load(tmp_path)
    for junk in (b"", b"\xff\x00", b"[]", b"null"):
        (tmp_path / MANIFEST).write_bytes(junk)
        with pytest.raises(ArtifactError):
            registry.load(tmp_path)


@pytest.mark.parametrize("kind", list(registry.MODELS))
def test_nothing_to_learn_from_is_said(kind: str) -> None:
    with pytest.raises(EngineError):
        registry.create(kind).fit(Interactions.of([], [], []), None)


@pytest.mark.parametrize("kind", list(registry.MODELS))
@pytest.mark.parametrize(
    ("who", "what", "scores"),
    [
        ([1], [5], [7]),
        ([1, 1], [5, 6], [7, 7]),
        ([1, 2], [5, 5], [1, 10]),
        ([1, 2, 3], [5, 6, 7], [5, 5, 5]),
    ],
    ids=["one of each", "one member", "one title", "all scores equal"],
)
def test_the_smallest_worlds_are_learnt_from(
    kind: str, who: list, what: list, scores: list
) -> None:
    world = registry.create(kind).fit(Interactions.of(who, what, scores), two_shelves())
    assert np.isfinite(world.score(MemberList.of([5], [7]))).all()


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 2**40),
            st.one_of(st.none(), st.integers(1, 10)),
            st.sampled_from([1.0, -0.3]),
        ),
        max_size=30,
        unique_by=lambda line: line[0],
    )
)
def test_any_list_is_answered_with_finite_scores(lines: list) -> None:
    model = registry.create("ease").fit(two_tastes())
    ids = [pk if pk % 2 else FIRST_ID + pk % ITEMS for pk, _, _ in lines]
    list_ = MemberList.of(ids, [score for _, score, _ in lines], [weight for _, _, weight in lines])
    found = model.recommend(list_, 5)
    assert np.isfinite(found.scores).all()
    assert not set(found.ids) & set(ids)
