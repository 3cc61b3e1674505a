"""Series found by name, against titles and relations that are known."""

import json
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.engine.base import ItemFeatures
from recommender.engine.series import Name, Series, series_of

DEMO = Path(__file__).parents[3] / "fixtures" / "demo_catalogue.json"
OF_A_STORY = {
    *("sequel", "prequel", "parent_story", "side_story"),
    *("alternative_version", "alternative_setting", "spin_off"),
}


def catalogue(*titles: str, **columns: object) -> ItemFeatures:
    return ItemFeatures(ids=np.arange(1, len(titles) + 1), titles=titles, **columns)


def together(series: Series, one: int, other: int) -> bool:
    return bool(series.key[one - 1] == series.key[other - 1])


@pytest.mark.parametrize(
    ("title", "stem"),
    [
        ("Gintama': Enchousen", "gintama"),
        ("Shingeki no Kyojin Season 3 Part 2", "shingeki no kyojin"),
        ("Gekijouban Naruto Movie 2: Sage", "naruto"),
        ("Hunter x Hunter (2011)", "hunter x hunter"),
        ("Sword Art Online II", "sword art online"),
        ("Pokémon the Movie", "pokemon"),
        ("91 Days", "91 days"),
        ("Re:Zero kara 2nd Season", "re zero kara"),
    ],
)
def test_a_stem_is_what_the_parts_of_a_series_share(title: str, stem: str) -> None:
    assert Name.of(title).stem == stem


@pytest.mark.parametrize("title", ["", "K", "X 2", "!!!", "ＯＶＡ"])
def test_too_little_of_a_name_joins_nothing(title: str) -> None:
    series = series_of(catalogue(title, f"{title} Movie"))
    assert not together(series, 1, 2)


def test_a_title_that_begins_with_a_whole_other_one_is_of_its_series_if_they_are_alike() -> None:
    titles = ("Dragon Ball", "Dragon Ball Super", "Dragon Ball Cooking")
    fights, kitchen = ["Action", "Fantasy"], ["Gourmet"]
    series = series_of(catalogue(*titles, genres=[fights, fights, kitchen]))
    assert together(series, 1, 2)
    assert not together(series, 1, 3)


def test_one_common_word_is_not_a_series() -> None:
    same = [["Drama"]] * 3
    series = series_of(catalogue("Gakuen", "Gakuen no Shuryousha", "Naruto", genres=[*same]))
    assert not together(series, 1, 2)


def test_parts_stand_in_the_order_of_release() -> None:
    titles = ("Hill 3rd Season", "Hill", "Hill 2nd Season", "Hill Special")
    years = np.array([2012, 2008, 2010, np.nan], np.float32)
    series = series_of(catalogue(*titles, years=years, kinds=["tv", "tv", "tv", "special"]))
    assert series.place.tolist() == [2, 0, 1, 3]
    assert series.sizes().tolist() == [4] * 4
    assert series.before.tolist() == [[1, 3], [3, 2]]


def test_later_parts_follow_the_first_that_is_listed() -> None:
    years = np.array([2008, 2010, 2012, 2000], np.float32)
    titles = ("Hill", "Hill 2nd Season", "Hill 3rd Season", "Valley")
    series = series_of(catalogue(*titles, years=years))
    assert series.later_parts([2, 4]).tolist() == [False, False, True, False]
    assert series.later_parts([]).tolist() == [False] * 4
    assert series.later_parts([999]).tolist() == [False] * 4
    assert series.same_series([2, 999]).tolist() == [True, True, True, False]


def test_edges_join_what_names_do_not_and_count_before_names() -> None:
    titles = ("Hill", "Hill 2nd Season", "The Long Way Home")
    series = series_of(catalogue(*titles, prequels=np.array([[3, 1], [3, 777]])))
    assert together(series, 1, 3)
    assert [3, 1] in series.before.tolist()
    assert [2, 1] not in series.before.tolist()


def test_nothing_waits_for_a_song_or_for_another_telling_of_the_same_name() -> None:
    kinds = ["tv", "tv", "music", "music"]
    series = series_of(catalogue("Hillside", "Hillside", "Daylight", "Daylight II", kinds=kinds))
    assert len(series.before) == 0


def test_no_titles_have_no_series() -> None:
    series = series_of(catalogue())
    assert (len(series.key), len(series.place), len(series.before)) == (0, 0, 0)
    assert series.later_parts([1]).shape == (0,)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=20), min_size=1, max_size=15))
def test_any_titles_give_whole_places_and_the_smallest_id_as_key(titles: list[str]) -> None:
    series = series_of(catalogue(*titles))
    for key in np.unique(series.key):
        members = np.flatnonzero(series.key == key)
        assert series.vocabulary.ids[members].min() == key
        assert sorted(series.place[members].tolist()) == list(range(len(members)))


def test_names_find_most_of_the_relations_that_are_known() -> None:
    titles = sorted(json.loads(DEMO.read_text()), key=lambda title: title["mal_id"])
    ids = [title["mal_id"] for title in titles]
    series = series_of(
        ItemFeatures(
            ids=np.array(ids),
            titles=[title["title"] for title in titles],
            genres=[title["genres"] for title in titles],
            studios=[title["studios"] for title in titles],
        )
    )
    known = _components(titles)
    found = dict(zip(ids, series.key.tolist(), strict=True))
    by_name = {pair for pair in combinations(ids, 2) if found[pair[0]] == found[pair[1]]}
    by_edge = {pair for pair in combinations(ids, 2) if known[pair[0]] == known[pair[1]]}
    # Half of what is wrong are the worlds of Gundam and Macross, which only edges tell apart.
    assert len(by_name & by_edge) / len(by_name) > 0.85
    assert len(by_name & by_edge) / len(by_edge) > 0.8


def _components(titles: list[dict]) -> dict[int, int]:
    labels = {title["mal_id"]: title["mal_id"] for title in titles}
    for title in titles:
        for relation in title["relations"]:
            if relation["relation"] in OF_A_STORY and relation["to"] in labels:
                old, new = labels[relation["to"]], labels[title["mal_id"]]
                labels = {pk: new if label == old else label for pk, label in labels.items()}
    return labels
