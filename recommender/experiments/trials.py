"""What a member takes part in, and what they are therefore shown."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Q

from ratings.models import Origin, User, UserAnimeRating
from recommender.engine.diversity import NEUTRAL, Dials
from recommender.engine.rules import Rules
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

    `both`: the two variants of an experiment that interleaves them; the first of several. `who`: their
    number, as a member or as a visitor.
    """

    parts: tuple[Part, ...] = ()
    both: tuple[Part, ...] = ()
    who: int = 0

    def __bool__(self) -> bool:
        return bool(self.parts or self.both)

    def sides(self) -> "list[Trial]":
        """Of each of `both`, with what else the member takes part in behind it."""
        return [Trial((one, *self.parts)) for one in self.both]

    def choosing(self, models: Models, dials: Dials) -> dict[str, Any]:
        """For `serving.recommend`: which models answer, which of them ranks, the dials and the rules.

        A dial that the member has turned is theirs; where two parts set the same, the first counts.
        """
        found: dict[str, Any] = {"models": models, "model": None}
        wanted: dict[str, float] = {}
        others: dict[str, Any] = {}
        for _, treatment in reversed(self.parts):
            wanted |= treatment.dials
            others |= treatment.rules
            if row := treatment.model:
                found = {"models": {**models, row.role: row}, "model": row.kind}
        return {**found, "dials": _with(dials, wanted), "rules": Rules(**others)}

    @property
    def ranker(self) -> TrainedModel | None:
        """What ranks for the member; None where that is what ranks for everybody."""
        rows = [part.treatment.model for part in self.parts if part.treatment.model]
        return rows[0] if rows else None


NOTHING = Trial()


class Subject(NamedTuple):
    """Who takes part. `key`: what they are dealt by; who had a cookie before a row keeps being dealt by it."""

    key: str
    number: int
    is_guest: bool
    member: int | None


def trial_of(member: User, version: int, visitor: int | None = None) -> Trial:
    """No query where nothing runs, one where something does.

    `visitor`: the number that a stranger has brought back; who brings none takes part in nothing yet.
    """
    experiments = running(version)
    if not experiments:
        return NOTHING
    subject = _member(member.pk) if member.pk else _stranger(visitor)
    if subject is None:
        return NOTHING
    parts = list(_those_for(subject, experiments))
    both = [found for found in parts if len(found) > 1]
    alone = tuple(found[0] for found in parts if len(found) == 1)
    return Trial(alone, both[0] if both else (), subject.number)


def welcomes_strangers(version: int) -> bool:
    """Whether it is worth knowing who comes back."""
    return any(
        one.experiment.audience != Audience.ACCOUNTS and not one.experiment.least_watched
        for one in running(version)
    )


def _member(pk: int) -> Subject | None:
    """None for who takes part in nothing."""
    told = User.objects.filter(pk=pk).values_list("origin", "takes_part", "visitor").first()
    if told is None or not told[1]:
        return None
    key = str(pk) if told[2] is None else _key_of(told[2])
    return Subject(key, pk, told[0] == Origin.GUEST, pk)


def _stranger(visitor: int | None) -> Subject | None:
    return None if visitor is None else Subject(_key_of(visitor), visitor, True, None)


def _key_of(visitor: int) -> str:
    return f"visitor {visitor}"


def preview(variant: Variant) -> Trial:
    """What its members are shown, to who looks after the site."""
    return Trial((Part(None, Treatment.of(variant)),))


def _those_for(subject: Subject, experiments: Sequence[Running]) -> Iterator[tuple[Part, ...]]:
    for one in experiments:
        treatments = one.treatments_of(subject.key)
        if treatments and _may(one.experiment, subject):
            yield tuple(Part(one.experiment.pk, treatment) for treatment in treatments)


def _may(experiment: Experiment, subject: Subject) -> bool:
    if experiment.audience == (Audience.ACCOUNTS if subject.is_guest else Audience.GUESTS):
        return False
    least, most = experiment.least_watched, experiment.most_watched
    if not least and most is None:
        return True
    member = subject.member
    watched = watched_before(member, experiment.started_at) if member else 0
    return watched >= least and (most is None or watched <= most)


def watched_before(member: int, moment: datetime | None) -> int:
    """As the list was when the experiment began: what they do in it moves nobody out of it."""
    before = Q(rated_at=None) | Q(rated_at__lt=moment)
    return UserAnimeRating.objects.watched().filter(before, user=member).count()


def _with(dials: Dials, wanted: dict[str, float]) -> Dials:
    turned = {name: value for name, value in vars(dials).items() if value != getattr(NEUTRAL, name)}
    return Dials(**{**wanted, **turned})
