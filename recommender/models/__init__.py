from recommender.models.experiments import (
    Audience,
    Epoch,
    Experiment,
    ExperimentChange,
    ExperimentKind,
    ExperimentState,
    Exposure,
    Layer,
    Metric,
    Outcome,
    Variant,
)
from recommender.models.quiz import FavouriteGenre, NotSeen
from recommender.models.taste import TasteCorrection, TraitKind
from recommender.models.training import ModelState, TrainedModel, TrainingRun
from recommender.models.visits import ForYouVisit, MutedFeature

__all__ = [
    "Audience",
    "Epoch",
    "Experiment",
    "ExperimentChange",
    "ExperimentKind",
    "ExperimentState",
    "Exposure",
    "FavouriteGenre",
    "ForYouVisit",
    "Layer",
    "Metric",
    "ModelState",
    "MutedFeature",
    "NotSeen",
    "Outcome",
    "TasteCorrection",
    "TrainedModel",
    "TrainingRun",
    "TraitKind",
    "Variant",
]
