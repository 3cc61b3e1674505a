"""Questions about members and their lists, as sentences."""

from typing import TYPE_CHECKING, Any, Self

from django.contrib.auth.models import UserManager
from django.db import models
from django.db.models import (
    Case,
    Count,
    F,
    FloatField,
    IntegerField,
    OuterRef,
    QuerySet,
    Subquery,
    Sum,
    When,
)
from django.db.models.functions import Cast, Coalesce, ExtractYear

from catalog import viewing
from catalog.titles import normalise_title

if TYPE_CHECKING:
    from ratings.models import User, UserAnimeRating  # noqa: F401  # named in strings below

# Statuses that mean the member has seen at least some of it.
WATCHED = ("completed", "watching", "on_hold", "dropped")


def _as_float(field: str) -> Coalesce:
    # No product of what a list and a catalogue say is too large for a float.
    return Coalesce(Cast(F(field), FloatField()), 0.0)


def _watched() -> Any:
    """Episodes seen, those seen again too; where nobody counted, what is completed was seen whole."""
    whole = When(status="completed", watched_episodes=None, then=_as_float("anime__episodes"))
    once = Case(whole, default=_as_float("watched_episodes"), output_field=FloatField())
    return once + _as_float("rewatches") * _as_float("anime__episodes")


def began() -> Coalesce:
    return Coalesce("anime__year", ExtractYear("anime__aired_from"))


def place_of_status() -> Case:
    """Watching, completed, on hold, dropped, planned."""
    from ratings.models import WatchStatus

    places = [When(status=value, then=place) for place, value in enumerate(WatchStatus.values)]
    return Case(*places, output_field=IntegerField())


class MemberManager(UserManager["User"]):
    def real(self) -> "QuerySet[User]":
        """Without the simulated ones, and without guests."""
        return self.get_queryset().exclude(origin__in=("simulated", "guest"))

    def shown_to(self, viewer: object) -> "QuerySet[User]":
        """Those whose list `viewer` may see: public ones, oneself, everybody for staff; no guests."""
        members = self.get_queryset().filter(is_active=True).exclude(origin="guest")
        if getattr(viewer, "is_staff", False):
            return members
        own = getattr(viewer, "pk", None)
        return members.filter(models.Q(is_public=True) | models.Q(pk=own))

    def with_list_sizes(self) -> "QuerySet[User]":
        from ratings.models import UserAnimeRating

        sizes = (
            UserAnimeRating.objects.filter(user=OuterRef("pk"))
            .order_by()
            .values("user")
            .annotate(size=Count("pk"))
            .values("size")
        )
        return self.get_queryset().annotate(list_size=Coalesce(Subquery(sizes), 0))


class RatingQuerySet(models.QuerySet["UserAnimeRating"]):
    def watched(self) -> Self:
        return self.filter(status__in=WATCHED)

    def scored(self) -> Self:
        return self.filter(score__isnull=False)

    def of_visible_titles(self) -> Self:
        """As `Anime.objects.visible()`, by the join that a list makes anyway."""
        found = self.filter(anime__is_stub=False)
        return found if viewing.shows_adult() else found.filter(anime__is_adult=False)

    def with_status(self, status: str) -> Self:
        return self.filter(status=status) if status else self

    def numbers_by_status(self) -> dict[str, int]:
        rows = self.order_by().values_list("status").annotate(number=Count("pk"))
        return dict(rows)

    def summary(self) -> dict[str, int]:
        """How many titles were watched, and how many of all have a score."""
        watched = Count("pk", filter=models.Q(status__in=WATCHED))
        return self.aggregate(watched=watched, scored=Count("score"))

    def called(self, text: str) -> Self:
        """Titles with every word of `text` in one of their names."""
        found = self
        for word in dict.fromkeys(normalise_title(text).split()):
            found = found.filter(anime__search_text__contains=word)
        return found

    def of_genre(self, name: str) -> Self:
        return self.filter(anime__genre_links__genre__name=name)

    def from_year(self, year: int) -> Self:
        return self.alias(began=began()).filter(began__gte=year)

    def to_year(self, year: int) -> Self:
        return self.alias(began=began()).filter(began__lte=year)

    def tallied(self) -> list[Any]:
        """A row a status: how many titles, how many of them scored and the sum, episodes and seconds watched."""
        return list(
            self.order_by()
            .values("status")
            .annotate(
                titles=Count("pk"),
                scored=Count("score"),
                sum=Coalesce(Sum("score"), 0),
                episodes=Sum(_watched()),
                seconds=Sum(_watched() * _as_float("anime__duration")),
            )
        )

    def ordered_by(self, value: Any, *, falling: bool) -> Self:
        """What has no value comes last, whichever the direction."""
        order = value.desc(nulls_last=True) if falling else value.asc(nulls_last=True)
        return self.order_by(order, "anime_id")

    def for_list_page(self) -> Self:
        """With the title that each line names."""
        return self.select_related("anime").defer("anime__synopsis", "anime__search_text")
