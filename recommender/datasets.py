"""From rows to arrays: the only bridge between the database and the engine."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from catalog.models import Anime, AnimeRelation, RelationKind
from ratings.models import Origin, User, UserAnimeRating, WatchStatus
from recommender.engine.base import ItemFeatures
from recommender.engine.interactions import (
    DROPPED_WEIGHT,
    FloatArray,
    IntArray,
    Interactions,
    MemberList,
)

CHUNK = 100_000
DAY = 86_400
FEATURE_FIELDS = (
    "mal_id",
    "title",
    "synopsis",
    "type",
    "source",
    "aired_from",
    "episodes",
    "duration",
    "members",
    "mean_score",
)
COLUMNS = ("user_id", "anime_id", "score", "status", "rated_at")
Table = npt.NDArray[Any]
ROW = np.dtype([("user", "i8"), ("anime", "i8"), ("score", "f4"), ("dropped", "?"), ("day", "f4")])


def read_interactions(*, simulated: bool = False) -> Interactions:
    """Everything watched, by members who are not simulated; planned titles tell nothing."""
    rows = UserAnimeRating.objects.watched()
    if not simulated:
        rows = rows.exclude(user__origin=Origin.SIMULATED)
    found = np.concatenate([np.empty(0, ROW), *_blocks(rows.values_list(*COLUMNS).iterator(CHUNK))])
    return Interactions.of(
        found["user"], found["anime"], found["score"], found["dropped"], found["day"]
    )


def _blocks(
    rows: Iterator[tuple[int, int, int | None, str, datetime | None]],
) -> Iterator[Table]:
    """The rows as arrays of at most CHUNK; a list of tuples of all of them would not fit in memory."""
    block: list[tuple[int, int, float, bool, float]] = []
    for user, anime, score, status, rated_at in rows:
        given = np.nan if score is None else score
        day = np.nan if rated_at is None else rated_at.timestamp() // DAY
        block.append((user, anime, given, status == WatchStatus.DROPPED, day))
        if len(block) == CHUNK:
            yield np.array(block, ROW)
            block = []
    yield np.array(block, ROW)


def no_interactions() -> Interactions:
    return Interactions.of([], [], [])


def read_features() -> ItemFeatures:
    """What the catalogue knows of every described title."""
    titles = (
        Anime.objects.described()
        .order_by("mal_id")
        .only(*FEATURE_FIELDS)
        # Two queries for the whole catalogue instead of two for each title.
        .prefetch_related("genres", "studios")
    )
    found = list(titles)
    return ItemFeatures(
        ids=np.array([anime.mal_id for anime in found], dtype=np.int64),
        titles=[anime.title for anime in found],
        synopses=[anime.synopsis for anime in found],
        genres=[[genre.name for genre in anime.genres.all()] for anime in found],
        studios=[[studio.name for studio in anime.studios.all()] for anime in found],
        kinds=[anime.type for anime in found],
        sources=[anime.source for anime in found],
        years=_numbers(_decimal_year(anime.aired_from) for anime in found),
        episodes=_numbers(anime.episodes for anime in found),
        minutes=_numbers(anime.duration and anime.duration / 60 for anime in found),
        members=_numbers(anime.members for anime in found),
        mean_scores=_numbers(anime.mean_score for anime in found),
        prequels=read_prequels(),
    )


def _numbers(values: Iterable[float | None]) -> FloatArray:
    return np.array([np.nan if value is None else value for value in values], np.float32)


def _decimal_year(day: date | None) -> float | None:
    return None if day is None else day.year + (day.timetuple().tm_yday - 1) / 366


def read_list(member: User) -> MemberList:
    """One member's list for fold-in; a title they dismissed counts like one they dropped."""
    rows = list(
        UserAnimeRating.objects.watched()
        .filter(user=member)
        .order_by("anime_id")
        .values_list("anime_id", "score", "status")
    )
    listed = {anime for anime, _, _ in rows}
    dismissed = [anime for anime in read_dismissed(member) if anime not in listed]
    return MemberList.of(
        [*(anime for anime, _, _ in rows), *dismissed],
        [*(score for _, score, _ in rows), *[None] * len(dismissed)],
        [
            *(DROPPED_WEIGHT if status == WatchStatus.DROPPED else 1.0 for _, _, status in rows),
            *[DROPPED_WEIGHT] * len(dismissed),
        ],
    )


def read_dismissed(member: User) -> list[int]:
    return list(member.feedback.order_by("anime_id").values_list("anime_id", flat=True))


def read_listed(member: User) -> list[int]:
    """Whatever is on the list in any state, planned too: none of it needs to be recommended."""
    return list(member.list_entries.values_list("anime_id", flat=True))


def read_prequels() -> IntArray:
    """Pairs (title, its prequel), shape (k, 2), from edges of either direction.

    Only prequels that can be recommended themselves: others would hold their sequels back for ever.
    Nor one that came out after the title: who watches in the order of release has not missed it.
    """
    aired = dict(Anime.objects.recommendable().values_list("pk", "aired_from"))
    edges = AnimeRelation.objects.filter(kind__in=(RelationKind.SEQUEL, RelationKind.PREQUEL))
    pairs = {
        (to, anime) if kind == RelationKind.SEQUEL else (anime, to)
        for anime, kind, to in edges.values_list("anime_id", "kind", "to_mal_id")
    }
    kept = sorted(pair for pair in pairs if pair[1] in aired and not _is_later(*pair, aired))
    return np.array(kept, dtype=np.int64).reshape(-1, 2)


def _is_later(title: int, prequel: int, aired: dict[int, date | None]) -> bool:
    own, before = aired.get(title), aired[prequel]
    return own is not None and before is not None and before > own
