"""A quiz for newcomers: which titles to ask about, and what the answers tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Self, cast

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from recommender.engine.artifacts import Arrays
from recommender.engine.base import Config, Fitted, ItemFeatures, need_data, top
from recommender.engine.content_parts import NOT_CONTENT
from recommender.engine.interactions import (
    EngineError,
    FloatArray,
    IntArray,
    Interactions,
    Mask,
    MemberList,
    Vocabulary,
)
from recommender.engine.prior import Prior
from recommender.engine.signal import member_means
from recommender.engine.studios import one_hot

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True)
class QuizConfig(Config):
    # Kinds of members that answers tell apart.
    groups: int = 64
    # Questions come from so many of the most watched titles.
    pool: int = 600
    # Rounds of expectation and maximisation.
    rounds: int = 25
    # Members that each group is thought to have beside its own, with the habits of all.
    smoothing: float = 4.0
    # How much the chance that the newcomer knows the title counts: a power of it.
    familiarity: float = 0.5
    # How much favourite genres count: a power of how much more a group watches of them than all do.
    genre_trust: float = 3.0
    seed: int = 20_261_123


@dataclass
class QuizModel(Fitted):
    """Groups of members k with shares π_k, P(watched j | k) = θ_kj and P(liked | watched, k) = φ_kj.

    A latent class model fitted by expectation and maximisation (Dempster, Laird & Rubin 1977) on
    the titles of the pool: an answer is "not seen", "liked" or "not liked", and answers are
    independent within a group. The next question is the title j with the greatest
    I(answer_j; group) · P(watched j)^familiarity: what the answer is expected to tell of the group
    (mutual information, in nats), times how likely the newcomer is to know the title at all.

    `shares`: π, shape (groups,). `watched`: θ over all titles, shape (groups, n). `liked`: φ over
    the pool, shape (groups, pool). `pool`: positions of the titles to ask about, shape (pool,).
    `of_genre`: titles × genres, bool.
    """

    kind = "quiz"
    config_type = QuizConfig
    config: Config = field(default_factory=QuizConfig)
    shares: FloatArray = field(default_factory=lambda: np.ones(1, np.float32))
    watched: FloatArray = field(default_factory=lambda: np.empty((1, 0), np.float32))
    liked: FloatArray = field(default_factory=lambda: np.empty((1, 0), np.float32))
    pool: IntArray = field(default_factory=lambda: np.empty(0, np.int64))
    genre_names: list[str] = field(default_factory=list)
    of_genre: npt.NDArray[np.bool_] = field(default_factory=lambda: np.empty((0, 0), bool))

    @cached_property
    def _chances(self) -> _Chances:
        return _Chances(np.asarray(self.watched[:, self.pool], np.float64), self.liked)

    @property
    def settings(self) -> QuizConfig:
        return cast(QuizConfig, self.config)

    @property
    def pool_ids(self) -> IntArray:
        """Ids of the titles to ask about, shape (pool,)."""
        return np.asarray(self.vocabulary.ids)[self.pool]

    # --- learning

    def fit(
        self,
        interactions: Interactions,
        features: ItemFeatures | None = None,
        prior: Prior | None = None,
    ) -> Self:
        """EngineError without interactions; `features` bring the genres."""
        need_data(interactions)
        self.__dict__.pop("_chances", None)
        self.vocabulary = interactions.vocabulary()
        seen, likes = _answers(interactions, self.vocabulary)
        counts = np.asarray(seen.sum(axis=0)).ravel()
        most = np.argsort(-counts, kind="stable")[: self.settings.pool]
        self.pool = np.sort(most).astype(np.int64)
        belongs = self._grouped(seen[:, self.pool], likes[:, self.pool])
        size = belongs.sum(axis=0)
        self.shares = ((size + 1) / (size + 1).sum()).astype(np.float32)
        # C order, as in the artifact: sums in another order differ in the last bit.
        self.watched = _rates(belongs, seen, self.settings.smoothing).astype(np.float32, order="C")
        self.liked = _liked_rates(
            belongs, seen[:, self.pool], likes[:, self.pool], self.settings.smoothing
        ).astype(np.float32, order="C")
        self._read_genres(features)
        self.facts = {"members": seen.shape[0], "groups": len(self.shares), "pool": len(self.pool)}
        return self

    def _grouped(self, seen: sp.csr_matrix, likes: sp.csr_matrix) -> Float64:
        """P(group | member's answers) for all members, shape (members, groups)."""
        members = seen.shape[0]
        groups = max(1, min(self.settings.groups, members // 10))
        belongs = _first_guess(sp.hstack([seen, likes], format="csr"), groups, self.settings.seed)
        for _ in range(self.settings.rounds):
            size = belongs.sum(axis=0)
            theta = _rates(belongs, seen, self.settings.smoothing)
            phi = _liked_rates(belongs, seen, likes, self.settings.smoothing)
            logs = _log_chances(theta, phi)
            told = seen @ (logs.disliked - logs.unseen).T + likes @ (logs.liked - logs.disliked).T
            told = told + logs.unseen.sum(axis=1) + np.log((size + 1) / (members + groups))
            belongs = _softmax(told)
        return belongs

    def _read_genres(self, features: ItemFeatures | None) -> None:
        size = len(self.vocabulary)
        self.genre_names, self.of_genre = [], np.zeros((size, 0), bool)
        if features is None:
            return
        rows = Vocabulary(features.ids).positions(self.vocabulary.ids)
        lines = [features.genres[row] if row >= 0 else () for row in rows]
        names, hot = one_hot([[name for name in line if name not in NOT_CONTENT] for line in lines])
        self.genre_names, self.of_genre = names, hot.toarray().astype(bool)

    # --- answering

    def groups(self, answers: MemberList, not_seen: npt.ArrayLike = ()) -> Float64:
        """P(group | answers), shape (groups,): `answers` are known titles, `not_seen` ids of others.

        Titles outside the pool tell whether they were watched, not whether they were liked.
        """
        posterior = np.log(np.asarray(self.shares, np.float64))
        positions, known = answers.known_to(self.vocabulary)
        theta = np.asarray(self.watched[:, positions], np.float64)
        posterior = posterior + np.log(theta).sum(axis=1)
        places = np.searchsorted(self.pool, positions).clip(max=max(len(self.pool) - 1, 0))
        asked = self.pool[places] == positions if len(self.pool) else np.zeros(len(positions), bool)
        phi = np.asarray(self.liked[:, places[asked]], np.float64)
        liked = _is_liked(known)[asked]
        posterior += np.where(liked, np.log(phi), np.log1p(-phi)).sum(axis=1)
        others = self.vocabulary.positions(not_seen)
        absent = np.asarray(self.watched[:, others[others >= 0]], np.float64)
        return _softmax(posterior + np.log1p(-absent).sum(axis=1))

    def next_questions(
        self,
        answers: MemberList,
        not_seen: npt.ArrayLike = (),
        n: int = 1,
        allowed: npt.ArrayLike | None = None,
    ) -> IntArray:
        """Ids of the next `n` titles to ask about, fewer when the pool is used up.

        Only titles of `allowed` are asked about; None allows all. After each of several the
        likeliest answer is taken for granted, so that they do not all ask the same.
        """
        if n < 0:
            raise EngineError("the number of questions cannot be negative")
        absent = np.asarray(not_seen, np.int64).reshape(-1)
        told = np.isin(self.pool_ids, answers.items) | np.isin(self.pool_ids, absent)
        if allowed is not None:
            told |= ~np.isin(self.pool_ids, np.asarray(allowed, np.int64))
        posterior = self.groups(answers, absent)
        chances = self._chances
        asked: list[int] = []
        for _ in range(min(n, int((~told).sum()))):
            value = chances.worth(posterior, self.settings.familiarity)
            value[told] = -np.inf
            place = int(value.argmax())
            told[place] = True
            asked.append(int(self.pool_ids[place]))
            posterior = chances.after_likeliest(posterior, place)
        return np.array(asked, np.int64)

    def expected(self, answers: MemberList, not_seen: npt.ArrayLike = ()) -> FloatArray:
        """P(watched j | answers) over the vocabulary, shape (n,): popularity among the like-minded."""
        mixed = self.groups(answers, not_seen).astype(np.float32) @ self.watched
        return np.asarray(mixed, np.float32)

    def expected_for_genres(self, names: Sequence[str]) -> FloatArray:
        """P(watched j) for somebody with these favourite genres, shape (n,); unknown names say nothing.

        Groups count π_k · Π_g (share of g in what k watches / in what all watch)^(genre_trust / G), and
        a title (1 + how many of the G genres it has) / (1 + G) of what it otherwise would.
        """
        wanted = self._genres(names)
        if not wanted:
            return self.expected(MemberList.of([]))
        matching = self.of_genre[:, wanted].sum(axis=1)
        expected = self._groups_for_genres(wanted) @ np.asarray(self.watched, np.float64)
        return np.asarray(expected * (1 + matching) / (1 + len(wanted)), np.float32)

    def lift_for_genres(self, names: Sequence[str]) -> FloatArray:
        """log of how much likelier somebody with these genres is to watch j than anybody, shape (n,).

        Of the groups alone: log(Σ_k P(k | genres) θ_kj / Σ_k π_k θ_kj), whether j has the genres or
        not. 0 for unknown names.
        """
        wanted = self._genres(names)
        if not wanted:
            return np.zeros(len(self.vocabulary), np.float32)
        theta = np.maximum(np.asarray(self.watched, np.float64), 1e-12)
        usual = np.asarray(self.shares, np.float64) @ theta
        return np.asarray(np.log(self._groups_for_genres(wanted) @ theta / usual), np.float32)

    def _genres(self, names: Sequence[str]) -> list[int]:
        known = set(names)
        return [place for place, name in enumerate(self.genre_names) if name in known]

    def _groups_for_genres(self, wanted: list[int]) -> Float64:
        """P(group | genres), shape (groups,)."""
        theta = np.asarray(self.watched, np.float64)
        watched = theta.sum(axis=1, keepdims=True)
        share = (theta @ self.of_genre[:, wanted].astype(np.float64)) / np.maximum(watched, 1e-12)
        usual = np.maximum(self.shares @ share, 1e-12)
        lift = np.log(np.maximum(share, 1e-12) / usual).mean(axis=1)
        return _softmax(np.log(self.shares) + self.settings.genre_trust * lift)

    def list_for_genres(self, names: Sequence[str], length: int = 5) -> MemberList:
        """A pseudo-list of the titles most expected of somebody with these genres, for a ranker."""
        fits: Mask = np.asarray(self.of_genre[:, self._genres(names)].any(axis=1), bool)
        return MemberList.of(
            top(self.vocabulary, self.expected_for_genres(names), fits, length).ids
        )

    # --- keeping

    def arrays(self) -> Arrays:
        return {
            "shares": self.shares,
            "watched": self.watched,
            "liked": self.liked,
            "pool": self.pool,
            "genre_names": np.array(self.genre_names, dtype=np.str_),
            "of_genre": self.of_genre,
        }

    def restore(self, arrays: Arrays) -> None:
        self.__dict__.pop("_chances", None)
        self.shares, self.watched = arrays["shares"], arrays["watched"]
        self.liked, self.pool = arrays["liked"], arrays["pool"]
        self.genre_names = [str(name) for name in arrays["genre_names"]]
        self.of_genre = arrays["of_genre"]
        groups, size = len(self.shares), len(self.vocabulary)
        if self.watched.shape != (groups, size) or self.liked.shape != (groups, len(self.pool)):
            raise KeyError("the groups do not fit the vocabulary")
        if self.of_genre.shape != (size, len(self.genre_names)):
            raise KeyError("the genres do not fit the vocabulary")
        if len(self.pool) and not 0 <= self.pool.min() <= self.pool.max() < size:
            raise KeyError("the pool does not fit the vocabulary")

    def cut_to(self, ids: npt.ArrayLike) -> Self:
        """The same groups over fewer titles; of the pool what is left of it."""
        kept = self.vocabulary.positions(np.unique(np.asarray(ids)))
        kept = kept[kept >= 0]
        asked = np.isin(self.pool, kept)
        small = type(self)(
            config=self.config, vocabulary=Vocabulary(np.asarray(self.vocabulary.ids)[kept])
        )
        small.shares, small.genre_names = self.shares, self.genre_names
        small.watched = np.ascontiguousarray(self.watched[:, kept])
        small.liked = np.ascontiguousarray(self.liked[:, asked])
        small.pool = np.searchsorted(kept, self.pool[asked]).astype(np.int64)
        small.of_genre = np.ascontiguousarray(self.of_genre[kept])
        small.facts = {**self.facts, "pool": len(small.pool), "cut_to": len(kept)}
        return small


# --- answers and chances


def _answers(
    interactions: Interactions, vocabulary: Vocabulary
) -> tuple[sp.csr_matrix, sp.csr_matrix]:
    """Members × titles: 1 where it was watched, and 1 where it was liked."""
    members = interactions.member_ids
    rows = np.searchsorted(members, interactions.members)
    means = member_means(rows, interactions.scores, len(members))
    above = ~(interactions.scores < means[rows]) & ~interactions.dropped
    likes = interactions.matrix(vocabulary, above.astype(np.float32))
    likes.eliminate_zeros()
    return interactions.matrix(vocabulary), likes


def _is_liked(known: MemberList) -> Mask:
    """As `_answers` has it: not scored below the member's own mean, and not dropped."""
    means = member_means(np.zeros(len(known), np.int64), known.scores, 1)
    liked: Mask = ~(known.scores < means[0]) & (known.weights >= 0)
    return liked


def _rates(belongs: Float64, seen: sp.csr_matrix, smoothing: float) -> Float64:
    """θ_kj = (watchers of j in k + s · (watchers of j + ½) / (members + 1)) / (members of k + s)."""
    usual = (np.asarray(seen.sum(axis=0)).ravel() + 0.5) / (seen.shape[0] + 1)
    sums = (seen.T @ belongs).T
    found: Float64 = (sums + smoothing * usual) / (belongs.sum(axis=0)[:, None] + smoothing)
    return found


def _liked_rates(
    belongs: Float64, seen: sp.csr_matrix, likes: sp.csr_matrix, smoothing: float
) -> Float64:
    """φ_kj, the same of those who watched."""
    watchers = np.asarray(seen.sum(axis=0)).ravel()
    usual = (np.asarray(likes.sum(axis=0)).ravel() + 0.5) / (watchers + 1)
    sums, number = (likes.T @ belongs).T, (seen.T @ belongs).T
    found: Float64 = (sums + smoothing * usual) / (number + smoothing)
    return found


@dataclass(frozen=True)
class _LogChances:
    unseen: Float64
    liked: Float64
    disliked: Float64


def _log_chances(theta: Float64, phi: Float64) -> _LogChances:
    phi = np.clip(phi, 1e-6, 1 - 1e-6)
    theta = np.clip(theta, 1e-9, 1 - 1e-6)
    seen = np.log(theta)
    return _LogChances(np.log1p(-theta), seen + np.log(phi), seen + np.log1p(-phi))


def _softmax(logs: Float64) -> Float64:
    powers = np.exp(logs - logs.max(axis=-1, keepdims=True))
    found: Float64 = powers / powers.sum(axis=-1, keepdims=True)
    return found


def _first_guess(answers: sp.csr_matrix, groups: int, seed: int) -> Float64:
    """Members by how near, in cosine, they are to `groups` of them, drawn far from each other.

    Each is drawn with a chance proportional to its distance from the nearest before it: k-means++
    (Arthur & Vassilvitskii 2007).
    """
    rng = np.random.default_rng(seed)
    lengths = np.sqrt(np.maximum(np.asarray(answers.sum(axis=1)).ravel(), 1))
    scaled = sp.diags(1 / lengths) @ answers
    near = np.empty((scaled.shape[0], groups))
    distance = np.ones(scaled.shape[0])
    for group in range(groups):
        chance = distance if distance.sum() > 1e-9 else np.ones(len(distance))
        chosen = rng.choice(len(chance), p=chance / chance.sum())
        near[:, group] = (scaled @ scaled[chosen].T).toarray().ravel()
        distance = np.minimum(distance, np.maximum(1 - near[:, group], 0))
    return _softmax(10.0 * near)


class _Chances:
    """P(answer | group) of the pool's titles, answers: unseen, liked, not liked; (3, groups, pool)."""

    def __init__(self, theta: Float64, phi: FloatArray) -> None:
        liked = theta * phi
        self.of = np.stack([1 - theta, liked, theta - liked])
        self.logs = np.log(np.maximum(self.of, 1e-12))
        self.told = (self.of * self.logs).sum(axis=0)

    def worth(self, posterior: Float64, familiarity: float) -> Float64:
        """I(answer; group) · P(watched)^familiarity, shape (pool,)."""
        marginal = posterior @ self.of
        entropy = -(marginal * np.log(np.maximum(marginal, 1e-12))).sum(axis=0)
        information = np.maximum(entropy + posterior @ self.told, 0)
        found: Float64 = information * (1 - marginal[0]) ** familiarity
        return found

    def after_likeliest(self, posterior: Float64, place: int) -> Float64:
        answer = int((posterior @ self.of[:, :, place].T).argmax())
        return _softmax(np.log(np.maximum(posterior, 1e-300)) + self.logs[answer, :, place])
