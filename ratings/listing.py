"""One page of a list, and what stands above it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from django.core.paginator import Page, Paginator
from django.http import HttpRequest

from ratings.list_filter import ListFilter
from ratings.models import User, UserAnimeRating, WatchStatus
from ratings.querysets import RatingQuerySet

PAGE_SIZE = 50
A_DAY = 24 * 3600


@dataclass(frozen=True)
class Tally:
    """Some part of a list in numbers."""

    titles: int = 0
    scored: int = 0
    sum: int = 0
    episodes: float = 0
    seconds: float = 0

    def __add__(self, other: "Tally") -> "Tally":
        names = self.__dataclass_fields__
        return Tally(*(getattr(self, name) + getattr(other, name) for name in names))

    @property
    def days(self) -> float:
        return self.seconds / A_DAY

    @property
    def mean(self) -> float | None:
        return self.sum / self.scored if self.scored else None


@dataclass(frozen=True)
class Listing:
    """The list of `member` as one address asks for it."""

    member: User
    filter: ListFilter
    page_asked: str

    @classmethod
    def of(cls, member: User, request: HttpRequest) -> "Listing":
        return cls(member, ListFilter(request.GET), request.GET.get("page", ""))

    @cached_property
    def _by_status(self) -> dict[str, Tally]:
        """Of all that the filters leave, whatever the tab."""
        rows = self.filter.narrowed(entries_of(self.member)).tallied()
        return {row.pop("status"): Tally(**row) for row in rows}

    @cached_property
    def tally(self) -> Tally:
        """Of the tab that is shown."""
        status = self.filter.status_wished
        if status:
            return self._by_status.get(status, Tally())
        return sum(self._by_status.values(), Tally())

    @cached_property
    def tabs(self) -> list[tuple[str, str, int, str]]:
        """Status, label, how many, address; all of them first."""
        numbers = {status: tally.titles for status, tally in self._by_status.items()}
        choices = [("", "All"), *WatchStatus.choices]
        numbers[""] = sum(numbers.values())
        return [
            (value, label, numbers.get(value, 0), self.filter.address(status=value))
            for value, label in choices
        ]

    @cached_property
    def is_empty(self) -> bool:
        """Whether nothing at all is on the list, which only an unfiltered page knows by itself."""
        if self.tabs[0][2]:
            return False
        return not self.filter.narrows or not entries_of(self.member).exists()

    @cached_property
    def page(self) -> "Page[UserAnimeRating]":
        found = self.filter.found(entries_of(self.member)).for_list_page()
        pages = Paginator(self.filter.ordered(found), PAGE_SIZE)
        # It was counted with the rest.
        pages.count = self.tally.titles
        return pages.get_page(self.page_asked)

    def link_to(self, number: int) -> str:
        return self.filter.address(page=number)

    @property
    def page_links(self) -> Iterator[tuple[str | int, str]]:
        """Numbers of pages with their addresses; an ellipsis leads nowhere."""
        pages, now = self.page.paginator, self.page.number
        for number in pages.get_elided_page_range(now, on_each_side=1, on_ends=1):
            yield number, self.link_to(number) if isinstance(number, int) else ""

    @property
    def before(self) -> str:
        return self.link_to(self.page.number - 1) if self.page.has_previous() else ""

    @property
    def after(self) -> str:
        return self.link_to(self.page.number + 1) if self.page.has_next() else ""

    @property
    def columns(self) -> dict[str, dict[str, str]]:
        names = ("title", "score", "status", "episodes", "mean", "changed")
        return {name: self.filter.column(name) for name in names}


def entries_of(member: User) -> RatingQuerySet:
    return UserAnimeRating.objects.filter(user=member).of_visible_titles()
