from typing import Any

from django import forms

from catalog.models import AnimeType, Genre
from catalog.querysets import EXTRAS

STEP = 24
MOST = 120
YEARS: dict[str, Any] = {"min_value": 1900, "max_value": 2100, "required": False}


class WishForm(forms.Form):
    """What a member wants to see of their recommendations; its state is the page's address."""

    type = forms.ChoiceField(
        choices=[("", "Any"), *(choice for choice in AnimeType.choices if choice[0] not in EXTRAS)],
        required=False,
    )
    genre = forms.ModelChoiceField(
        Genre.objects.exclude(kind="explicit"),
        to_field_name="name",
        empty_label="Any",
        required=False,
        error_messages={"invalid_choice": "There is no such genre here."},
    )
    year_min = forms.IntegerField(label="From year", **YEARS)
    year_max = forms.IntegerField(label="To year", **YEARS)

    def clean(self) -> dict[str, Any]:
        asked: dict[str, Any] = super().clean() or {}
        first, last = asked.get("year_min"), asked.get("year_max")
        if first and last and first > last:
            self.add_error("year_max", "Must not be before the first year.")
        return asked

    @property
    def wishes(self) -> dict[str, Any]:
        """Those that make sense; the others are left out, and the form says why."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


def how_many(asked: str | None) -> int:
    """24, 48 ... 120; anything else is the first page."""
    steps = {str(number): number for number in range(STEP, MOST + 1, STEP)}
    return steps.get(asked or "", STEP)
