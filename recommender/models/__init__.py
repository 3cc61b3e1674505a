from recommender.models.taste import TasteCorrection, TraitKind
from recommender.models.training import ModelState, TrainedModel, TrainingRun

__all__ = ["ModelState", "TasteCorrection", "TrainedModel", "TrainingRun", "TraitKind"]
