"""What a member does not want to count: titles of their list, and features of titles."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet, Value

from catalog.models import Anime
from ratings.models import User
from recommender import favourites, taste
from recommender.favourites import FAVOURITE
from recommender.models import MutedFeature
from recommender.serving.reasons import CORRECTION, FEATURES, name_of_feature

NAMES = ("title", "title_english", "title_japanese")


class UnknownFeature(LookupError):
    """No feature of that name counts in anything."""


@dataclass(frozen=True)
class LeftOut:
    """What does not count now, each with the name that pages show."""

    titles: list[Anime]
    features: list[tuple[str, str]]

    def __bool__(self) -> bool:
        return bool(self.titles or self.features)

    @classmethod
    def of(cls, member: User) -> "LeftOut":
        """One query; of the titles only the names are read."""
        own = member.list_entries.filter(counts=False).values("anime")
        titles = Anime.objects.visible().filter(pk__in=own).values_list("pk", *NAMES)
        nothing = [Value("") for _ in NAMES[1:]]
        features = muted(member).values_list(Value(0), "name", *nothing)
        rows = list(titles.order_by().union(features.order_by(), all=True))
        found = [
            Anime(mal_id=pk, **dict(zip(NAMES, names, strict=True))) for pk, *names in rows if pk
        ]
        named = [(row[1], name_of_feature(row[1])) for row in rows if not row[0]]
        return cls(sorted(found, key=lambda anime: anime.display_title.casefold()), sorted(named))


def muted(member: User) -> "QuerySet[MutedFeature]":
    return MutedFeature.objects.filter(member=member)


@transaction.atomic
def leave_out(member: User, name: str) -> str:
    """Let the feature no longer count, and say so; what the member said by hand is taken back.

    UnknownFeature where there is none of that name.
    """
    # Two presses at once come one after the other: the member's row is the lock.
    User.objects.select_for_update().get(pk=member.pk)
    if name.startswith(CORRECTION):
        return _take_back_correction(member, name.removeprefix(CORRECTION))
    if name.startswith(FAVOURITE):
        return _take_back_favourite(member, name.removeprefix(FAVOURITE))
    if name not in FEATURES:
        raise UnknownFeature(name)
    _, is_new = MutedFeature.objects.get_or_create(member=member, name=name)
    if is_new:
        member.touch_list()
    return f"{name_of_feature(name)}: this does not count now."


@transaction.atomic
def count_again(member: User, name: str) -> str:
    if name not in FEATURES:
        raise UnknownFeature(name)
    if muted(member).filter(name=name).delete()[0]:
        member.touch_list()
    return f"{name_of_feature(name)}: this counts again."


def _take_back_correction(member: User, name: str) -> str:
    kinds = [kind for kind, corrected in taste.corrections_of(member) if corrected == name]
    if not kinds:
        raise UnknownFeature(name)
    for kind in kinds:
        taste.correct(member, kind=kind, name=name, change="undo")
    return f"Your word on {name} is taken back. You can give it again under My taste."


def _take_back_favourite(member: User, name: str) -> str:
    own = favourites.names_of(member)
    if name not in own:
        raise UnknownFeature(name)
    left = [other for other in own if other != name]
    favourites.choose(member, left, favourites.known_as(left))
    return f"{name} is none of your favourite genres now. You can choose it again in the quiz."
