"""What a member was truly shown, noted by the request and written by `spool`."""

import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from ratings.models import User
from recommender import impressions
from recommender.experiments import attributing
from recommender.experiments.choosing import Chosen
from recommender.experiments.spool import Line, Spool
from recommender.experiments.trials import Trial
from recommender.impressions import Seen
from recommender.models import Exposure


def shown(trial: Trial, member: User, chosen: Chosen, *, on_page: bool = False) -> Line | None:
    """A list as a line, without when; None where nothing is to be counted.

    `on_page`: somebody looks at it, so that what they pass over tires and teaches.
    """
    parts = [
        (part.experiment, part.treatment.position)
        for part in trial.parts
        if part.experiment is not None
    ]
    both = trial.both[0].experiment if trial.both else None
    on_page = on_page and bool(member.pk) and member.takes_part
    if not chosen.found or not (parts or both or on_page):
        return None
    items = [(one.anime_id, round(one.score, 5), round(one.propensity, 6)) for one in chosen.found]
    who = {"member": member.pk} if member.pk else {"member": 0, "visitor": trial.who}
    told = {"parts": parts, **who, "model": chosen.model and chosen.model.pk}
    return {**told, "items": items, "both": both, "teams": chosen.teams, "on_page": on_page}


def note(line: Line | None) -> None:
    """It goes out now."""
    if line:
        now = timezone.now().isoformat()
        spool.note({**line, "listing": uuid.uuid4().hex, "at": now})


def note_opened(member: User, anime: int) -> None:
    """The page of a title; it counts where the title was shown to them before."""
    if member.pk and member.takes_part:
        now = timezone.now().isoformat()
        spool.note({"opened": anime, "member": member.pk, "at": now})


def collect(lines: list[Line]) -> None:
    """Written once, however often it comes; of members who have left nothing."""
    there = {None, *_known({line["member"] for line in lines})}
    # A stranger is no member yet; their rows wait for it.
    known = [line for line in lines if (line["member"] or None) in there]
    rows = [row for line in known if "items" in line for row in _rows(line)]
    opened = [
        (line["member"], line["opened"], datetime.fromisoformat(line["at"]))
        for line in known
        if "opened" in line
    ]
    with transaction.atomic():
        Exposure.objects.bulk_create(rows, ignore_conflicts=True, batch_size=5000)
        impressions.write(one for line in known if line.get("on_page") for one in _seen(line))
        if opened:
            attributing.opened(opened)
            impressions.opened(opened)


def _known(members: set[int]) -> set[int]:
    return set(User.objects.filter(pk__in=members).values_list("pk", flat=True))


def _seen(line: dict[str, Any]) -> Iterator[Seen]:
    at = datetime.fromisoformat(line["at"])
    for place, (anime, score, _) in enumerate(line["items"]):
        yield Seen(line["member"], anime, at, place, score, line["model"])


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
                experiment=experiment, variant=variants[position], member_id=line["member"] or None,
                visitor=line.get("visitor"), listing=listing, position=position, length=len(places), anime=anime, model=line["model"], score=score,
                propensity=propensity, shown_at=at,
            )  # fmt: skip


spool = Spool(collect)
