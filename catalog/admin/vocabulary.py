"""Genres and studios: counted, renamed, merged."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, DELETION
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from catalog.admin.base import (
    MERGED_AT_ONCE,
    ModelAdmin,
    ask,
    change_all,
    choice_of,
    note,
    number_of,
)
from catalog.models import AnimeGenre, AnimeStudio, Genre, Studio


class MergingAdmin(ModelAdmin):
    """Something that titles have, by a plain join table."""

    links: QuerySet[Any]
    link_field: str

    search_fields = ("name",)
    list_per_page = 100
    show_full_result_count = False
    actions: Any = ("merge",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        counted = number_of(self.links.all(), self.link_field)
        rows: QuerySet[Any] = super().get_queryset(request)
        counted_rows: QuerySet[Any] = rows.annotate(title_count=counted)
        return counted_rows

    @admin.display(description="titles", ordering="title_count")
    def titles(self, row: Any) -> int:
        return int(row.title_count)

    def has_merge_permission(self, request: HttpRequest) -> bool:
        return self.has_change_permission(request) and self.has_delete_permission(request)

    @admin.action(description="Merge into one…", permissions=["merge"])
    def merge(self, request: HttpRequest, chosen: QuerySet[Any]) -> HttpResponse | None:
        rows = list(chosen[: MERGED_AT_ONCE + 1])
        if not 2 <= len(rows) <= MERGED_AT_ONCE:
            said = f"Choose from 2 to {MERGED_AT_ONCE} to merge."
            self.message_user(request, said, messages.WARNING)
            return None
        names = [(str(row.pk), f"{row} ({row.title_count})") for row in rows]
        return ask(
            self,
            request,
            chosen,
            action="merge",
            title="Merge into one",
            field=forms.ChoiceField(label="Which one stays?", choices=names),
            apply=lambda pk: self._merge(request, rows, int(pk)),
        )

    def _merge(self, request: HttpRequest, rows: list[Any], kept: int) -> str:
        survivor = next(row for row in rows if row.pk == kept)
        merged = [row for row in rows if row.pk != kept]
        names = ", ".join(str(row) for row in merged)
        note(request, merged, DELETION, f"Merged into {survivor}.")
        for other in merged:
            survivor.absorb(other)
        note(request, [survivor], CHANGE, f"Absorbed {names}.")
        return f"{survivor} took over the titles of {names}."


@admin.register(Genre)
class GenreAdmin(MergingAdmin):
    links = AnimeGenre.objects.all()
    link_field = "genre"
    list_display = ("name", "kind", "titles")
    list_filter = ("kind",)
    actions = ("merge", "change_kind")

    @admin.action(description="Change kind…", permissions=["change"])
    def change_kind(self, request: HttpRequest, chosen: QuerySet[Genre]) -> HttpResponse | None:
        return ask(
            self,
            request,
            chosen,
            action="change_kind",
            title="Change kind",
            field=choice_of(Genre, "kind", "Kind"),
            apply=lambda value: change_all(request, chosen, kind=value),
        )


@admin.register(Studio)
class StudioAdmin(MergingAdmin):
    links = AnimeStudio.objects.all()
    link_field = "studio"
    list_display = ("name", "titles")
