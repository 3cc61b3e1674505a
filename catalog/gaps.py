"""What is missing or doubtful in the catalogue: the numbers of the staff page and the lists behind them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.core.cache import cache
from django.db.models import Count, Exists, IntegerField, OuterRef, Q, QuerySet, Window
from django.db.models.functions import Coalesce, ExtractYear, Lower
from django.utils import timezone

from catalog.models import (
    Absence,
    Anime,
    AnimeGenre,
    AnimeRelation,
    CatalogueVersion,
    SourceRecord,
)

LONG_AGO, A_WEEK = timedelta(days=180), timedelta(days=7)
# Seconds. What time alone changes, and stubs that imports leave, are seen after so long.
A_WHILE = 120


@dataclass(frozen=True)
class Gap:
    slug: str
    name: str
    # What it means for those who use the site.
    meaning: str
    condition: Callable[[], Q]


def _not_heard_of_for(time: timedelta) -> Q:
    recent = SourceRecord.objects.filter(
        anime=OuterRef("pk"), fetched_at__gte=timezone.now() - time
    )
    return Q(~Exists(recent), is_stub=False, gone_on=None)


def _lead_nowhere() -> Q:
    known = Anime.objects.filter(pk=OuterRef("to_mal_id"))
    return Q(pk__in=AnimeRelation.objects.filter(~Exists(known)).values("anime"))


def _twins() -> Q:
    year = Coalesce("year", ExtractYear("aired_from"), output_field=IntegerField())
    alike = Window(Count("pk"), partition_by=[Lower("title"), "type", year])
    known = Anime.objects.exclude(year=None, aired_from=None).filter(is_stub=False, gone_on=None)
    return Q(pk__in=known.annotate(alike=alike).filter(alike__gt=1).order_by().values("pk"))


def _denied() -> Q:
    return Q(pk__in=Absence.objects.values("mal_id"), gone_on=None)


GAPS = {
    gap.slug: gap
    for gap in (
        Gap("stub", "Stubs", "On members' lists, but no source has described them: shown to nobody.", lambda: Q(is_stub=True)),
        Gap("synopsis", "Without a synopsis", "Their page tells little, and nothing is learned from their words.", lambda: Q(is_stub=False, synopsis="")),
        Gap("genres", "Without genres", "Found by no filter of genres; recommended by the lists of others alone.", lambda: Q(~Exists(AnimeGenre.objects.filter(anime=OuterRef("pk"))), is_stub=False)),
        Gap("members", "Without a number of members", "Last in every order by popularity.", lambda: Q(is_stub=False, members=None)),
        Gap("year", "Without a year", "In no season, and left out of the trends.", lambda: Q(is_stub=False, year=None, aired_from=None)),
        Gap("relations", "With relations to unknown titles", "A prequel or sequel is missing from the catalogue, so watch orders have holes.", _lead_nowhere),
        Gap("stale", "Not fetched for half a year", "Scores, members and dates may have changed since.", lambda: _not_heard_of_for(LONG_AGO)),
        Gap("airing", "Airing, not fetched for a week", "They may be over by now; their next episode may be wrong.", lambda: Q(status="airing") & _not_heard_of_for(A_WEEK)),
        Gap("twins", "Same name, type and year", "Perhaps one title that two sources wrote twice.", _twins),
        Gap("denied", "Denied by a source", "Their source says it does not have them, but not for long enough to be believed.", _denied),
        Gap("gone", "Gone from their source", "Kept for whoever has them on a list, and recommended no more.", lambda: ~Q(gone_on=None)),
    )
}  # fmt: skip


def with_gap(titles: QuerySet[Anime], slug: str) -> QuerySet[Anime]:
    return titles.filter(GAPS[slug].condition())


def counted() -> dict[str, int]:
    """How many titles have each gap, and `titles`: how many are described; in one question."""
    counts = {slug: Count("pk", filter=gap.condition()) for slug, gap in GAPS.items()}
    return Anime.objects.aggregate(titles=Count("pk", filter=Q(is_stub=False)), **counts)


def counted_lately() -> dict[str, int]:
    """The same, kept for a while as long as the catalogue is as it was: it reads every title."""
    return cache.get_or_set(f"gaps:{CatalogueVersion.now()}", counted, A_WHILE) or counted()
