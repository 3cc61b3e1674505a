"""Titles nobody has rated, entered into the collaborative model through what is told of them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from recommender.engine.artifacts import Arrays
from recommender.engine.base import NO_CAUSES, Attribution, ItemFeatures, Ranked
from recommender.engine.cold_audience import expected_watchers
from recommender.engine.content import Content
from recommender.engine.interactions import (
    EngineError,
    FloatArray,
    IntArray,
    Interactions,
    MemberList,
    Vocabulary,
)
from recommender.engine.linear import Ease
from recommender.engine.nearest import nearest
from recommender.engine.prior import Prior
from recommender.engine.sparse import from_arrays, to_arrays

PREFIX = "cold_"
# Members on whose lists the scale is set.
CALIBRATED_ON = 200


@dataclass(frozen=True)
class ColdSettings:
    # Warm titles that speak for a cold one, and how much more the nearer ones count.
    neighbours: int = 100
    sharpness: float = 1.5
    # 1: only how near the neighbours are to each other counts; 0: a title near to nothing gets nothing.
    evenness: float = 0.7
    # What a neighbour on the list itself counts beside what the list says of that neighbour.
    on_list: float = 2.5
    # Power of the expected number of watchers.
    audience: float = 0.8
    # Whether the catalogue's own statistics (members, mean score) help to expect it.
    use_statistics: bool = True


@dataclass
class ColdTitles:
    """score_j = Σ_k A_jk (Σ_i x_i B_ik + ρ x_k) + prior_j for each title j unknown to EASE.

    The column of EASE's B that j has not got is a mix of those of its neighbours in content, and
    ρ ("on_list") stands for the diagonal that B lacks: with C = XᵀX + λI, a column mixed as
    Σ_k a_jk C_·k has the ridge solution Σ_k a_jk (e_k - λ C^-1_·k), which is that form. Before
    scaling a_jk = sim(j, k)^sharpness for the nearest neighbours k; A_jk = c · w_j^audience · a_jk /
    (Σ_k a_jk)^evenness, where w_j is how many watchers j may expect (`cold_audience`) and c brings
    the scores to EASE's scale: least squares of EASE's scores for warm titles on what they would get
    here, each without itself. prior_j is EASE's popularity prior for w_j watchers.

    `mix`: A, CSR, (cold, warm). `vocabulary`: the cold titles. `ease`: whose titles are the warm ones.
    Source of the idea: Gantner et al., Learning Attribute-to-Feature Mappings, ICDM 2010.
    """

    settings: ColdSettings = field(default_factory=ColdSettings)
    ease: Ease = field(default_factory=Ease)
    vocabulary: Vocabulary = field(default_factory=lambda: Vocabulary([]))
    mix: sp.csr_matrix = field(default_factory=lambda: sp.csr_matrix((0, 0), dtype=np.float32))
    prior: FloatArray = field(default_factory=lambda: np.empty(0, np.float32))

    # --- learning

    def fit(
        self,
        interactions: Interactions,
        features: ItemFeatures | None,
        ease: Ease,
        prior: Prior | None = None,
        content: Content | None = None,
    ) -> Self:
        """`content`, fitted on `features`, saves fitting one. No features, no cold titles."""
        self.ease = ease
        ids = np.empty(0, np.int64) if features is None else features.ids
        warm = np.flatnonzero(np.isin(ids, ease.vocabulary.ids))
        cold = np.flatnonzero(~np.isin(ids, ease.vocabulary.ids))
        self.vocabulary = Vocabulary(ids[cold])
        self.mix = sp.csr_matrix((len(cold), len(ease.vocabulary)), dtype=np.float32)
        self.prior = np.zeros(len(cold), np.float32)
        if features is not None and len(warm) and len(cold):
            told = content or Content().fit(interactions, features)
            counts = _watchers(ease.vocabulary, interactions, prior)
            self._map(features, told, warm, cold, counts, interactions)
        return self

    def _map(
        self,
        features: ItemFeatures,
        content: Content,
        warm: npt.NDArray[np.intp],
        cold: npt.NDArray[np.intp],
        counts: FloatArray,
        interactions: Interactions,
    ) -> None:
        own = content.vocabulary.positions(features.ids)
        if (own < 0).any():
            raise EngineError(
                "the content model does not hold all titles; fit it on these features"
            )
        places = self.ease.vocabulary.positions(features.ids[warm])
        keep = self.settings.neighbours
        # Among the warm ones each is without itself, as a cold one is.
        of_warm = nearest(content, own[warm], own[warm], keep, without_self=True)
        of_cold = nearest(content, own[cold], own[warm], keep)
        expected = expected_watchers(
            features,
            content,
            warm,
            of_warm,
            of_cold,
            counts[places],
            use_statistics=self.settings.use_statistics,
        )
        width = sp.csr_matrix(
            (np.ones(len(warm), np.float32), (np.arange(len(warm)), places)),
            shape=(len(warm), len(self.ease.vocabulary)),
        )
        mix_warm = self._scaled(of_warm, expected[warm]) @ width
        scale = self._scale(mix_warm, places, interactions)
        self.mix = (scale * (self._scaled(of_cold, expected[cold]) @ width)).astype(np.float32)
        share = np.minimum(expected[cold] / max(float(counts.max()), 1.0), 1.0)
        self.prior = (float(self.ease.prior.max()) * share).astype(np.float32)

    def _scaled(self, near: sp.csr_matrix, expected: FloatArray) -> sp.csr_matrix:
        mixed = near.copy()
        mixed.data = mixed.data**self.settings.sharpness
        total = np.maximum(np.asarray(mixed.sum(axis=1)).ravel(), 1e-12)
        rows = expected**self.settings.audience / total**self.settings.evenness
        return sp.csr_matrix(sp.diags(rows.astype(np.float32)) @ mixed)

    def _scale(
        self, mix_warm: sp.csr_matrix, places: IntArray, interactions: Interactions
    ) -> np.float32:
        """c: Σ EASE's score · this one's / Σ this one's², over unlisted warm titles of some members."""
        ids = interactions.member_ids
        some = ids[:: max(1, len(ids) // CALIBRATED_ON)]
        lists = interactions.take(np.isin(interactions.members, some)).lists().values()
        product = square = 0.0
        for member in lists:
            source = self._source(member)
            unlisted = ~np.isin(places, self.ease.vocabulary.positions(member.items))
            mapped = (mix_warm @ source)[unlisted].astype(np.float64)
            warm = (self.ease.score(member) - self.ease.prior)[places[unlisted]]
            product += float(mapped @ warm)
            square += float(mapped @ mapped)
        return np.float32(product / square if square > 0 and product > 0 else 1.0)

    # --- answering

    def score(self, member: MemberList, warm_scores: FloatArray | None = None) -> FloatArray:
        """Scores of the cold titles, shape (n,), on EASE's scale.

        `warm_scores`: what `ease.score(member)` gave, where it is at hand.
        """
        own: FloatArray = self.mix @ self._source(member, warm_scores)
        return own + self.prior

    def _source(self, member: MemberList, warm_scores: FloatArray | None = None) -> FloatArray:
        """Σ_i x_i B_ik + ρ x_k for each warm title k."""
        scores = self.ease.score(member) if warm_scores is None else warm_scores
        source = (scores - self.ease.prior).astype(np.float32)
        positions, x = self.ease.signal(member)
        source[positions] += np.float32(self.settings.on_list) * x
        return source

    def attributions(self, member: MemberList, item_ids: npt.ArrayLike) -> list[Attribution]:
        """Exact: what each title of the list adds, x_i (Σ_k A_jk B_ik + ρ A_ji), and "popularity"."""
        targets = self.vocabulary.positions(item_ids)
        positions, x = self.ease.signal(member)
        ids = np.asarray(self.ease.vocabulary.ids)[positions]
        if not len(self.vocabulary):
            return [NO_CAUSES for _ in targets]
        rows = self.mix[targets.clip(0)]
        through = (self.ease.weights[positions] @ rows.T).toarray()
        itself = np.float32(self.settings.on_list) * rows[:, positions].toarray().T
        parts = ((through + itself) * x[:, None]).astype(np.float32)
        return [
            Attribution(ids, parts[:, place], {"popularity": float(self.prior[target])})
            if target >= 0
            else NO_CAUSES
            for place, target in enumerate(targets)
        ]

    # --- keeping

    def cut_to(self, ids: npt.ArrayLike, ease: Ease) -> Self:
        """The same over fewer cold titles; `ease`: this one's, cut to fewer warm titles."""
        rows = np.flatnonzero(np.isin(self.vocabulary.ids, ids))
        columns = self.ease.vocabulary.positions(ease.vocabulary.ids)
        return replace(
            self,
            ease=ease,
            vocabulary=Vocabulary(self.vocabulary.ids[rows]),
            mix=self.mix[rows][:, columns].tocsr(),
            prior=self.prior[rows],
        )

    def arrays(self) -> Arrays:
        """To be stored among the arrays of the model that holds `ease`; names begin with PREFIX."""
        return {
            f"{PREFIX}vocabulary": self.vocabulary.ids,
            f"{PREFIX}prior": self.prior,
            **to_arrays(self.mix, f"{PREFIX}mix_"),
        }

    def restore(self, arrays: Arrays, ease: Ease) -> Self:
        """Take back what `arrays` gave; KeyError where one is missing or does not fit."""
        self.ease = ease
        self.vocabulary = Vocabulary(arrays[f"{PREFIX}vocabulary"])
        self.prior = arrays[f"{PREFIX}prior"]
        self.mix = from_arrays(arrays, f"{PREFIX}mix_")
        if self.mix.shape != (len(self.vocabulary), len(ease.vocabulary)):
            raise KeyError("cold titles were learned beside another model")
        return self


def _watchers(
    vocabulary: Vocabulary, interactions: Interactions, prior: Prior | None
) -> FloatArray:
    """How many members watched each title and did not drop it; those of the prior count too."""
    positions = vocabulary.positions(interactions.items[~interactions.dropped])
    counts = np.bincount(positions[positions >= 0], minlength=len(vocabulary)).astype(np.float32)
    if prior is not None:
        at = prior.vocabulary.positions(vocabulary.ids)
        counts += np.where(at >= 0, prior.counts[at.clip(0)], 0).astype(np.float32)
    return counts


# The places that are looked at most; behind them the shares may be others.
FIRST_PAGE = 20


def merge_channels(
    warm: Ranked,
    cold: Ranked,
    top_n: int,
    *,
    most: float = 0.1,
    least: float = 0.05,
    deep: float | None = None,
) -> Ranked:
    """One ranking of two: by score, with a bounded share of cold titles in every beginning of it.

    Of the first r places at most floor(`most` · r) and at least floor(`least` · r) are cold, while
    both channels last. With `deep` that holds for the first page; every further place adds `deep`
    to both bounds, so that who reads on meets more of the new without the first page paying for it.
    Within a channel the order stays; equal scores go to the warm one. EngineError unless
    0 ≤ least ≤ most ≤ 1 and 0 ≤ deep ≤ 1.
    """
    if not (0 <= least <= most <= 1 and 0 <= (deep or 0) <= 1):
        raise EngineError(
            "shares of cold titles need 0 ≤ least ≤ most ≤ 1, and deep within 0 and 1"
        )
    taken: list[tuple[int, float]] = []
    w = c = 0
    while len(taken) < min(top_n, len(warm) + len(cold)):
        place = w + c + 1
        bounds = _bound(place, least, deep), _bound(place, most, deep)
        if _cold_is_next(warm, cold, w, c, bounds):
            taken.append((int(cold.ids[c]), float(cold.scores[c])))
            c += 1
        else:
            taken.append((int(warm.ids[w]), float(warm.scores[w])))
            w += 1
    ids, scores = zip(*taken, strict=True) if taken else ((), ())
    return Ranked(np.array(ids, np.int64), np.array(scores, np.float32))


def _bound(place: int, share: float, deep: float | None) -> int:
    """How many of the first `place` places the share allows or asks for."""
    first = place if deep is None else min(place, FIRST_PAGE)
    # Floating point: 0.1 · 30 is a little more or less than 3.
    return int(np.floor(share * first + (deep or 0.0) * (place - first) + 1e-9))


def _cold_is_next(warm: Ranked, cold: Ranked, w: int, c: int, bounds: tuple[int, int]) -> bool:
    if c >= len(cold) or w >= len(warm):
        return w >= len(warm)
    least, most = bounds
    if c < least:
        return True
    return bool(c < most and cold.scores[c] > warm.scores[w])
