"""Lines of a list as a program writes them: one by one whole or in part, or many at once."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from catalog.models import Anime
from ratings.models import User, UserAnimeRating, WatchStatus

# What a line holds where nothing else is said.
UNSAID: dict[str, Any] = {
    "status": WatchStatus.COMPLETED,
    "score": None,
    "watched_episodes": None,
    "started_on": None,
    "started_precision": "",
    "finished_on": None,
    "finished_precision": "",
    "rewatches": 0,
    "counts": True,
}


class Contradiction(ValueError):
    """What is said cannot all be so; `field` is at fault."""

    def __init__(self, field: str, said: str) -> None:
        super().__init__(said)
        self.field = field


@transaction.atomic
def write_entry(
    member: User, anime: Anime, said: Mapping[str, Any], *, whole: bool
) -> tuple[UserAnimeRating, bool]:
    """Write what is said of one title; also tell whether it is new on the list.

    `whole`: what is not said is as in a new line, else as it was. A score for what was planned
    completes it unless a status is said. Contradiction where not all of it can be so.
    """
    locked = UserAnimeRating.objects.select_for_update()
    entry, is_new = locked.get_or_create(user=member, anime=anime)
    _say(entry, anime, {**UNSAID, **said} if whole else said)
    entry.save()
    member.touch_list()
    return entry, is_new


def _say(entry: UserAnimeRating, anime: Anime, said: Mapping[str, Any]) -> None:
    for name, value in said.items():
        setattr(entry, name, value)
    scored = said.get("score") is not None
    if scored and "status" not in said and entry.status == WatchStatus.PLANNED:
        entry.status = WatchStatus.COMPLETED
    entry.rated_at = timezone.now()
    _agree(entry, anime)


def _agree(entry: UserAnimeRating, anime: Anime) -> None:
    if anime.episodes and (entry.watched_episodes or 0) > anime.episodes:
        raise Contradiction("watched_episodes", f"{anime.pk} has {anime.episodes} episodes.")
    first, last = _day(entry, "started"), _day(entry, "finished")
    if first and last and last < first:
        raise Contradiction("finished", f"{anime.pk} was finished before it was started.")


def _day(entry: UserAnimeRating, name: str) -> date | None:
    """Only days that are known as exactly as each other can be compared."""
    same = entry.started_precision == entry.finished_precision
    day: date | None = getattr(entry, f"{name}_on")
    return day if same else None


@transaction.atomic
def write_many(
    member: User, said: Sequence[tuple[Anime, Mapping[str, Any]]], gone: Iterable[int]
) -> tuple[int, int, int]:
    """Write so many titles and take others off: how many were added, changed, taken off. All or nothing."""
    locked = member.list_entries.select_for_update().order_by("pk")
    before = {entry.anime_id: entry for entry in locked.filter(anime__in=[one for one, _ in said])}
    now: list[UserAnimeRating] = []
    for anime, words in said:
        entry = before.get(anime.pk) or UserAnimeRating(user=member, anime=anime)
        _say(entry, anime, words)
        now.append(entry)
    names = [*UNSAID, "rated_at"]
    UserAnimeRating.objects.bulk_create(
        now, update_conflicts=True, unique_fields=["user", "anime"], update_fields=names
    )
    off = member.list_entries.filter(anime__in=list(gone)).delete()[0]
    if now or off:
        member.touch_list()
    return len(now) - len(before), len(before), off
