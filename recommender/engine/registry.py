"""Which models there are, by the name that commands and rows use."""

from __future__ import annotations

from pathlib import Path

from recommender.engine.artifacts import ArtifactError, read_manifest
from recommender.engine.atlas import Atlas
from recommender.engine.base import Fitted, Recommender
from recommender.engine.clustering import Clusters
from recommender.engine.content import Content
from recommender.engine.factorization import Als
from recommender.engine.hybrid import Hybrid
from recommender.engine.interactions import EngineError
from recommender.engine.linear import Ease
from recommender.engine.neighbours import ItemKnn
from recommender.engine.popularity import Popularity, RecentPopularity
from recommender.engine.quiz import QuizModel
from recommender.engine.score_blend import ScoreBlend
from recommender.engine.surprise_models import KnnBaseline, Svd
from recommender.engine.taste import TasteModel

MODELS: dict[str, type[Recommender]] = {
    model.kind: model
    for model in (
        Popularity,
        RecentPopularity,
        Content,
        ItemKnn,
        Als,
        Ease,
        Hybrid,
        KnnBaseline,
        Svd,
        ScoreBlend,
    )
}
# What is learned beside the models: neither ranks titles nor predicts scores.
EXTRAS: dict[str, type[Fitted]] = {
    extra.kind: extra for extra in (TasteModel, Clusters, Atlas, QuizModel)
}
KINDS: dict[str, type[Fitted]] = {**MODELS, **EXTRAS}
# These learn from a handful of lists, with what a larger community knows beside them.
FOR_SMALL_INSTANCES = (Popularity.kind, Content.kind, Ease.kind, Hybrid.kind)
# Ranks recommendations where nobody asks for another.
DEFAULT_RANKER = Hybrid.kind
# Who answers where nobody asks for another: the first of these that is trained and can be opened.
RANKING_ORDER = ("hybrid", "ease", "content", "popularity")
# Kinds whose scores are predicted scores, 1..10.
SCORERS = frozenset({KnnBaseline.kind, Svd.kind, ScoreBlend.kind})
# Predicts the scores that members see; it is not a ranker and stands apart in an evaluation.
SCORER = ScoreBlend.kind
RANKERS = [kind for kind in MODELS if kind not in SCORERS]


def model_type(kind: str) -> type[Recommender]:
    """The class of `kind`; EngineError that lists the names when there is none."""
    try:
        return MODELS[kind]
    except KeyError:
        raise EngineError(f"no model {kind!r}; there are {', '.join(MODELS)}") from None


def create(kind: str) -> Recommender:
    """A model of `kind` with its default settings, not fitted."""
    cls = model_type(kind)
    return cls(config=cls.config_type())


def load(folder: Path) -> Recommender:
    """Whatever model the artifact in `folder` holds."""
    kind = read_manifest(folder).get("kind")
    if kind not in MODELS:
        raise ArtifactError(
            f"{folder.name} holds a {kind!r} model, which this version does not know"
        )
    return MODELS[kind].load(folder)
