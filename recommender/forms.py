from dataclasses import asdict
from typing import Any

from django import forms
from django.http import QueryDict

from catalog.models import AnimeType, Genre
from catalog.querysets import EXTRAS
from recommender.engine.diversity import LIMITS
from recommender.serving import Dials

STEP = 24
MOST = 120
YEARS: dict[str, Any] = {"min_value": 1900, "max_value": 2100, "required": False}


class Slider(forms.NumberInput):
    """A range with a word at each end, in place of a number that nobody could name."""

    input_type = "range"

    def __init__(self, least: str, most: str, *, step: float) -> None:
        super().__init__({"step": step, "data-neutral": "0"})
        self.ends = (least, most)


class Dial(forms.FloatField):
    """0 is neutral and what an empty field means; the limits are the engine's."""

    widget: Slider

    def __init__(self, name: str, slider: Slider, **kwargs: Any) -> None:
        low, high = LIMITS[name]
        super().__init__(
            min_value=low, max_value=high, required=False, initial=0, widget=slider, **kwargs
        )

    def clean(self, value: Any) -> float:
        return super().clean(value) or 0.0


class DialsForm(forms.Form):
    """What a member turns up or down; its state is in the page's address, under the API's names."""

    popularity = Dial(
        "popularity", Slider("Hidden gems", "Well known", step=0.25), label="How well known"
    )
    diversity = Dial("diversity", Slider("Closest first", "Varied", step=0.125), label="How varied")
    exploration = Dial("exploration", Slider("None", "Many", step=0.125), label="Surprises")
    per_franchise = forms.TypedChoiceField(
        label="Of one franchise",
        widget=forms.Select({"data-neutral": "0"}),
        choices=[(0, "Any number"), (1, "One"), (2, "Two"), (3, "Three")],
        coerce=int,
        required=False,
        initial=0,
    )

    def __init__(self, data: QueryDict) -> None:
        """Bound to the address; a dial that is not in it stands at neutral."""
        names = {name: data.get(name) or "0" for name in self.base_fields}
        super().__init__(names)

    @property
    def dials(self) -> Dials:
        """As the address says; a dial that makes no sense stays neutral, and the form says why."""
        self.is_valid()
        return Dials(**self.cleaned_data)

    @property
    def turned(self) -> dict[str, str]:
        """The part of the address that is not neutral."""
        return {name: f"{value:g}" for name, value in asdict(self.dials).items() if value}


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
