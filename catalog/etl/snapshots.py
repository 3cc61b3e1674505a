"""What moves daily about titles, kept by the day, and the newest of it beside the title."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Self

from catalog.etl.record import MEASURES, AnimeRecord
from catalog.models import Anime, AnimeSnapshot


@dataclass
class Measures:
    """A day's measures, where they are new or other than known."""

    taken_on: date
    changed: dict[int, AnimeSnapshot]

    @classmethod
    def of(cls, records: list[AnimeRecord], taken_on: date) -> Self:
        known = _rows([record.mal_id for record in records], taken_on)
        changed = {}
        for record in records:
            before = known.get(record.mal_id, (None,) * len(MEASURES))
            said = [getattr(record, name) for name in MEASURES]
            # What the record does not say takes nothing away.
            now = tuple(old if new is None else new for old, new in zip(before, said, strict=True))
            if now != before:
                values = dict(zip(MEASURES, now, strict=True))
                changed[record.mal_id] = AnimeSnapshot(
                    anime_id=record.mal_id, taken_on=taken_on, **values
                )
        return cls(taken_on, changed)

    def copy_newest(self, titles: Iterable[Anime]) -> None:
        """Bring `mean_score` and `members` to the newest that any snapshot says."""
        changed = [anime for anime in titles if anime.pk in self.changed]
        later = AnimeSnapshot.objects.filter(
            anime__in=[anime.pk for anime in changed], taken_on__gt=self.taken_on
        )
        scored = set(later.filter(score__isnull=False).values_list("anime_id", flat=True))
        counted = set(later.filter(members__isnull=False).values_list("anime_id", flat=True))
        for anime in changed:
            snapshot = self.changed[anime.pk]
            if snapshot.score is not None and anime.pk not in scored:
                anime.mean_score = snapshot.score
            if snapshot.members is not None and anime.pk not in counted:
                anime.members = snapshot.members

    def save(self) -> None:
        AnimeSnapshot.objects.bulk_create(
            self.changed.values(),
            update_conflicts=True,
            unique_fields=["anime", "taken_on"],
            update_fields=list(MEASURES),
        )


def _rows(ids: list[int], taken_on: date) -> dict[int, tuple[float | None, ...]]:
    found = AnimeSnapshot.objects.filter(anime__in=ids, taken_on=taken_on)
    return {row[0]: row[1:] for row in found.values_list("anime_id", *MEASURES)}
