"""What a larger community knows, as statistics with small counts dropped: for small instances.

Most installs have ten members. They learn from their own lists and from a shipped `Prior`: how many
members of the published set watched each title, and each pair of titles. No list is in it, and no
title or pair that fewer than `least_members` share. Of the pairs that were dropped one sum per title
is kept, and only as a fit over all titles, so that rare pairs count as rare and not as shunned.
"""

from __future__ import annotations

import zlib
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from scipy.linalg import eigh

from recommender.engine.artifacts import Arrays, ArtifactError, read_artifact, write_artifact
from recommender.engine.gram import GramMatrix, Weighting, dense_gram, training_matrix, watchers
from recommender.engine.interactions import EngineError, FloatArray, Interactions, Vocabulary

KIND = "prior"
EXTRA = "extra_"
TITLES = 2_500
LEAST_MEMBERS = 8
# As many local members as this count as much as the whole prior does at first. Which titles go
# together differs little between communities; which are watched at all differs much.
WORTH = 3000.0
POPULARITY_WORTH = 100.0
# Codes 1..255 are steps of one ratio from the smallest to the largest value; 0 is "dropped".
LEVELS = 254
ROUNDS = 30
# Eigenvalues below minus this share of the mean diagonal are taken out; ridges are many times it.
NEGATIVE = 0.25

Codes = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Prior:
    """Statistics of `members` lists over the titles of `vocabulary`, n of them.

    `counts`: watchers of each title, shape (n,). `diagonal`: the Gram matrix's own (see `gram`),
    shape (n,). `codes`: its upper triangle row by row without the diagonal, shape (n(n-1)/2,), the
    logarithm of each value in 254 steps between `bounds`, 0 where too few members share the pair.
    `spread`: s, such that dropped entries are taken for s_i s_j. `repair`: R, shape (k, n), such
    that the rest + RᵀR has no strongly negative eigenvalue, which what was dropped gives it. `ratio`: r, such that
    G_ij / (r_i r_j) is near the number of members who share i and j. `extra`: further named arrays,
    for models that need more than statistics.
    """

    vocabulary: Vocabulary
    members: int
    least_members: int
    weighting: Weighting
    counts: FloatArray
    diagonal: FloatArray
    codes: Codes
    bounds: FloatArray
    spread: FloatArray
    ratio: FloatArray
    repair: npt.NDArray[np.float16]
    extra: Arrays = field(default_factory=dict)

    # --- making

    @classmethod
    def of(
        cls,
        data: Interactions,
        *,
        titles: int = TITLES,
        least_members: int = LEAST_MEMBERS,
        weighting: Weighting | None = None,
    ) -> Self:
        """The statistics of `data` over its `titles` most watched; EngineError if none is left."""
        weighting = weighting or Weighting()
        vocabulary, together = _shared(data, titles, least_members)
        gram = dense_gram(training_matrix(data, vocabulary, weighting))
        upper = np.triu_indices(len(vocabulary), 1)
        common = together[upper] >= least_members
        codes, bounds = _coded(np.where(common, gram[upper], 0))
        small = together < least_members
        raw = cls(
            vocabulary=vocabulary,
            members=len(data.member_ids),
            least_members=least_members,
            weighting=weighting,
            counts=np.diag(together).copy(),
            diagonal=np.diag(gram).copy(),
            codes=codes,
            bounds=bounds,
            spread=_spread(small, np.where(small, gram, 0).sum(axis=1)),
            ratio=_ratio(gram, np.where(small, 0, together)),
            repair=np.empty((0, len(vocabulary)), np.float16),
        )
        return replace(raw, repair=_repair(raw.gram().values, raw.counts))

    # --- using

    def weight(self, local_members: int, worth: float = WORTH) -> float:
        """w, by which the statistics are multiplied beside those of `local_members` lists.

        w = min(1, worth / members) · worth / (worth + local_members): the prior speaks with the
        voice of at most `worth` members, and falls silent as the community grows.
        """
        if worth <= 0 or not self.members:
            return 0.0
        return min(1.0, worth / self.members) * worth / (worth + local_members)

    def gram(self) -> GramMatrix:
        """The weighted Gram matrix over the prior's own titles, what was dropped filled in."""
        n = len(self.vocabulary)
        kept = self._decoded()
        filled = np.where(kept > 0, kept, np.outer(self.spread, self.spread)[_upper(n)])
        values = np.zeros((n, n), np.float32, order="F")
        values[_upper(n)] = filled
        values += values.T
        values[np.diag_indices(n)] = self.diagonal
        repair = np.asarray(self.repair, dtype=np.float32)
        values += repair.T @ repair
        return GramMatrix(self.vocabulary, values, np.asarray(self.counts), self.members, 0)

    def gram_for(self, vocabulary: Vocabulary) -> FloatArray:
        """`gram` over another vocabulary, shape (m, m); 0 for titles the prior does not know."""
        return _laid_out(self.gram().values, self.vocabulary.positions(vocabulary.ids))

    def together_for(self, vocabulary: Vocabulary) -> FloatArray:
        """About how many members share each two titles, shape (m, m), watchers on the diagonal.

        0 for unknown titles, and for pairs that were dropped.
        """
        n = len(self.vocabulary)
        shared = np.zeros((n, n), np.float32)
        shared[_upper(n)] = self._decoded()
        shared += shared.T
        shared /= np.outer(self.ratio, self.ratio)
        np.minimum(shared, np.minimum.outer(self.counts, self.counts), out=shared)
        shared[np.diag_indices(n)] = self.counts
        return _laid_out(shared, self.vocabulary.positions(vocabulary.ids))

    def counts_for(self, vocabulary: Vocabulary) -> FloatArray:
        """Watchers of each title of another vocabulary, shape (m,); 0 where unknown."""
        if not len(self.vocabulary):
            return np.zeros(len(vocabulary), np.float32)
        places = self.vocabulary.positions(vocabulary.ids)
        return np.where(places >= 0, self.counts[places], 0).astype(np.float32)

    def popularity_with(
        self, local: FloatArray, vocabulary: Vocabulary, local_members: int
    ) -> FloatArray:
        """`local` counts and the prior's, weighted by `POPULARITY_WORTH`, shape (m,)."""
        weight = np.float32(self.weight(local_members, POPULARITY_WORTH))
        return local + weight * self.counts_for(vocabulary)

    def _decoded(self) -> FloatArray:
        low, high = (float(bound) for bound in self.bounds)
        steps = low + np.arange(LEVELS + 1) / LEVELS * (high - low)
        table = np.concatenate([[0.0], np.exp(steps)]).astype(np.float32)
        return np.asarray(table[self.codes])

    # --- keeping

    def save(self, folder: Path, **provenance: Any) -> None:
        packed = np.frombuffer(zlib.compress(np.asarray(self.codes).tobytes(), 9), np.uint8)
        arrays: Arrays = {
            "vocabulary": self.vocabulary.ids.astype(np.int32),
            "counts": self.counts,
            "diagonal": self.diagonal,
            "codes": packed,
            "bounds": self.bounds,
            "spread": self.spread,
            "ratio": self.ratio,
            "repair": self.repair,
            **{EXTRA + name: array for name, array in self.extra.items()},
        }
        manifest = {
            "kind": KIND,
            "members": self.members,
            "least_members": self.least_members,
            "weighting": asdict(self.weighting),
            **provenance,
        }
        write_artifact(folder, arrays, manifest)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Open the prior in `folder`; ArtifactError if it is damaged or something else."""
        arrays, manifest = read_artifact(folder)
        if manifest.get("kind") != KIND:
            raise ArtifactError(f"{folder.name} holds a {manifest.get('kind')!r}, not a prior")
        try:
            prior = cls(
                vocabulary=Vocabulary(arrays["vocabulary"]),
                members=int(manifest["members"]),
                least_members=int(manifest["least_members"]),
                weighting=Weighting(**manifest["weighting"]),
                codes=np.frombuffer(zlib.decompress(arrays["codes"].tobytes()), np.uint8),
                **{name: arrays[name] for name in PLAIN},
                extra={k.removeprefix(EXTRA): a for k, a in arrays.items() if k.startswith(EXTRA)},
            )
        except (KeyError, TypeError, ValueError, zlib.error) as problem:
            raise ArtifactError(f"the prior in {folder.name} cannot be read: {problem}") from None
        prior._check(folder)
        return prior

    def _check(self, folder: Path) -> None:
        n = len(self.vocabulary)
        fits = self.codes.shape == (n * (n - 1) // 2,) and self.bounds.shape == (2,)
        fits = fits and self.repair.ndim == 2 and self.repair.shape[1] == n
        if not fits or any(getattr(self, name).shape != (n,) for name in PER_TITLE):
            raise ArtifactError(f"the arrays of the prior in {folder.name} do not fit together")


PER_TITLE = ("counts", "diagonal", "spread", "ratio")
PLAIN = (*PER_TITLE, "bounds", "repair")


def _upper(n: int) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    return np.triu_indices(n, 1)


def _shared(
    data: Interactions, titles: int, least_members: int
) -> tuple[Vocabulary, npt.NDArray[np.float32]]:
    """The most watched titles, and how many members watched each two of them, shape (n, n)."""
    if titles < 1 or least_members < 1:
        raise EngineError("a prior needs at least one title and one member behind each number")
    kept = data.take(~data.dropped)
    everything = kept.vocabulary()
    X = kept.matrix(everything)
    counts = watchers(X)
    chosen = np.sort(np.argsort(-counts, kind="stable")[:titles])
    chosen = chosen[counts[chosen] >= least_members]
    if not len(chosen):
        raise EngineError(f"no title was watched by {least_members} members or more")
    return Vocabulary(everything.ids[chosen]), dense_gram(X[:, chosen].tocsr())


def _coded(values: FloatArray) -> tuple[Codes, FloatArray]:
    """Logarithms in 254 steps between the least and the largest positive value; 0 stays 0."""
    positive = values > 0
    codes = np.zeros(len(values), np.uint8)
    if not positive.any():
        return codes, np.zeros(2, np.float32)
    logs = np.log(values[positive].astype(np.float64))
    low, high = logs.min(), logs.max()
    codes[positive] = 1 + np.round((logs - low) / max(high - low, 1e-9) * LEVELS)
    return codes, np.array([low, high], np.float32)


def _spread(small: npt.NDArray[np.bool_], mass: FloatArray) -> FloatArray:
    """s with Σ_j small_ij s_i s_j = mass_i, by iterative proportional fitting (Deming & Stephan 1940)."""
    where = small.astype(np.float32)
    s = np.sqrt(mass)
    for _ in range(ROUNDS):
        row = s * (where @ s)
        s = s * np.sqrt(np.divide(mass, row, out=np.zeros_like(mass), where=row > 0))
    return np.asarray(s, dtype=np.float32)


def _repair(values: FloatArray, counts: FloatArray) -> npt.NDArray[np.float16]:
    """R with RᵀR = -Σ w u uᵀ over the strongly negative eigenvalues w, shape (k, n).

    Taken in the scale of counts^0.15, in which EASE inverts: rare titles would vanish otherwise.
    """
    scale = np.maximum(counts, 1) ** np.float32(0.15)
    scaled = values / scale[:, None] / scale
    limit = -NEGATIVE * float(np.diag(scaled).mean())
    w, u = eigh(scaled, subset_by_value=(-np.inf, limit), overwrite_a=True)
    return np.asarray(np.sqrt(-w)[:, None] * u.T * scale, dtype=np.float16)


def _ratio(gram: FloatArray, together: FloatArray) -> FloatArray:
    """r with r_i r_j near G_ij / T_ij, least squares in logarithms weighted by T."""
    logs = np.log(np.divide(gram, together, out=np.ones_like(gram), where=together > 0))
    r = np.diag(logs) / 2
    total = together.sum(axis=1)
    for _ in range(ROUNDS):
        r = (r + ((together * logs).sum(axis=1) - together @ r) / total) / 2
    return np.exp(r).astype(np.float32)


def _laid_out(matrix: FloatArray, places: npt.NDArray[np.int64]) -> FloatArray:
    """`matrix` with its rows and columns at the places asked for, 0 where the place is -1."""
    known = np.flatnonzero(places >= 0)
    out = np.zeros((len(places), len(places)), np.float32)
    out[np.ix_(known, known)] = matrix[np.ix_(places[known], places[known])]
    return out
