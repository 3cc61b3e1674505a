"""Series and franchises in the database: what `catalog.FamilyPart` holds, written anew."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.db import transaction

from catalog.locks import one_at_a_time
from catalog.models import CatalogueVersion, FamilyPart
from recommender.engine.families import CAP, Families, Part
from recommender.family_facts import work_out

log = logging.getLogger(__name__)
BATCH = 2000
Rows = dict[int, Mapping[str, object]]


@dataclass(frozen=True)
class Rebuilt:
    """How many there are now, and how many rows had to be written or taken away."""

    titles: int
    series: int
    franchises: int
    from_names: int
    refused: int
    written: int
    removed: int

    def __str__(self) -> str:
        told = (
            f"{self.series:,} series and {self.franchises:,} franchises of {self.titles:,} titles, "
            f"{self.from_names:,} of them joined by their names; "
            f"{self.written:,} rows written, {self.removed:,} removed"
        )
        left_out = f". {self.refused:,} joins would have made more than {CAP} titles of one and were left out"
        return told + (left_out if self.refused else "")


def rebuild() -> Rebuilt:
    """Work out all families and write the rows that differ. Safe to repeat, and side by side."""
    # Worked out before anything is locked: it takes seconds, for which nobody's writes should wait.
    there = _rows()
    found = work_out()
    with transaction.atomic():
        one_at_a_time(FamilyPart)
        if _rows() != there:
            # Somebody wrote since, who may have read later than this one did.
            there, found = _rows(), work_out()
        written, removed = _write(found.parts, there)
        if written or removed:
            CatalogueVersion.advance()
    if found.refused:
        log.warning("%d joins would have made families of more than %d titles", found.refused, CAP)
    return _report(found, written, removed)


def _rows() -> Rows:
    return {row["anime_id"]: row for row in FamilyPart.objects.values()}


def _write(parts: Sequence[Part], there: Rows) -> tuple[int, int]:
    """Rows written and rows taken away. What differs is taken away first: no face may stand twice."""
    wanted = {part.id: _row(part) for part in parts}
    fresh = [FamilyPart(**row) for pk, row in wanted.items() if there.get(pk) != row]
    stale = [pk for pk, row in there.items() if wanted.get(pk) != row]
    for start in range(0, len(stale), BATCH):
        FamilyPart.objects.filter(pk__in=stale[start : start + BATCH]).delete()
    FamilyPart.objects.bulk_create(fresh, batch_size=BATCH)
    return len(fresh), len(there.keys() - wanted.keys())


def _row(part: Part) -> dict[str, Any]:
    row = asdict(part)
    return {"anime_id": row.pop("id"), **row}


def _report(found: Families, written: int, removed: int) -> Rebuilt:
    return Rebuilt(
        titles=len(found.parts),
        series=len({part.series for part in found.parts}),
        franchises=len({part.franchise for part in found.parts}),
        from_names=sum(part.from_names for part in found.parts),
        refused=found.refused,
        written=written,
        removed=removed,
    )
