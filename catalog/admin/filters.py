"""What curators narrow the list of titles by."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from catalog.gaps import GAPS, with_gap
from catalog.models import Anime

FIRST_DECADE, LAST_DECADE = 1910, 2030


class DecadeFilter(admin.SimpleListFilter):
    title = "decade"
    parameter_name = "decade"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        decades = range(LAST_DECADE, FIRST_DECADE - 1, -10)
        return [*((str(decade), f"{decade}s") for decade in decades), ("none", "Unknown")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Anime]) -> QuerySet[Anime]:
        match self.value():
            case None:
                return queryset
            case "none":
                return queryset.filter(year=None)
            case decade if decade.isdecimal():
                return queryset.filter(year__range=(int(decade), int(decade) + 9))
        return queryset.none()


class SynopsisFilter(admin.SimpleListFilter):
    title = "synopsis"
    parameter_name = "synopsis"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("missing", "Missing"), ("written", "Written")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Anime]) -> QuerySet[Anime]:
        match self.value():
            case "missing":
                return queryset.filter(synopsis="", is_stub=False)
            case "written":
                return queryset.exclude(synopsis="")
        return queryset


class GapFilter(admin.SimpleListFilter):
    title = "what is missing or doubtful"
    parameter_name = "gap"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(gap.slug, gap.name) for gap in GAPS.values()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Anime]) -> QuerySet[Anime]:
        slug = self.value()
        return with_gap(queryset, slug) if slug in GAPS else queryset
