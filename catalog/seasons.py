"""The four seasons of a year, as broadcasting counts them in Japan."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from django.utils import timezone

from catalog.models import Anime, Season

# Where seasons begin: there the day changes first.
JAPAN = ZoneInfo("Asia/Tokyo")
MONTHS = 3
FIRST_YEAR = 1900
# So many years ahead somebody may have announced something.
YEARS_AHEAD = 5


@dataclass(frozen=True, order=True)
class SeasonOfYear:
    year: int
    # 0 is winter, which begins the year.
    quarter: int

    @classmethod
    def of(cls, day: date) -> Self:
        return cls(day.year, (day.month - 1) // MONTHS)

    @classmethod
    def now(cls, moment: datetime | None = None) -> Self:
        """The season it is in Japan."""
        return cls.of((moment or timezone.now()).astimezone(JAPAN).date())

    @classmethod
    def named(cls, year: int, name: str) -> Self | None:
        """Of an address; None where there is no such season, or none that anybody could know of."""
        last = cls.now().year + YEARS_AHEAD
        if name not in Season.values or not FIRST_YEAR <= year <= last:
            return None
        return cls(year, Season.values.index(name))

    @property
    def name(self) -> str:
        return str(Season.values[self.quarter])

    @property
    def label(self) -> str:
        return f"{Season.labels[self.quarter]} {self.year}"

    @property
    def first_day(self) -> date:
        return date(self.year, self.quarter * MONTHS + 1, 1)

    @property
    def last_day(self) -> date:
        return self.next.first_day - timedelta(days=1)

    @property
    def next(self) -> "SeasonOfYear":
        return self._moved(1)

    @property
    def previous(self) -> "SeasonOfYear":
        return self._moved(-1)

    def in_year(self, year: int) -> "SeasonOfYear":
        return SeasonOfYear(year, self.quarter)

    @property
    def siblings(self) -> "list[SeasonOfYear]":
        """All four of its year."""
        return [SeasonOfYear(self.year, quarter) for quarter in range(4)]

    @property
    def is_known_to_calendars(self) -> bool:
        """Whether it has a page."""
        return SeasonOfYear.named(self.year, self.name) is not None

    def has(self, title: Anime) -> bool:
        """Whether it begins in this season, of those that `running_in` finds."""
        if title.season:
            return (title.season, title.year) == (self.name, self.year)
        return title.aired_from is not None and title.aired_from >= self.first_day

    def _moved(self, by: int) -> "SeasonOfYear":
        return SeasonOfYear(*divmod(self.year * 4 + self.quarter + by, 4))

    def __str__(self) -> str:
        return self.label
