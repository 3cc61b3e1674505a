"""From rows to arrays: the only bridge between the database and the engine."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db.models import (
    BooleanField,
    Case,
    Count,
    PositiveSmallIntegerField,
    Q,
    QuerySet,
    Value,
    When,
)

from catalog.models import Anime, AnimeRelation, FamilyPart, RelationKind
from catalog.prepared import Prepared
from ratings.models import Feedback, FeedbackReason, Origin, User, UserAnimeRating, WatchStatus
from ratings.querysets import WATCHED
from recommender.engine import rules
from recommender.engine.base import ItemFeatures
from recommender.engine.interactions import (
    DROPPED_WEIGHT,
    FloatArray,
    IntArray,
    Interactions,
    MemberList,
    Vocabulary,
)
from recommender.engine.rules import Relations
from recommender.family_facts import work_out
from recommender.impressions import read_impressions

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
Edge = tuple[int, str, int]  # title, kind, other title
Said = tuple[float | None, str, bool]  # score, state, whether it counts
# Whoever is made up, and whoever has not said yet that they stay: no model learns from them.
UNTAUGHT = (Origin.SIMULATED, Origin.GUEST)
# Beside the states of a list: the member does not want to hear of the title.
DISMISSED = "dismissed"
AGAINST = (WatchStatus.DROPPED, DISMISSED)
SEEN = tuple(status for status in WATCHED if status != WatchStatus.DROPPED)
ROW = np.dtype([("user", "i8"), ("anime", "i8"), ("score", "f4"), ("dropped", "?"), ("day", "f4")])


def read_interactions(*, simulated: bool = False) -> Interactions:
    """Everything watched, by members who are not simulated; planned titles tell nothing.

    What a member does not let count in their own recommendations is read all the same: that it was
    watched is true, and says of the title what it says of every other member's.
    """
    rows = UserAnimeRating.objects.watched()
    if not simulated:
        rows = rows.exclude(user__origin__in=UNTAUGHT)
    found = np.concatenate([np.empty(0, ROW), *_blocks(rows.values_list(*COLUMNS).iterator(CHUNK))])
    lines = Interactions.of(
        found["user"], found["anime"], found["score"], found["dropped"], found["day"]
    )
    return replace(lines, shown=read_impressions(() if simulated else UNTAUGHT))


def count_members_by_origin() -> dict[str, int]:
    """How many of the members that `read_interactions` reads came from where."""
    rows = UserAnimeRating.objects.watched().exclude(user__origin__in=UNTAUGHT).order_by()
    counted = rows.values_list("user__origin").annotate(Count("user", distinct=True))
    return dict(counted)


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


@dataclass(frozen=True)
class OwnTitles:
    """What one member said of titles."""

    # What counts: without titles that the member has left out.
    list: MemberList
    # On the list in any state, planned too, or dismissed: none of it needs to be recommended.
    settled: IntArray
    # Watched and not dropped, whether or not it counts: what follows it may come.
    watched: IntArray


def read_own(member: User) -> OwnTitles:
    """One member's list for fold-in; a title they dismissed counts like one they dropped.

    One query: every page of recommendations begins with it.
    """
    return _own(_most_telling(_said_by.rows(member.pk)).get(member.pk, {}))


def read_owns(members: Sequence[User]) -> dict[int, OwnTitles]:
    """The same of a few members, by their numbers; one query."""
    return {pk: _own(said) for pk, said in _read_said(members).items()}


def own_of(said: dict[int, tuple[int | None, str]], dismissed: Iterable[int] = ()) -> OwnTitles:
    """The same of a list that nobody here keeps: by title the score and the state, and what is not wanted."""
    against: dict[int, Said] = dict.fromkeys(dismissed, (None, DISMISSED, True))
    told = against | {pk: (score, status, True) for pk, (score, status) in said.items()}
    # In the order of a list that is read, so that sums come to the same to the last bit.
    return _own(dict(sorted(told.items())))


def _own(said: dict[int, Said]) -> OwnTitles:
    told = {pk: line for pk, line in said.items() if line[1] != WatchStatus.PLANNED and line[2]}
    watched = [pk for pk, (_, status, _) in said.items() if status in SEEN]
    return OwnTitles(_as_list(told), np.fromiter(said, np.int64), np.array(watched, np.int64))


def _read_said(members: Sequence[User]) -> dict[int, dict[int, Said]]:
    """By member, the most telling thing said of each title; one query."""
    said = _most_telling(_said(Q(user__in=members)))
    return {member.pk: said.get(member.pk, {}) for member in members}


def _said(whose: Q) -> "QuerySet[Any, Any]":
    nothing = Value(None, output_field=PositiveSmallIntegerField())
    dismissed = Feedback.objects.filter(whose).values_list(
        "user_id", "anime_id", nothing, Value(DISMISSED), _is_against()
    )
    entries = UserAnimeRating.objects.filter(whose).values_list(
        "user_id", "anime_id", "score", "status", "counts"
    )
    return entries.order_by().union(dismissed.order_by(), all=True)


def _most_telling(rows: Iterable[Any]) -> dict[int, dict[int, Said]]:
    said: dict[int, dict[int, Said]] = {}
    for member, anime, score, status, counts in sorted(rows, key=_telling_first):
        said.setdefault(member, {}).setdefault(anime, (score, status, bool(counts)))
    return said


def _is_against() -> Case:
    """Who has seen a title elsewhere hides it for that, and says nothing against it."""
    seen = When(reason=FeedbackReason.SEEN, then=Value(False))
    return Case(seen, default=Value(True), output_field=BooleanField())


def _as_list(told: dict[int, Said]) -> MemberList:
    return MemberList.of(
        told,
        [score for score, _, _ in told.values()],
        [DROPPED_WEIGHT if status in AGAINST else 1.0 for _, status, _ in told.values()],
    )


def _telling_first(row: tuple[int, int, int | None, str, bool]) -> tuple[int, int]:
    """By title; that it was watched before that it was dismissed, and that before a plan."""
    _, anime, _, status, _ = row
    return anime, (status == WatchStatus.PLANNED) * 2 + (status == DISMISSED)


def read_list(member: User) -> MemberList:
    return read_own(member).list


def read_known(member: User) -> tuple[MemberList, IntArray]:
    """What one member has watched, and ids of what they merely plan, dismissed or left out; one query."""
    said = _read_said([member])[member.pk]
    known = {pk: line for pk, line in said.items() if line[1] in WATCHED and line[2]}
    return _as_list(known), np.array([pk for pk in said if pk not in known], np.int64)


def read_prequels() -> IntArray:
    """Pairs (title, its prequel), shape (k, 2), from edges of either direction.

    Only prequels that can be recommended themselves: others would hold their sequels back for ever.
    Nor one that came out after the title: who watches in the order of release has not missed it.
    """
    return _prequels(_read_edges())


def read_before() -> IntArray:
    """Pairs (title, what to watch before it), shape (k, 2): prequels, a recap's full story, and the
    season before where names are all there is to go by."""
    return np.concatenate([_before(_read_edges()), _seasons()])


def read_relations() -> Relations:
    """What the rules need to know of all described titles."""
    found = list(Anime.objects.described().order_by("pk").values_list("pk", "members"))
    franchises = _read_franchises()
    return Relations(
        vocabulary=Vocabulary(np.array([pk for pk, _ in found], np.int64)),
        before=read_before(),
        franchises=np.array([franchises.get(pk, pk) for pk, _ in found], np.int64),
        members=_numbers(members for _, members in found),
    )


def _read_franchises() -> dict[int, int]:
    """By title, as they were written; worked out on the spot as long as nobody has written any."""
    written = dict(FamilyPart.objects.values_list("anime_id", "franchise"))
    return written or {part.id: part.franchise for part in work_out().parts}


def _read_edges() -> list[Edge]:
    return list(AnimeRelation.objects.values_list("anime_id", "kind", "to_mal_id"))


def _before(edges: list[Edge]) -> IntArray:
    return np.concatenate([_prequels(edges), _full_stories(edges)])


def _prequels(edges: list[Edge]) -> IntArray:
    aired = dict(Anime.objects.recommendable().values_list("pk", "aired_from"))
    pairs = _in_order(edges, first=RelationKind.PREQUEL, then=RelationKind.SEQUEL)
    return _pairs(pair for pair in pairs if pair[1] in aired and not _is_later(*pair, aired))


def _seasons() -> IntArray:
    """Pairs of seasons, from what was written of families that names alone have joined."""
    parts = FamilyPart.objects.filter(
        from_names=True,
        is_extra=False,
        anime__in=Anime.objects.recommendable().order_by().values("pk"),
    )
    rows = parts.in_watch_order().values_list("anime_id", "anime__type", "anime__title")
    return rules.seasons(rows)


def _full_stories(edges: list[Edge]) -> IntArray:
    """Pairs (recap, what it sums up), whether or not the latter can be recommended: nobody needs a
    recap of what they have not seen."""
    return _pairs(_in_order(edges, first=RelationKind.FULL_STORY, then=RelationKind.SUMMARY))


def _in_order(edges: list[Edge], *, first: str, then: str) -> set[tuple[int, int]]:
    """Pairs (title, what comes first) from edges that say so from either end."""
    return {
        (to, anime) if kind == then else (anime, to)
        for anime, kind, to in edges
        if kind in (first, then)
    }


def _pairs(pairs: Iterable[tuple[int, int]]) -> IntArray:
    return np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2)


def _is_later(title: int, prequel: int, aired: dict[int, date | None]) -> bool:
    own, before = aired.get(title), aired[prequel]
    return own is not None and before is not None and before > own


# At the end, because it is made of what stands above.
_said_by = Prepared(lambda pk: _said(Q(user=pk)), -1)
