"""Taking away what came from one source."""

from dataclasses import dataclass
from typing import Any

from django.db import models, transaction
from django.db.models import Exists, OuterRef, QuerySet

from catalog.etl.absences import BELIEVED_AFTER
from catalog.models import (
    Absence,
    Anime,
    AnimeGenre,
    AnimeRelation,
    AnimeSnapshot,
    AnimeStudio,
    FamilyPart,
    SourceRecord,
    TitleSynonym,
)

# What describes a title. Any other table that points to one is somebody's: a list, a word on it.
_DESCRIBE = (
    AnimeGenre,
    AnimeStudio,
    TitleSynonym,
    AnimeSnapshot,
    AnimeRelation,
    FamilyPart,
    SourceRecord,
)
_KEPT_OF_A_STUB = ("mal_id", "is_stub")


@dataclass(frozen=True)
class Purge:
    """How many titles: told of by the source alone and on nobody's list; on a list; told of by others too."""

    source: str
    going: int
    becoming_stubs: int
    shared: int

    @property
    def is_empty(self) -> bool:
        return not (self.going or self.becoming_stubs or self.shared)


def plan(source: str) -> Purge:
    alone = _told_by_it_alone(source)
    kept = alone.filter(_on_a_list()).count()
    told = SourceRecord.objects.filter(source=source).count()
    only_here = alone.count()
    return Purge(source, only_here - kept, kept, told - only_here)


@transaction.atomic
def purge(source: str) -> Purge:
    """Take it away. Titles that others told of too keep their facts until those others are loaded again."""
    planned = plan(source)
    alone = _told_by_it_alone(source)
    kept = list(alone.filter(_on_a_list()).values_list("pk", flat=True))
    alone.exclude(pk__in=kept).delete()
    _make_stubs(kept)
    shared = SourceRecord.objects.filter(source=source).values("anime")
    # As if they had said something new, so that their next load writes over what this source said.
    SourceRecord.objects.filter(anime__in=shared).exclude(source=source).update(content_hash="")
    SourceRecord.objects.filter(source=source).delete()
    _take_back_denials(source)
    return planned


def _take_back_denials(source: str) -> None:
    """What it alone took for gone is there again."""
    believed = Absence.objects.filter(days__gte=BELIEVED_AFTER)
    others = believed.exclude(source=source).values("mal_id")
    denied = believed.filter(source=source).exclude(mal_id__in=others).values("mal_id")
    Anime.objects.filter(pk__in=denied).update(gone_on=None)
    Absence.objects.filter(source=source).delete()


def _told_by_it_alone(source: str) -> QuerySet[Anime]:
    told = SourceRecord.objects.filter(anime=OuterRef("pk"))
    return Anime.objects.filter(
        Exists(told.filter(source=source)), ~Exists(told.exclude(source=source))
    )


def _on_a_list() -> models.Q:
    """Whether a row of any table points to the title, found from the models, so that none is forgotten."""
    found = models.Q(pk__in=[])
    for relation in Anime._meta.related_objects:
        model: Any = relation.related_model
        if model not in _DESCRIBE:
            rows = model._base_manager.filter(**{relation.field.name: OuterRef("pk")})
            found |= models.Q(Exists(rows))
    return found


def _make_stubs(ids: list[int]) -> None:
    """Leave the number alone, which lists refer to."""
    for model in _DESCRIBE:
        model._default_manager.filter(anime__in=ids).delete()
    blank = {
        field.name: field.get_default()
        for field in Anime._meta.concrete_fields
        if field.name not in _KEPT_OF_A_STUB
    }
    Anime.objects.filter(pk__in=ids).update(is_stub=True, **blank)
