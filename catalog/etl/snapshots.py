"""What moves daily about titles, kept by the day, and the newest of it beside the title."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from typing import Self

from catalog.etl.record import MEASURES, AnimeRecord
from catalog.etl.writing import among, lay_over
from catalog.models import Anime, AnimeSnapshot

Values = tuple[float | None, ...]
_UNKNOWN: Values = (None,) * len(MEASURES)
_said = attrgetter(*MEASURES)


@dataclass
class Measures:
    """A day's measures, where they are new or other than known."""

    taken_on: date
    # Title -> its measures, in the order of MEASURES.
    changed: dict[int, Values]
    told_of: frozenset[int]

    @classmethod
    def of(cls, records: list[AnimeRecord], told_of: Collection[int], taken_on: date) -> Self:
        """`told_of` are the titles that any source has told of before; no other has a snapshot."""
        known = _rows([one.mal_id for one in records if one.mal_id in told_of], taken_on)
        told = frozenset(told_of)
        changed = {}
        for record in records:
            before = known.get(record.mal_id, _UNKNOWN)
            said = _said(record)
            # What the record does not say takes nothing away.
            now = tuple(old if new is None else new for old, new in zip(before, said, strict=True))
            if now != before:
                changed[record.mal_id] = now
        return cls(taken_on, changed, told)

    def copy_newest(self, titles: Iterable[Anime]) -> None:
        """Bring `mean_score` and `members` to the newest that any snapshot says."""
        changed = [anime for anime in titles if anime.pk in self.changed]
        scored, counted = self._told_later([pk for pk in self.changed if pk in self.told_of])
        for anime in changed:
            now = dict(zip(MEASURES, self.changed[anime.pk], strict=True))
            if now["score"] is not None and anime.pk not in scored:
                anime.mean_score = now["score"]
            if now["members"] is not None and anime.pk not in counted:
                anime.members = now["members"]

    def _told_later(self, ids: list[int]) -> tuple[set[int], set[int]]:
        """Titles with a newer score, and with a newer number of members."""
        if not ids:
            return set(), set()
        later = AnimeSnapshot.objects.filter(anime__in=among(ids), taken_on__gt=self.taken_on)
        rows = list(later.values_list("anime_id", "score", "members"))
        return (
            {pk for pk, score, _ in rows if score is not None},
            {pk for pk, _, members in rows if members is not None},
        )

    def save(self) -> None:
        lay_over(
            AnimeSnapshot,
            ("anime", "taken_on", *MEASURES),
            [(anime, self.taken_on, *values) for anime, values in self.changed.items()],
            unique=("anime", "taken_on"),
        )


def _rows(ids: list[int], taken_on: date) -> dict[int, Values]:
    if not ids:
        return {}
    found = AnimeSnapshot.objects.filter(anime__in=among(ids), taken_on=taken_on)
    return {row[0]: row[1:] for row in found.values_list("anime_id", *MEASURES)}
