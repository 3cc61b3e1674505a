from recommender.models.quiz import FavouriteGenre, NotSeen
from recommender.models.taste import TasteCorrection, TraitKind
from recommender.models.training import ModelState, TrainedModel, TrainingRun
from recommender.models.visits import ForYouVisit, MutedFeature

__all__ = [
    "FavouriteGenre",
    "ForYouVisit",
    "ModelState",
    "MutedFeature",
    "NotSeen",
    "TasteCorrection",
    "TrainedModel",
    "TrainingRun",
    "TraitKind",
]
