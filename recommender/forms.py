"""What is asked of For you in the page's address: dials, wishes, how many."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from django import forms
from django.http import QueryDict

from catalog.titles import writable
from recommender.engine.diversity import LIMITS
from recommender.narrowing import MOST_NAMES, RANGES, SCORES, STATUSES, TYPES, Choices
from recommender.serving import Dials

STEP = 24
MOST = 120
# An address that somebody has filled with nonsense is not repeated to them whole.
QUOTED = 40
# What can be chosen several times, with what one of them is called.
SEVERAL = {
    "genre": "genre",
    "not_genre": "genre",
    "type": "type",
    "status": "status",
    "source": "source material",
}
NAMED = {**SEVERAL, "studio": "studio"}


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


class Number(forms.IntegerField):
    def __init__(self, label: str, bounds: tuple[int, int]) -> None:
        low, high = bounds
        super().__init__(label=label, required=False, min_value=low, max_value=high)


class WishForm(forms.Form):
    """What a member wants to see of their recommendations; its state is the page's address."""

    year_min = Number("From year", RANGES["year"])
    year_max = Number("To year", RANGES["year"])
    episodes_min = Number("Episodes, at least", RANGES["episodes"])
    episodes_max = Number("Episodes, at most", RANGES["episodes"])
    minutes_min = Number("Minutes, at least", RANGES["minutes"])
    minutes_max = Number("Minutes, at most", RANGES["minutes"])
    score_min = forms.FloatField(
        label="Mean score, at least",
        required=False,
        min_value=SCORES[0],
        max_value=SCORES[1],
        widget=forms.NumberInput({"step": 0.1}),
    )
    members_min = Number("Members, at least", RANGES["members"])
    members_max = Number("Members, at most", RANGES["members"])
    studio = forms.CharField(label="Studio", required=False, max_length=160)

    def __init__(self, data: QueryDict, choices: Choices) -> None:
        super().__init__({name: data.get(name, "") for name in self.base_fields})
        self.there: dict[str, Mapping[str, Any]] = {
            "genre": choices.genres,
            "not_genre": choices.genres,
            "type": TYPES,
            "status": STATUSES,
            "source": choices.sources,
        }
        asked = {name: _names(data.getlist(name)) for name in SEVERAL}
        self.several = {
            name: [one for one in names if one in self.there[name]][:MOST_NAMES]
            for name, names in asked.items()
        }
        self.unknown = {
            name: [one for one in names if one not in self.there[name]]
            for name, names in asked.items()
        }

    def clean(self) -> dict[str, Any]:
        asked: dict[str, Any] = super().clean() or {}
        for name in RANGES:
            least, most = asked.get(f"{name}_min"), asked.get(f"{name}_max")
            if least and most and least > most:
                before = "before the first year" if name == "year" else f"less than {least}"
                self.add_error(f"{name}_max", f"Must not be {before}.")
        return asked

    @property
    def wishes(self) -> dict[str, Any]:
        """Those that make sense, for `titles_allowed`; the others are left out, `problems` says why."""
        self.is_valid()
        chosen = {name: self._values(name, names) for name, names in self.several.items() if names}
        return {**chosen, **self._single}

    def _values(self, name: str, names: Iterable[str]) -> list[Any]:
        """Genres go by their ids, everything else by its name."""
        is_genre = name in ("genre", "not_genre")
        return [self.there[name][one] if is_genre else one for one in names]

    @property
    def _single(self) -> dict[str, Any]:
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The wishes as an address has them, a pair for each that can be taken away."""
        several = [(name, one) for name, names in self.several.items() for one in names]
        return [*several, *((name, _plain(value)) for name, value in self._single.items())]

    @property
    def problems(self) -> list[str]:
        """A sentence for each wish that makes no sense."""
        self.is_valid()
        wrong = [
            f"{self.fields[name].label}: {error}"
            for name, errors in self.errors.items()
            for error in errors
        ]
        unknown = [
            f"There is no {NAMED[name]} “{_quoted(one)}” here."
            for name, names in self.unknown.items()
            for one in names[:3]
        ]
        return [*unknown, *wrong]

    def in_words(self, name: str, value: str) -> str:
        """One wish as a chip says it."""
        if name in ("genre", "studio"):
            return value
        if name == "not_genre":
            return f"No {value}"
        if name in SEVERAL:
            return str(self.there[name][value])
        return WORDS[name].format(value)


WORDS = {
    "year_min": "From {}",
    "year_max": "To {}",
    "episodes_min": "{} episodes or more",
    "episodes_max": "{} episodes or fewer",
    "minutes_min": "{} minutes or longer",
    "minutes_max": "{} minutes or shorter",
    "score_min": "Mean score {} or better",
    "members_min": "{} members or more",
    "members_max": "{} members or fewer",
}
DIAL_WORDS = {
    "popularity": ("Hidden gems", "Well known"),
    "diversity": ("", "Varied"),
    "exploration": ("", "Surprises"),
}


def dial_in_words(name: str, value: str) -> str:
    """A turned dial as a chip says it."""
    if name == "per_franchise":
        return {"1": "One of each franchise"}.get(value, f"{value} of each franchise")
    return DIAL_WORDS[name][float(value) > 0]


def how_many(asked: str | None) -> int:
    """24, 48 ... 120; anything else is the first page."""
    steps = {str(number): number for number in range(STEP, MOST + 1, STEP)}
    return steps.get(asked or "", STEP)


def _names(values: Iterable[str]) -> list[str]:
    """Given one after the other or parted by commas, each once, not more than anybody means."""
    parts = (part.strip() for value in values for part in value.split(","))
    return list(dict.fromkeys(filter(None, parts)))[: 2 * MOST_NAMES]


def _quoted(text: str) -> str:
    shown = writable(text)
    return shown if len(shown) <= QUOTED else f"{shown[:QUOTED]}…"


def _plain(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
