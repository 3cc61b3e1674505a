"""What the trained models answer to pages, API and commands."""

from catalog import held
from recommender.engine.diversity import NEUTRAL, Dials
from recommender.experiments.running import running
from recommender.narrowing import forget_choices
from recommender.serving.joining import Joint, Say, together
from recommender.serving.keeping import forget_near
from recommender.serving.models import (
    ActiveModels,
    NothingTrained,
    active_model,
    active_models,
    edition_of,
    forget_models,
    model_of,
    models_numbered,
    opened,
)
from recommender.serving.one_title import Fit, explain, fit
from recommender.serving.reasons import POPULAR, Breakdown, Cause
from recommender.serving.recommendation import Detail, Recommendation
from recommender.serving.recommending import breakdowns, predict_scores, recommend
from recommender.serving.relations import forget_relations
from recommender.serving.shown import forget_shown
from recommender.serving.similarity import SimilarTitle, similar

__all__ = [
    "NEUTRAL",
    "POPULAR",
    "ActiveModels",
    "Breakdown",
    "Cause",
    "Detail",
    "Dials",
    "Fit",
    "Joint",
    "NothingTrained",
    "Recommendation",
    "Say",
    "SimilarTitle",
    "active_model",
    "active_models",
    "breakdowns",
    "edition_of",
    "explain",
    "fit",
    "forget_held",
    "forget_loaded",
    "model_of",
    "models_numbered",
    "opened",
    "predict_scores",
    "recommend",
    "similar",
    "together",
]


def forget_loaded() -> None:
    """Open every model anew at its next use, and read anew what is held of the catalogue."""
    forget_models()
    forget_held()


def forget_held() -> None:
    """Read anew what this process holds of the catalogue."""
    forget_near()
    forget_relations()
    held.forget()
    models_numbered.cache_clear()
    running.cache_clear()
    forget_shown()
    forget_choices()
