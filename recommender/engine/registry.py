"""Which models there are, by the name that commands and rows use."""

from __future__ import annotations

from pathlib import Path

from recommender.engine.artifacts import ArtifactError, read_manifest
from recommender.engine.base import Recommender
from recommender.engine.content import Content
from recommender.engine.interactions import EngineError
from recommender.engine.linear import Ease
from recommender.engine.popularity import Popularity
from recommender.engine.scores import ScoreBaseline

MODELS: dict[str, type[Recommender]] = {
    model.kind: model for model in (Popularity, Content, Ease, ScoreBaseline)
}
# Ranks recommendations where nobody asks for another.
DEFAULT_RANKER = "ease"
# Predicts scores; it is not a ranker and stands apart in an evaluation.
SCORER = "baseline"
RANKERS = [kind for kind in MODELS if kind != SCORER]


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
