from recommender.models.training import ModelState, TrainedModel, TrainingRun

__all__ = ["ModelState", "TrainedModel", "TrainingRun"]
