"""What a member was truly shown, noted by the request and written by `spool`."""

import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from ratings.models import User
from recommender.experiments import attributing
from recommender.experiments.choosing import Chosen
from recommender.experiments.spool import Line, Spool
from recommender.experiments.trials import Trial, trial_of
from recommender.models import Exposure


def shown(trial: Trial, member: int, chosen: Chosen) -> Line | None:
    """A list as a line, without when; None where nothing is to be counted."""
    parts = [
        (part.experiment, part.treatment.position)
        for part in trial.parts
        if part.experiment is not None
    ]
    both = trial.both[0].experiment if trial.both else None
    if not chosen.found or not (parts or both):
        return None
    items = [(one.anime_id, round(one.score, 5), round(one.propensity, 6)) for one in chosen.found]
    told = {"parts": parts, "member": member, "model": chosen.model and chosen.model.pk}
    return {**told, "items": items, "both": both, "teams": chosen.teams}


def note(line: Line | None) -> None:
    """It goes out now."""
    if line:
        now = timezone.now().isoformat()
        spool.note({**line, "listing": uuid.uuid4().hex, "at": now})


def note_opened(member: User, anime: int, version: int) -> None:
    """The page of a title; it counts where the title was shown to them before."""
    if trial_of(member, version):
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


def _rows(line: dict[str, Any]) -> Iterator[Exposure]:
    """For each experiment of the line each title: in one variant, or in that of its team."""
    at, places = datetime.fromisoformat(line["at"]), range(len(line["items"]))
    parts = [(experiment, [variant] * len(places)) for experiment, variant in line["parts"]]
    if line.get("both"):
        parts.append((line["both"], line["teams"]))
    for experiment, variants in parts:
        # One list may be shown in experiments of several layers.
        listing = uuid.uuid5(uuid.UUID(line["listing"]), str(experiment))
        for position, (anime, score, propensity) in enumerate(line["items"]):
            yield Exposure(
                experiment=experiment, variant=variants[position], member_id=line["member"],
                listing=listing, position=position, length=len(places), anime=anime, model=line["model"], score=score,
                propensity=propensity, shown_at=at,
            )  # fmt: skip


spool = Spool(collect)
