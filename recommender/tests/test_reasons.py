"""A score taken apart, in words: by hand, without a model."""

import numpy as np
import pytest

from recommender.engine.base import Attribution
from recommender.serving.reasons import FEATURES, breakdown, causes_shown

NAMES = {1: "Mushishi", 2: "Monster", 3: "Clover"}
GIVEN = {1: 9.0, 2: 4.0, 3: np.nan}


def part(values: list[float], features: dict[str, float], remainder: float = 0.0) -> Attribution:
    ids = np.arange(1, len(values) + 1)
    return Attribution(ids, np.array(values, np.float32), features, remainder)


def said(score: Attribution) -> list[str]:
    return [cause.sentence for cause in causes_shown(score, NAMES, GIVEN)]


def test_features_are_named_in_plain_words_beside_the_titles() -> None:
    found = causes_shown(part([2, -1, 1], {"series": 4, "popularity": 3}), NAMES, GIVEN)
    assert [(cause.sentence, cause.share) for cause in found] == [
        ("You gave Mushishi a 9", 0.2),
        ("Continues something on your list", 0.4),
        ("Popular with members", pytest.approx(0.3)),
    ]


def test_a_title_comes_first_however_much_the_features_say() -> None:
    told = said(part([0.1, 0, 0], {"series": 4, "popularity": 3, "content": 2, "era": 1}))
    assert told == [
        "You gave Mushishi a 9",
        "Continues something on your list",
        "Popular with members",
    ]


def test_a_dislike_is_named_only_where_nothing_liked_helps() -> None:
    assert said(part([1, 3, 0], {})) == ["You gave Mushishi a 9"]
    assert said(part([-1, 3, 0], {})) == ["You gave Monster a 4"]


def test_what_speaks_against_a_title_is_no_reason_for_it() -> None:
    assert said(part([-1, -2, 0], {"era": -1})) == []


def test_the_whole_sum_has_every_cause_with_its_sign() -> None:
    told = breakdown(part([3, -1, 0], {"era": -0.5, "content": 1}, remainder=0.25), NAMES, GIVEN)
    assert [(cause.label, cause.value, cause.share) for cause in told.causes] == [
        ("Mushishi", 3, 0.75),
        ("Close in story and genre", 1, 0.25),
        ("Not from years you watch", -0.5, -0.125),
        ("Monster", -1, -0.25),
    ]
    assert told.score == pytest.approx(2.75)
    assert told.remainder == pytest.approx(0.25)


def test_a_feature_without_a_label_and_a_title_that_is_gone_are_in_the_remainder() -> None:
    score = part([2, 0, 0, 3], {"nonsense": 1.5}, remainder=0.5)
    told = breakdown(score, NAMES, GIVEN)
    assert [cause.label for cause in told.causes] == ["Mushishi"]
    assert told.remainder == pytest.approx(5)
    # They do speak for the title, so a share does not grow by leaving them out.
    assert told.causes[0].share == pytest.approx(2 / 6.5)
    assert "nonsense" not in FEATURES


def test_an_empty_list_is_not_spoken_of() -> None:
    score = part([], {"list": 2, "era": -1, "popularity": 1}, remainder=-0.5)
    assert said(score) == ["Popular with members"]
    told = breakdown(score, NAMES, GIVEN)
    assert [cause.label for cause in told.causes] == ["Popular with members"]
    assert told.remainder == pytest.approx(0.5)


def test_a_favourite_genre_is_named_before_what_holds_for_everybody() -> None:
    features = {"popularity": 4, "quality": 3, "favourite: Mystery": 1, "favourite: Drama": 2}
    assert said(part([], features)) == [
        "You like Drama",
        "Popular with members",
        "Rated highly by members",
    ]
    assert said(part([0.5, 0, 0], features))[:2] == ["You gave Mushishi a 9", "You like Drama"]
    against = part([], {"popularity": 4, "like_minded": -2, "favourite: Mystery": 0})
    assert said(against) == ["Popular with members"]
