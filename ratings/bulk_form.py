"""What is to be done with many lines, and with which: as the form above a list says it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from django.http import QueryDict

from ratings import bulk
from ratings.list_filter import ListFilter
from ratings.listing import entries_of
from ratings.models import User, UserAnimeRating, WatchStatus
from ratings.querysets import RatingQuerySet

# No page has more lines to tick.
MOST_TICKED = 500
# So many titles are named in a sentence.
NAMED = 3
SCORES = range(10, 0, -1)
CHOICES = (
    ("Set the status", [(f"status:{value}", label) for value, label in WatchStatus.choices]),
    ("Set the score", [(f"score:{n}", str(n)) for n in SCORES]),
    ("Other", [
        ("score:", "Take the score back"),
        ("counts:no", "Do not count for my taste"),
        ("counts:yes", "Count for my taste again"),
        ("off:", "Take off my list"),
    ]),
)  # fmt: skip
WORDS = {value: (group, label) for group, some in CHOICES for value, label in some}


@dataclass(frozen=True)
class Bulk:
    """`picks`: ids of titles with the stamp of the line that was shown, as in "5114.1a2b3c4d"."""

    member: User
    what: str
    is_all: bool
    filter: ListFilter
    picks: Sequence[str]
    # The list's version when the page was made.
    seen: str
    is_sure: bool

    @classmethod
    def of(cls, member: User, data: QueryDict) -> "Bulk":
        return cls(
            member=member,
            what=data.get("what", ""),
            is_all=data.get("which") == "all",
            filter=ListFilter(QueryDict(data.get("filter", ""))),
            picks=data.getlist("pick")[:MOST_TICKED],
            seen=data.get("seen", ""),
            is_sure=bool(data.get("sure")),
        )

    @property
    def problem(self) -> str:
        if self.what not in WORDS:
            return "Say what to do with the titles."
        if not self.is_all and not self.picks:
            return "Tick the titles first."
        if self.is_all and self.filter.problems:
            return f"{self.filter.problems[0]} Nothing was changed."
        return ""

    @property
    def asks_first(self) -> bool:
        """What takes off the list, or reaches beyond what was ticked, is asked about."""
        return (self.is_all or self.what == "off:") and not self.is_sure

    @property
    def words(self) -> str:
        """'Set the status: Dropped', 'Take off my list'."""
        group, label = WORDS[self.what]
        return label if group == "Other" else f"{group}: {label}"

    @property
    def is_outdated(self) -> bool:
        """Whether the list has changed since the question was asked."""
        return self.is_all and self.seen != str(self.member.list_version)

    @cached_property
    def _shown(self) -> dict[int, str]:
        """By id of a title, the stamp of the line that the member saw."""
        halves = [pick.partition(".") for pick in self.picks]
        return {int(pk): stamp for pk, _, stamp in halves if _is_an_id(pk)}

    @cached_property
    def _ticked(self) -> list[UserAnimeRating]:
        found = entries_of(self.member).filter(anime__in=self._shown)
        return list(found.for_list_page().order_by("pk"))

    @cached_property
    def changed_since(self) -> list[UserAnimeRating]:
        """Ticked lines that say something else now than what the member saw."""
        return [one for one in self._ticked if one.stamp != self._shown[one.anime_id]]

    @property
    def entries(self) -> RatingQuerySet:
        mine = entries_of(self.member)
        if self.is_all:
            return self.filter.found(mine)
        same = [one.pk for one in self._ticked if one not in self.changed_since]
        return mine.filter(pk__in=same)

    @property
    def left_out(self) -> list[str]:
        """What is not done, in sentences."""
        if self.is_all:
            return []
        said = []
        if missing := len(self.picks) - len(self._ticked):
            said.append(f"{missing} of the ticked {_are(missing)} not on your list.")
        if since := self.changed_since:
            said.append(
                f"{len(since)} of the ticked changed since you opened the page and "
                f"{'stay as they are' if len(since) > 1 else 'stays as it is'}: {_names(since)}."
            )
        return said

    def do(self) -> int:
        """How many lines were changed."""
        kind, _, value = self.what.partition(":")
        member, entries = self.member, self.entries
        if kind == "status":
            return bulk.set_status(member=member, entries=entries, status=value)
        if kind == "score":
            score = int(value) if value else None
            return bulk.set_score(member=member, entries=entries, score=score)
        if kind == "counts":
            return bulk.set_counting(member=member, entries=entries, counts=value == "yes")
        return bulk.take_off(member=member, entries=entries)


def _is_an_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


def _are(number: int) -> str:
    return "is" if number == 1 else "are"


def _names(entries: Sequence[UserAnimeRating]) -> str:
    named = ", ".join(one.anime.display_title for one in entries[:NAMED])
    more = len(entries) - NAMED
    return f"{named} and {more} more" if more > 0 else named
