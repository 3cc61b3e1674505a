"""What a member takes part in, and what they are therefore shown."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Q

from ratings.models import Origin, User, UserAnimeRating
from recommender.engine.diversity import NEUTRAL, Dials
from recommender.experiments.running import Running, Treatment, running
from recommender.models import Audience, Experiment, TrainedModel, Variant

Models = dict[str, TrainedModel]


class Part(NamedTuple):
    """`experiment` None: a preview, which is counted nowhere."""

    experiment: int | None
    treatment: Treatment


@dataclass(frozen=True)
class Trial:
    """All that one member takes part in: at most one experiment of each layer.

    `both`: the two variants of an experiment that interleaves them; the first of several.
    """

    parts: tuple[Part, ...] = ()
    both: tuple[Part, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.parts or self.both)

    def sides(self) -> "list[Trial]":
        """Of each of `both`, with what else the member takes part in behind it."""
        return [Trial((one, *self.parts)) for one in self.both]

    def choosing(self, models: Models, dials: Dials) -> dict[str, Any]:
        """For `serving.recommend`: which models answer, which of them ranks, and the dials.

        A dial that the member has turned is theirs; where two parts set the same, the first counts.
        """
        found: dict[str, Any] = {"models": models, "model": None}
        wanted: dict[str, float] = {}
        for _, treatment in reversed(self.parts):
            wanted |= treatment.dials
            if row := treatment.model:
                found = {"models": {**models, row.role: row}, "model": row.kind}
        return {**found, "dials": _with(dials, wanted)}

    @property
    def ranker(self) -> TrainedModel | None:
        """What ranks for the member; None where that is what ranks for everybody."""
        rows = [part.treatment.model for part in self.parts if part.treatment.model]
        return rows[0] if rows else None


NOTHING = Trial()


def trial_of(member: User, version: int) -> Trial:
    """No query where nothing runs, one where something does."""
    experiments = running(version)
    if not experiments or not member.pk:
        return NOTHING
    subject = str(member.pk)
    mine = [(one, found) for one in experiments if (found := one.treatments_of(subject))]
    if not mine:
        return NOTHING
    parts = list(_those_for(member.pk, mine))
    both = [found for found in parts if len(found) > 1]
    return Trial(tuple(found[0] for found in parts if len(found) == 1), both[0] if both else ())


def preview(variant: Variant) -> Trial:
    """What its members are shown, to who looks after the site."""
    return Trial((Part(None, Treatment.of(variant)),))


def _those_for(
    member: int, mine: list[tuple[Running, tuple[Treatment, ...]]]
) -> Iterator[tuple[Part, ...]]:
    told = User.objects.filter(pk=member).values_list("origin", "takes_part").first()
    if told is None or not told[1]:
        return
    for one, treatments in mine:
        if _may(one.experiment, member, is_guest=told[0] == Origin.GUEST):
            yield tuple(Part(one.experiment.pk, treatment) for treatment in treatments)


def _may(experiment: Experiment, member: int, *, is_guest: bool) -> bool:
    if experiment.audience == (Audience.ACCOUNTS if is_guest else Audience.GUESTS):
        return False
    least, most = experiment.least_watched, experiment.most_watched
    if not least and most is None:
        return True
    watched = watched_before(member, experiment.started_at)
    return watched >= least and (most is None or watched <= most)


def watched_before(member: int, moment: datetime | None) -> int:
    """As the list was when the experiment began: what they do in it moves nobody out of it."""
    before = Q(rated_at=None) | Q(rated_at__lt=moment)
    return UserAnimeRating.objects.watched().filter(before, user=member).count()


def _with(dials: Dials, wanted: dict[str, float]) -> Dials:
    turned = {name: value for name, value in vars(dials).items() if value != getattr(NEUTRAL, name)}
    return Dials(**{**wanted, **turned})
