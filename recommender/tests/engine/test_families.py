"""Series and franchises from edges and names, with the traps that are known."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.engine.base import ItemFeatures
from recommender.engine.families import Families, Part, families
from recommender.engine.family_edges import Edge
from recommender.engine.family_order import LATER, SOME_DAY, Facts

Row = tuple[str, str, float]  # name, type, year
NAN = float("nan")
KINDS = (
    "sequel", "prequel", "side_story", "parent_story", "summary", "full_story", "spin_off",
    "alternative_version", "alternative_setting", "character", "other",
)  # fmt: skip


def facts(titles: dict[int, Row], **columns: object) -> Facts:
    rows = [titles[pk] for pk in sorted(titles)]
    return Facts.of(
        ItemFeatures(
            ids=np.array(sorted(titles), np.int64),
            titles=[name for name, _, _ in rows],
            kinds=[kind for _, kind, _ in rows],
            years=np.array([year for _, _, year in rows], np.float32),
            **columns,
        )
    )


def named(*ids: int) -> dict[int, Row]:
    """Titles that no name joins, one a year."""
    return {pk: (f"{chr(97 + pk % 26) * 5}{pk} word", "tv", 2000 + place) for place, pk in enumerate(ids)}  # fmt: skip


def drawn(titles: dict[int, Row], edges: list[Edge], **settings: object) -> dict[int, Part]:
    return {part.id: part for part in families(facts(titles), edges, **settings).parts}


def series(titles: dict[int, Row], edges: list[Edge], **settings: object) -> list[list[int]]:
    """The series with more than one title, each in its order of watching."""
    return _grouped(drawn(titles, edges, **settings), "series")


def franchises(titles: dict[int, Row], edges: list[Edge], **settings: object) -> list[list[int]]:
    return [sorted(ids) for ids in _grouped(drawn(titles, edges, **settings), "franchise")]


def _grouped(parts: dict[int, Part], level: str) -> list[list[int]]:
    groups: dict[int, list[Part]] = {}
    for part in parts.values():
        groups.setdefault(getattr(part, level), []).append(part)
    ordered = [sorted(group, key=lambda part: part.place) for group in groups.values()]
    return sorted([part.id for part in group] for group in ordered if len(group) > 1)


# The traps


def test_overlord_is_not_the_eminence_in_shadow() -> None:
    titles = {
        29803: ("Overlord", "tv", 2015.5),
        31138: ("Overlord: Ple Ple Pleiades", "special", 2015.6),
        37376: ("Isekai Quartetto", "tv", 2019.2),
        48316: ("Kage no Jitsuryokusha ni Naritakute!", "tv", 2022.7),
    }
    edges = [
        (29803, "side_story", 31138),
        (31138, "other", 48316),
        (29803, "other", 37376),
        (48316, "character", 31138),
    ]
    assert series(titles, edges) == franchises(titles, edges) == [[29803, 31138]]
    assert drawn(titles, edges)[31138].is_extra


def test_evangelion_is_neither_ultraman_nor_gunbuster() -> None:
    titles = {
        30: ("Shinseiki Evangelion", "tv", 1995.7),
        32: ("Shinseiki Evangelion Movie: Air", "movie", 1997.5),
        949: ("Top wo Nerae! Gunbuster", "ova", 1988.7),
        2759: ("Evangelion Movie: 1.0 Jo", "movie", 2007.6),
        39569: ("Ultraman", "ona", 2019.2),
    }
    edges = [
        (30, "sequel", 32),
        (30, "alternative_version", 2759),
        (30, "other", 39569),
        (949, "other", 30),
    ]
    assert series(titles, edges) == [[30, 32]]
    assert franchises(titles, edges) == [[30, 32, 2759]]


@pytest.mark.parametrize("kind", ["other", "character", "alternative_setting"])
@pytest.mark.parametrize(
    "titles",
    [
        {54968: ("Zhe Tian", "ona", 2023.3), 48553: ("Wanmei Shijie", "ona", 2021.3)},
        {
            9756: ("Mahou Shoujo Madoka★Magica", "tv", 2011.0),
            38256: ("Magia Record: Mahou Shoujo Madoka☆Magica Gaiden", "tv", 2020.0),
        },
    ],
    ids=["Zhe Tian", "Madoka"],
)
def test_worlds_that_merely_touch_stay_apart(titles: dict[int, Row], kind: str) -> None:
    one, other = titles
    assert series(titles, [(one, kind, other)]) == []
    assert franchises(titles, [(one, kind, other)]) == []


def test_a_music_video_that_hangs_on_a_series_by_other_is_not_joined_by_its_name() -> None:
    titles = {
        27989: ("Hibike! Euphonium", "tv", 2015.2),
        31988: ("Hibike! Euphonium 2", "tv", 2016.7),
        52931: ("Hibike! Euphonium: Dream Solister", "music", 2016.8),
    }
    edges = [(27989, "sequel", 31988), (31988, "other", 52931)]
    assert series(titles, edges) == franchises(titles, edges) == [[27989, 31988]]


def test_brotherhood_is_of_the_franchise_but_not_of_the_series() -> None:
    titles = {
        121: ("Fullmetal Alchemist", "tv", 2003.7),
        430: ("Fullmetal Alchemist: The Conqueror of Shamballa", "movie", 2005.5),
        5114: ("Fullmetal Alchemist: Brotherhood", "tv", 2009.2),
        6421: ("Fullmetal Alchemist: Brotherhood Specials", "special", 2009.6),
    }
    edges = [
        (121, "sequel", 430),
        (121, "alternative_version", 5114),
        (5114, "side_story", 6421),
    ]
    assert series(titles, edges) == [[121, 430], [5114, 6421]]
    assert franchises(titles, edges) == [[121, 430, 5114, 6421]]
    assert [pk for pk, part in drawn(titles, edges).items() if part.is_franchise_face] == [121]


# Edges


@pytest.mark.parametrize(
    ("straight", "turned"),
    [("sequel", "prequel"), ("side_story", "parent_story"), ("summary", "full_story")],
)
def test_an_edge_counts_from_whichever_end_it_is_told(straight: str, turned: str) -> None:
    titles = named(1, 2)
    one_way, other_way, both = [(1, straight, 2)], [(2, turned, 1)], [(1, straight, 2), (2, turned, 1)]  # fmt: skip
    assert drawn(titles, one_way) == drawn(titles, other_way) == drawn(titles, both)
    assert series(titles, one_way) == [[1, 2]]
    assert drawn(titles, one_way)[2].is_extra is (straight != "sequel")


def test_a_title_that_nobody_knows_yet_still_joins_those_on_either_side() -> None:
    titles = named(1, 3, 5, 7)
    edges = [(1, "sequel", 2), (3, "prequel", 2), (5, "spin_off", 6), (7, "alternative_version", 6)]
    assert series(titles, edges) == [[1, 3]]
    assert franchises(titles, edges) == [[1, 3], [5, 7]]


def test_the_side_stories_of_what_nobody_knows_are_a_franchise_without_a_main_line() -> None:
    titles = named(1, 3)
    edges = [(1, "parent_story", 2), (3, "parent_story", 2)]
    assert series(titles, edges) == []
    assert franchises(titles, edges) == [[1, 3]]
    assert not any(part.is_extra for part in drawn(titles, edges).values())


def test_nobody_walks_on_from_a_side_story_to_its_own_side_stories() -> None:
    titles = named(1, 2, 3, 4)
    edges = [(1, "side_story", 2), (2, "side_story", 3), (3, "side_story", 4)]
    assert series(titles, edges) == [[1, 2], [3, 4]]
    assert franchises(titles, edges) == [[1, 2, 3, 4]]


def test_a_side_story_that_goes_on_by_itself_is_a_series_of_its_own() -> None:
    titles = named(1, 2, 3)
    edges = [(1, "side_story", 2), (2, "sequel", 3)]
    assert series(titles, edges) == [[2, 3]]
    assert franchises(titles, edges) == [[1, 2, 3]]


def test_two_recaps_that_follow_each_other_belong_to_what_they_sum_up() -> None:
    titles = named(1, 2, 3, 4)
    edges = [(1, "sequel", 2), (1, "summary", 3), (2, "summary", 4), (3, "sequel", 4)]
    parts = drawn(titles, edges)
    assert series(titles, edges) == [[1, 2, 3, 4]]
    assert [parts[pk].is_extra for pk in (1, 2, 3, 4)] == [False, False, True, True]


def test_a_spin_off_is_no_side_story_though_it_names_a_parent_story() -> None:
    titles = named(1, 2)
    edges = [(1, "spin_off", 2), (2, "parent_story", 1)]
    assert series(titles, edges) == []
    assert franchises(titles, edges) == [[1, 2]]


def test_an_edge_to_itself_says_nothing() -> None:
    titles = {1: ("Lantern", "tv", 2001), 2: ("Lantern 2", "tv", 2003)}
    edges = [(1, kind, 1) for kind in KINDS]
    assert drawn(titles, edges) == drawn(titles, [])


def test_titles_that_call_each_other_side_stories_are_one_series_under_the_better_one() -> None:
    titles = {1: ("Aaaaa", "ova", 2000), 2: ("Bbbbb", "tv", 2001)}
    edges = [(1, "side_story", 2), (2, "side_story", 1)]
    parts = drawn(titles, edges)
    assert parts[1].series == parts[2].series
    assert (parts[1].is_extra, parts[2].is_extra) == (True, False)


def test_circles_and_contradictions_end_in_the_order_of_release() -> None:
    titles = named(1, 2, 3)
    circle = [(1, "sequel", 2), (2, "sequel", 3), (3, "sequel", 1)]
    assert series(titles, circle) == [[1, 2, 3]]
    both = [(1, "sequel", 2), (1, "prequel", 2), (2, "sequel", 1), (2, "prequel", 1)]
    assert series(named(1, 2), both) == [[1, 2]]
    undated = {pk: (name, kind, NAN) for pk, (name, kind, _) in titles.items()}
    assert series(undated, circle) == [[1, 2, 3]]


# Order and faces


def test_parts_are_watched_in_the_order_of_release_and_the_undated_after_what_they_follow() -> None:
    titles = {
        1: ("Aaaaa", "tv", 2005),
        2: ("Bbbbb", "tv", NAN),
        3: ("Ccccc", "tv", 2009),
        4: ("Ddddd", "movie", 2011),
    }
    edges = [(1, "sequel", 2), (2, "sequel", 3), (1, "prequel", 4)]
    assert series(titles, edges) == [[1, 2, 3, 4]]
    through_one_unknown = [(1, "sequel", 9), (9, "sequel", 3), (1, "sequel", 4)]
    assert series(titles, through_one_unknown) == [[1, 3, 4]]


def test_what_is_announced_without_a_day_comes_last() -> None:
    titles = {1: ("Aaaaa", "tv", 2005), 2: ("Bbbbb", "tv", NAN), 3: ("Ccccc", "movie", 2011)}
    plain = facts(titles)
    begins = plain.begins.copy()
    begins[1] = LATER
    announced = Facts(plain.features, begins, begins, plain.held_back)
    edges = [(1, "sequel", 2), (1, "sequel", 3)]
    assert [part.place for part in families(announced, edges).parts] == [0, 2, 1]


def test_where_only_the_year_is_known_an_edge_decides() -> None:
    titles = {1: ("Aaaaa", "tv", 2010), 2: ("Bbbbb", "tv", 2010.5)}
    plain = facts(titles)
    assert [part.place for part in families(plain, [(2, "sequel", 1)]).parts] == [0, 1]
    vague = Facts(plain.features, plain.begins, plain.begins + np.array([365, 0]), plain.held_back)
    assert [part.place for part in families(vague, [(2, "sequel", 1)]).parts] == [1, 0]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("tv", 12, 24, 2010, 5), ("movie", 1, 100, 2000, 500)),
        (("ona", 12, 24, 2010, 5), ("movie", 1, 100, 2000, 500)),
        (("movie", 1, 100, 2010, 5), ("ova", 8, 25, 2000, 500)),
        (("movie", 1, 100, 2010, 5), ("tv", 12, 3, 2000, 500)),
        (("movie", 1, 100, 2010, 5), ("movie", 1, 10, 2000, 500)),
        (("tv", NAN, NAN, 2010, 5), ("special", 1, 24, 2000, 500)),
        (("tv", 12, 24, 2000, 5), ("tv", 12, 24, 2010, 500)),
        (("tv", 12, 24, 2000, 500), ("tv", 12, 24, 2000, 5)),
        (("ova", 1, 5, 2010, 5), ("music", 1, 60, 2000, 500)),
        (("tv", 12, 24, 2010, NAN), ("tv", 12, 24, NAN, 500)),
    ],
    ids=str,
)
@pytest.mark.parametrize("turned", [False, True])
def test_the_face_is_what_one_would_watch_first(one: tuple, other: tuple, turned: bool) -> None:
    rows = [other, one] if turned else [one, other]
    columns = {
        name: np.array([row[place] for row in rows], np.float32)
        for name, place in (("episodes", 1), ("minutes", 2), ("members", 4))
    }
    titles = {pk: ("Aaaa Bbbb"[pk * 4 - 4 :][:4] * 2, rows[pk - 1][0], rows[pk - 1][3]) for pk in (1, 2)}  # fmt: skip
    found = families(facts(titles, **columns), [(1, "alternative_version", 2)]).parts
    assert [part.is_franchise_face for part in found] == [not turned, turned]


def test_a_recap_and_what_is_held_back_are_faces_of_nothing_else() -> None:
    titles = {1: ("Aaaaa", "tv", 2000), 2: ("Bbbbb", "ova", 2005), 3: ("Ccccc", "movie", 2001)}
    edges = [(2, "summary", 1), (2, "alternative_version", 3)]
    plain = facts(titles)
    assert [p.is_franchise_face for p in families(plain, edges).parts] == [False, False, True]
    hidden = Facts(plain.features, plain.begins, plain.latest, np.array([False, False, True]))
    assert [p.is_franchise_face for p in families(hidden, edges).parts] == [False, True, False]


# The cap


def test_what_is_too_large_is_cut_at_its_weakest_edges() -> None:
    titles = named(*range(1, 9))
    edges = [(1, "spin_off", 3), (5, "alternative_version", 7), (3, "side_story", 5)]
    edges += [(pk, "sequel", pk + 1) for pk in (1, 3, 5, 7)]
    assert len(franchises(titles, edges)) == 1
    found = families(facts(titles), edges, cap=6)
    assert franchises(titles, edges, cap=6) == [[1, 2], [3, 4, 5, 6, 7, 8]]
    assert (found.refused, found.capped()) == (1, True)
    assert franchises(titles, edges, cap=4) == [[1, 2], [3, 4, 5, 6], [7, 8]]
    assert not families(facts(titles), edges).capped()


def test_a_chain_longer_than_the_cap_is_several_series() -> None:
    titles = named(*range(1, 301))
    found = families(facts(titles), [(pk, "sequel", pk + 1) for pk in range(1, 300)])
    sizes = np.bincount([part.series for part in found.parts])
    assert sizes.max() == 120
    assert found.capped()


# Names


def test_names_place_what_no_edge_touches() -> None:
    titles = {
        1: ("Gintama", "tv", 2006),
        2: ("Gintama': Enchousen", "tv", 2012),
        3: ("Gintama Special", "special", 2008),
        4: ("Kettle", "tv", 2001),
    }
    parts = drawn(titles, [])
    assert series(titles, []) == [[1, 3, 2]]
    assert [parts[pk].from_names for pk in (1, 2, 3, 4)] == [True, True, True, False]
    assert [parts[pk].is_extra for pk in (1, 2, 3, 4)] == [False, False, True, False]
    assert drawn(titles, [], by_name=False)[2].series == 2


def test_names_join_a_title_to_what_edges_have_joined_and_never_two_of_those() -> None:
    titles = {pk: (f"Fairy Song {pk}", "tv", 2000 + pk) for pk in range(1, 6)}
    edges = [(1, "sequel", 2), (3, "sequel", 4)]
    parts = drawn(titles, edges)
    assert series(titles, edges) == [[1, 2, 5], [3, 4]]
    assert [parts[pk].from_names for pk in (1, 3, 5)] == [False, False, True]


def test_a_shared_beginning_is_a_franchise_and_no_series() -> None:
    titles = {1: ("Mobile Suit Gundam", "tv", 1979), 2: ("Mobile Suit Gundam Wing", "tv", 1995)}
    found = facts(titles, genres=[["Mecha"], ["Mecha"]])
    parts = families(found, []).parts
    assert [part.series for part in parts] == [1, 2]
    assert [part.franchise for part in parts] == [1, 1]


def test_a_name_with_a_year_of_its_own_is_told_anew() -> None:
    titles = {1: ("Hunter x Hunter", "tv", 1999), 2: ("Hunter x Hunter (2011)", "tv", 2011)}
    assert series(titles, []) == []
    assert franchises(titles, []) == [[1, 2]]


# Always


def test_nothing_is_of_no_family() -> None:
    assert families(facts({}), []) == Families([], 0)
    assert families(facts({}), [(1, "sequel", 2)]).parts == []
    alone = drawn({7: ("", "", NAN)}, [])[7]
    assert alone == Part(7, 7, 7, 0, False, True, True, False)
    assert facts({7: ("", "", NAN)}).begins.tolist() == [SOME_DAY]


EDGES = st.lists(st.tuples(st.integers(1, 14), st.sampled_from(KINDS), st.integers(1, 14)), max_size=40)  # fmt: skip
YEARS = st.lists(st.one_of(st.just(NAN), st.integers(1990, 1995)), min_size=10, max_size=10)
NAMES = st.lists(st.sampled_from(["Lantern", "Lantern 2", "Harbour", "Harbour: Night"]), min_size=10, max_size=10)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(EDGES, YEARS, NAMES, st.integers(1, 12), st.randoms(use_true_random=False))
def test_whatever_is_told_the_families_are_whole(
    edges: list[Edge], years: list[float], names: list[str], cap: int, chance: random.Random
) -> None:
    rows = zip(names, years, strict=True)
    titles = {pk: (name, "tv", year) for pk, (name, year) in enumerate(rows, 1)}
    parts = drawn(titles, edges, cap=cap)
    assert sorted(parts) == sorted(titles)
    for level in ("series", "franchise"):
        for label in {getattr(part, level) for part in parts.values()}:
            group = [part for part in parts.values() if getattr(part, level) == label]
            assert min(part.id for part in group) == label
            assert len(group) <= cap
            assert sum(getattr(part, f"is_{level}_face") for part in group) == 1
            if level == "series":
                assert sorted(part.place for part in group) == list(range(len(group)))
                assert len({part.franchise for part in group}) == 1
                assert not all(part.is_extra for part in group)
    # Neither the order in which edges are told nor the end that tells them counts.
    shuffled = chance.sample(edges, len(edges))
    assert drawn(titles, shuffled, cap=cap) == parts
