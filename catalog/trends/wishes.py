"""What a chart is narrowed to, as its address says it."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict

from catalog import viewing
from catalog.filtersets import NOT_A_YEAR
from catalog.models import AnimeType, Genre

# More lines than colours cannot be told apart.
MOST_GENRES = 8
# A wrong word is repeated to whoever sent it, but not ten thousand letters of it.
REPEATED = 40
TOO_MANY_MEMBERS = "A number of members from 0 to 100,000,000, please."
FIRST_DECADE, LAST_DECADE = 1910, 2090


@dataclass(frozen=True)
class Wish:
    """What makes sense of the address; also names what is cached."""

    year_min: int | None = None
    year_max: int | None = None
    type: str = ""
    members: int | None = None
    genres: tuple[str, ...] = ()
    by: str = ""
    decade: int | None = None

    def when(self, decade: int) -> str:
        """'the 1990s', or what the wish leaves of them: '1995 to 1999'."""
        first, last = max(decade, self.year_min or 0), min(decade + 9, self.year_max or 9999)
        if (first, last) == (decade, decade + 9):
            return f"the {decade}s"
        return f"{first}" if first == last else f"{first} to {last}"

    def covers(self, year: int | None) -> bool:
        if year is None:
            return self.year_min is None and self.year_max is None
        return (self.year_min or 0) <= year <= (self.year_max or 9999)


def _number(label: str, lowest: int, highest: int, said: str) -> forms.IntegerField:
    wrong = dict.fromkeys(("invalid", "min_value", "max_value"), said)
    return forms.IntegerField(
        label=label, required=False, min_value=lowest, max_value=highest, error_messages=wrong
    )


def _choice(label: str, choices: list[tuple[str, str]], what: str) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        required=False,
        choices=choices,
        error_messages={"invalid_choice": f"There is no such {what}."},
    )


class GenresField(forms.MultipleChoiceField):
    """Keeps the genres that there are, and names the first that there is not."""

    widget = forms.CheckboxSelectMultiple

    def validate(self, value: list[str]) -> None:
        wrong = [name for name in value if not self.valid_value(name)]
        if wrong:
            raise forms.ValidationError(f"There is no genre “{wrong[0][:REPEATED]}”.")
        if len(value) > MOST_GENRES:
            said = (
                f"At most {MOST_GENRES} genres at once, please; the first {MOST_GENRES} are shown."
            )
            raise forms.ValidationError(said)

    def known(self, value: list[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(filter(self.valid_value, value)))[:MOST_GENRES]


class WishForm(forms.Form):
    """`fields`: the ones that the chart knows; `ways`: how it may be drawn, the usual way first."""

    def __init__(
        self, data: QueryDict, fields: tuple[str, ...], ways: list[tuple[str, str]]
    ) -> None:
        super().__init__(_harmless(data), auto_id="trend_%s")
        if "by" in fields:
            self.fields["by"] = _choice("Show", ways, "way to show it")
        if "decade" in fields:
            self.fields["decade"] = _number(
                "Decade, such as 1990", FIRST_DECADE, LAST_DECADE, "A decade such as 1990, please."
            )
        if "year" in fields:
            self.fields["year_min"] = _number("From year", 1900, 2100, NOT_A_YEAR)
            self.fields["year_max"] = _number("To year", 1900, 2100, NOT_A_YEAR)
        if "type" in fields:
            self.fields["type"] = _choice("Type", [("", "Any"), *AnimeType.choices], "type")
        if "members" in fields:
            self.fields["members"] = _number("At least members", 0, 100_000_000, TOO_MANY_MEMBERS)
        if "genre" in fields:
            names = [(name, name) for name in genre_names()]
            self.fields["genre"] = GenresField(label="Genres", required=False, choices=names)

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        first, last = given.get("year_min"), given.get("year_max")
        if first and last and first > last:
            self.add_error("year_max", "The last year is before the first.")
        return given

    @property
    def wish(self) -> Wish:
        """The wishes that make sense; the others are left out, and `problems` names them."""
        self.is_valid()
        given = {
            name: value
            for name, value in self.cleaned_data.items()
            if name not in ("genre", "decade") and value not in ("", None)
        }
        if isinstance(field := self.fields.get("genre"), GenresField):
            given["genres"] = field.known(self.data.getlist("genre"))  # type: ignore[attr-defined]
        if decade := self.cleaned_data.get("decade"):
            given["decade"] = decade // 10 * 10
        if given.get("by") == self._usual_way:
            del given["by"]
        return Wish(**given)

    @property
    def in_address(self) -> str:
        """The wish as a query, without what makes no sense or is as it always is."""
        wish = self.wish
        asked: list[tuple[str, Any]] = [("genre", name) for name in wish.genres]
        names = ("by", "decade", "year_min", "year_max", "type", "members")
        given = ((name, getattr(wish, name)) for name in names)
        asked.extend((name, value) for name, value in given if value not in ("", None))
        return urlencode(asked)

    @property
    def _usual_way(self) -> str:
        by = self.fields.get("by")
        return str(by.choices[0][0]) if isinstance(by, forms.ChoiceField) else ""  # type: ignore[index]

    @property
    def problems(self) -> list[str]:
        return [
            f"{self.fields[name].label}: {said}" if name in self.fields else str(said)
            for name, saids in self.errors.items()
            for said in saids
        ]


def _harmless(data: QueryDict) -> QueryDict:
    """A NUL is in no name and no database takes it."""
    asked = data.copy()
    for name, values in data.lists():
        asked.setlist(name, [value.replace("\x00", "") for value in values])
    return asked


def genre_names() -> list[str]:
    kinds = Genre.objects.all() if viewing.shows_adult() else Genre.objects.exclude(kind="explicit")
    return list(kinds.values_list("name", flat=True))
