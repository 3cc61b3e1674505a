"""Which titles are watched by the same members, counted."""

import numpy as np
import scipy.sparse as sp

from recommender.engine.companions import DAMPING, companions
from recommender.engine.hybrid import Hybrid
from recommender.engine.interactions import Interactions, MemberList
from recommender.engine.pairs import PLACE
from recommender.engine.sparse import entries, maxima

# Four members and four titles: 0 and 1 share three members, 2 shares two with 0, 3 is alone.
WATCHED = np.array([[1, 1, 1, 0], [1, 1, 1, 0], [1, 1, 0, 0], [0, 0, 0, 1]], np.float32)


def test_shared_members_are_counted_and_a_title_is_no_companion_of_its_own() -> None:
    found = companions(sp.csr_matrix(WATCHED)).toarray()
    np.testing.assert_array_equal(found, [[0, 3, 2, 0], [3, 0, 2, 0], [2, 2, 0, 0], [0, 0, 0, 0]])


def test_only_the_most_alike_are_kept_whatever_the_size_of_a_block() -> None:
    X = sp.csr_matrix(WATCHED)
    best = companions(X, keep=1)
    assert best[[0]].indices.tolist() == [1]
    assert (companions(X, keep=1, block=2) != best).nnz == 0


def test_one_shared_member_tells_nothing() -> None:
    assert companions(sp.csr_matrix(WATCHED[1:])).toarray()[0].tolist() == [0, 2, 0, 0]


def test_nobody_has_no_companions() -> None:
    assert companions(sp.csr_matrix((0, 3), dtype=np.float32)).shape == (3, 3)


def test_a_row_tells_how_many_of_those_who_saw_the_one_saw_the_other() -> None:
    who, what = np.nonzero(WATCHED)
    data = Interactions.of(who, what, np.full(len(who), np.nan))
    bases = Hybrid().fit(data).bases
    assert bases is not None
    view = bases.view(MemberList.of([2, 3]))
    rows = view.rows(np.array([0]), {name: np.zeros(1) for name in ("ease", "item_knn", "als")})
    told = {name: float(rows[0, PLACE[name]]) for name in ("after_best", "after_mean")}
    # Title 2 has two watchers, both of whom saw title 0; title 3 has nothing to do with it.
    assert told == {
        "after_best": np.float32(2 / (2 + DAMPING)),
        "after_mean": np.float32(2 / (2 + DAMPING) / 2),
    }
    # Three watchers of title 0, two of whom saw title 2.
    assert rows[0, PLACE["before_best"]] == np.float32(2 / (3 + DAMPING))


def test_entries_are_those_of_marked_columns() -> None:
    matrix = sp.csr_matrix(np.array([[0, 5, 6], [1, 2, 3], [0, 0, 0], [7, 0, 8]], np.float32))
    asked, marks = np.array([3, 2, 0]), np.array([True, False, True])
    rows, columns, values = entries(matrix, asked, marks)
    assert (rows.tolist(), columns.tolist(), values.tolist()) == ([0, 0, 2], [0, 2, 2], [7, 8, 6])
    assert maxima(rows, values, 3).tolist() == [8, 0, 6]
    assert maxima(rows[:0], values[:0], 2).tolist() == [0, 0]
    assert not len(entries(matrix, asked[:0], marks)[0])
