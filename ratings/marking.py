"""How far a member is with a title's family: a mark on each cover, and what comes next."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from catalog.family import Family, Relative
from catalog.models import Anime
from ratings.models import User, UserAnimeRating, WatchStatus

Entries = Mapping[int, UserAnimeRating]
# What the member has done with, whether they liked it or not.
DONE = (WatchStatus.COMPLETED, WatchStatus.DROPPED)


@dataclass(frozen=True)
class Mark:
    """`words` is empty for a title that is not on the list."""

    anime: Anime
    note: str
    status: str = ""
    words: str = ""


@dataclass(frozen=True)
class Progress:
    """`sentence` stands before the link to `next`, where there is one."""

    sentence: str
    next: Anime | None = None
    part: str = ""


@dataclass(frozen=True)
class Marked:
    """A title's family as one member knows it. `marks`: the series first, then what goes with it."""

    marks: list[Mark]
    progress: Progress


def marked(member: User | None, family: Family) -> Marked:
    """One query at most; for nobody in particular no title has a mark."""
    relatives = [*family.series, *family.extras, *family.franchise, *family.others]
    entries = _entries(member, (relative.anime.pk for relative in relatives))
    marks = [_mark(relative, entries.get(relative.anime.pk)) for relative in relatives]
    return Marked(marks, _progress(family.series, entries, len(entries), len(relatives)))


def _entries(member: User | None, ids: Iterable[int]) -> dict[int, UserAnimeRating]:
    if member is None:
        return {}
    return {entry.anime_id: entry for entry in member.list_entries.filter(anime__in=list(ids))}


def _mark(relative: Relative, entry: UserAnimeRating | None) -> Mark:
    """'Completed · 9', 'Watching · 5 of 12', 'Plan to watch'."""
    anime, note = relative.anime, relative.note
    if entry is None:
        return Mark(anime, note)
    parts = [str(entry.get_status_display())]
    if entry.status not in DONE and entry.watched_episodes:
        parts.append(f"{entry.watched_episodes} of {anime.episodes or '?'}")
    if entry.score:
        parts.append(str(entry.score))
    return Mark(anime, note, entry.status, " · ".join(parts))


def _progress(series: list[Relative], entries: Entries, listed: int, all_: int) -> Progress:
    """Of a series how far it is seen; of mere relatives how many are on the list."""
    if not series:
        return Progress(f"{listed} of these {all_} titles {_are(listed)} on your list.")
    seen = [place for place, part in enumerate(series) if _is(part, entries, "completed")]
    if len(seen) == len(series):
        return Progress(f"You have seen {_all(len(series))}.")
    coming = _next(series, entries, seen)
    begins = f"You have seen {len(seen) or 'none'} of {_the(series, seen)} parts"
    if coming is None:
        return Progress(f"{begins}.")
    part, anime = f"Part {coming + 1}", series[coming].anime
    if anime.status == "upcoming":
        return Progress(f"{begins}; {part} is not out yet:", anime)
    if _is(series[coming], entries, "watching"):
        return Progress(f"{begins}; you are watching", anime, part)
    return Progress(f"{begins}; {'next is' if seen else 'it begins with'}", anime, part)


def _next(series: list[Relative], entries: Entries, seen: list[int]) -> int | None:
    """What is being watched, else the first after the last one seen, else the first not done with."""
    open_ = [
        place
        for place, part in enumerate(series)
        if part.anime.pk not in entries or entries[part.anime.pk].status not in DONE
    ]
    watching = [place for place in open_ if _is(series[place], entries, "watching")]
    after = [place for place in open_ if seen and place > seen[-1]]
    return next(iter([*watching, *after, *open_]), None)


def _is(part: Relative, entries: Entries, status: str) -> bool:
    entry = entries.get(part.anime.pk)
    return entry is not None and entry.status == status


def _the(series: list[Relative], seen: list[int]) -> str:
    return str(len(series)) if seen else f"the {len(series)}"


def _all(number: int) -> str:
    return "both parts" if number == 2 else f"all {number} parts"


def _are(number: int) -> str:
    return "is" if number == 1 else "are"
