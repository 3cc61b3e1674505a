"""Which artifacts answer, and their loading: once in each process."""

import logging
import threading
import time
from functools import lru_cache

from recommender.engine import registry
from recommender.engine.artifacts import ArtifactError
from recommender.engine.base import Recommender
from recommender.engine.interactions import EngineError
from recommender.engine.score_model import ScoreModel
from recommender.heap import settle
from recommender.models import TrainedModel

log = logging.getLogger(__name__)

ActiveModels = dict[str, TrainedModel]

# Of each role by edition, with when it was last used, the latest at the end: an experiment serves
# several at once. What nobody has asked for lately was replaced.
_loaded: dict[str, dict[str, tuple[Recommender, float]]] = {}
MOST_OF_A_ROLE, LATELY = 4, 60.0
_loading = threading.Lock()


class NothingTrained(EngineError):
    """No model of that kind has been trained yet."""


def active_models() -> ActiveModels:
    """The served model of each role: one query."""
    return {model.role: model for model in TrainedModel.objects.active().defer("metrics", "config")}


@lru_cache(maxsize=8)
def models_numbered(numbers: str) -> ActiveModels:
    """The same where it is known which they are: "4,7,9". A row says for good what was trained."""
    wanted = [int(number) for number in numbers.split(",") if number]
    rows = TrainedModel.objects.filter(pk__in=wanted).defer("metrics", "config")
    return {model.role: model for model in rows}


def edition_of(models: ActiveModels) -> str:
    """Which models these are, for the keys of what they answered."""
    return ".".join(str(row.pk) for row in models.values())


def active_model(models: ActiveModels | None = None) -> TrainedModel | None:
    """What ranks where nobody asks for another; None when nothing is trained."""
    rows = active_models() if models is None else models
    return next((rows[kind] for kind in registry.RANKING_ORDER if kind in rows), None)


def opened(row: TrainedModel) -> Recommender:
    """The model of `row`, loaded once in this process for as long as it is asked for."""
    with _loading:
        held, now = _loaded.setdefault(row.role, {}), time.monotonic()
        known = held.pop(row.edition, None)
        found = known[0] if known else registry.load(row.path)
        held[row.edition] = (found, now)
        _drop_the_old(held, now)
        if known is None:
            settle()
        return found


def _drop_the_old(held: dict[str, tuple[Recommender, float]], now: float) -> None:
    while len(held) > 1:
        edition, (_, used_at) = next(iter(held.items()))
        if len(held) <= MOST_OF_A_ROLE and now - used_at < LATELY:
            return
        del held[edition]


def model_of(kind: str | None = None, models: ActiveModels | None = None) -> Recommender:
    """The served model of `kind`, or what ranks now; NothingTrained when there is none."""
    rows = active_models() if models is None else models
    if kind is not None:
        registry.model_type(kind)
    row = active_model(rows) if kind is None else rows.get(kind)
    if row is None:
        wanted = kind or registry.DEFAULT_RANKER
        raise NothingTrained(
            f"no {wanted} model has been trained yet: manage.py train --model {wanted}"
        )
    return opened(row)


def served(kind: str, models: ActiveModels) -> Recommender | None:
    """The model, or None: a lost or damaged artifact must not take the pages down with it."""
    row = models.get(kind)
    try:
        return opened(row) if row else None
    except ArtifactError:
        log.exception("The served %s model cannot be used", kind)
        return None


def scorer(models: ActiveModels) -> ScoreModel | None:
    """What predicts scores."""
    model = served(registry.SCORER, models)
    return model if isinstance(model, ScoreModel) else None


def forget_models() -> None:
    with _loading:
        _loaded.clear()
