"""From the active models to one member's recommendations."""

import hashlib
import logging
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from django.core.cache import cache
from django.db.models import QuerySet

from catalog.models import Anime, AnimeRelation
from ratings.models import User
from recommender import datasets
from recommender.engine import registry, rules
from recommender.engine.artifacts import ArtifactError
from recommender.engine.base import Attribution, Recommender
from recommender.engine.interactions import EngineError, FloatArray, IntArray, MemberList
from recommender.engine.scores import ScoreBaseline
from recommender.models import TrainedModel

log = logging.getLogger(__name__)

CAUSES_SHOWN = 3
# A reason names what was liked: this score or a better one, or none at all.
LIKED = 7
CACHED_SECONDS = 3600
POPULAR = "Popular with members"


@dataclass(frozen=True)
class Cause:
    """One summand of a recommendation's score."""

    kind: str  # "title" or "feature"
    anime_id: int | None
    label: str
    score: int | None
    share: float  # of the whole score, 0..1

    @property
    def sentence(self) -> str:
        if self.kind == "feature":
            return self.label
        if self.score is None:
            return f"You watched {self.label}"
        return f"You gave {self.label} {'an' if self.score == 8 else 'a'} {self.score}"


@dataclass(frozen=True)
class Recommendation:
    anime_id: int
    score: float
    predicted_score: float | None
    causes: tuple[Cause, ...]  # the member's likes that add most, strongest first
    explained: float  # share of the score that these causes are, 0..1

    @property
    def reason(self) -> str:
        return " · ".join(cause.sentence for cause in self.causes[:2]) or POPULAR


@dataclass(frozen=True)
class SimilarTitle:
    anime_id: int
    score: float
    shared: tuple[str, ...]


class NothingTrained(EngineError):
    """No model of that kind has been trained yet."""


# --- which models answer

_loaded: dict[str, tuple[int, Recommender]] = {}
_loading = threading.Lock()


def active_models() -> dict[str, TrainedModel]:
    """The served model of each role: one query."""
    return {model.role: model for model in TrainedModel.objects.active().defer("metrics", "config")}


def active_model() -> TrainedModel | None:
    """What ranks now; None when nothing is trained."""
    return active_models().get(registry.DEFAULT_RANKER)


def opened(row: TrainedModel) -> Recommender:
    """The model of `row`, loaded once in this process and again only when another is activated."""
    with _loading:
        held = _loaded.get(row.role)
        if held is None or held[0] != row.pk:
            _loaded[row.role] = held = (row.pk, registry.load(row.path))
        return held[1]


def model_of(kind: str, models: dict[str, TrainedModel] | None = None) -> Recommender:
    """The served model of `kind`; NothingTrained when there is none."""
    registry.model_type(kind)
    row = (active_models() if models is None else models).get(kind)
    if row is None:
        raise NothingTrained(
            f"no {kind} model has been trained yet: manage.py train --model {kind}"
        )
    return opened(row)


def forget_loaded() -> None:
    """Open every model anew at its next use."""
    with _loading:
        _loaded.clear()


def _served(kind: str, models: dict[str, TrainedModel]) -> Recommender | None:
    """The model, or None: a lost or damaged artifact must not take the pages down with it."""
    row = models.get(kind)
    try:
        return opened(row) if row else None
    except ArtifactError:
        log.exception("The served %s model cannot be used", kind)
        return None


def _scorer(models: dict[str, TrainedModel]) -> ScoreBaseline | None:
    model = _served(registry.SCORER, models)
    return model if isinstance(model, ScoreBaseline) else None


# --- recommendations


def recommend(
    member: User,
    *,
    top_n: int = 20,
    among: QuerySet[Anime] | None = None,
    model: str | None = None,
) -> list[Recommendation]:
    """The best `top_n` for `member` among the titles of `among`, each with its reasons.

    Rules come before the cut, so the list is shorter only where fewer titles are allowed. The
    answer is kept until the member's list, the models or the question change.
    """
    models = active_models()
    kind = model or registry.DEFAULT_RANKER
    registry.model_type(kind)
    allowed = _allowed_ids(member, among)
    key = _cache_key(member, kind, models, top_n, allowed)
    found: list[Recommendation] | None = cache.get(key)
    if found is None:
        found = _Answer(member, models).recommend(kind, allowed, top_n)
        cache.set(key, found, CACHED_SECONDS)
    return found


def predict_scores(member: User, anime_ids: Iterable[int]) -> dict[int, float]:
    """What `member` would likely give, 1..10; titles that nobody scored are left out."""
    scorer = _scorer(active_models())
    return _predict(scorer, datasets.read_list(member), list(anime_ids))


def _allowed_ids(member: User, among: QuerySet[Anime] | None) -> IntArray:
    """The titles that may be shown to anybody, without those already on the list or dismissed."""
    titles = Anime.objects.recommendable()
    if among is not None:
        titles = titles.filter(pk__in=among.order_by().values("pk"))
    ids = titles.order_by("pk").values_list("pk", flat=True)
    own = [*datasets.read_listed(member), *datasets.read_dismissed(member)]
    return np.setdiff1d(np.fromiter(ids, dtype=np.int64), np.array(own, dtype=np.int64))


def _cache_key(
    member: User, kind: str, models: dict[str, TrainedModel], top_n: int, allowed: IntArray
) -> str:
    versions = ".".join(str(row.pk) for row in models.values())
    titles = hashlib.sha256(allowed.tobytes()).hexdigest()[:16]
    return f"rec:{member.pk}:{member.list_version}:{kind}:{versions}:{top_n}:{titles}"


class _Answer:
    """One member's question while it is being answered: their list is read once."""

    def __init__(self, member: User, models: dict[str, TrainedModel]) -> None:
        self.models = models
        self.list = datasets.read_list(member)

    def recommend(self, kind: str, allowed: IntArray, top_n: int) -> list[Recommendation]:
        allowed = self._in_series_order(allowed)
        ranker = _served(kind, self.models)
        if ranker is None or not self._knows_the_list(ranker):
            ranker = _served("content", self.models) or ranker
        chosen = self._ranked(ranker, allowed, top_n) if ranker else []
        rest = np.setdiff1d(allowed, [rec.anime_id for rec in chosen])
        return [*chosen, *self._fill(rest, top_n - len(chosen))]

    def _knows_the_list(self, ranker: Recommender) -> bool:
        """An empty list needs no knowing: popularity answers it."""
        known = ranker.vocabulary.positions(self.list.items) >= 0
        return not len(self.list) or bool(known.any())

    def _in_series_order(self, allowed: IntArray) -> IntArray:
        """Without titles whose prequel could be watched first and was not, or was dropped."""
        watched = self.list.items[self.list.weights > 0]
        return rules.in_series_order(allowed, datasets.read_prequels(), watched)

    def _ranked(self, ranker: Recommender, allowed: IntArray, top_n: int) -> list[Recommendation]:
        mask = np.isin(ranker.vocabulary.ids, allowed)
        best = ranker.recommend(self.list, top_n, mask)
        return self._explained(ranker, best.ids, best.scores)

    def _explained(
        self, ranker: Recommender, ids: IntArray, scores: FloatArray
    ) -> list[Recommendation]:
        parts = ranker.attributions(self.list, ids)
        scorer = _scorer(self.models)
        predicted = _predict(scorer, self.list, ids.tolist())
        given = dict(zip(self.list.items.tolist(), self.list.scores.tolist(), strict=True))
        names = self._names(parts, given)
        return [
            _recommendation(pk, score, predicted.get(pk), _causes(part, names, given))
            for pk, score, part in zip(ids.tolist(), scores.tolist(), parts, strict=True)
        ]

    def _names(self, parts: Sequence[Attribution], given: dict[int, float]) -> dict[int, str]:
        """Titles of everything that could be named as a cause: one query for the whole answer."""
        ids = {int(pk) for part in parts for pk in _strongest(part, given)}
        titles = Anime.objects.filter(pk__in=ids).only("title", "title_english")
        return {anime.pk: anime.display_title for anime in titles}

    def _fill(self, allowed: IntArray, missing: int) -> list[Recommendation]:
        """What the ranker does not know, nearest in content first, then the most watched."""
        if missing <= 0 or not len(allowed):
            return []
        content = _served("content", self.models)
        near = self._ranked(content, allowed, missing) if content and len(self.list) else []
        rest = np.setdiff1d(allowed, [rec.anime_id for rec in near])
        popular = Anime.objects.filter(pk__in=rest.tolist()).most_watched_first()
        ids = np.fromiter(popular.values_list("pk", flat=True)[: missing - len(near)], np.int64)
        scorer = _scorer(self.models)
        predicted = _predict(scorer, self.list, ids.tolist())
        return [*near, *(_recommendation(pk, 0.0, predicted.get(pk), ()) for pk in ids.tolist())]


def _predict(
    scorer: ScoreBaseline | None, list_: MemberList, ids: Sequence[int]
) -> dict[int, float]:
    if scorer is None or not len(ids):
        return {}
    positions = scorer.vocabulary.positions(ids)
    scores = scorer.score(list_)
    return {
        pk: round(float(scores[place]), 2)
        for pk, place in zip(ids, positions, strict=True)
        if place >= 0
    }


def _recommendation(
    pk: int, score: float, predicted: float | None, causes: tuple[Cause, ...]
) -> Recommendation:
    explained = min(1.0, sum(cause.share for cause in causes))
    return Recommendation(pk, float(score), predicted, causes, explained)


def _strongest(part: Attribution, given: dict[int, float]) -> IntArray:
    """The titles that add most, at most CAUSES_SHOWN: what the member liked, and only failing that the rest."""
    order = np.argsort(-part.values, kind="stable")
    helping = part.ids[order[part.values[order] > 0]]
    scores = np.array([given.get(int(pk), np.nan) for pk in helping])
    liked: IntArray = helping[np.isnan(scores) | (scores >= LIKED)]
    return (liked if len(liked) else helping)[:CAUSES_SHOWN]


def _causes(part: Attribution, names: dict[int, str], given: dict[int, float]) -> tuple[Cause, ...]:
    """The strongest likes, with their share of all that speaks for the title."""
    popularity = part.features.get("popularity", 0.0)
    total = float(part.values[part.values > 0].sum()) + popularity
    values = dict(zip(part.ids.tolist(), part.values.tolist(), strict=True))
    causes = [
        Cause("title", pk, names[pk], _given(given[pk]), values[pk] / total)
        for pk in _strongest(part, given).tolist()
        if pk in names
    ]
    if popularity > 0:
        causes.append(Cause("feature", None, POPULAR, None, popularity / total))
    return tuple(sorted(causes, key=lambda cause: -cause.share)[:CAUSES_SHOWN])


def _given(score: float) -> int | None:
    return None if np.isnan(score) else int(score)


# --- similar titles

RANK_FUSION = 20


def similar(anime_id: int, *, top_n: int = 12) -> list[SimilarTitle]:
    """Titles that go with this one: watched by the same members, and alike in content.

    Both rankings are joined by reciprocal ranks (Cormack et al., SIGIR 2009). Seasons and other
    relations are left out: a title's page lists them apart.
    """
    models = active_models()
    near = [model for kind in ("ease", "content") if (model := _served(kind, models))]
    allowed = np.fromiter(Anime.objects.recommendable().values_list("pk", flat=True), np.int64)
    allowed = np.setdiff1d(allowed, _related_ids(anime_id))
    scores: dict[int, float] = {}
    for model in near:
        mask = np.isin(model.vocabulary.ids, allowed)
        for rank, pk in enumerate(model.similar_items(anime_id, 100, mask).ids.tolist()):
            scores[pk] = scores.get(pk, 0.0) + 1 / (RANK_FUSION + rank)
    best = sorted(scores, key=lambda pk: (-scores[pk], pk))[:top_n]
    shared = _shared_names(anime_id, best)
    return [SimilarTitle(pk, scores[pk], shared.get(pk, ())) for pk in best]


def _related_ids(anime_id: int) -> list[int]:
    edges = AnimeRelation.objects.touching(anime_id).values_list("anime_id", "to_mal_id")
    return [pk for edge in edges for pk in edge]


def _shared_names(anime_id: int, others: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """Genres and studios that each of `others` has in common with `anime_id`."""
    titles = Anime.objects.filter(pk__in=[anime_id, *others]).only("pk")
    # Two queries for all of them, instead of two for each.
    names = {
        anime.pk: [str(word) for word in (*anime.genres.all(), *anime.studios.all())]
        for anime in titles.prefetch_related("genres", "studios")
    }
    own = set(names.get(anime_id, ()))
    return {pk: tuple(word for word in names.get(pk, ()) if word in own) for pk in others}
