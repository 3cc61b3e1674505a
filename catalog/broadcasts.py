"""When the next episode of a title is shown."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.utils import timezone

from catalog.models import Anime, Precision
from catalog.models.anime import AiringStatus

WEEK = timedelta(days=7)
# Days beyond what any broadcast reaches; arithmetic has room on either side.
ALWAYS, NEVER = date(1900, 1, 1), date(9000, 1, 1)


@dataclass(frozen=True)
class Episode:
    # In the zone of the broadcast.
    starts: datetime
    # None where the first day is not known well enough to count from it.
    number: int | None

    def countdown(self, now: datetime) -> str:
        """'Episode 9 in 2 days'."""
        if self.number == 1:
            return f"Begins in {_distance(self.starts - now)}"
        which = f"Episode {self.number}" if self.number else "Next episode"
        return f"{which} in {_distance(self.starts - now)}"


@dataclass(frozen=True)
class Broadcast:
    """Once a week, from the first day to the last, as far as either is known."""

    zone: ZoneInfo
    weekday: int
    at: time
    not_before: date
    not_after: date
    # The day of episode 1, where it is known to the day and falls on the weekday.
    first: date | None
    episodes: int | None

    @classmethod
    def of(cls, anime: Anime) -> "Broadcast | None":
        """None where nothing is known, or nothing more is to come."""
        zone = zone_named(anime.broadcast_zone)
        if zone is None or anime.broadcast_day is None or anime.broadcast_time is None:
            return None
        if not anime.is_still_to_come or not _has_a_beginning(anime):
            return None
        return cls(
            zone=zone,
            weekday=anime.broadcast_day,
            at=anime.broadcast_time.replace(tzinfo=None),
            not_before=min(max(anime.aired_from or ALWAYS, ALWAYS), NEVER),
            not_after=_last_day(anime),
            first=_counted_from(anime),
            episodes=anime.episodes,
        )

    def from_moment(self, moment: datetime) -> Iterator[Episode]:
        """Every episode that begins at or after `moment`, until the last."""
        # A day earlier: a moment of this date in its zone may be of the day before in another.
        day = self._on_weekday(max(self.not_before, _day_before(moment.astimezone(self.zone))))
        while day <= self.not_after:
            episode = Episode(self._starts(day), self._number(day))
            if self.episodes and episode.number and episode.number > self.episodes:
                return
            if episode.starts >= moment:
                yield episode
            day += WEEK

    def left_from(self, episode: Episode) -> int | None:
        """How many there are from `episode` to the last, itself included; None where nobody knows."""
        ends = []
        if self.not_after < NEVER:
            ends.append((self.not_after - episode.starts.date()).days // 7 + 1)
        if self.episodes and episode.number:
            ends.append(self.episodes - episode.number + 1)
        return min(ends, default=None)

    def _on_weekday(self, day: date) -> date:
        return day + timedelta(days=(self.weekday - day.weekday()) % 7)

    def _starts(self, day: date) -> datetime:
        """That time on that day; where clocks leap over it, as much later as they leap."""
        local = datetime.combine(day, self.at, tzinfo=self.zone)
        return local.astimezone(UTC).astimezone(self.zone)

    def _number(self, day: date) -> int | None:
        return None if self.first is None else (day - self.first).days // 7 + 1


def next_episode(anime: Anime, now: datetime | None = None) -> Episode | None:
    """The next one to begin; None where the broadcast is not known or has ended."""
    broadcast = Broadcast.of(anime)
    if broadcast is None:
        return None
    return next(broadcast.from_moment(now or timezone.now()), None)


def countdown(anime: Anime, now: datetime) -> str:
    """'Episode 9 in 2 days'; empty where nobody knows."""
    episode = next_episode(anime, now)
    return episode.countdown(now) if episode else ""


@lru_cache(maxsize=64)
def zone_named(name: str) -> ZoneInfo | None:
    """None for a name that is no zone's."""
    try:
        return ZoneInfo(name) if name else None
    except (KeyError, ValueError, OSError):
        # Unknown; not a name at all ('../etc'); the name of a folder ('Asia').
        return None


def _distance(span: timedelta) -> str:
    """'2 days', '5 hours', '12 minutes': as exact as one needs to know, rounded up."""
    minutes = max(1, -(-span // timedelta(minutes=1)))
    for size, name in ((24 * 60, "day"), (60, "hour")):
        if minutes >= 2 * size:
            return f"{round(minutes / size)} {name}s"
    return "an hour" if minutes == 60 else f"{minutes} minute{'s' if minutes != 1 else ''}"


def _has_a_beginning(anime: Anime) -> bool:
    """What has not begun and is announced for no day has no next episode."""
    return anime.aired_from is not None or anime.status == AiringStatus.AIRING


def _counted_from(anime: Anime) -> date | None:
    day = anime.aired_from
    is_exact = anime.aired_from_precision == Precision.DAY
    return day if day and is_exact and day.weekday() == anime.broadcast_day else None


def _last_day(anime: Anime) -> date:
    """The end of the day, month or year that is told."""
    last = anime.aired_to
    if last is None or last > NEVER:
        return NEVER
    if anime.aired_to_precision == Precision.YEAR:
        return last.replace(month=12, day=31)
    if anime.aired_to_precision == Precision.MONTH:
        return (last.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    return last


def _day_before(moment: datetime) -> date:
    return (moment - timedelta(days=1)).date()
