"""What a list can be narrowed by and put in order by: the address of its pages says it all."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django import forms
from django.db.models import F
from django.db.models.functions import Lower
from django.http import QueryDict

from catalog.filtersets import NOT_A_YEAR
from catalog.models import AnimeType, Genre
from catalog.querysets import LONGEST_SEARCH, shown_name
from ratings.models import WatchStatus
from ratings.querysets import RatingQuerySet, began, place_of_status

NOT_A_SCORE = "A score is a whole number from 1 to 10."
# Of a wrong wish so much is shown again.
LONGEST_SHOWN = 100


class Order(NamedTuple):
    label: str
    value: Callable[[], Any]
    # What one wants to see first: the highest, or the first of the alphabet.
    falls: bool


ORDERS = {
    "changed": Order("Changed", lambda: F("rated_at"), True),
    "title": Order("Title", lambda: Lower(shown_name("anime__")), False),
    "score": Order("Score", lambda: F("score"), True),
    "status": Order("Status", place_of_status, False),
    "episodes": Order("Episodes seen", lambda: F("watched_episodes"), True),
    "year": Order("Year", began, True),
    "mean": Order("Score of others", lambda: F("anime__mean_score"), True),
    "apart": Order("Mine minus theirs", lambda: F("score") - F("anime__mean_score"), True),
}
USUAL = "changed"


def _number(label: str, least: int, most: int, wrong: str) -> forms.IntegerField:
    wrongs = dict.fromkeys(("invalid", "min_value", "max_value"), wrong)
    return forms.IntegerField(
        label=label, min_value=least, max_value=most, required=False, error_messages=wrongs
    )


def _choice(label: str, choices: Any, what: str) -> forms.ChoiceField:
    wrong = {"invalid_choice": f"There is no such {what}."}
    return forms.ChoiceField(label=label, choices=choices, required=False, error_messages=wrong)


class ListFilter(forms.Form):
    """`wishes` holds those that make sense; the others are left out, and `problems` says why."""

    status = _choice("Status", WatchStatus.choices, "status")
    q = forms.CharField(
        label="Name",
        required=False,
        max_length=LONGEST_SEARCH,
        error_messages={"max_length": f"A name of at most {LONGEST_SEARCH} letters, please."},
    )
    genre = _choice("Genre", [], "genre")
    type = _choice("Type", [("", "Any"), *AnimeType.choices], "type")
    year_min = _number("From year", 1900, 2100, NOT_A_YEAR)
    year_max = _number("To year", 1900, 2100, NOT_A_YEAR)
    score_min = _number("Score from", 1, 10, NOT_A_SCORE)
    score_max = _number("Score to", 1, 10, NOT_A_SCORE)
    unscored = forms.BooleanField(label="Only without a score", required=False)
    sort = _choice(
        "Sort by", [(sign + name, name) for name in ORDERS for sign in ("", "-")], "order"
    )

    def __init__(self, asked: QueryDict) -> None:
        # A NUL is in no name and no database takes it.
        super().__init__({name: str(value).replace("\x00", "") for name, value in asked.items()})
        genres = Genre.objects.exclude(kind="explicit").values_list("name", flat=True)
        choices = [("", "Any"), *((name, name) for name in genres)]
        self.fields["genre"] = _choice("Genre", choices, "genre")
        self.is_valid()
        said = self.cleaned_data.items()
        self.wishes = {name: value for name, value in said if value not in ("", None, False)}

    @property
    def status_wished(self) -> str:
        return str(self.wishes.get("status", ""))

    @property
    def sort_wished(self) -> str:
        """By which column."""
        return str(self.wishes.get("sort", USUAL)).removeprefix("-")

    @property
    def falls(self) -> bool:
        """Whether the highest is first: a column's own way, or with a minus the other."""
        is_turned = str(self.wishes.get("sort", "")).startswith("-")
        return ORDERS[self.sort_wished].falls != is_turned

    @property
    def problems(self) -> list[str]:
        return [str(one) for errors in self.errors.values() for one in errors]

    @property
    def narrows(self) -> bool:
        """Whether something other than a tab is asked for."""
        return bool(self.wishes.keys() - {"status", "sort"})

    def shown_value(self, name: str) -> str:
        """What the field holds, also where it is wrong."""
        return str(self.data.get(name, ""))[:LONGEST_SHOWN]

    def narrowed(self, entries: RatingQuerySet) -> RatingQuerySet:
        """By everything but the tab."""
        ways: dict[str, Callable[[RatingQuerySet, Any], RatingQuerySet]] = {
            "q": RatingQuerySet.called,
            "genre": RatingQuerySet.of_genre,
            "type": lambda some, kind: some.filter(anime__type=kind),
            "year_min": RatingQuerySet.from_year,
            "year_max": RatingQuerySet.to_year,
            "score_min": lambda some, score: some.filter(score__gte=score),
            "score_max": lambda some, score: some.filter(score__lte=score),
            "unscored": lambda some, _: some.filter(score=None),
        }
        for name, narrow in ways.items():
            if name in self.wishes:
                entries = narrow(entries, self.wishes[name])
        return entries

    def found(self, entries: RatingQuerySet) -> RatingQuerySet:
        return self.narrowed(entries).with_status(self.status_wished)

    def ordered(self, entries: RatingQuerySet) -> RatingQuerySet:
        return entries.ordered_by(ORDERS[self.sort_wished].value(), falling=self.falls)

    def address(self, **changes: Any) -> str:
        """The wishes that make sense as a query, with changes; None takes one away."""
        said = {**self.wishes, **changes}
        query = urlencode({name: "1" if value is True else value for name, value in said.items() if value})  # fmt: skip
        return f"?{query}" if query else "?"

    @property
    def query(self) -> str:
        return self.address()[1:]

    def column(self, name: str) -> dict[str, str]:
        """How the head of a column sorts: the way it is sorted now, and where its link leads."""
        is_now = name == self.sort_wished
        turned = f"-{name}" if is_now and self.falls == ORDERS[name].falls else name
        now = ("descending" if self.falls else "ascending") if is_now else ""
        return {"now": now, "link": self.address(sort=turned), "label": ORDERS[name].label}

    def sort_options(self) -> Iterator[tuple[str, str, bool]]:
        """Value, label, whether it is the one."""
        for name, order in ORDERS.items():
            yield name, order.label, name == self.sort_wished

    def chosen(self) -> Iterator[tuple[str, str]]:
        """Each wish in words, and the address without it."""
        words = {
            "q": "“{}”", "genre": "{}", "year_min": "from {}", "year_max": "to {}",
            "score_min": "score from {}", "score_max": "score to {}", "unscored": "no score",
        }  # fmt: skip
        for name, value in self.wishes.items():
            if name == "type":
                yield AnimeType(value).label, self.address(type=None)
            elif name in words:
                yield words[name].format(value), self.address(**{name: None})
