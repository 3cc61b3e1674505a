"""Which titles were found to belong together: looked at here, worked out elsewhere."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from catalog.admin.base import BoundedPaginator, ModelAdmin, ReadOnly
from catalog.models import Anime, FamilyPart
from catalog.titles import normalise_title


@admin.register(FamilyPart)
class FamilyPartAdmin(ReadOnly, ModelAdmin):
    list_display: Any = (
        "anime",
        "series",
        "place",
        "is_extra",
        "franchise",
        "is_series_face",
        "is_franchise_face",
        "from_names",
    )
    list_filter = ("is_extra", "is_series_face", "is_franchise_face", "from_names")
    list_select_related = ("anime",)
    list_per_page = 50
    ordering = ("franchise", "series", "place")
    search_fields = ("anime__search_text",)
    search_help_text = "A title, or the id of one: its whole franchise"
    show_full_result_count = False
    paginator = BoundedPaginator

    def get_queryset(self, request: HttpRequest) -> QuerySet[FamilyPart]:
        rows: QuerySet[FamilyPart] = super().get_queryset(request)
        return rows.defer("anime__synopsis", "anime__search_text")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[FamilyPart], search_term: str
    ) -> tuple[QuerySet[FamilyPart], bool]:
        if not search_term:
            return queryset, False
        if search_term.isdecimal() and len(search_term) < 10:
            own = FamilyPart.objects.filter(pk=int(search_term)).values("franchise")
            return queryset.filter(franchise__in=own), False
        if not normalise_title(search_term):
            return queryset.none(), False
        named = Anime.objects.search(search_term).order_by().values("pk")
        return queryset.filter(anime__in=named), False
