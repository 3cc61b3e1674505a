"""What a small instance takes from a larger community, and what it must not learn of anybody."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from recommender.engine.artifacts import MANIFEST, ArtifactError
from recommender.engine.gram import GramMatrix, Weighting
from recommender.engine.interactions import EngineError, Interactions, MemberList, Vocabulary
from recommender.engine.linear import Ease, EaseConfig
from recommender.engine.prior import Prior
from recommender.tests.engine.worlds import FIRST_ID, ITEMS, MEMBERS, evens, two_tastes

NOBODY = Interactions.of([], [], [])
FEW = 5


@pytest.fixture(scope="module")
def prior() -> Prior:
    return Prior.of(two_tastes(), least_members=FEW)


def shared(data: Interactions) -> np.ndarray:
    X = data.matrix(data.vocabulary()).toarray()
    return X.T @ X


def opposite_taste(members: int) -> Interactions:
    """Each of these watched the first title and then only odd ones."""
    rng = np.random.default_rng(1)
    who, what = [], []
    for member in range(members):
        odd = rng.choice(np.arange(1, ITEMS, 2), 12, replace=False)
        what += [FIRST_ID, *(FIRST_ID + odd)]
        who += [member] * 13
    return Interactions.of(who, what, np.full(len(who), np.nan))


def test_numbers_that_few_members_stand_behind_are_not_kept(prior: Prior) -> None:
    together = shared(two_tastes())
    kept = prior.codes > 0
    pairs = together[np.triu_indices(ITEMS, 1)]
    assert (pairs[kept] >= FEW).all()
    assert (pairs[~kept] < FEW).all()
    assert 0 < kept.sum() < len(kept)


def test_a_title_of_few_members_is_not_named() -> None:
    data = two_tastes()
    rare = Interactions.of(
        np.concatenate([data.members, np.arange(1, FEW)]),
        np.concatenate([data.items, np.full(FEW - 1, 7)]),
        np.concatenate([data.scores, np.full(FEW - 1, 10)]),
    )
    assert 7 in rare.vocabulary()
    assert 7 not in Prior.of(rare, least_members=FEW).vocabulary


def test_dropped_titles_are_not_counted_as_watched() -> None:
    data = Interactions.of([1, 2, 3], [5, 5, 5], [8, 8, 1], [False, False, True])
    assert Prior.of(data, least_members=1).counts.tolist() == [2]


def test_what_is_kept_is_the_matrix_to_the_steps_of_its_codes() -> None:
    data = two_tastes()
    whole = Prior.of(data, least_members=1)
    exact = GramMatrix.of(data, Weighting(), max_items=ITEMS)
    np.testing.assert_array_equal(whole.vocabulary.ids, exact.vocabulary.ids)
    np.testing.assert_allclose(whole.gram().values, exact.values, rtol=0.01, atol=0.05)
    np.testing.assert_array_equal(whole.counts, exact.counts)


def test_what_is_dropped_stays_in_the_sums_of_titles(prior: Prior) -> None:
    exact = GramMatrix.of(two_tastes(), Weighting(), max_items=ITEMS).values
    raw = prior.gram().values - prior.repair.astype(np.float32).T @ prior.repair.astype(np.float32)
    np.testing.assert_allclose(raw.sum(axis=1), exact.sum(axis=1), rtol=0.02)


def test_the_matrix_has_no_strongly_negative_eigenvalue() -> None:
    strict = Prior.of(two_tastes(), least_members=10)
    values = strict.gram().values
    assert np.linalg.eigvalsh(values)[0] > -0.3 * np.diag(values).mean()


def test_shared_watchers_can_be_told_from_the_weighted_matrix() -> None:
    data = two_tastes()
    whole = Prior.of(data, least_members=1)
    told, true = whole.together_for(whole.vocabulary), shared(data)
    np.testing.assert_array_equal(np.diag(told), np.diag(true))
    assert np.abs(told - true).sum() / true.sum() < 0.1
    assert (told[true == 0] == 0).all()


def test_statistics_are_laid_out_over_another_vocabulary(prior: Prior) -> None:
    other = Vocabulary([3, FIRST_ID, FIRST_ID + 1, FIRST_ID + 900])
    places = prior.vocabulary.positions(other.ids)
    assert prior.counts_for(other).tolist() == [0, prior.counts[0], prior.counts[1], 0]
    gram = prior.gram_for(other)
    assert gram.shape == (4, 4)
    np.testing.assert_array_equal(gram[1:3, 1:3], prior.gram().values[:2, :2])
    assert not gram[[0, 3]].any()
    assert (places[[0, 3]] == -1).all()


def test_the_prior_falls_silent_as_the_community_grows(prior: Prior) -> None:
    weights = [prior.weight(n, worth=100.0) for n in (0, 10, 100, 1_000, 100_000)]
    assert weights == sorted(weights, reverse=True)
    assert weights[0] == 1.0
    assert weights[2] == 0.5
    assert weights[-1] < 0.002
    assert prior.weight(10, worth=0.0) == 0


def test_a_prior_speaks_with_the_voice_of_no_more_members_than_it_is_worth(prior: Prior) -> None:
    assert prior.members == MEMBERS
    assert prior.weight(0, worth=MEMBERS / 2) * prior.members == MEMBERS / 2


def test_an_instance_without_members_recommends_from_the_prior(prior: Prior) -> None:
    model = Ease().fit(NOBODY, prior=prior)
    assert evens(model.recommend(MemberList.of([FIRST_ID], [9]), 10).ids).all()
    assert not evens(model.recommend(MemberList.of([FIRST_ID + 1], [9]), 10).ids).any()
    assert len(model.recommend(MemberList.of([]), 5)) == 5


def test_with_neither_lists_nor_prior_there_is_nothing_to_learn_from() -> None:
    with pytest.raises(EngineError, match="no interactions"):
        Ease().fit(NOBODY)


def test_a_growing_community_outvotes_the_prior(prior: Prior) -> None:
    asked = MemberList.of([FIRST_ID], [9])
    config = EaseConfig(prior_members=50)
    odd = [
        (~evens(Ease(config).fit(opposite_taste(n), prior=prior).recommend(asked, 10).ids)).sum()
        for n in (1, 2_000)
    ]
    assert odd[0] == 0
    assert odd[1] == 10


def test_titles_of_the_community_and_of_the_prior_are_all_known(prior: Prior) -> None:
    local = Interactions.of([1, 1, 2], [7, FIRST_ID, FIRST_ID], [8, 8, 8])
    model = Ease().fit(local, prior=prior)
    assert set(model.vocabulary.ids) == {7, *prior.vocabulary.ids}
    near = model.similar_items(FIRST_ID, 11).ids
    assert evens(near[near != 7])[:10].all()


def test_a_prior_worth_nothing_changes_no_score(prior: Prior) -> None:
    data = two_tastes(seed=4)
    asked = MemberList.of([FIRST_ID, FIRST_ID + 4], [9, 7])
    config = EaseConfig(prior_members=0)
    with_prior, without = Ease(config).fit(data, prior=prior), Ease(config).fit(data)
    np.testing.assert_allclose(with_prior.score(asked), without.score(asked), rtol=1e-3, atol=1e-5)


def test_popularity_takes_the_local_counts_over(prior: Prior) -> None:
    vocabulary = Vocabulary([FIRST_ID, FIRST_ID + 1])
    alone = prior.popularity_with(np.zeros(2, np.float32), vocabulary, 0)
    np.testing.assert_allclose(alone, prior.counts[:2])
    grown = prior.popularity_with(np.array([0, 900], np.float32), vocabulary, 1_000)
    assert grown[0] < 0.2 * prior.counts[0]
    assert grown[1] > 900


def test_what_is_saved_is_the_same_prior(prior: Prior, tmp_path: Path) -> None:
    full = replace(prior, extra={"trees_left": np.arange(5), "cuts": np.ones((2, 3), np.float16)})
    full.save(tmp_path / "prior", note="for a test")
    again = Prior.load(tmp_path / "prior")
    np.testing.assert_array_equal(again.gram().values, full.gram().values)
    np.testing.assert_array_equal(again.vocabulary.ids, full.vocabulary.ids)
    assert (again.members, again.least_members, again.weighting) == (MEMBERS, FEW, Weighting())
    assert set(again.extra) == {"trees_left", "cuts"}
    np.testing.assert_array_equal(again.extra["cuts"], full.extra["cuts"])
    assert json.loads((tmp_path / "prior" / MANIFEST).read_text())["note"] == "for a test"


def test_two_priors_of_the_same_lists_are_the_same_bytes(prior: Prior, tmp_path: Path) -> None:
    for name in ("one", "two"):
        Prior.of(two_tastes(), least_members=FEW).save(tmp_path / name)
    for file in (tmp_path / "one").iterdir():
        assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes()


@pytest.mark.parametrize(
    "change",
    [{"kind": "ease"}, {"members": None}, {"weighting": {"gone": 1}}, {"least_members": "x"}],
)
def test_a_prior_of_another_version_is_refused(change: dict, prior: Prior, tmp_path: Path) -> None:
    prior.save(tmp_path / "prior")
    file = tmp_path / "prior" / MANIFEST
    file.write_text(json.dumps(json.loads(file.read_text()) | change))
    with pytest.raises(ArtifactError):
        Prior.load(tmp_path / "prior")


def test_a_damaged_prior_is_refused(prior: Prior, tmp_path: Path) -> None:
    prior.save(tmp_path / "prior")
    for file in sorted((tmp_path / "prior").glob("*.npy")):
        whole = file.read_bytes()
        file.write_bytes(whole[:-1])
        with pytest.raises(ArtifactError):
            Prior.load(tmp_path / "prior")
        file.write_bytes(whole)


def test_arrays_that_do_not_fit_together_are_refused(prior: Prior, tmp_path: Path) -> None:
    for wrong in ({"counts": prior.counts[:-1]}, {"codes": prior.codes[:-1]}):
        replace(prior, **wrong).save(tmp_path / "prior")
        with pytest.raises(ArtifactError, match="fit together"):
            Prior.load(tmp_path / "prior")


@pytest.mark.parametrize("wrong", [{"titles": 0}, {"least_members": 0}, {"least_members": 10_000}])
def test_a_prior_of_nothing_is_not_made(wrong: dict) -> None:
    with pytest.raises(EngineError):
        Prior.of(two_tastes(), **wrong)


@pytest.mark.parametrize(
    ("who", "what"),
    [([], []), ([1], [5]), ([1, 1], [5, 6]), ([1, 2], [5, 5])],
    ids=["empty", "one of each", "one member", "one title"],
)
def test_the_smallest_priors_are_an_error_or_an_answer(who: list, what: list) -> None:
    data = Interactions.of(who, what, [np.nan] * len(who))
    if not who:
        with pytest.raises(EngineError):
            Prior.of(data, least_members=1)
        return
    model = Ease().fit(NOBODY, prior=Prior.of(data, least_members=1))
    assert np.isfinite(model.score(MemberList.of([5], [7]))).all()
