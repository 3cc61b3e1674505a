"""How far predicted scores are from those that members gave."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recommender.engine import metrics
from recommender.engine.questions import Questions

# Predicted where not even a mean is known.
USUAL_SCORE = 7.0


@dataclass(frozen=True)
class Errors:
    """RMSE with its interval, and MAE, in score points; over `scores` hidden scores."""

    rmse: float
    rmse_low: float
    rmse_high: float
    mae: float
    scores: int


def errors_of(predicted: Sequence[npt.ArrayLike], questions: Questions) -> Errors | None:
    """Errors of a prediction for each hidden line, by member as in `questions.truths`.

    The interval resamples members, with all their scores. None where no score is hidden.
    """
    truths = [truth.scores.astype(np.float64) for truth in questions.truths]
    differences = [
        (np.asarray(guess, np.float64) - given)[~np.isnan(given)]
        for guess, given in zip(predicted, truths, strict=True)
    ]
    differences = [found for found in differences if len(found)]
    if not differences:
        return None
    squares = np.array([(found**2).sum() for found in differences])
    counts = np.array([len(found) for found in differences], np.float64)
    squared, low, high = metrics.ratio(squares, counts, questions.split.seed)
    everything = np.concatenate(differences)
    return Errors(
        rmse=math.sqrt(squared),
        rmse_low=math.sqrt(low),
        rmse_high=math.sqrt(high),
        mae=float(np.abs(everything).mean()),
        scores=len(everything),
    )


def mean_errors(questions: Questions) -> Errors | None:
    """Errors of the mean of all training scores: what predicting anything has to beat."""
    scores = questions.split.train.scores
    given = scores[~np.isnan(scores)]
    mean = float(given.mean(dtype=np.float64)) if len(given) else USUAL_SCORE
    return errors_of([np.full(len(truth), mean) for truth in questions.truths], questions)
