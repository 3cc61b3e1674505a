"""What browse can be narrowed by; the page and the API read the same names."""

from collections.abc import Callable, Iterator
from typing import Any

import django_filters
from django import forms
from django.db.models import Q
from django.http import QueryDict

from catalog.models import Anime, AnimeType, Genre, Season
from catalog.models.anime import AiringStatus
from catalog.querysets import LONGEST_SEARCH, AnimeQuerySet

SORTS: dict[str, tuple[str, Callable[[AnimeQuerySet], AnimeQuerySet]]] = {
    "members": ("Most watched", AnimeQuerySet.most_watched_first),
    "score": ("Best score", AnimeQuerySet.best_first),
    "newest": ("Newest", AnimeQuerySet.newest_first),
    "title": ("Title", AnimeQuerySet.by_title),
}
NOT_A_YEAR = "A year from 1900 to 2100, please."
YEAR: dict[str, Any] = {
    "min_value": 1900, "max_value": 2100, "decimal_places": 0,
    "error_messages": dict.fromkeys(("invalid", "min_value", "max_value", "max_decimal_places", "max_digits"), NOT_A_YEAR),
}  # fmt: skip


def _no_such(what: str) -> dict[str, Any]:
    return {"invalid_choice": f"There is no such {what}."}


class AnimeFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter has no types
    q = django_filters.CharFilter(
        label="Name",
        method="search",
        max_length=LONGEST_SEARCH,
        error_messages={"max_length": f"A name of at most {LONGEST_SEARCH} letters, please."},
    )
    genre = django_filters.ModelMultipleChoiceFilter(
        label="Genres",
        queryset=Genre.objects.exclude(kind="explicit"),
        to_field_name="name",
        method="with_every_genre",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "There is no genre “%(value)s”."},
    )
    type = django_filters.ChoiceFilter(
        label="Type",
        choices=AnimeType.choices,
        empty_label="Any",
        error_messages=_no_such("type"),
    )
    status = django_filters.ChoiceFilter(
        label="Status",
        choices=AiringStatus.choices,
        empty_label="Any",
        error_messages=_no_such("status"),
    )
    season = django_filters.ChoiceFilter(
        label="Season",
        choices=Season.choices,
        empty_label="Any",
        error_messages=_no_such("season"),
    )
    year_min = django_filters.NumberFilter(label="From year", method="from_year", **YEAR)
    year_max = django_filters.NumberFilter(label="To year", method="to_year", **YEAR)
    studio = django_filters.CharFilter(label="Studio", method="by_studio", max_length=160)
    sort = django_filters.ChoiceFilter(
        label="Sort by",
        choices=[(name, label) for name, (label, _) in SORTS.items()],
        method="keep",
        error_messages=_no_such("order"),
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

    def by_studio(self, titles: AnimeQuerySet, name: str, studio: str) -> AnimeQuerySet:
        return titles.made_by(studio)

    def keep(self, titles: AnimeQuerySet, name: str, value: str) -> AnimeQuerySet:
        """Sorting comes last, in `ordered`: a search brings an order of its own."""
        return titles

    @property
    def asked(self) -> dict[str, Any]:
        """The wishes that make sense; the others are left out, and the form says why."""
        if not self.is_bound:
            return {}
        self.form.is_valid()
        return {name: value for name, value in self.form.cleaned_data.items() if value}

    def ordered(self) -> AnimeQuerySet:
        """The filtered titles in the order asked for: without one, the likeliest or the most watched first."""
        found: AnimeQuerySet = self.qs
        if "q" in self.asked and "sort" not in self.asked:
            return found
        return SORTS[self.asked.get("sort", "members")][1](found)

    def sort_options(self) -> Iterator[tuple[str, str, bool]]:
        """Value, label, whether it is the one; what comes of itself has no value."""
        searching, now = "q" in self.asked, self.asked.get("sort", "")
        if searching:
            yield "", "Best match", not now
        for name, (label, _) in SORTS.items():
            usual = name == "members" and not searching
            yield "" if usual else name, label, now == name or (usual and not now)

    def chosen(self) -> Iterator[tuple[str, str]]:
        """Each wish in words, and the address without it."""
        for name, value in self.asked.items():
            if name == "sort":
                continue
            for one in value if name == "genre" else [value]:
                yield self._in_words(name, one), self._without(name, str(one))

    def _in_words(self, name: str, value: Any) -> str:
        field = self.form.fields[name]
        if name in ("year_min", "year_max"):
            return f"{'from' if name == 'year_min' else 'to'} {value}"
        labels = dict(getattr(field, "choices", ())) if name in ("type", "status", "season") else {}
        return f"“{value}”" if name == "q" else str(labels.get(value, value))

    def _without(self, name: str, value: str) -> str:
        left: QueryDict = self.data.copy()
        left.pop("page", None)
        kept = [one for one in left.getlist(name) if name == "genre" and one != value]
        left.setlist(name, kept)
        return f"?{left.urlencode()}" if left else ""
