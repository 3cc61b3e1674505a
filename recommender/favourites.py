"""Genres a member likes, by their own word: chosen in the quiz, and in the ranking of short lists."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from catalog.models import Anime, AnimeGenre, Genre, GenreKind
from ratings.models import User
from recommender.engine.base import Ranked
from recommender.engine.content_parts import NOT_CONTENT
from recommender.engine.interactions import FloatArray, IntArray, Mask
from recommender.engine.quiz import QuizModel
from recommender.engine.taste_reading import score_spread
from recommender.models import FavouriteGenre

# With so many watched titles the list speaks for itself.
GONE_AT = 10
# What 1 of each summand is worth at an empty list, in spreads of the best scores. Chosen on validation
# members: with less the genre hardly shows, with more both push out what they do watch.
GENRE_GAIN, LIKE_MINDED_GAIN = 4.0, 1.0
# How the features are named in an attribution.
FAVOURITE, LIKE_MINDED = "favourite: ", "like_minded"

Terms = tuple[FloatArray, Sequence[str]]


class UnknownGenre(LookupError):
    """No genre of that name can be chosen here."""


# --- choosing


def offered(model: QuizModel | None) -> list[Genre]:
    """What can be chosen: genres of titles that are shown, and that the quiz knows if it is trained."""
    names = model.genre_names if model is not None else []
    found = _presentable().order_by("name")
    return list(found.filter(name__in=names) if names else found)


def _presentable() -> QuerySet[Genre]:
    shown = Anime.objects.recommendable().filter(genre_links__genre=OuterRef("pk"))
    open_ = Genre.objects.exclude(kind=GenreKind.EXPLICIT).exclude(name__in=NOT_CONTENT)
    return open_.filter(Exists(shown))


def of(member: User | int) -> "QuerySet[Genre]":
    """The member's favourites, but none that has become explicit since."""
    return Genre.objects.filter(favoured_by__member=member).exclude(kind=GenreKind.EXPLICIT)


def names_of(member: User) -> list[str]:
    return list(of(member).order_by("name").values_list("name", flat=True))


@transaction.atomic
def choose(member: User, names: Iterable[str], among: Iterable[Genre]) -> None:
    """Make `names` the member's favourites, in place of those before; UnknownGenre if not `among`."""
    there = {genre.name: genre.pk for genre in among}
    unknown = [name for name in names if name not in there]
    if unknown:
        raise UnknownGenre(unknown[0])
    wanted = {there[name] for name in names}
    # Two answers at once come one after the other: the member's row is the lock.
    User.objects.select_for_update().get(pk=member.pk)
    own = FavouriteGenre.objects.filter(member=member)
    before = set(own.values_list("genre", flat=True))
    if before == wanted:
        return
    own.exclude(genre__in=wanted).delete()
    FavouriteGenre.objects.bulk_create(
        FavouriteGenre(member=member, genre_id=pk) for pk in sorted(wanted - before)
    )
    # What was recommended before is known to be old by this.
    member.touch_list()


def known_as(names: Iterable[str]) -> list[Genre]:
    return list(Genre.objects.filter(name__in=list(names)))


# --- in the ranking


@dataclass(frozen=True)
class Favourites:
    """What a member's favourites count now.

    `titles`: ids of all titles that have one of them, sorted, shape (t,). `has`: which of `names`
    each of them has, shape (t, number of names). `strength`: 1 for an empty list, 0 for a long one.
    """

    names: tuple[str, ...]
    titles: IntArray
    has: Mask
    strength: float

    def terms(self, candidates: Ranked, model: QuizModel | None) -> Terms:
        """What is added to each candidate's score, shape (k, number of terms), and the terms' names.

        With u = strength · spread of the best scores: GENRE_GAIN · u · log(1 + m) / m for each of the
        m favourites that a title has, and, if `model` is trained, LIKE_MINDED_GAIN · u · its
        `lift_for_genres`.
        """
        unit = self.strength * score_spread(candidates.scores)
        columns = [GENRE_GAIN * unit * self._shares(candidates.ids)]
        names = [f"{FAVOURITE}{name}" for name in self.names]
        if model is not None:
            lift = self._lift(candidates.ids, model)[:, None]
            columns.append(LIKE_MINDED_GAIN * unit * lift)
            names.append(LIKE_MINDED)
        return np.concatenate(columns, axis=1).astype(np.float32), names

    def _shares(self, ids: IntArray) -> FloatArray:
        """log(1 + m) / m where a title has the genre, else 0, shape (k, number of names)."""
        places = np.searchsorted(self.titles, ids).clip(max=max(len(self.titles) - 1, 0))
        has = np.zeros((len(ids), len(self.names)), bool)
        known = np.isin(ids, self.titles)
        has[known] = self.has[places[known]]
        many = np.maximum(has.sum(axis=1, keepdims=True), 1)
        return np.where(has, np.log1p(many) / many, 0).astype(np.float32)

    def _lift(self, ids: IntArray, model: QuizModel) -> FloatArray:
        places = model.vocabulary.positions(ids)
        lift = model.lift_for_genres(self.names)[places] if len(model.vocabulary) else 0.0
        return np.where(places >= 0, lift, 0).astype(np.float32)


NONE = Favourites((), np.empty(0, np.int64), np.empty((0, 0), bool), 0.0)


def counted(chosen: Iterable[str], *, watched: int) -> Favourites:
    """What the `chosen` genres count for who has watched so many titles; NONE where it is nothing."""
    strength = max(0.0, 1 - watched / GONE_AT)
    names = tuple(sorted(chosen))
    if not strength or not names:
        return NONE
    links = AnimeGenre.objects.filter(genre__name__in=names)
    pairs = list(links.values_list("anime_id", "genre__name"))
    titles = np.unique(np.array([pk for pk, _ in pairs], np.int64))
    has = np.zeros((len(titles), len(names)), bool)
    rows = np.searchsorted(titles, [pk for pk, _ in pairs])
    has[rows, [names.index(name) for _, name in pairs]] = True
    return Favourites(names, titles, has, strength)
