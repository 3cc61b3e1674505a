from recommender.models.experiments import (
    UNIT,
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
from recommender.models.impressions import Impression
from recommender.models.quiz import FavouriteGenre, NotSeen
from recommender.models.taste import TasteCorrection, TraitKind
from recommender.models.training import ModelState, TrainedModel, TrainingRun
from recommender.models.visits import ForYouVisit, MutedFeature

__all__ = [
    "UNIT",
    "Audience",
    "Epoch",
    "Experiment",
    "ExperimentChange",
    "ExperimentKind",
    "ExperimentState",
    "Exposure",
    "FavouriteGenre",
    "ForYouVisit",
    "Impression",
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
