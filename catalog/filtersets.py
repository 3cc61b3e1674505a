"""What browse can be narrowed by; the page and the API read the same names."""

from collections.abc import Callable
from typing import Any

import django_filters
from django import forms
from django.db.models import Q

from catalog.models import Anime, AnimeType, Genre, Season, Studio
from catalog.models.anime import AiringStatus
from catalog.querysets import AnimeQuerySet

SORTS: dict[str, tuple[str, Callable[[AnimeQuerySet], AnimeQuerySet]]] = {
    "members": ("Most watched", AnimeQuerySet.most_watched_first),
    "score": ("Best score", AnimeQuerySet.best_first),
    "newest": ("Newest", AnimeQuerySet.newest_first),
    "title": ("Title", AnimeQuerySet.by_title),
}
LONGEST_SEARCH = 100


class AnimeFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter has no types
    q = django_filters.CharFilter(label="Name", method="search", max_length=LONGEST_SEARCH)
    genre = django_filters.ModelMultipleChoiceFilter(
        label="Genres",
        queryset=Genre.objects.exclude(kind="explicit"),
        to_field_name="name",
        method="with_every_genre",
        widget=forms.CheckboxSelectMultiple,
    )
    type = django_filters.ChoiceFilter(label="Type", choices=AnimeType.choices, empty_label="Any")
    status = django_filters.ChoiceFilter(
        label="Status", choices=AiringStatus.choices, empty_label="Any"
    )
    year_min = django_filters.NumberFilter(
        label="From year", method="from_year", min_value=1900, max_value=2100, decimal_places=0
    )
    year_max = django_filters.NumberFilter(
        label="To year", method="to_year", min_value=1900, max_value=2100, decimal_places=0
    )
    season = django_filters.ChoiceFilter(label="Season", choices=Season.choices, empty_label="Any")
    studio = django_filters.ModelChoiceFilter(
        label="Studio", queryset=Studio.objects.all(), to_field_name="name", widget=forms.HiddenInput,
        field_name="studios",
    )  # fmt: skip
    sort = django_filters.ChoiceFilter(
        label="Sort by",
        choices=[(name, label) for name, (label, _) in SORTS.items()],
        empty_label="Best match",
        method="keep",
    )

    class Meta:
        model = Anime
        fields = ["type", "status", "season"]

    def search(self, titles: AnimeQuerySet, name: str, text: str) -> AnimeQuerySet:
        return titles.search(text)

    def with_every_genre(
        self, titles: AnimeQuerySet, name: str, genres: list[Genre]
    ) -> AnimeQuerySet:
        for genre in genres:
            titles = titles.filter(genre_links__genre=genre)
        return titles

    def from_year(self, titles: AnimeQuerySet, name: str, year: Any) -> AnimeQuerySet:
        return titles.filter(Q(year__gte=year) | Q(year=None, aired_from__year__gte=int(year)))

    def to_year(self, titles: AnimeQuerySet, name: str, year: Any) -> AnimeQuerySet:
        return titles.filter(Q(year__lte=year) | Q(year=None, aired_from__year__lte=int(year)))

    def keep(self, titles: AnimeQuerySet, name: str, value: str) -> AnimeQuerySet:
        """Sorting comes last, in `ordered`: a search brings an order of its own."""
        return titles

    def ordered(self) -> AnimeQuerySet:
        """The filtered titles in the order asked for: without one, the likeliest or the most watched first."""
        asked = self.form.cleaned_data if self.is_bound and self.form.is_valid() else {}
        found: AnimeQuerySet = self.qs
        if not asked.get("sort") and asked.get("q"):
            return found
        return SORTS[asked.get("sort") or "members"][1](found)
