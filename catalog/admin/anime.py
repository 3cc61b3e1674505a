"""Titles, with everything that hangs on them."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery, URLField
from django.http import HttpRequest, HttpResponse

from catalog.admin.base import ModelAdmin, ReadOnlyInline, TabularInline, ask, change_all, choice_of
from catalog.admin.filters import DecadeFilter, SynopsisFilter
from catalog.models import (
    Anime,
    AnimeGenre,
    AnimeRelation,
    AnimeSnapshot,
    AnimeStudio,
    CatalogueVersion,
    SourceRecord,
    TitleSynonym,
)
from catalog.tasks import tell_of_change
from catalog.titles import normalise_title

# Snapshots come daily; the newest tell enough.
SNAPSHOTS_SHOWN = 14


class SynonymInline(TabularInline):
    model = TitleSynonym
    extra = 0


class GenreInline(TabularInline):
    model = AnimeGenre
    autocomplete_fields = ("genre",)
    extra = 0
    verbose_name, verbose_name_plural = "genre", "genres"


class StudioInline(TabularInline):
    model = AnimeStudio
    autocomplete_fields = ("studio",)
    extra = 0
    verbose_name, verbose_name_plural = "studio", "studios"


class RelationInline(TabularInline):
    model = AnimeRelation
    fields = ("kind", "to_mal_id", "to_title")
    readonly_fields = ("to_title",)
    extra = 0
    verbose_name, verbose_name_plural = "relation", "relations"

    def get_queryset(self, request: HttpRequest) -> QuerySet[AnimeRelation]:
        target = Anime.objects.filter(pk=OuterRef("to_mal_id")).values("title")
        edges: QuerySet[AnimeRelation] = super().get_queryset(request)
        return edges.annotate(to_title=Subquery(target))

    @admin.display(description="title", empty_value="not in the catalogue")
    def to_title(self, relation: AnimeRelation) -> str | None:
        return getattr(relation, "to_title", None)


class SnapshotInline(ReadOnlyInline):
    model = AnimeSnapshot
    verbose_name_plural = f"the newest {SNAPSHOTS_SHOWN} snapshots"
    fields = ("taken_on", "score", "scored_by", "members", "favorites", "rank")

    def get_queryset(self, request: HttpRequest) -> QuerySet[AnimeSnapshot]:
        match = request.resolver_match
        parent = match.kwargs.get("object_id", "") if match else ""
        # An id that is no number is answered by the page itself.
        of_this = AnimeSnapshot.objects.filter(anime=int(parent) if parent.isdecimal() else None)
        newest = of_this.order_by("-taken_on").values("pk")[:SNAPSHOTS_SHOWN]
        return super().get_queryset(request).filter(pk__in=newest)


class SourceInline(ReadOnlyInline):
    model = SourceRecord
    verbose_name_plural = "where it came from"
    fields = ("source", "fetched_at", "content_hash")


# What decides whether a title is shown and recommended: each process holds who passes.
SHOWN_BY = frozenset({"is_adult", "type", "status"})


@admin.register(Anime)
class AnimeAdmin(ModelAdmin):
    list_display: Any = (
        "title",
        "mal_id",
        "type",
        "status",
        "premiered",
        "members",
        "mean_score",
        "is_adult",
        "is_stub",
    )
    list_filter = (
        "type",
        "status",
        "season",
        DecadeFilter,
        "genres__kind",
        "genres",
        "is_adult",
        "is_sensitive",
        "is_stub",
        SynopsisFilter,
    )
    # Makes the search box; `get_search_results` says what it finds.
    search_fields = ("title",)
    search_help_text = (
        "By any name of a title, also with a mistake in it, or by its MyAnimeList id."
    )
    show_full_result_count = False
    formfield_overrides: ClassVar[Any] = {URLField: {"assume_scheme": "https"}}
    list_per_page = 50
    ordering = ("mal_id",)
    actions = ("change_type", "change_status", "mark_adult", "mark_not_adult")
    inlines = (
        SynonymInline,
        GenreInline,
        StudioInline,
        RelationInline,
        SourceInline,
        SnapshotInline,
    )
    readonly_fields: ClassVar[Any] = ("mean_score", "members")
    fieldsets = (
        (None, {"fields": ("mal_id", "title", "title_english", "title_japanese", "synopsis")}),
        (
            "Kind",
            {"fields": (("type", "source"), ("status", "age_rating"), ("episodes", "duration"))},
        ),
        (
            "When",
            {
                "fields": (
                    ("aired_from", "aired_from_precision"),
                    ("aired_to", "aired_to_precision"),
                    ("season", "year", "season_origin"),
                )
            },
        ),
        ("Shown", {"fields": ("image_url", "is_adult", "is_sensitive", "is_stub")}),
        ("Measured by the source", {"fields": (("mean_score", "members"),)}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Anime]:
        return super().get_queryset(request).defer("search_text")

    def get_readonly_fields(self, request: HttpRequest, obj: Anime | None = None) -> Any:
        # Another id would be another title, with the old one left beside it.
        return (*(("mal_id",) if obj else ()), *self.readonly_fields)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Anime], search_term: str
    ) -> tuple[QuerySet[Anime], bool]:
        if not search_term:
            return queryset, False
        if not normalise_title(search_term):
            return queryset.none(), False
        found = queryset.search(search_term)  # type: ignore[attr-defined]
        if search_term.isdecimal() and len(search_term) < 10:
            by_name = found.order_by().values("pk")
            return queryset.filter(Q(pk=int(search_term)) | Q(pk__in=by_name)), False
        # The likeliest first, unless the curator chose a column.
        return (found.order_by(*queryset.query.order_by) if "o" in request.GET else found), False

    @admin.display(ordering="year")
    def premiered(self, anime: Anime) -> str:
        return f"{anime.get_season_display()} {anime.year or ''}".strip()

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        Anime.objects.filter(pk=form.instance.pk).refresh_search_text()
        if SHOWN_BY.intersection(form.changed_data):
            CatalogueVersion.advance()
        if any(formset.model is AnimeRelation and formset.has_changed() for formset in formsets):
            # What was saved stays saved where the queue is gone; the next change tells of this one too.
            transaction.on_commit(tell_of_change.delay, robust=True)

    @admin.action(description="Change type…", permissions=["change"])
    def change_type(self, request: HttpRequest, chosen: QuerySet[Anime]) -> HttpResponse | None:
        return self._ask_for("type", request, chosen)

    @admin.action(description="Change status…", permissions=["change"])
    def change_status(self, request: HttpRequest, chosen: QuerySet[Anime]) -> HttpResponse | None:
        return self._ask_for("status", request, chosen)

    @admin.action(description="Mark as adult", permissions=["change"])
    def mark_adult(self, request: HttpRequest, chosen: QuerySet[Anime]) -> None:
        self.message_user(request, change_all(request, chosen, is_adult=True))

    @admin.action(description="Mark as not adult", permissions=["change"])
    def mark_not_adult(self, request: HttpRequest, chosen: QuerySet[Anime]) -> None:
        self.message_user(request, change_all(request, chosen, is_adult=False))

    def _ask_for(
        self, field: str, request: HttpRequest, chosen: QuerySet[Anime]
    ) -> HttpResponse | None:
        return ask(
            self,
            request,
            chosen,
            action=f"change_{field}",
            title=f"Change {field}",
            field=choice_of(Anime, field, field.capitalize()),
            apply=lambda value: change_all(request, chosen, **{field: value}),
        )
