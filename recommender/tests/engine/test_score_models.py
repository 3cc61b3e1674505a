"""Predicted scores: what Surprise learns, folded in by us."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.engine import registry
from recommender.engine.artifacts import ArtifactError
from recommender.engine.interactions import EngineError, Interactions, MemberList
from recommender.engine.rating_error import member_groups, predicted_scores, score_folds
from recommender.engine.score_blend import ScoreBlend, ScoreBlendConfig
from recommender.engine.score_model import ScoreModel, trainset
from recommender.engine.surprise_models import KnnBaseline, KnnBaselineConfig, Svd, SvdConfig

MEMBERS, TITLES, LINES = 150, 40, 24
SMALL_SVD = SvdConfig(factors=8, epochs=80, learning_rate=0.02, regularization=0.05)
SMALL_KNN = KnnBaselineConfig(shrinkage=10)


def opinions(seed: int = 1) -> Interactions:
    """Even members love even titles and are lenient; odd ones love odd titles and are strict."""
    rng = np.random.default_rng(seed)
    who = np.repeat(np.arange(MEMBERS), LINES)
    what = np.concatenate([rng.choice(TITLES, LINES, replace=False) for _ in range(MEMBERS)])
    truth = 5.5 + np.where(who % 2, -0.7, 0.7) + np.where((who + what) % 2, -1.6, 1.6)
    return Interactions.of(
        who, what, np.clip(np.round(truth + rng.normal(0, 0.4, len(who))), 1, 10)
    )


def make(kind: str) -> ScoreModel:
    models: dict[str, ScoreModel] = {
        "svd": Svd(config=SMALL_SVD),
        "knn_baseline": KnnBaseline(config=SMALL_KNN),
        "score_blend": ScoreBlend(config=ScoreBlendConfig(svd=SMALL_SVD, knn=SMALL_KNN)),
    }
    return models[kind]


@pytest.fixture(params=["svd", "knn_baseline", "score_blend"], scope="module")
def model(request: pytest.FixtureRequest) -> ScoreModel:
    return make(request.param).fit(opinions())


def loves_odd(scored: int = 20) -> MemberList:
    """A strict member who is in no training row."""
    return MemberList.of(range(scored), [3.2 if n % 2 == 0 else 6.4 for n in range(scored)])


# --- what is predicted


def test_a_new_member_is_predicted_what_they_would_give(model: ScoreModel) -> None:
    rest = np.arange(20, TITLES)
    predicted = model.score(loves_odd())[model.vocabulary.positions(rest)]
    assert np.abs(predicted - np.where(rest % 2, 6.4, 3.2)).mean() < 0.5


def test_it_errs_less_than_a_mean_on_members_it_never_saw(model: ScoreModel) -> None:
    others = opinions(seed=2)
    fold = score_folds(others, folds=4, seed=0)
    shown, asked = others.take(fold != 0), others.take(fold == 0)
    wrong = predicted_scores(model, shown, asked) - asked.scores
    assert np.sqrt((wrong**2).mean()) < 0.5 * np.std(asked.scores)


def test_more_of_a_list_predicts_the_rest_better(model: ScoreModel) -> None:
    rest = np.arange(24, TITLES)
    truth = np.where(rest % 2, 6.4, 3.2)
    places = model.vocabulary.positions(rest)
    short, long = (np.abs(model.score(loves_odd(n))[places] - truth).mean() for n in (2, 24))
    assert long < short


def test_titles_without_a_score_change_nothing(model: ScoreModel) -> None:
    known = loves_odd(6)
    more = MemberList.of([*range(6), 30, 31, 9_999], [*known.scores, None, None, 4])
    np.testing.assert_array_equal(model.score(known), model.score(more))


def test_without_scores_everybody_is_predicted_alike_and_near_the_titles_mean(
    model: ScoreModel,
) -> None:
    nobody = model.score(MemberList.of([]))
    np.testing.assert_array_equal(nobody, model.score(MemberList.of([3, 4], [None, None])))
    assert abs(float(nobody.mean()) - model.mean) < 0.3


def test_predictions_stay_between_1_and_10_and_causes_still_add_up(model: ScoreModel) -> None:
    for points in (1, 10):
        extreme = MemberList.of(range(30), [points] * 30)
        predicted = model.score(extreme)
        assert predicted.min() >= 1
        assert predicted.max() <= 10
        parts = model.attributions(extreme, model.vocabulary.ids)
        np.testing.assert_allclose([part.score for part in parts], predicted, atol=1e-4)


def test_each_cause_is_what_that_score_adds(model: ScoreModel) -> None:
    """With the score where the model expects it to be, y_i is 0 and the title says nothing."""
    member, target = loves_odd(10), 33
    (part,) = model.attributions(member, [target])
    assert part.ids.tolist() == list(range(10))
    raised = MemberList.of(member.items, [6.4 + 0.5, *member.scores[1:]])
    base = MemberList.of(member.items, [6.4, *member.scores[1:]])
    twice = MemberList.of(member.items, [6.4 + 1.0, *member.scores[1:]])
    at = [model.predict(given)[target] for given in (base, raised, twice)]
    assert at[2] - at[1] == pytest.approx(at[1] - at[0], abs=1e-5)
    # The first title's cause moves by as much as the prediction does; the others' stay.
    before, after = (model.attributions(given, [target])[0] for given in (base, raised))
    np.testing.assert_allclose(before.values[1:], after.values[1:], atol=1e-6)
    assert after.values[0] - before.values[0] == pytest.approx(at[1] - at[0], abs=1e-5)


def test_similar_titles_are_of_the_same_taste(model: ScoreModel) -> None:
    for title in (4, 7):
        assert all(pk % 2 == title % 2 for pk in model.similar_items(title, 8).ids)


def test_fewer_titles_are_predicted_the_same_where_the_list_is_among_them(
    model: ScoreModel,
) -> None:
    kept = np.arange(0, 30)
    small = model.cut_to([*kept, 777_777])
    assert small.vocabulary.ids.tolist() == kept.tolist()
    np.testing.assert_allclose(
        small.score(loves_odd(12)), model.score(loves_odd(12))[:30], rtol=1e-5
    )


# --- against Surprise itself


def test_neighbours_predict_for_a_training_member_exactly_what_surprise_does() -> None:
    from surprise import KNNBaseline

    data = opinions()
    config = KnnBaselineConfig(amplification=1, half_believed=1e-9, shrinkage=10)
    ours = KnnBaseline(config=config).fit(data)
    theirs = KNNBaseline(
        k=TITLES,
        sim_options={
            "name": "pearson_baseline",
            "user_based": False,
            "shrinkage": 10,
            "min_support": 2,
        },
        bsl_options={"method": "als", "n_epochs": 10, "reg_u": 5, "reg_i": 10},
        verbose=False,
    ).fit(trainset(data, ours.vocabulary))
    for member, list_ in list(data.lists().items())[:20]:
        unseen = np.setdiff1d(ours.vocabulary.ids, list_.items)
        own = ours.score(list_)[ours.vocabulary.positions(unseen)]
        expected = [theirs.predict(member, int(pk)).est for pk in unseen]
        np.testing.assert_allclose(own, expected, atol=2e-3)


def test_svd_predicts_for_a_training_member_nearly_what_surprise_does() -> None:
    from surprise import SVD

    data = opinions()
    ours = Svd(config=SMALL_SVD).fit(data)
    theirs = SVD(n_factors=8, n_epochs=80, lr_all=0.02, reg_all=0.05, random_state=0)
    theirs.fit(trainset(data, ours.vocabulary))
    own, expected = [], []
    for member, list_ in data.lists().items():
        own.extend(ours.score(list_))
        expected.extend(theirs.predict(member, int(pk)).est for pk in ours.vocabulary.ids)
    assert np.corrcoef(own, expected)[0, 1] > 0.97
    assert np.abs(np.subtract(own, expected)).mean() < 0.15 * np.std(expected)


def test_serving_needs_no_surprise(model: ScoreModel, tmp_path: Path) -> None:
    model.save(tmp_path / "kept")
    code = (
        "import sys; from pathlib import Path\n"
        "sys.modules['surprise'] = None\n"
        "from recommender.engine import registry\n"
        "from recommender.engine.interactions import MemberList\n"
        "model = registry.load(Path(sys.argv[1]))\n"
        "print(float(model.score(MemberList.of([0, 1], [9, 2]))[5]))\n"
    )
    import subprocess
    import sys

    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "kept")],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).resolve().parents[3],
    )
    expected = float(model.score(MemberList.of([0, 1], [9, 2]))[5])
    assert float(done.stdout) == pytest.approx(expected, abs=1e-6)


# --- bad input


@pytest.mark.parametrize("kind", ["svd", "knn_baseline", "score_blend"])
def test_lists_without_a_single_score_teach_nothing(kind: str) -> None:
    with pytest.raises(EngineError, match="no scores"):
        make(kind).fit(Interactions.of([1, 2], [5, 6], [np.nan, np.nan]))


@pytest.mark.parametrize("kind", ["svd", "knn_baseline", "score_blend"])
def test_where_all_scores_are_equal_that_score_is_predicted(kind: str) -> None:
    who, what = np.repeat(np.arange(30), 8), np.tile(np.arange(8), 30)
    world = make(kind).fit(Interactions.of(who, what, np.full(240, 7)))
    same = MemberList.of(range(5), [7] * 5)
    np.testing.assert_allclose(world.score(same), 7, atol=0.1)


def test_a_rare_title_keeps_the_baseline() -> None:
    data = opinions()
    rare = Interactions.of([*data.members, 0], [*data.items, 500], [*data.scores, 9])
    world = KnnBaseline(config=SMALL_KNN).fit(rare)
    assert len(world.similar_items(500, 5)) == 0
    assert np.isfinite(world.score(loves_odd())).all()


def test_no_more_titles_have_neighbours_than_memory_allows() -> None:
    world = KnnBaseline(config=KnnBaselineConfig(shrinkage=10, max_items=10)).fit(opinions())
    assert world.facts["with_neighbours"] <= 10
    assert len(world.score(loves_odd())) == TITLES


def test_arrays_that_do_not_fit_together_are_refused(model: ScoreModel, tmp_path: Path) -> None:
    short = make(model.kind).fit(opinions())
    short.vocabulary = short.cut_to(range(5)).vocabulary
    short.save(tmp_path / "kept")
    with pytest.raises(ArtifactError):
        registry.load(tmp_path / "kept")


SCORE = st.one_of(st.just(float("nan")), st.floats(1, 10, width=32))


@settings(max_examples=60, deadline=None)
@given(lines=st.lists(st.tuples(st.integers(-5, TITLES + 5), SCORE), max_size=60))
def test_any_list_is_predicted_sensibly(model: ScoreModel, lines: list) -> None:
    member = MemberList.of([item for item, _ in lines], [score for _, score in lines])
    predicted = model.score(member)
    assert np.isfinite(predicted).all()
    assert ((predicted >= 1) & (predicted <= 10)).all()
    parts = model.attributions(member, [0, 5, 99])
    assert parts[0].score == pytest.approx(float(predicted[0]), abs=1e-3)
    assert parts[2].score == 0


@settings(max_examples=15, deadline=None)
@given(
    lines=st.lists(
        st.tuples(st.integers(0, 4), st.integers(0, 4), st.sampled_from([1.0, 7.0, 10.0])),
        min_size=1,
        max_size=20,
    )
)
@pytest.mark.parametrize("kind", ["svd", "knn_baseline"])
def test_any_tiny_world_is_learnt_from(kind: str, lines: list) -> None:
    world = make(kind).fit(Interactions.of(*zip(*lines, strict=True)))
    assert np.isfinite(world.score(MemberList.of([0, 1], [2, 9]))).all()


# --- folds


def test_each_members_scores_are_spread_over_the_folds() -> None:
    data = opinions()
    fold = score_folds(data, folds=5, seed=3)
    counts = np.array([np.bincount(fold[data.members == m], minlength=5) for m in range(20)])
    assert counts.min() >= LINES // 5
    assert counts.max() <= LINES // 5 + 1
    np.testing.assert_array_equal(fold, score_folds(data, folds=5, seed=3))
    assert (fold != score_folds(data, folds=5, seed=4)).any()
    with pytest.raises(EngineError, match="two folds"):
        score_folds(data, folds=1, seed=3)


def test_each_member_is_in_one_group() -> None:
    data = opinions()
    groups = list(member_groups(data, groups=4, seed=0))
    assert (np.sum(groups, axis=0) == 1).all()
    members = [set(data.members[group]) for group in groups]
    assert sum(map(len, members)) == MEMBERS
    assert min(map(len, members)) >= MEMBERS // 4


def test_an_unknown_title_is_predicted_the_mean(model: ScoreModel) -> None:
    asked = Interactions.of([1, 1], [3, 12_345], [5, 5])
    assert predicted_scores(model, opinions(), asked)[1] == model.mean
