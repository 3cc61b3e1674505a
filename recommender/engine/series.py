"""Which titles are parts of one series, and in which order: from prequels, and from names.

Most published catalogues tell no relations, but a series shows in its titles: "Gintama'" and
"Gintama Movie 1: Shinyaku Benizakura-hen" are both "gintama". Names find what is spelt alike and
nothing else; `recommender/tests/engine/test_series.py` measures how far that goes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from recommender.engine.base import ItemFeatures
from recommender.engine.interactions import IntArray, Mask, Vocabulary

# A name begins its subtitle here: "Fate/Zero: Remix", "Hakuouki - Sekkaroku", "Baki (2018)", not "Re:Zero".
SUBTITLE = re.compile(r":\s|\s[-–—~]|\s[(\[~]")
YEAR = re.compile(r"\b(?:19|20)\d\d\b")
# Words that tell one part of a series from another, and nothing of what the series is.
MARK = re.compile(
    r"""seasons? | series | parts? | cour | chapter | act | vol | volume | episodes? | ep | stage | arc
    | first | second | third | fourth | fifth | sixth | final | last | new | shin | zoku | kai
    | kanketsuhen | kouhen | zenpen | prologue | epilogue | movies? | film | gekijouban | eiga
    | ova | oad | ona | tv | special | specials | sp | recaps? | soushuuhen | digest | picture | drama
    | pilot | preview | omake | extras? | bonus | mini | shorts? | petit | the | animation | animated
    | anime | music | pv | cm | ii | iii | iv | vi | vii | viii | xi | xii
    | \d{1,3}(?:st|nd|rd|th|ki|wei)? | [rsx]\d{1,2}""",
    re.VERBOSE,
)
LEADING = frozenset(("gekijouban", "eiga", "zoku", "movie"))
SHORTEST_STEM = 4
# A title that begins with another's whole name is of its series if both are about the same things.
# One word tells less than two: it must have so many letters, be a whole title and not be the object
# of what follows ("Gakuen", "Gakuen no Shuryousha").
SHORTEST_WORD = 6
ALIKE, ALIKE_IN_ONE_WORD = 0.3, 0.5
PARTICLES = frozenset(
    ("no", "na", "wo", "ni", "ga", "de", "to", "wa", "e", "mo", "of", "the", "and")
)


@dataclass(frozen=True)
class Series:
    """The series of each title of `vocabulary`.

    `key`: a label, equal for titles of one series, shape (n,); the smallest id among them.
    `place`: 0, 1, ... in the order of release (the year of the first day, then the id; titles
    without a year last), shape (n,). `before`: pairs of ids (title, the part before it), shape
    (k, 2): the edges given, and for titles that no edge touches, seasons told apart by a number.
    """

    vocabulary: Vocabulary
    key: IntArray
    place: IntArray
    before: IntArray

    def rows(self, ids: npt.ArrayLike) -> IntArray:
        """Rows of those of `ids` that are here."""
        found = self.vocabulary.positions(ids)
        return found[found >= 0]

    @cached_property
    def _labels(self) -> tuple[int, npt.NDArray[np.intp]]:
        """How many series there are, and the number of each title's."""
        labels, inverse = np.unique(self.key, return_inverse=True)
        return len(labels), inverse

    def sizes(self) -> IntArray:
        """How many parts the series of each title has, shape (n,)."""
        number, inverse = self._labels
        return np.bincount(inverse, minlength=number)[inverse].astype(np.int64)

    def later_parts(self, listed: npt.ArrayLike) -> Mask:
        """Which titles come later in a series of which `listed` (ids) has a part, shape (n,)."""
        rows = self.rows(listed)
        number, inverse = self._labels
        first = np.full(number, np.iinfo(np.int64).max)
        np.minimum.at(first, inverse[rows], self.place[rows])
        later: Mask = self.place > first[inverse]
        return later

    def same_series(self, listed: npt.ArrayLike) -> Mask:
        """Which titles are of a series of which `listed` (ids) has a part, shape (n,)."""
        return np.isin(self.key, self.key[self.rows(listed)])


def series_of(features: ItemFeatures) -> Series:
    """Series of all titles: connected components over `features.prequels` and alike names."""
    vocabulary = Vocabulary(features.ids)
    edges = features.prequels.reshape(-1, 2)
    known = edges[(vocabulary.positions(edges.ravel()).reshape(-1, 2) >= 0).all(axis=1)]
    names = [Name.of(title) for title in features.titles]
    links = [vocabulary.positions(known.ravel()).reshape(-1, 2)]
    links += [_chains(name.stem for name in names), _shared_beginnings(names, features)]
    key = _smallest_linked(np.concatenate(links), vocabulary.ids)
    order = np.lexsort((features.ids, np.nan_to_num(features.years, nan=np.inf), key))
    place = np.empty(len(order), np.int64)
    ordered = key[order]
    place[order] = np.arange(len(order)) - np.searchsorted(ordered, ordered)
    before = np.concatenate([edges, _seasons(names, features, order, edges)])
    return Series(vocabulary, key, place, np.unique(before, axis=0))


@dataclass(frozen=True)
class Name:
    """A title taken apart.

    `stem`: what the parts of its series share, "" where too little is left to tell. `line`: the
    stem with its subtitle and year, which seasons of one story share. `words`: of the line.
    `bare`: the title is the line and nothing else.
    """

    stem: str
    line: str
    words: tuple[str, ...]
    bare: bool

    @classmethod
    def of(cls, title: str) -> Name:
        plain = _plain(title)
        head = SUBTITLE.split(plain, maxsplit=1)[0]
        everything = _words(plain)
        words = tuple(_unmarked(everything))
        stem = " ".join(_unmarked(_words(YEAR.sub(" ", head)))) or " ".join(words)
        bare = len(words) == len(everything)
        return cls(stem if len(stem) >= SHORTEST_STEM else "", " ".join(words), words, bare)


def _plain(title: str) -> str:
    """Lower case, without accents and the dots of letters."""
    spread = unicodedata.normalize("NFKD", title.strip())
    return "".join(c for c in spread if not unicodedata.combining(c)).casefold()


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", re.sub(r"(?<=\w)['´’](?=\w)", "", text))


def _unmarked(words: list[str]) -> list[str]:
    """Without the marks at either end; all words where nothing else would be left."""
    end, start = len(words), 0
    while end > 0 and MARK.fullmatch(words[end - 1]):
        end -= 1
    while start < end and words[start] in LEADING:
        start += 1
    return words[start:end] or words


def _chains(labels: Iterable[str]) -> IntArray:
    """Pairs of rows (one, the first with the same label); an empty label is nobody's."""
    first: dict[str, int] = {}
    pairs = [(row, first.setdefault(label, row)) for row, label in enumerate(labels) if label]
    return np.array(pairs, np.int64).reshape(-1, 2)


def _shared_beginnings(names: list[Name], features: ItemFeatures) -> IntArray:
    """Pairs of rows (title, the title with whose whole stem it begins), the longest such stem."""
    whole: dict[str, int] = {}
    for row, name in enumerate(names):
        if name.stem and name.stem == name.line and (name.bare or len(name.words) > 1):
            whole.setdefault(name.stem, row)
    pairs = []
    for row, name in enumerate(names):
        for size in range(len(name.words) - 1, 0, -1):
            other = whole.get(" ".join(name.words[:size]))
            if other is not None and _continues(row, other, names, features):
                pairs.append((row, other))
                break
    return np.array(pairs, np.int64).reshape(-1, 2)


def _continues(row: int, other: int, names: list[Name], features: ItemFeatures) -> bool:
    """Whether a title that begins with the stem of another is of its series."""
    stem = names[other].stem
    if " " in stem:
        return _alike(row, other, features, ALIKE)
    if len(stem) < SHORTEST_WORD or names[row].words[1] in PARTICLES:
        return False
    return _alike(row, other, features, ALIKE_IN_ONE_WORD)


def _alike(one: int, other: int, features: ItemFeatures, least: float) -> bool:
    """Of a shared studio, or of genres with a Jaccard similarity of `least`."""
    if set(features.studios[one]) & set(features.studios[other]):
        return True
    a, b = set(features.genres[one]), set(features.genres[other])
    return len(a & b) >= least * max(1, len(a | b))


def _smallest_linked(links: IntArray, ids: IntArray) -> IntArray:
    ends = (links[:, 0], links[:, 1])
    graph = sp.coo_matrix((np.ones(len(links), bool), ends), shape=(len(ids), len(ids)))
    _, component = connected_components(graph, directed=False)
    # Ids are sorted, so the first of a component is its smallest.
    found: IntArray = ids[np.unique(component, return_index=True)[1]][component]
    return found


def _seasons(
    names: list[Name], features: ItemFeatures, order: npt.NDArray[np.intp], edges: IntArray
) -> IntArray:
    """Pairs of ids (season, the season before it) among titles of one line and kind.

    Only of the kind that the line begins with, so that nothing waits for a special; only titles
    that no edge touches, for where relations are told they are told better. Songs have no seasons,
    and what has the very name of another is another telling.
    """
    touched = set(edges.ravel().tolist())
    latest: dict[str, int] = {}
    pairs = []
    for row in order.tolist():
        line, kind = names[row].line, features.kinds[row]
        if len(line) < SHORTEST_STEM or kind == "music" or int(features.ids[row]) in touched:
            continue
        before = latest.setdefault(line, row)
        told_apart = _plain(features.titles[before]) != _plain(features.titles[row])
        if told_apart and features.kinds[before] == kind:
            pairs.append((features.ids[row], features.ids[before]))
            latest[line] = row
    return np.array(pairs, np.int64).reshape(-1, 2)
