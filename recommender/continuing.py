"""What comes next of what a member has finished, or is watching."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from catalog.models import Anime, FamilyPart
from ratings.models import User, WatchStatus
from recommender import serving

# Whoever is in the middle of a title, or through with it, may hear of the next.
GOES_ON = (WatchStatus.COMPLETED, WatchStatus.WATCHING)
HIDDEN = "hidden"


@dataclass(frozen=True)
class Next:
    """`after`: the title on the list that this one follows."""

    anime: Anime
    after: Anime
    is_finished: bool
    is_planned: bool
    predicted: float | None


@dataclass(frozen=True)
class Step:
    """The same in numbers: ids of titles."""

    anime: int
    after: int
    is_planned: bool


def next_titles(member: User, *, limit: int | None = None) -> list[Next]:
    """Of each series the first part that the member has not seen, likeliest to be liked first.

    Recaps and other extras are no parts. Nothing follows what was dropped, hidden or put on hold.
    """
    said = _said(member)
    steps = {step.anime: step for step in _steps(said)}
    open_ = Anime.objects.recommendable().filter(pk__in=steps).values_list("pk", flat=True)
    allowed = list(open_)
    predicted = serving.predict_scores(member, allowed) if allowed else {}
    best = sorted(allowed, key=lambda pk: (-predicted.get(pk, 0.0), pk))[:limit]
    wanted = {*best, *(steps[pk].after for pk in best)}
    titles = Anime.objects.visible().filter(pk__in=wanted).lean().in_bulk()
    return [
        Next(
            anime=titles[pk],
            after=titles[steps[pk].after],
            is_finished=said[steps[pk].after] == WatchStatus.COMPLETED,
            is_planned=steps[pk].is_planned,
            predicted=predicted.get(pk),
        )
        for pk in best
        if pk in titles and steps[pk].after in titles
    ]


def _said(member: User) -> dict[int, str]:
    """By title, what the list says of it, and what was hidden where it says nothing."""
    hidden = dict.fromkeys(member.feedback.values_list("anime_id", flat=True), HIDDEN)
    return hidden | dict(member.list_entries.values_list("anime_id", "status"))


def _steps(said: dict[int, str]) -> Iterator[Step]:
    going = [pk for pk, status in said.items() if status in GOES_ON]
    series = FamilyPart.objects.filter(anime__in=going).order_by().values("series")
    parts = FamilyPart.objects.filter(series__in=series, is_extra=False).in_watch_order()
    rows = parts.values_list("series", "anime_id")
    for _, line in groupby(rows, key=lambda row: row[0]):
        step = _step([pk for _, pk in line], said)
        if step:
            yield step


def _step(line: Iterable[int], said: dict[int, str]) -> Step | None:
    """The first unseen part after one that was seen; `line`: the main line in the order of watching."""
    after = None
    for pk in line:
        status = said.get(pk)
        if status in GOES_ON:
            after = pk
        elif after is not None:
            is_planned = status == WatchStatus.PLANNED
            return Step(pk, after, is_planned) if status is None or is_planned else None
    return None
