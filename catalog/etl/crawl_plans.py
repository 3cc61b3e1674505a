"""What a crawl was asked for, which questions that takes, and how far it has come."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

from django.db.models import F, OuterRef, QuerySet, Subquery
from django.utils import timezone

from catalog.etl.record import MAX_INTEGER
from catalog.models import Anime, Season, SourceRecord
from catalog.models.anime import AiringStatus

# More than that many questions in a row without an answer, and the source is ill.
MOST_MISSED = 12
ONLY = ("airing", "recent", "old")
_RECENT = timedelta(days=365)
_AIRED_IN = ZoneInfo("Asia/Tokyo")


class BadWish(ValueError):
    """What was asked for makes no sense; the text says what would."""


@dataclass(frozen=True)
class Cursor:
    """The number of the next question; none after the last one. `missed` were asked in vain."""

    at: int | None = 0
    missed: tuple[int, ...] = ()

    @classmethod
    def read(cls, text: str) -> Self:
        at, _, missed = text.partition(";")
        numbers = tuple(int(number) for number in missed.split(",") if number)
        return cls(None if at == "end" else int(at or 0), numbers)

    def __str__(self) -> str:
        at = "end" if self.at is None else str(self.at)
        return f"{at};{','.join(map(str, self.missed))}" if self.missed else at

    def past(self, number: int) -> "Cursor":
        """After an answer to `number`."""
        if number in self.missed:
            return replace(self, missed=tuple(one for one in self.missed if one != number))
        return self if self.at is None else replace(self, at=number + 1)

    def missing(self, number: int) -> "Cursor":
        """After `number` was asked in vain."""
        return replace(self.past(number), missed=(*self.past(number).missed, number))


def wish(
    *,
    full: bool = False,
    season: str = "",
    ids: list[int] | None = None,
    since: date | None = None,
    only: str = "",
    at_most: int | None = None,
) -> dict[str, Any]:
    """What is kept with the run, so that it can be asked for again."""
    if sum((full, bool(season), bool(ids), since is not None)) != 1:
        raise BadWish("choose one: the full catalogue, a season, ids, or what is stale")
    if full:
        return {"full": True}
    if season:
        return {"season": season_named(season)}
    if ids:
        return {"ids": _checked(ids)}
    return {"since": str(since), **({"only": only} if only else {}), **_limit(at_most)}


def _limit(at_most: int | None) -> dict[str, int]:
    return {} if at_most is None else {"at_most": at_most}


def _checked(ids: list[int]) -> list[int]:
    for one in ids:
        if not 1 <= one <= MAX_INTEGER:
            raise BadWish(f"{one} is not the id of a title (1 to {MAX_INTEGER})")
    return sorted(set(ids))


def season_named(text: str) -> str:
    """'Spring 2026', '2026 spring', 'now', 'next' -> 'spring 2026'."""
    if (word := text.strip().casefold()) in ("now", "next"):
        today = datetime.now(_AIRED_IN)
        later, place = divmod((today.month - 1) // 3 + (word == "next"), 4)
        return f"{Season.values[place]} {today.year + later}"
    words = text.casefold().split()
    years = [word for word in words if word.isdecimal() and 1900 <= int(word) <= 2200]
    names = [word for word in words if word in Season.values]
    if len(words) != 2 or len(years) != 1 or len(names) != 1:
        raise BadWish(f"{text!r} is not a season; write it as in 'spring 2026', or now, or next")
    return f"{names[0]} {years[0]}"


def in_words(wish: dict[str, Any]) -> str:
    """What a run of it reads, for whoever looks at its row."""
    if wish.get("full"):
        return "the whole catalogue"
    if season := wish.get("season"):
        return str(season)
    if ids := wish.get("ids"):
        shown = ", ".join(map(str, ids[:10]))
        return f"ids {shown}{' and more' if len(ids) > 10 else ''}"
    what = {"airing": "airing titles", "recent": "titles of the last year", "old": "older titles"}
    return f"{what.get(wish.get('only', ''), 'titles')} not asked about since {wish['since']}"


def ids_of(source: str, wish: dict[str, Any]) -> list[int]:
    """The titles that a run by id asks about, in their order."""
    if ids := wish.get("ids"):
        return list(ids)
    stale = _of_kind(_stale(source, date.fromisoformat(wish["since"])), wish.get("only", ""))
    return sorted(stale.values_list("pk", flat=True)[: wish.get("at_most")])


def _stale(source: str, since: date) -> QuerySet[Anime]:
    """Titles that the source was last heard of before `since`, or never; the longest ago first."""
    told = SourceRecord.objects.filter(source=source, anime=OuterRef("pk")).values("fetched_at")
    began = datetime.combine(since, time(), tzinfo=timezone.get_current_timezone()).astimezone(UTC)
    asked = Anime.objects.annotate(told_at=Subquery(told[:1]))
    fresh = asked.filter(told_at__gte=began).values("pk")
    return asked.exclude(pk__in=fresh).order_by(F("told_at").asc(nulls_first=True), "pk")


def _of_kind(titles: QuerySet[Anime], only: str) -> QuerySet[Anime]:
    recent = timezone.localdate() - _RECENT
    airing = (AiringStatus.AIRING, AiringStatus.UPCOMING)
    if only == "airing":
        return titles.filter(status=AiringStatus.AIRING)
    if only == "recent":
        return titles.filter(aired_from__gte=recent).exclude(status=AiringStatus.AIRING)
    if only == "old":
        new = Anime.objects.filter(aired_from__gte=recent).values("pk")
        return titles.exclude(status__in=airing).exclude(pk__in=new)
    return titles
