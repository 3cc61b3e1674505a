"""Titles that a source denies. One denial is an accident; three, on different days, are believed."""

from collections.abc import Collection
from datetime import date

from catalog.etl.writing import among
from catalog.models import Absence, Anime

BELIEVED_AFTER = 3


def note_absences(source: str, ids: Collection[int], today: date) -> int:
    """Count the denials, one a day; how many titles are now believed to be gone."""
    known = {one.mal_id: one for one in Absence.objects.filter(source=source, mal_id__in=ids)}
    new = [Absence(source=source, mal_id=pk, last_on=today) for pk in ids if pk not in known]
    again = [one for one in known.values() if one.last_on < today]
    for one in again:
        one.days, one.last_on = one.days + 1, today
    Absence.objects.bulk_create(new, ignore_conflicts=True)
    Absence.objects.bulk_update(again, ["days", "last_on"])
    gone = [one.mal_id for one in again if one.days >= BELIEVED_AFTER]
    return Anime.objects.filter(pk__in=gone, gone_on=None).update(gone_on=today)


def take_back(source: str, ids: Collection[int]) -> int:
    """The source tells of these titles after all; how many had been believed gone."""
    Absence.objects.filter(source=source, mal_id__in=among(ids)).delete()
    return Anime.objects.filter(pk__in=among(ids), gone_on__isnull=False).update(gone_on=None)
