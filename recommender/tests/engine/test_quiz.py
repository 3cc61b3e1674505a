"""The quiz: what it asks and what it makes of the answers."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.engine.base import ItemFeatures
from recommender.engine.interactions import EngineError, Interactions, MemberList
from recommender.engine.quiz import QuizConfig, QuizModel
from recommender.tests.engine.worlds import FIRST_ID, evens, two_shelves, two_tastes

NOTHING = MemberList.of([])


@pytest.fixture(scope="module")
def quiz() -> QuizModel:
    return QuizModel().fit(two_tastes(), two_shelves())


def everybody_knows_one() -> Interactions:
    """Title 0 is on every list, 1..10 on those of even members, 11..20 on the others'."""
    rng = np.random.default_rng(2)
    lines = [(member, 0) for member in range(200)]
    for member in range(200):
        own = 1 + 10 * (member % 2) + rng.choice(10, 7, replace=False)
        lines += [(member, int(item)) for item in own]
    who, what = zip(*lines, strict=True)
    return Interactions.of(who, what, [8] * len(who))


def test_what_everybody_knows_is_not_asked_first() -> None:
    model = QuizModel(config=QuizConfig(groups=2)).fit(everybody_knows_one())
    order = model.next_questions(NOTHING, n=21).tolist()
    assert 0 not in order[:3]
    assert sorted(order) == list(range(21))


def test_an_answer_tells_the_tastes_apart(quiz: QuizModel) -> None:
    first = int(quiz.next_questions(NOTHING)[0])
    even = evens(quiz.vocabulary.ids)
    same = even if evens(np.array([first]))[0] else ~even
    seen = quiz.expected(MemberList.of([first], [9]))
    assert seen[same].mean() > 2 * seen[~same].mean()
    not_seen = quiz.expected(NOTHING, [first])
    assert not_seen[same].mean() < quiz.expected(NOTHING)[same].mean()


def test_a_question_is_never_repeated(quiz: QuizModel) -> None:
    known, absent = MemberList.of([FIRST_ID, FIRST_ID + 1], [9, 3]), [FIRST_ID + 2, FIRST_ID + 3]
    asked = quiz.next_questions(known, absent, 1000).tolist()
    assert len(asked) == len(set(asked)) == len(quiz.pool) - 4
    assert not set(asked) & {*known.items.tolist(), *absent}


def test_the_first_of_several_is_the_next_one(quiz: QuizModel) -> None:
    assert quiz.next_questions(NOTHING, n=5)[0] == quiz.next_questions(NOTHING)[0]
    assert len(quiz.next_questions(NOTHING, n=0)) == 0
    with pytest.raises(EngineError):
        quiz.next_questions(NOTHING, n=-1)


def test_only_what_is_allowed_is_asked(quiz: QuizModel) -> None:
    allowed = [FIRST_ID + 3, FIRST_ID + 8, 1]
    assert sorted(quiz.next_questions(NOTHING, [], 10, allowed)) == allowed[:2]
    assert len(quiz.next_questions(NOTHING, [], 10, [])) == 0


def test_liking_and_disliking_tell_different_things() -> None:
    """Everybody watched everything; half like the first ten titles, half the others."""
    who, what = np.repeat(np.arange(100), 20), np.tile(np.arange(20), 100)
    liked = (what < 10) == (who % 2 == 0)
    data = Interactions.of(who, what, np.where(liked, 9, 4))
    model = QuizModel(config=QuizConfig(groups=2)).fit(data)
    (one,) = model.next_questions(NOTHING)
    likes, dislikes = (model.groups(MemberList.of([one], [score])) for score in (10, 2))
    assert likes.argmax() != dislikes.argmax()
    assert max(likes) > 0.8


def test_favourite_genres_lift_what_has_them(quiz: QuizModel) -> None:
    expected = quiz.expected_for_genres(["Mecha"])
    even = evens(quiz.vocabulary.ids)
    assert expected[even].min() > expected[~even].max()
    assert evens(quiz.list_for_genres(["Mecha"], 4).items).all()
    assert len(quiz.list_for_genres(["Mecha"], 4)) == 4


def test_the_lift_of_genres_is_that_of_the_groups_alone(quiz: QuizModel) -> None:
    """Times how many of the genres a title has, it is what is expected for them."""
    lift = quiz.lift_for_genres(["Mecha"])
    even = evens(quiz.vocabulary.ids)
    assert lift[even].min() > 0 > lift[~even].max()
    nearness = np.where(even, 1.0, 0.5)
    expected = quiz.expected(NOTHING) * np.exp(lift) * nearness
    np.testing.assert_allclose(quiz.expected_for_genres(["Mecha"]), expected, rtol=1e-4)


def test_unknown_genres_say_nothing(quiz: QuizModel) -> None:
    assert not quiz.lift_for_genres(["Cookery", "Award Winning"]).any()
    expected = quiz.expected_for_genres(["Cookery", "Award Winning"])
    np.testing.assert_allclose(expected, quiz.expected(NOTHING), rtol=1e-6)
    assert len(quiz.list_for_genres(["Cookery"])) == 0


def test_what_is_saved_asks_and_expects_the_same(quiz: QuizModel, tmp_path: Path) -> None:
    quiz.save(tmp_path / "quiz")
    loaded = QuizModel.load(tmp_path / "quiz")
    known = MemberList.of([FIRST_ID], [9])
    assert (
        loaded.next_questions(known, [], 5).tolist() == quiz.next_questions(known, [], 5).tolist()
    )
    np.testing.assert_array_equal(loaded.expected(known), quiz.expected(known))
    assert (
        loaded.expected_for_genres(["Mecha"]).tolist()
        == quiz.expected_for_genres(["Mecha"]).tolist()
    )


def test_fewer_titles_are_asked_and_expected_as_before(quiz: QuizModel, tmp_path: Path) -> None:
    kept = quiz.vocabulary.ids[5:25]
    quiz.cut_to([*kept, 1]).save(tmp_path / "quiz")
    small = QuizModel.load(tmp_path / "quiz")
    known, absent = MemberList.of([int(kept[0]), int(kept[3])], [9, 4]), kept[1:2]
    assert small.vocabulary.ids.tolist() == kept.tolist()
    np.testing.assert_allclose(small.groups(known, absent), quiz.groups(known, absent), rtol=1e-6)
    np.testing.assert_array_equal(
        small.next_questions(known, absent, 9), quiz.next_questions(known, absent, 9, kept)
    )
    assert evens(small.list_for_genres(["Mecha"], 4).items).all()


@pytest.mark.parametrize("name", ["liked", "pool", "of_genre", "watched"])
def test_arrays_that_do_not_fit_each_other_are_refused(quiz: QuizModel, name: str) -> None:
    broken = {**quiz.arrays(), name: quiz.arrays()[name][:-1]}
    if name == "pool":
        broken[name] = quiz.pool + len(quiz.vocabulary)
    with pytest.raises(KeyError):
        quiz.cut_to(quiz.vocabulary.ids).restore(broken)


def test_two_fits_give_the_same_bytes(quiz: QuizModel) -> None:
    again = QuizModel().fit(two_tastes(), two_shelves())
    for name, array in quiz.arrays().items():
        assert array.tobytes() == again.arrays()[name].tobytes(), name


def test_nothing_to_learn_from_is_said() -> None:
    with pytest.raises(EngineError):
        QuizModel().fit(Interactions.of([], [], []))


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=20),
    st.lists(st.tuples(st.integers(0, 9), st.one_of(st.none(), st.integers(1, 10))), max_size=6),
    st.lists(st.integers(0, 9), max_size=6),
)
def test_any_world_and_any_answers_are_dealt_with(lines: list, known: list, absent: list) -> None:
    data = Interactions.of([m for m, _ in lines], [i for _, i in lines], [np.nan] * len(lines))
    model = QuizModel().fit(data, ItemFeatures(np.arange(3), genres=[("a",), (), ("b",)]))
    answers = MemberList.of([i for i, _ in known], [score for _, score in known])
    assert np.isfinite(model.expected(answers, absent)).all()
    told = {i for i, _ in known} | set(absent)
    asked = set(model.next_questions(answers, absent, 10).tolist())
    assert asked == set(data.items.tolist()) - told
