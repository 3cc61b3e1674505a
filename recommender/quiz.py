"""The quiz: what a member has answered so far, and which titles to ask about next."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from django.db.models import QuerySet

from catalog.models import Anime, Genre
from ratings.models import User
from recommender import datasets, extras, favourites
from recommender.engine.interactions import IntArray, MemberList
from recommender.engine.quiz import QuizModel
from recommender.models import NotSeen

# So many known titles make a list that says something about its member.
A_FEW = 5


@dataclass(frozen=True)
class Answers:
    """What a member has said of titles. `known`: watched ones. `not_seen`: ids that still stand.

    `passed`: ids of titles they plan or dismissed, which are not asked about and tell nothing.
    """

    known: MemberList
    not_seen: IntArray
    passed: IntArray

    @property
    def settled(self) -> list[int]:
        """Ids of all titles that need no question."""
        return [*self.known.items.tolist(), *self.not_seen.tolist(), *self.passed.tolist()]

    @property
    def missing(self) -> int:
        """How many more titles make a list that says something."""
        return max(0, A_FEW - len(self.known))


def answers_of(member: User) -> Answers:
    """Two queries."""
    known, passed = datasets.read_known(member)
    standing = NotSeen.objects.standing(member).values_list("anime_id", flat=True)
    return Answers(known, np.fromiter(standing, np.int64), passed)


class Quiz:
    """One member's quiz as it stands: read once for each page or answer."""

    def __init__(self, member: User) -> None:
        self.member = member
        self.answers = answers_of(member)
        row = extras.active_rows([QuizModel]).get(QuizModel.kind)
        self.model = extras.opened(QuizModel, row)
        self.trained_at = row.trained_at if row and self.model else None

    @cached_property
    def genres(self) -> list[Genre]:
        """Which can be chosen as favourites."""
        return favourites.offered(self.model)

    @cached_property
    def favourites(self) -> list[str]:
        return favourites.names_of(self.member)

    def choose_genres(self, names: Sequence[str]) -> None:
        """Make `names` the favourites; UnknownGenre where one cannot be chosen."""
        favourites.choose(self.member, names, self.genres)

    def next_titles(self, n: int, shown: Iterable[int] = ()) -> list[int]:
        """Ids of `n` titles to ask about, fewer when there are no more.

        Those of `shown` that are still open keep their places; in the others stands what is worth
        most with everything said so far.
        """
        places = list(dict.fromkeys(shown))[:n]
        open_ = self._still_open(places)
        new = iter(self._new_titles(n - len(open_), open_))
        filled = [pk if pk in open_ else next(new, None) for pk in places]
        return [pk for pk in [*filled, *new] if pk is not None]

    def _still_open(self, shown: Sequence[int]) -> set[int]:
        return set(self._askable(shown).values_list("pk", flat=True)) if shown else set()

    def _askable(self, ids: Iterable[int]) -> QuerySet[Anime]:
        wanted = set(ids) - set(self.answers.settled)
        return Anime.objects.recommendable().filter(pk__in=wanted)

    def _new_titles(self, n: int, besides: Iterable[int]) -> list[int]:
        """What tells most; while nothing is trained, what most members watched."""
        if self.model is None:
            taken = [*self.answers.settled, *besides]
            rest = Anime.objects.recommendable().exclude(pk__in=taken).most_watched_first()
            return list(rest.values_list("pk", flat=True)[:n])
        askable = self._askable(set(self.model.pool_ids.tolist()) - set(besides))
        allowed = list(askable.values_list("pk", flat=True))
        known, not_seen = self.answers.known, self.answers.not_seen
        return [int(pk) for pk in self.model.next_questions(known, not_seen, n, allowed)]


# --- answering "not seen"


def say_not_seen(member: User, anime_ids: Iterable[int]) -> None:
    """The member does not know these titles; saying it twice is saying it once."""
    NotSeen.objects.bulk_create(
        (NotSeen(member=member, anime_id=pk) for pk in dict.fromkeys(anime_ids)),
        ignore_conflicts=True,
    )


def unsay_not_seen(member: User, anime_ids: Iterable[int]) -> None:
    NotSeen.objects.filter(member=member, anime__in=list(anime_ids)).delete()
