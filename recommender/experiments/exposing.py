"""What a member was truly shown, noted by the request and written by `spool`."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from catalog.models import CatalogueVersion
from ratings.models import User
from recommender.experiments import attributing
from recommender.experiments.spool import Line, Spool
from recommender.experiments.trials import Trial, trial_of
from recommender.models import Exposure, TrainedModel
from recommender.serving.recommendation import Recommendation


def shown(
    trial: Trial, member: int, found: Sequence[Recommendation], model: TrainedModel | None
) -> Line | None:
    """A list as a line, without when; None where nothing is to be counted."""
    parts = [
        (part.experiment, part.treatment.position)
        for part in trial.parts
        if part.experiment is not None
    ]
    if not parts or not found:
        return None
    items = [(one.anime_id, round(one.score, 5), round(one.propensity, 6)) for one in found]
    return {"parts": parts, "member": member, "model": model and model.pk, "items": items}


def note(line: Line | None) -> None:
    """It goes out now."""
    if line:
        now = timezone.now().isoformat()
        spool.note({**line, "listing": uuid.uuid4().hex, "at": now})


def note_opened(member: User, anime: int) -> None:
    """The page of a title; it counts where the title was shown to them before."""
    if trial_of(member, CatalogueVersion.now()):
        now = timezone.now().isoformat()
        spool.note({"opened": anime, "member": member.pk, "at": now})


def collect(lines: list[Line]) -> None:
    """Written once, however often it comes; of members who have left nothing."""
    there = set(
        User.objects.filter(pk__in={line["member"] for line in lines}).values_list("pk", flat=True)
    )
    known = [line for line in lines if line["member"] in there]
    rows = [row for line in known if "items" in line for row in _rows(line)]
    opened = [
        (line["member"], line["opened"], datetime.fromisoformat(line["at"]))
        for line in known
        if "opened" in line
    ]
    with transaction.atomic():
        Exposure.objects.bulk_create(rows, ignore_conflicts=True, batch_size=5000)
        if opened:
            attributing.opened(opened)


def _rows(line: dict[str, Any]) -> list[Exposure]:
    at = datetime.fromisoformat(line["at"])
    return [
        Exposure(
            experiment=experiment, variant=variant, member_id=line["member"],
            # One list may be shown in experiments of several layers.
            listing=uuid.uuid5(uuid.UUID(line["listing"]), str(experiment)),
            position=position, anime=anime, model=line["model"], score=score,
            propensity=propensity, shown_at=at,
        )
        for experiment, variant in line["parts"]
        for position, (anime, score, propensity) in enumerate(line["items"])
    ]  # fmt: skip


spool = Spool(collect)
