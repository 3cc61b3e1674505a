from recommender.models.quiz import FavouriteGenre, NotSeen
from recommender.models.taste import TasteCorrection, TraitKind
from recommender.models.training import ModelState, TrainedModel, TrainingRun

__all__ = [
    "FavouriteGenre",
    "ModelState",
    "NotSeen",
    "TasteCorrection",
    "TrainedModel",
    "TrainingRun",
    "TraitKind",
]
