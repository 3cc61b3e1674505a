"""A member's recommendations as what they take part in has it: one list, or two made into one."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ratings.models import User
from recommender.engine.diversity import Dials
from recommender.engine.experiments.interleaving import team_draft
from recommender.experiments.trials import Models, Trial
from recommender.models import TrainedModel
from recommender.serving.models import active_model
from recommender.serving.recommendation import Recommendation
from recommender.serving.recommending import recommend


@dataclass(frozen=True)
class Chosen:
    """`found` in the order to show; `teams`: which variant put each there, where two did; `model`: what ranked."""

    found: list[Recommendation]
    model: TrainedModel | None
    teams: tuple[int, ...] = ()


def recommended(
    member: User, trial: Trial, *, models: Models, dials: Dials, **question: Any
) -> Chosen:
    """As `serving.recommend`, with the models and dials of the member's variants."""
    usual = active_model(models)
    if not trial.both:
        found = recommend(member, **trial.choosing(models, dials), **question)
        return Chosen(found, trial.ranker or usual)
    lists = [
        {one.anime_id: one for one in recommend(member, **side.choosing(models, dials), **question)}
        for side in trial.sides()
    ]
    first, second = (np.fromiter(own, np.int64, len(own)) for own in lists)
    rng = np.random.default_rng(_seed(member, trial))
    drafted = team_draft(first, second, max(len(first), len(second)), rng)
    teams = tuple(drafted.teams.tolist())
    pairs = zip(drafted.items.tolist(), teams, strict=True)
    return Chosen([lists[team][item] for item, team in pairs], usual, teams)


def _seed(member: User, trial: Trial) -> list[int]:
    """The same while the list is the same: who looks again sees what they saw."""
    return [trial.who, member.list_version, trial.both[0].experiment or 0]
