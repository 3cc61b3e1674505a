"""Questions about members and their lists, as sentences."""

from typing import TYPE_CHECKING, Self

from django.contrib.auth.models import UserManager
from django.db import models
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

if TYPE_CHECKING:
    from ratings.models import User, UserAnimeRating

# Statuses that mean the member has seen at least some of it.
WATCHED = ("completed", "watching", "on_hold", "dropped")


class MemberManager(UserManager["User"]):
    def real(self) -> "QuerySet[User]":
        """Without the simulated ones."""
        return self.get_queryset().exclude(origin="simulated")

    def shown_to(self, viewer: object) -> "QuerySet[User]":
        """Those whose list `viewer` may see: public ones, oneself, everybody for staff."""
        members = self.get_queryset().filter(is_active=True)
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

    def for_list_page(self) -> Self:
        """With the title that each line names."""
        return self.select_related("anime").defer("anime__synopsis", "anime__search_text")
