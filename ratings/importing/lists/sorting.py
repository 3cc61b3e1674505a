"""What becomes of each line, against the catalogue and the member's list as they are now."""

from dataclasses import dataclass
from functools import cached_property

from catalog import viewing
from catalog.models import Anime
from ratings.importing.lists.comparing import Said, differs
from ratings.importing.lists.line import Line
from ratings.importing.lists.matching import Names
from ratings.models import Fate, User, UserAnimeRating

HIDDEN = "This site does not show it, so it is not put on your list."
WAITS = "It is put on your list as soon as the catalogue knows it."


@dataclass(frozen=True)
class Sorted:
    fate: Fate
    mal_id: int | None = None
    candidates: tuple[int, ...] = ()
    reason: str = ""


class Sorter:
    """Two queries for a whole file, one more where it names titles without ids."""

    def __init__(self, member: User, entries: dict[int, UserAnimeRating] | None = None) -> None:
        if entries is None:
            entries = {one.anime_id: one for one in UserAnimeRating.objects.filter(user=member)}
        self.entries = entries
        self.is_hidden = {
            pk: is_adult and not viewing.shows_adult()
            for pk, is_adult in Anime.objects.described().values_list("pk", "is_adult")
        }

    @cached_property
    def names(self) -> Names:
        return Names()

    def sort(self, lines: list[Line]) -> list[Sorted]:
        """A fate for each line, in their order."""
        found = [self._sort(line) for line in lines]
        # A name may turn out to be a title that another line has by its id: the last one stands for it.
        last = {
            one.mal_id: line.number
            for line, one in zip(lines, found, strict=True)
            if one.mal_id and one.fate != Fate.INVALID
        }
        return [
            _repeated(one, by)
            if one.fate != Fate.INVALID
            and (by := last.get(one.mal_id or 0, line.number)) != line.number
            else one
            for line, one in zip(lines, found, strict=True)
        ]

    def _sort(self, line: Line) -> Sorted:
        if line.problem:
            return Sorted(Fate.INVALID, line.mal_id, reason=line.problem)
        if line.mal_id is not None:
            return self.known(line, line.mal_id)
        match = self.names.find(line)
        if match.pk is not None:
            return self.known(line, match.pk)
        if match.candidates:
            return Sorted(Fate.DOUBTFUL, candidates=match.candidates, reason=match.reason)
        return Sorted(Fate.WAITING, reason=WAITS)

    def known(self, line: Said, mal_id: int) -> Sorted:
        """The fate of a line whose title is known by its id."""
        if mal_id not in self.is_hidden:
            return Sorted(Fate.WAITING, mal_id, reason=WAITS)
        if self.is_hidden[mal_id]:
            return Sorted(Fate.ADULT, mal_id, reason=HIDDEN)
        entry = self.entries.get(mal_id)
        if entry is None:
            return Sorted(Fate.NEW, mal_id)
        return Sorted(Fate.CHANGED if differs(line, entry) else Fate.SAME, mal_id)


def _repeated(one: Sorted, by: int) -> Sorted:
    reason = f"The file has this title again as number {by}; that one counts."
    return Sorted(Fate.INVALID, one.mal_id, reason=reason)
