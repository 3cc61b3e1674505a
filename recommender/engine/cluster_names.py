"""Names of groups of members, made from what they watch more than everybody does."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from recommender.engine.base import ItemFeatures
from recommender.engine.interactions import IntArray, Vocabulary
from recommender.engine.traits import Trait, Traits, traits_of

# Genre words come first in a name; an era or a type joins where it sets the group apart as much.
NAMING = ("genre", "era", "type")
TYPE_WORDS = {"tv": "TV series", "movie": "Films", "ova": "OVAs", "ona": "Web series"}
TYPE_WORDS |= {"special": "Specials", "music": "Music videos"}
# A trait must make up this share of what a group watches to stand for it.
LEAST_SHARE = 0.04
# A name must be watched this much more than by everybody; less tells nothing.
LEAST_LIFT = 1.1
WORDS, EMBLEMS = 3, 2
# Letters by which two titles are taken for one story, and how far down another is looked for.
BEGINNING, MOST_EMBLEMS = 6, 50
# Watchers that a title is thought to have had already, spread as everybody is: rare ones prove little.
DAMPING = 5.0
EVERYTHING = "A bit of everything"

Described = tuple[str, tuple[str, ...], tuple[int, ...]]


def describe_groups(
    watched: sp.csr_matrix,
    groups: IntArray,
    features: ItemFeatures,
    vocabulary: Vocabulary,
    kept: list[str | None],
) -> list[Described]:
    """Name, words and emblematic title ids of each group; a name in `kept` stays.

    `watched`: members × titles. A word's lift is its share of the group's watching over its share
    of everybody's; an emblem's weight is (p_g - p) · log(p_g / p), p the share of members who
    watched it, so that it is both typical and theirs.
    """
    number = len(kept)
    shape = (number, len(groups))
    members = sp.csr_matrix((np.ones(len(groups)), (groups, np.arange(len(groups)))), shape=shape)
    counts = np.asarray((members @ watched).todense(), np.float64)
    traits = traits_of(features, vocabulary)
    words = _words(counts, traits)
    titles = _titles(features, vocabulary)
    weights = _emblem_weights(counts, np.bincount(groups, minlength=number))
    taken = {name for name in kept if name}
    found: list[Described] = []
    for group in range(number):
        emblems = _emblems(weights[group], titles)
        name = kept[group] or _new_name(words[group], [titles[place] for place in emblems], taken)
        taken.add(name)
        ids = tuple(int(vocabulary.ids[place]) for place in emblems)
        found.append((name, tuple(words[group][:WORDS]), ids))
    return found


def _words(counts: npt.NDArray[np.float64], traits: Traits) -> list[list[str]]:
    """Of each group the traits it watches most above everybody, strongest first."""
    of_group = counts @ traits.matrix
    shares = of_group / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    common = of_group.sum(axis=0) / max(float(counts.sum()), 1.0)
    lift = (shares + 1e-3) / (common + 1e-3)
    naming = traits.of_kind(*NAMING)
    fit = (shares >= LEAST_SHARE) & (lift >= LEAST_LIFT)
    return [
        [
            _word(traits.names[n])
            for n in naming[np.argsort(-lift[row, naming], kind="stable")]
            if fit[row, n]
        ]
        for row in range(len(counts))
    ]


def _word(trait: Trait) -> str:
    kind, name = trait
    return TYPE_WORDS.get(name, name) if kind == "type" else name


def _titles(features: ItemFeatures, vocabulary: Vocabulary) -> list[str]:
    known = dict(zip(features.ids.tolist(), features.titles, strict=True))
    return [known.get(int(pk), "") for pk in vocabulary.ids]


def _emblem_weights(counts: npt.NDArray[np.float64], sizes: IntArray) -> npt.NDArray[np.float64]:
    everybody = counts.sum(axis=0) / max(int(sizes.sum()), 1)
    shares = (counts + DAMPING * everybody) / (sizes[:, None] + DAMPING)
    weight = (shares - everybody) * np.log((shares + 1e-9) / (everybody + 1e-9))
    return np.where(shares > everybody, weight, 0.0)


def _emblems(weights: npt.NDArray[np.float64], titles: list[str]) -> list[int]:
    """The weightiest titles of different beginnings: another season shows nothing new."""
    chosen: dict[str, int] = {}
    for place in np.argsort(-weights, kind="stable")[:MOST_EMBLEMS].tolist():
        chosen.setdefault(titles[place][:BEGINNING].casefold() or str(place), place)
    return list(chosen.values())[:EMBLEMS]


def _new_name(words: list[str], titles: list[str], taken: set[str]) -> str:
    """'Mecha and Space', with a third word or a title where another group has that name."""
    name = " and ".join(words[:2]) or EVERYTHING
    if name in taken and len(words) > 2:
        name = f"{words[0]}, {words[1]} and {words[2]}"
    for title in titles:
        if name in taken and title:
            name = f"{name}, like {title}"
    number, plain = 2, name
    while name in taken:
        name, number = f"{plain} ({number})", number + 1
    return name
