"""What is learned of a member's taste, and what they say against it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.engine.artifacts import ArtifactError
from recommender.engine.base import ItemFeatures
from recommender.engine.interactions import EngineError, Interactions, MemberList
from recommender.engine.taste import TasteModel, TasteStatistics
from recommender.engine.taste_reading import STRONGEST, score_spread
from recommender.engine.traits import KINDS, LENGTHS, era, traits_of
from recommender.tests.engine.worlds import FIRST_ID, ITEMS, two_shelves, two_tastes

MECHA, TEA = ("genre", "Mecha"), ("genre", "Slice of Life")
ROBOTS = [FIRST_ID + n for n in range(0, ITEMS, 2)]
TEAS = [FIRST_ID + n for n in range(1, ITEMS, 2)]


@pytest.fixture(scope="module")
def model() -> TasteModel:
    return TasteModel().fit(two_tastes(), two_shelves())


@pytest.fixture(scope="module")
def divided() -> TasteModel:
    """Everybody watches both; half give robots the better scores, half tea."""
    rng = np.random.default_rng(1)
    who, what = np.repeat(np.arange(1, 41), 24), []
    for _ in range(40):
        what.extend(rng.choice(np.arange(ITEMS), 24, replace=False))
    likes = np.array(what) % 2 == who % 2
    scores = np.where(likes, 8, 5) + rng.integers(-1, 2, len(who))
    world = Interactions.of(who, np.array(what) + FIRST_ID, scores)
    return TasteModel().fit(world, two_shelves())


def robots_fan() -> MemberList:
    """Tens for robots, fours for tea."""
    return MemberList.of([*ROBOTS, *TEAS], [10] * len(ROBOTS) + [4] * len(TEAS))


def place(model: TasteModel, trait: tuple[str, str]) -> int:
    return model.traits.names.index(trait)


def same(one: TasteStatistics, other: TasteStatistics) -> bool:
    sums = ("scored", "residuals", "watched", "totals")
    return one.lines == other.lines and all(
        (getattr(one, name) == getattr(other, name)).all() for name in sums
    )


# Traits


def test_a_title_has_its_genres_studio_era_length_and_type() -> None:
    features = ItemFeatures(
        ids=np.array([1, 2]),
        genres=[["Mecha", "Mecha"], []],
        studios=[["Ironworks"], [""]],
        kinds=["tv", ""],
        years=np.array([1998.7, np.nan], np.float32),
        episodes=np.array([26, np.nan], np.float32),
        minutes=np.array([24, 24], np.float32),
    )
    model = TasteModel().fit(Interactions.of([1], [1], [7]), features)
    traits = traits_of(features, model.vocabulary)
    assert traits.names == (
        ("genre", "Mecha"),
        ("studio", "Ironworks"),
        ("era", "1990s"),
        ("length", LENGTHS[3]),
        ("type", "tv"),
    )
    np.testing.assert_array_equal(traits.matrix.toarray(), [[1] * 5, [0] * 5])


@pytest.mark.parametrize(
    ("year", "name"), [(1917.0, "Before 1970"), (1970.0, "1970s"), (2009.99, "2000s")]
)
def test_an_era_is_a_decade(year: float, name: str) -> None:
    assert era(year) == name


@pytest.mark.parametrize(
    ("hours", "name"), [(0.99, 0), (1, 1), (3, 2), (5.99, 2), (6, 3), (12, 4), (900, 4)]
)
def test_a_length_is_the_time_to_watch_it_all(hours: float, name: int) -> None:
    features = ItemFeatures(
        ids=np.array([5]),
        episodes=np.array([1], np.float32),
        minutes=np.array([60 * hours], np.float32),
    )
    vocabulary = Interactions.of([1], [5], [5]).vocabulary()
    assert traits_of(features, vocabulary).names == (("length", LENGTHS[name]),)


# Learning


def test_likes_and_dislikes_are_learned_and_said(divided: TasteModel) -> None:
    assert divided.priors.spreads["genre"] > 1
    taste = divided.taste(divided.learn(robots_fan()))
    assert taste.low[place(divided, MECHA)] > 0
    assert taste.high[place(divided, TEA)] < 0
    said = {(claim.kind, claim.name): claim for claim in taste.claims() if claim.facet == "score"}
    assert said[MECHA].direction == 1
    assert said[TEA].direction == -1
    assert said[MECHA].certainty > 0.99
    assert said[MECHA].titles == len(ROBOTS)


def test_what_is_watched_more_than_by_others_is_said_without_any_score(model: TasteModel) -> None:
    taste = model.taste(model.learn(MemberList.of(ROBOTS)))
    claims = {(claim.kind, claim.name): claim for claim in taste.claims()}
    assert {claim.facet for claim in claims.values()} == {"watch"}
    assert claims[MECHA].direction == 1
    assert claims[MECHA].strength > 1
    assert claims[TEA].direction == -1


def test_no_list_and_one_line_make_no_claim(model: TasteModel) -> None:
    for one in (MemberList.of([]), MemberList.of([FIRST_ID], [10]), MemberList.of([1], [10])):
        assert model.taste(model.learn(one)).claims() == []


def test_a_list_of_one_score_for_all_makes_no_claim_of_scores(model: TasteModel) -> None:
    flat = MemberList.of([*ROBOTS, *TEAS], [9] * ITEMS)
    claims = model.taste(model.learn(flat)).claims()
    assert not [claim for claim in claims if claim.facet == "score" and claim.strength > 1]


def test_more_lines_make_it_surer(model: TasteModel) -> None:
    few = model.taste(model.learn(MemberList.of([*ROBOTS[:2], *TEAS], [10, 10] + [4] * len(TEAS))))
    many = model.taste(model.learn(robots_fan()))
    at = place(model, MECHA)
    assert many.deviation[at] < few.deviation[at]
    assert few.deviation[at] ** 2 < model.priors.spreads["genre"]


def test_the_posterior_is_that_of_the_two_parameter_model(model: TasteModel) -> None:
    """Level and effect together, solved as one Gaussian system."""
    list_ = MemberList.of([*ROBOTS[:3], *TEAS[:4]], [9, 8, 10, 7, 5, 6, 4])
    taste = model.taste(model.learn(list_))
    left = list_.scores - model.expected[model.vocabulary.positions(list_.items)] / 100
    design = np.array([[1, 1]] * 3 + [[1, 0]] * 4)
    priors = model.priors
    k = priors.noise / priors.level
    own = (left**2).sum() - left.sum() ** 2 / (7 + k)
    noise = (10 * priors.noise + own) / 17
    ours = np.diag([1 / priors.level, 1 / priors.spreads["genre"]])
    # The level is known as well as `noise / level` titles tell; with the member's own noise.
    precision = design.T @ design / noise + ours
    mean = np.linalg.solve(precision, design.T @ left / noise)
    at = place(model, MECHA)
    assert taste.mean[at] == pytest.approx(mean[1], abs=1e-6)
    assert taste.deviation[at] == pytest.approx(np.linalg.inv(precision)[1, 1] ** 0.5, abs=1e-6)


def test_a_dropped_title_is_not_counted_as_watched(model: TasteModel) -> None:
    dropped = MemberList.of(ROBOTS, [None] * len(ROBOTS), [-0.3] * len(ROBOTS))
    assert model.learn(dropped).watched.sum() == 0


# One line at a time

LINES = st.tuples(
    st.sampled_from([*ROBOTS[:6], *TEAS[:6], 1, 2**40]),
    st.one_of(st.none(), st.floats(1, 10), st.integers(1, 10)),
    st.booleans(),
)


@settings(max_examples=150, deadline=None)
@given(said=st.lists(LINES, max_size=40), gone=st.lists(st.integers(0, 30), max_size=10))
def test_online_is_the_same_as_from_scratch_to_the_bit(
    model: TasteModel, said: list, gone: list
) -> None:
    online = TasteStatistics.empty(len(model.traits))
    now: dict[int, tuple] = {}
    for item, score, watched in said:
        model.rate(online, item, score, watched)
        now[item] = (score, watched)
    for number in gone:
        if now:
            item = sorted(now)[number % len(now)]
            del now[item]
            model.forget(online, item)
    whole = MemberList.of(
        now, [score for score, _ in now.values()], [1.0 if w else -1.0 for _, w in now.values()]
    )
    scratch = model.learn(whole)
    assert same(online, scratch)
    one, other = model.taste(online), model.taste(scratch)
    for column in ("mean", "deviation", "lift", "lift_low", "lift_high"):
        assert getattr(one, column).tobytes() == getattr(other, column).tobytes()
        assert np.isfinite(getattr(one, column)).all()


@settings(max_examples=60, deadline=None)
@given(st.lists(LINES, max_size=30), st.lists(LINES, max_size=30))
def test_following_a_changed_list_is_the_same_as_learning_it(
    model: TasteModel, first: list, second: list
) -> None:
    lists = [
        MemberList.of(
            [item for item, _, _ in lines],
            [score for _, score, _ in lines],
            [1.0 if watched else -0.3 for _, _, watched in lines],
        )
        for lines in (first, second)
    ]
    assert same(model.follow(model.learn(lists[0]), lists[1]), model.learn(lists[1]))


def test_a_rating_taken_back_leaves_no_trace(model: TasteModel) -> None:
    statistics = model.learn(robots_fan())
    model.rate(statistics, ROBOTS[0], 1)
    assert not same(statistics, model.learn(robots_fan()))
    model.rate(statistics, ROBOTS[0], 10)
    assert same(statistics, model.learn(robots_fan()))
    model.forget(statistics, 123)
    assert same(statistics, model.learn(robots_fan()))


# Corrections


def test_without_corrections_nothing_is_adjusted(model: TasteModel) -> None:
    taste = model.taste(model.learn(robots_fan()))
    traits = model.traits_matrix(ROBOTS)
    assert (taste.adjustment(traits) == 0).all()
    assert taste.ranking_terms(traits, np.arange(len(ROBOTS), dtype=np.float32)) == {}


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 10), min_size=0, max_size=ITEMS))
def test_the_adjustment_grows_with_the_correction_whatever_the_list(
    model: TasteModel, scores: list
) -> None:
    ids = [*ROBOTS, *TEAS][: len(scores)]
    statistics = model.learn(MemberList.of(ids, scores))
    traits = model.traits_matrix([ROBOTS[0], TEAS[0], 1])
    by_step = [
        model.taste(statistics, {MECHA: step}).adjustment(traits)
        for step in range(-STRONGEST, STRONGEST + 1)
    ]
    assert (np.diff([step[0] for step in by_step]) > 0.1).all()
    assert by_step[STRONGEST][0] == 0
    assert all(step[1] == step[2] == 0 for step in by_step)


def test_a_correction_moves_the_mean_and_is_surer_than_the_list_alone(model: TasteModel) -> None:
    statistics = model.learn(robots_fan())
    alone, corrected = model.taste(statistics), model.taste(statistics, {MECHA: -2})
    at = place(model, MECHA)
    assert corrected.mean[at] < alone.mean[at] - 0.5
    assert corrected.learned[at] == alone.mean[at]
    assert corrected.deviation[at] < alone.deviation[at]
    others = np.arange(len(model.traits)) != at
    np.testing.assert_array_equal(corrected.mean[others], alone.mean[others])


def test_what_the_member_said_is_not_told_back_as_learned(divided: TasteModel) -> None:
    said = divided.taste(divided.learn(robots_fan()), {MECHA: -1}).claims()
    assert MECHA not in {(claim.kind, claim.name) for claim in said if claim.facet == "score"}
    assert TEA in {(claim.kind, claim.name) for claim in said if claim.facet == "score"}


def test_the_terms_of_a_ranking_are_named_and_add_up(model: TasteModel) -> None:
    taste = model.taste(model.learn(robots_fan()), {MECHA: -1, TEA: 2, ("genre", "Gone"): 1})
    items = [ROBOTS[0], TEAS[0], 1]
    scores = np.array([3.0, 2.0, 1.0], np.float32)
    terms = taste.ranking_terms(model.traits_matrix(items), scores)
    assert set(terms) == {MECHA, TEA}
    assert terms[MECHA][0] < 0 < terms[TEA][1]
    assert terms[MECHA][1] == terms[TEA][0] == terms[MECHA][2] == 0
    # In proportion to the points, and to how far the scores lie apart.
    twice = taste.ranking_terms(model.traits_matrix(items), 2 * scores)
    np.testing.assert_allclose(twice[MECHA], 2 * terms[MECHA], rtol=1e-6)


def test_a_spread_of_few_or_endless_scores_is_a_number() -> None:
    assert score_spread(np.empty(0, np.float32)) == 0
    assert score_spread(np.array([1.0], np.float32)) == 0
    assert score_spread(np.array([1.0, -np.inf, 3.0], np.float32)) == 1
    wide = np.r_[np.zeros(5000), np.ones(500)].astype(np.float32)
    assert score_spread(wide) == 0


def test_a_correction_beyond_the_scale_is_refused(model: TasteModel) -> None:
    with pytest.raises(EngineError, match="between"):
        model.taste(model.learn(MemberList.of([])), {MECHA: 3})


# Worlds and keeping


@pytest.mark.parametrize(
    ("who", "what", "scores"),
    [
        ([1], [5], [7]),
        ([1], [5], [np.nan]),
        ([1, 1], [5, 6], [7, 7]),
        ([1, 2], [5, 5], [1, 10]),
        (range(9), [FIRST_ID] * 9, [5] * 9),
    ],
)
@pytest.mark.parametrize("features", [two_shelves(), None])
def test_the_smallest_worlds_are_learnt_from(who, what, scores, features) -> None:
    model = TasteModel().fit(Interactions.of(who, what, scores), features)
    taste = model.taste(model.learn(robots_fan()), {MECHA: 1})
    assert np.isfinite(taste.mean).all()
    assert set(model.priors.spreads) == set(KINDS)


def test_nothing_to_learn_from_is_said() -> None:
    with pytest.raises(EngineError):
        TasteModel().fit(Interactions.of([], [], []), two_shelves())


def test_two_fits_give_the_same_bytes(model: TasteModel) -> None:
    again = TasteModel().fit(two_tastes(), two_shelves())
    assert again.facts == model.facts
    for name, array in model.arrays().items():
        assert array.tobytes() == again.arrays()[name].tobytes(), name


def test_what_is_kept_reads_a_list_the_same(model: TasteModel, tmp_path) -> None:
    model.save(tmp_path / "taste")
    loaded = TasteModel.load(tmp_path / "taste")
    assert loaded.traits.names == model.traits.names
    one, other = (m.taste(m.learn(robots_fan())) for m in (model, loaded))
    assert one.mean.tobytes() == other.mean.tobytes()
    file = tmp_path / "taste" / "expected.npy"
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(ArtifactError):
        TasteModel.load(tmp_path / "taste")
