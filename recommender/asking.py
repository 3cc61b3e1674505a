"""One page of recommendations as its address asks for it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse

from catalog.models import Anime, CatalogueVersion, Studio
from recommender.forms import MOST, STEP, DialsForm, WishForm, dial_in_words, how_many
from recommender.narrowing import choices_now, titles_allowed
from recommender.serving import Dials

Pair = tuple[str, str]
# A series that a weekend has room for.
SHORT = ("episodes_max", "29")


@dataclass(frozen=True)
class Chip:
    """A wish in words, and the address without it."""

    words: str
    without: str


@dataclass(frozen=True)
class Asked:
    """`version`: the catalogue's, read once for the whole page."""

    data: QueryDict
    version: int

    @classmethod
    def of(cls, data: QueryDict) -> "Asked":
        return cls(data, CatalogueVersion.now())

    @classmethod
    def of_address(cls, address: str) -> "Asked":
        """What the address of a page asks, such as the one in `next`."""
        return cls.of(QueryDict(urlsplit(address).query))

    @cached_property
    def form(self) -> WishForm:
        return WishForm(self.data, choices_now(self.version))

    @cached_property
    def dials_form(self) -> DialsForm:
        return DialsForm(self.data)

    @cached_property
    def top_n(self) -> int:
        return how_many(self.data.get("n"))

    @property
    def dials(self) -> Dials:
        return self.dials_form.dials

    @cached_property
    def wishes(self) -> dict[str, Any]:
        """The form's, but for a studio that nobody knows."""
        found = self.form.wishes
        if (
            "studio" in found
            and not Studio.objects.filter(name__icontains=found["studio"]).exists()
        ):
            self.form.unknown["studio"] = [found.pop("studio")]
            self.form.cleaned_data.pop("studio")
        return found

    @cached_property
    def among(self) -> QuerySet[Anime] | None:
        return titles_allowed(self.wishes)

    @property
    def problems(self) -> list[str]:
        _ = self.wishes
        return [f"{said} The titles below are not narrowed by that." for said in self.form.problems]

    @property
    def dial_problems(self) -> list[str]:
        form = self.dials_form
        return [
            f"{form.fields[name].label}: {error} This dial is left at rest."
            for name, errors in form.errors.items()
            for error in errors
        ]

    @cached_property
    def pairs(self) -> list[Pair]:
        """The address in its shortest form, without how many are shown."""
        _ = self.wishes
        return [*self.form.pairs, *self.dials_form.turned.items()]

    @property
    def is_plain(self) -> bool:
        """Whether this is the page as it comes: nothing narrowed, every dial at rest, the first titles."""
        return not self.pairs and self.top_n == STEP

    @property
    def is_wrong(self) -> bool:
        return bool(self.problems or self.dial_problems)

    def chosen(self) -> Iterator[Chip]:
        for pair in self.pairs:
            name, value = pair
            is_dial = name in self.dials_form.fields
            words = dial_in_words(name, value) if is_dial else self.form.in_words(name, value)
            yield Chip(words, self._address(other for other in self.pairs if other != pair))

    @property
    def short_ones(self) -> str:
        """The address with titles under 30 episodes alone; empty where their number is asked already."""
        names = {name for name, _ in self.pairs}
        return "" if SHORT[0] in names else self._address([*self.pairs, SHORT])

    def more(self, shown: int) -> str:
        """The address with more of the same; empty where there is no more."""
        if shown < self.top_n or self.top_n >= MOST:
            return ""
        return "?" + urlencode([*self.pairs, ("n", str(self.top_n + STEP))])

    @property
    def query(self) -> str:
        """The whole state, to be kept by what belongs to the page: '?type=tv&n=48', or nothing."""
        number = [("n", str(self.top_n))] if self.top_n != STEP else []
        pairs = [*self.pairs, *number]
        return "?" + urlencode(pairs) if pairs else ""

    @property
    def address(self) -> str:
        return reverse("recommender:for-you") + self.query

    def _address(self, pairs: Iterable[Pair]) -> str:
        asked = urlencode(list(pairs))
        return reverse("recommender:for-you") + (f"?{asked}" if asked else "")
