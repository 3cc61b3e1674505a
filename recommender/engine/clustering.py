"""Groups of members with a taste in common, named by what sets them apart.

A list is a point: its titles weighted by rarity, brought to few dimensions by a truncated SVD (latent
semantic indexing, Deerwester et al., JASIS 1990), at length one. Groups are spherical k-means
(Dhillon & Modha, Machine Learning 2001); how many is decided by how well two halves of the members
agree on them (Ben-Hur et al., PSB 2002). No member's id is kept: only sizes and what groups watch.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import Any, Self, cast

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.optimize import linear_sum_assignment

from recommender.engine.artifacts import Arrays
from recommender.engine.base import Config, Fitted, ItemFeatures, Ranked, need_data, top
from recommender.engine.cluster_names import describe_groups
from recommender.engine.interactions import (
    FloatArray,
    IntArray,
    Interactions,
    MemberList,
    Vocabulary,
)
from recommender.engine.signal import list_weights
from recommender.engine.spherical import agreement, nearest, spherical_kmeans, unit_rows

TINY = 1e-9


@dataclass(frozen=True)
class ClusterConfig(Config):
    # More tell finer tastes, on which two halves of the members agree less.
    dimensions: int = 10
    fewest: int = 5
    most: int = 12
    # A title that fewer members watched says nothing of a group.
    fewest_watchers: int = 5
    # Every group has at least this share of the members, or it is no group worth a name.
    smallest_share: float = 0.02
    # Members on whom the number of groups is decided.
    members_sampled: int = 3000
    rounds: int = 3
    # The number of groups stays while two halves agree on it nearly as well as on the best one.
    tolerance: float = 0.15
    # Groups of two trainings at least this near (cosine in titles) are the same group.
    same: float = 0.6
    seed: int = 20261123


@dataclass(frozen=True)
class Group:
    """`label` stays from one training to the next; `share` of all members, 0..1; `titles`: ids."""

    label: int
    name: str
    size: int
    share: float
    words: tuple[str, ...]
    titles: tuple[int, ...]

    @property
    def percent(self) -> int:
        return round(100 * self.share)


@dataclass
class Clusters(Fitted):
    """`idf`: rarity of each title, shape (n,). `components`: titles to dimensions, shape (n, d).
    `centroids`: unit rows, shape (k, d), in the order of `groups`."""

    kind = "clusters"
    config_type = ClusterConfig
    config: Config = field(default_factory=ClusterConfig)
    idf: FloatArray = field(default_factory=lambda: np.empty(0, np.float32))
    components: FloatArray = field(default_factory=lambda: np.empty((0, 0), np.float32))
    centroids: FloatArray = field(default_factory=lambda: np.empty((0, 0), np.float32))

    @property
    def settings(self) -> ClusterConfig:
        return cast(ClusterConfig, self.config)

    @property
    def groups(self) -> list[Group]:
        return [_group(described) for described in self.facts["groups"]]

    def fit(
        self,
        interactions: Interactions,
        features: ItemFeatures | None = None,
        previous: Clusters | None = None,
    ) -> Self:
        """Learn groups; those that continue one of `previous` keep its label and name."""
        need_data(interactions)
        liked = interactions.take(~interactions.dropped)
        liked = liked if len(liked) else interactions
        liked = _watched_enough(liked, self.settings.fewest_watchers)
        self.vocabulary = liked.vocabulary()
        watched = liked.matrix(self.vocabulary)
        points = self._project(watched)
        last = self._last_centroids(previous)
        number, stability = self._number(points, 0 if last is None else len(last))
        self.centroids, members = self._groups(points, number, last)
        labels, names, continued = self._labels(previous)
        known = features if features is not None else ItemFeatures(ids=self.vocabulary.ids)
        described = describe_groups(watched, members, known, self.vocabulary, names)
        sizes = np.bincount(members, minlength=len(self.centroids))
        groups = [
            Group(labels[n], name, int(sizes[n]), float(sizes[n] / len(members)), words, titles)
            for n, (name, words, titles) in enumerate(described)
        ]
        self.facts = {
            "members": len(members),
            "groups": [asdict(group) for group in groups],
            "stability": stability,
            "continued": continued,
            # A label is never given to another group, even when its own has gone.
            "last_label": max(labels + ([int(previous.facts["last_label"])] if previous else [])),
        }
        return self

    # --- points

    def _project(self, watched: sp.csr_matrix) -> FloatArray:
        """Learn idf and components; the members as unit rows, shape (members, d)."""
        from sklearn.utils.extmath import randomized_svd

        members = watched.shape[0]
        watchers = np.asarray((watched > 0).sum(axis=0)).ravel()
        self.idf = np.log((1 + members) / (1 + watchers)).astype(np.float32) + np.float32(TINY)
        weighted = _unit_lists(watched @ sp.diags(self.idf))
        dimensions = min(self.settings.dimensions, *weighted.shape)
        _, _, right = randomized_svd(weighted, dimensions, random_state=self.settings.seed)
        self.components = np.ascontiguousarray(right.T, np.float32)
        return unit_rows(np.asarray(weighted @ self.components, np.float32))

    def point(self, member: MemberList) -> FloatArray:
        """Where a list lies, shape (d,); zeros for a list of unknown titles (fold-in)."""
        positions, known = member.known_to(self.vocabulary)
        weights = np.maximum(list_weights(known), 0) * self.idf[positions]
        place = weights @ self.components[positions]
        return unit_rows(np.asarray(place, np.float32)[None, :]).ravel()

    def assign(self, member: MemberList) -> Group | None:
        """The group nearest to a list; None where it names no title that is known here."""
        point = self.point(member)
        if not len(self.centroids) or not point.any():
            return None
        return self.groups[int(nearest(point[None, :], self.centroids)[0])]

    def nearness(self, member: MemberList) -> FloatArray:
        """Cosine of a list with each group, in the order of `groups`, shape (k,); zeros for a list of
        unknown titles."""
        return np.asarray(self.centroids @ self.point(member), np.float32)

    def nearness_of_groups(self, position: int) -> FloatArray:
        """Cosine of the group at `position` with each group, itself among them, shape (k,)."""
        return np.asarray(self.centroids @ self.centroids[position], np.float32)

    def typical(self, position: int, number: int) -> Ranked:
        """The `number` titles that the group at `position` watches most, and more than the others do.

        A title's weight in a group is its rarity times its share in the group's centre, idf ·
        (components · centroid); it must be above the mean of all groups' where there are several.
        """
        weights = self.idf[:, None] * (self.components @ self.centroids.T)
        own, mean = weights[:, position], weights.mean(axis=1)
        theirs = (own > 0) & ((own > mean) | (len(self.centroids) == 1))
        return top(self.vocabulary, np.asarray(own, np.float32), theirs, number)

    def assign_all(self, interactions: Interactions) -> IntArray:
        """Position in `groups` of each member, by member id order, shape (members,)."""
        watched = interactions.take(~interactions.dropped).matrix(self.vocabulary)
        points = np.asarray(_unit_lists(watched @ sp.diags(self.idf)) @ self.components)
        return nearest(unit_rows(points.astype(np.float32)), self.centroids)

    def of_titles(self, ids: npt.ArrayLike) -> IntArray:
        """Position in `groups` of the one that watches a title most, shape (k,); -1 where unknown.

        argmax_g Σ_d components[title, d] · centroids[g, d]: the title's weight in the group's mean list.
        """
        positions = self.vocabulary.positions(ids)
        known = positions >= 0
        found = np.full(len(positions), -1, np.int64)
        if known.any() and len(self.centroids):
            weights = self.components[positions[known]] @ self.centroids.T
            likeliest = weights.argmax(axis=1)
            found[known] = np.where(weights.max(axis=1) > 0, likeliest, -1)
        return found

    # --- groups

    def _last_centroids(self, previous: Clusters | None) -> FloatArray | None:
        """The groups of `previous`, in the dimensions of this training."""
        if previous is None or not len(previous.centroids):
            return None
        shared = np.intersect1d(self.vocabulary.ids, previous.vocabulary.ids)
        rows = self.components[self.vocabulary.positions(shared)]
        return unit_rows(np.asarray(previous.title_centroids(shared) @ rows, np.float32))

    def _number(self, points: FloatArray, last: int) -> tuple[int, dict[str, float]]:
        """As many groups as two halves of the members agree on best, and how well they agree.

        The `last` number stays while it does nearly as well.
        """
        rng = np.random.default_rng(self.settings.seed)
        most = min(self.settings.most, len(points) // 2)
        if most < self.settings.fewest:
            return max(1, most), {}
        size = min(len(points), self.settings.members_sampled)
        sample = points[rng.choice(len(points), size, replace=False)]
        halves = [rng.permutation(size) for _ in range(self.settings.rounds)]
        found = {
            number: float(np.mean([_half_agreement(sample, order, number) for order in halves]))
            for number in range(self.settings.fewest, most + 1)
        }
        best = max(found, key=lambda number: (found[number], number))
        if found.get(last, -1.0) >= found[best] - self.settings.tolerance:
            best = last
        return best, {str(number): round(value, 4) for number, value in found.items()}

    def _groups(
        self, points: FloatArray, number: int, last: FloatArray | None
    ) -> tuple[FloatArray, IntArray]:
        """Centroids, largest group first, and each member's; groups too small are dissolved."""
        start = last if last is not None and len(last) == number else None
        centroids = spherical_kmeans(points, number, self.settings.seed, start)
        while True:
            members = nearest(points, centroids)
            sizes = np.bincount(members, minlength=len(centroids))
            least = int(sizes.argmin())
            if len(centroids) == 1 or sizes[least] >= self.settings.smallest_share * len(points):
                break
            centroids = np.delete(centroids, least, axis=0)
        order = np.argsort(-sizes, kind="stable")
        places = np.empty(len(order), np.int64)
        places[order] = np.arange(len(order))
        return np.ascontiguousarray(centroids[order]), places[members]

    def title_centroids(self, ids: npt.ArrayLike) -> FloatArray:
        """Unit rows over the titles `ids`, shape (k, titles): comparable between trainings."""
        positions = self.vocabulary.positions(ids)
        rows = np.where(positions[:, None] >= 0, self.components[positions], 0)
        return unit_rows((self.centroids @ rows.T).astype(np.float32))

    def _labels(self, previous: Clusters | None) -> tuple[list[int], list[str | None], float]:
        """Labels, names to keep, and mean cosine to the groups that are continued (Hungarian)."""
        size = len(self.centroids)
        if previous is None or not len(previous.centroids):
            return list(range(1, size + 1)), [None] * size, 0.0
        shared = np.intersect1d(self.vocabulary.ids, previous.vocabulary.ids)
        near = self.title_centroids(shared) @ previous.title_centroids(shared).T
        rows, columns = linear_sum_assignment(-near)
        old = previous.groups
        continued = {
            int(row): (old[column], float(near[row, column]))
            for row, column in zip(rows, columns, strict=True)
            if near[row, column] >= self.settings.same
        }
        used = max(int(previous.facts["last_label"]), *(group.label for group in old))
        labels: list[int] = []
        names: list[str | None] = []
        for row in range(size):
            group = continued[row][0] if row in continued else None
            used += group is None
            labels.append(group.label if group else used)
            names.append(group.name if group else None)
        cosines = [cosine for _, cosine in continued.values()]
        return labels, names, float(np.mean(cosines)) if cosines else 0.0

    # --- keeping

    def cut_to(self, ids: npt.ArrayLike) -> Self:
        """The same groups over fewer titles."""
        kept = self.vocabulary.positions(np.unique(np.asarray(ids)))
        kept = kept[kept >= 0]
        small = type(self)(config=self.config, vocabulary=Vocabulary(self.vocabulary.ids[kept]))
        small.idf, small.components = self.idf[kept], self.components[kept]
        small.centroids = self.centroids
        left = set(small.vocabulary.ids.tolist())
        groups = [
            replace(group, titles=tuple(pk for pk in group.titles if pk in left))
            for group in self.groups
        ]
        small.facts = {
            **self.facts, "groups": [asdict(group) for group in groups], "cut_to": len(kept),
        }  # fmt: skip
        return small

    def arrays(self) -> Arrays:
        return {"idf": self.idf, "components": self.components, "centroids": self.centroids}

    def restore(self, arrays: Arrays) -> None:
        self.idf, self.components = arrays["idf"], arrays["components"]
        self.centroids = arrays["centroids"]
        fits = len(self.idf) == len(self.components) == len(self.vocabulary)
        if not fits or len(self.groups) != len(self.centroids):
            raise KeyError("the arrays of the groups do not fit together")


def _group(described: dict[str, Any]) -> Group:
    lists = {"words": tuple(described["words"]), "titles": tuple(described["titles"])}
    return Group(**{**described, **lists})


def _watched_enough(liked: Interactions, fewest: int) -> Interactions:
    """Only titles with enough watchers; all of them in a community too small to have any."""
    ids, counts = np.unique(liked.items, return_counts=True)
    kept = liked.only_items(ids[counts >= fewest])
    return kept if len(kept) else liked


def _unit_lists(matrix: sp.csr_matrix) -> sp.csr_matrix:
    lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    return (sp.diags(1 / np.maximum(lengths, TINY)) @ matrix).tocsr()


def _half_agreement(points: FloatArray, order: npt.NDArray[np.int64], number: int) -> float:
    """Adjusted Rand index of the groups that two halves give to all."""
    half = len(order) // 2
    first = spherical_kmeans(points[order[:half]], number, 1)
    second = spherical_kmeans(points[order[half:]], number, 2)
    return agreement(nearest(points, first), nearest(points, second))
