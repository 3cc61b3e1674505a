"""Public members who score most as a member does, found among few candidates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from django.core.cache import cache
from django.db.models import Count

from ratings.models import User, UserAnimeRating
from recommender.engine.likeness import Sums, likeness
from recommender.sharing import public_members

SHOWN = 50
# Who shares most of a sample of one's titles, from known to all to known to few, is compared on
# everything. Both numbers bound the work: everybody's scores of all of a long list would be a scan of
# the whole table.
SAMPLE, CANDIDATES = 40, 60
CACHED_SECONDS = 3600
Row = tuple[int, int, float]  # member, shared titles, likeness


@dataclass(frozen=True)
class Alike:
    member: User
    shared: int
    likeness: float

    @property
    def percent(self) -> int:
        return round(100 * self.likeness)


def most_alike(member: User) -> list[Alike]:
    """At most SHOWN, the likest first. Who is public is asked anew each time, whatever was kept."""
    rows = _kept(member)
    shown = public_members().in_bulk([pk for pk, _, _ in rows])
    return [Alike(shown[pk], shared, value) for pk, shared, value in rows if pk in shown][:SHOWN]


def _kept(member: User) -> list[Row]:
    key = f"alike:{member.pk}:{member.list_version}"
    rows: list[Row] | None = cache.get(key)
    if rows is None:
        rows = _found(member)
        cache.set(key, rows, CACHED_SECONDS)
    return rows


def _found(member: User) -> list[Row]:
    own = member.list_entries.scored().filter(counts=True).order_by("anime__members", "anime_id")
    given = {pk: score for pk, score in own.values_list("anime_id", "score") if score}
    return _compared(given, _candidates(member, list(given))) if given else []


def _candidates(member: User, titles: Sequence[int]) -> list[int]:
    """Who has scored most of a sample of `titles`, which go from known to few to known to all."""
    sample = titles[:: -(-len(titles) // SAMPLE)]
    others = UserAnimeRating.objects.scored().filter(anime__in=sample, user__in=public_members())
    counted = others.exclude(user=member).order_by().values_list("user").annotate(n=Count("pk"))
    return [pk for pk, _ in counted.order_by("-n", "user")[:CANDIDATES]]


def _compared(given: Mapping[int, int], candidates: Sequence[int]) -> list[Row]:
    """Likeness over all shared titles; each member's lines come from the index alone."""
    lines = UserAnimeRating.objects.scored().filter(user__in=candidates, anime__in=list(given))
    shared = lines.filter(counts=True).order_by().values_list("user", "anime_id", "score")
    table = np.array(list(shared), np.int64).reshape(-1, 3)
    members, place = np.unique(table[:, 0], return_inverse=True)
    x, y = np.array([given[pk] for pk in table[:, 1].tolist()], np.float64), table[:, 2]
    columns = (None, x, y, x * x, y * y, x * y)
    counted = [np.bincount(place, column, len(members)).astype(np.float64) for column in columns]
    values = likeness(Sums(*counted))
    numbers = np.bincount(place, minlength=len(members))
    rows = zip(members.tolist(), numbers.tolist(), values.tolist(), strict=True)
    # Who disagrees is not alike, however much is shared.
    return sorted((row for row in rows if row[2] > 0), key=lambda row: (-row[2], -row[1], row[0]))
