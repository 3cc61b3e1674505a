"""What was trained beside the rankers, by role: taste, clusters, atlas. Loaded once in each process."""

import logging
import threading
from collections.abc import Iterable
from typing import TypeVar

from recommender.engine.artifacts import ArtifactError
from recommender.engine.base import Fitted
from recommender.heap import settle
from recommender.models import TrainedModel

log = logging.getLogger(__name__)

Kind = TypeVar("Kind", bound=Fitted)

_loaded: dict[str, tuple[str, Fitted]] = {}
_loading = threading.Lock()


def active_rows(kinds: Iterable[type[Fitted]]) -> dict[str, TrainedModel]:
    """The served artifact of each of `kinds`, by role: one query."""
    rows = TrainedModel.objects.active().filter(role__in=[kind.kind for kind in kinds])
    return {row.role: row for row in rows.defer("metrics", "config")}


def opened(kind: type[Kind], row: TrainedModel | None) -> Kind | None:
    """What `row` holds; None when nothing is trained or its files are lost or damaged."""
    if row is None:
        return None
    with _loading:
        held = _loaded.get(kind.kind)
        if held is None or held[0] != row.edition:
            try:
                _loaded[kind.kind] = held = (row.edition, kind.load(row.path))
                settle()
            except ArtifactError:
                log.exception("The served %s cannot be used", kind.kind)
                return None
    model = held[1]
    return model if isinstance(model, kind) else None
