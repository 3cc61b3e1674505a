"""Questions about members and their lists, as sentences."""

from typing import TYPE_CHECKING, Self

from django.contrib.auth.models import UserManager
from django.db import models
from django.db.models import Case, Count, F, OuterRef, QuerySet, Subquery, When
from django.db.models.functions import Coalesce, Lower

from catalog.querysets import shown_name

if TYPE_CHECKING:
    from ratings.models import User, UserAnimeRating  # noqa: F401  # named in strings below

# Statuses that mean the member has seen at least some of it.
WATCHED = ("completed", "watching", "on_hold", "dropped")


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
        from catalog.models import Anime

        return self.filter(anime__in=Anime.objects.visible().values("pk"))

    def with_status(self, status: str) -> Self:
        return self.filter(status=status) if status else self

    def numbers_by_status(self) -> dict[str, int]:
        rows = self.order_by().values_list("status").annotate(number=Count("pk"))
        return dict(rows)

    def summary(self) -> dict[str, int]:
        """How many titles were watched, and how many of all have a score."""
        watched = Count("pk", filter=models.Q(status__in=WATCHED))
        return self.aggregate(watched=watched, scored=Count("score"))

    def by_title(self) -> Self:
        return self.order_by(Lower(shown_name("anime__")), "anime_id")

    def best_first(self) -> Self:
        return self.order_by(F("score").desc(nulls_last=True), "anime_id")

    def recently_changed_first(self) -> Self:
        return self.order_by(F("rated_at").desc(nulls_last=True), "anime_id")

    def by_status(self) -> Self:
        """Watching, completed, on hold, dropped, planned."""
        choices = self.model._meta.get_field("status").flatchoices
        places = [When(status=value, then=place) for place, (value, _) in enumerate(choices)]
        return self.order_by(Case(*places), "anime_id")

    def for_list_page(self) -> Self:
        """With the title that each line names."""
        return self.select_related("anime").defer("anime__synopsis", "anime__search_text")
