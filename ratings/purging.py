"""Members who came with one published set."""

from django.db.models import QuerySet

from ratings.models import Origin, User, UserAnimeRating


def members_of(source: str) -> QuerySet[User]:
    """Nobody who signed up: those have no origin."""
    return User.objects.filter(origin=source).exclude(origin=Origin.SIGNED_UP)


def lines_of(source: str) -> int:
    return UserAnimeRating.objects.filter(user__in=members_of(source)).count()
