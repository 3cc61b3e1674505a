"""A member's list with what the catalogue knows of its titles, read once for a page."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from ratings.models import User, WatchStatus


class OwnLine(NamedTuple):
    """`mean`: what others give the title, by its source. `year`: in which it was first shown."""

    anime_id: int
    score: int | None
    status: str
    watched_episodes: int | None
    finished_on: date | None
    mean: float | None
    episodes: int | None
    year: int | None
    aired_from: date | None

    @property
    def is_watched(self) -> bool:
        return self.status != WatchStatus.PLANNED

    @property
    def first_year(self) -> int | None:
        return self.year or (self.aired_from.year if self.aired_from else None)

    @property
    def difference(self) -> float | None:
        """Points by which the member's score is above that of others."""
        return None if self.score is None or self.mean is None else self.score - self.mean

    @property
    def seen_episodes(self) -> int:
        """As the member counted; all of them where a title is completed and nothing was counted."""
        if self.watched_episodes:
            return self.watched_episodes
        return self.episodes or 0 if self.status == WatchStatus.COMPLETED else 0


FIELDS = (
    "anime_id",
    "score",
    "status",
    "watched_episodes",
    "finished_on",
    "anime__mean_score",
    "anime__episodes",
    "anime__year",
    "anime__aired_from",
)


def read_lines(member: User) -> Sequence[OwnLine]:
    """All lines whose titles the viewer may see: one query."""
    rows = member.list_entries.of_visible_titles().order_by("anime_id")
    return [OwnLine(*row) for row in rows.values_list(*FIELDS)]
