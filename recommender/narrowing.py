"""By what recommendations can be narrowed; the page and the API share the names and what they mean."""

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from catalog.models import Anime, AnimeGenre, AnimeType, Genre, GenreKind
from catalog.models.anime import AiringStatus
from catalog.querysets import EXTRAS

# A genre more than this narrows nothing that anybody could still be looking for.
MOST_NAMES = 12
YEARS, EPISODES, MINUTES = (1900, 2100), (1, 10_000), (1, 1_000)
SCORES, MEMBERS = (1, 10), (1, 100_000_000)
# The numbers that can be bounded from both sides, with the least and the most that make sense.
RANGES = {"year": YEARS, "episodes": EPISODES, "minutes": MINUTES, "members": MEMBERS}
TYPES = {value: str(label) for value, label in AnimeType.choices if value not in EXTRAS}
STATUSES = {
    value: str(label)
    for value, label in AiringStatus.choices
    # What is not out yet is never recommended.
    if value != AiringStatus.UPCOMING
}
# How old what is held of the catalogue may become.
OLDEST_SECONDS = 300


def titles_allowed(asked: Mapping[str, Any]) -> QuerySet[Anime] | None:
    """The titles that pass the filters; None where no filter is set."""
    conditions = [CONDITIONS[name](value) for name, value in asked.items() if name in CONDITIONS]
    found = Anime.objects.filter(*conditions)
    if studio := asked.get("studio"):
        return found.made_by(studio)
    return found if conditions else None


def _has_all(genres: Iterable[int]) -> Q:
    found = Q()
    for genre in genres:
        found &= Q(pk__in=AnimeGenre.objects.filter(genre=genre).values("anime"))
    return found


def _has_none(genres: Iterable[int]) -> Q:
    return ~Q(pk__in=AnimeGenre.objects.filter(genre__in=list(genres)).values("anime"))


def _aired(lookup: str, year: int) -> Q:
    """By the season's year, and by the first day where no season is known: what a card shows."""
    by_day = Q(year=None, **{f"aired_from__year__{lookup}": year})
    return Q(**{f"year__{lookup}": year}) | by_day


# What is not known of a title (its episodes, its length) lies within no bounds.
CONDITIONS: dict[str, Callable[[Any], Q]] = {
    "genre": _has_all,
    "not_genre": _has_none,
    "type": lambda kinds: Q(type__in=list(kinds)),
    "status": lambda states: Q(status__in=list(states)),
    "source": lambda sources: Q(source__in=list(sources)),
    "year_min": lambda year: _aired("gte", year),
    "year_max": lambda year: _aired("lte", year),
    "episodes_min": lambda number: Q(episodes__gte=number),
    "episodes_max": lambda number: Q(episodes__lte=number),
    "minutes_min": lambda minutes: Q(duration__gte=60 * minutes),
    "minutes_max": lambda minutes: Q(duration__lte=60 * minutes),
    "score_min": lambda score: Q(mean_score__gte=score),
    "members_min": lambda number: Q(members__gte=number),
    "members_max": lambda number: Q(members__lte=number),
}


# --- what there is to choose from


@dataclass(frozen=True)
class Choices:
    """By the name in an address: ids of genres, and labels of source materials."""

    genres: Mapping[str, int]
    sources: Mapping[str, str]

    @classmethod
    def read(cls) -> "Choices":
        genres = Genre.objects.exclude(kind=GenreKind.EXPLICIT).order_by("name")
        sources = Anime.objects.recommendable().exclude(source="").order_by("source")
        named = [Anime(source=word) for word in sources.values_list("source", flat=True).distinct()]
        return cls(
            dict(genres.values_list("name", "pk")),
            {title.source: title.source_words for title in named if title.source_words},
        )


_held: tuple[int, float, Choices] | None = None
_reading = threading.Lock()


def choices_now(version: int) -> Choices:
    """Held in each process; read again when the catalogue's `version` is another."""
    global _held
    with _reading:
        now = time.monotonic()
        if _held is None or _held[0] != version or now - _held[1] > OLDEST_SECONDS:
            _held = (version, now, Choices.read())
        return _held[2]


def forget_choices() -> None:
    global _held
    with _reading:
        _held = None
