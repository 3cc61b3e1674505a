"""Which titles belong together, worked out from edges and names; written anew, never by hand."""

from typing import Self

from django.db import models
from django.db.models import Subquery


class FamilyPartQuerySet(models.QuerySet["FamilyPart"]):
    def of_franchise_of(self, mal_id: int) -> Self:
        """All parts of the title's franchise, itself too; none where it has no row."""
        own = FamilyPart.objects.filter(pk=mal_id).values("franchise")
        return self.filter(franchise=Subquery(own))

    def of_series_of(self, mal_id: int) -> Self:
        own = FamilyPart.objects.filter(pk=mal_id).values("series")
        return self.filter(series=Subquery(own))

    def in_watch_order(self) -> Self:
        return self.order_by("series", "place")

    def visible(self) -> Self:
        """Of titles that pages show."""
        from catalog.models.anime import Anime

        return self.filter(anime__in=Anime.objects.visible().order_by().values("pk"))

    def with_titles(self) -> Self:
        """With what a card prints, in the same query."""
        return self.select_related("anime").defer("anime__synopsis", "anime__search_text")


class FamilyPart(models.Model):
    """The place of one title in its series and in its franchise.

    A series is one story in the order it is watched; a franchise is all that is made of it.
    """

    anime = models.OneToOneField(
        "catalog.Anime", models.CASCADE, primary_key=True, related_name="family_part"
    )
    # Both are named by the smallest id in them.
    series = models.PositiveIntegerField()
    franchise = models.PositiveIntegerField()
    # 0, 1, ... in the order of watching, within the series.
    place = models.PositiveSmallIntegerField()
    # Off the main line: a side story, a recap, a special of the series.
    is_extra = models.BooleanField(default=False)
    # The title that stands for its series, and for its franchise.
    is_series_face = models.BooleanField(default=False)
    is_franchise_face = models.BooleanField(default=False)
    # Whether names were all there was to go by.
    from_names = models.BooleanField(default=False)

    objects = FamilyPartQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["series"],
                condition=models.Q(is_series_face=True),
                name="family_one_series_face",
            ),
            models.UniqueConstraint(
                fields=["franchise"],
                condition=models.Q(is_franchise_face=True),
                name="family_one_franchise_face",
            ),
        ]
        indexes = [
            # Serves: the parts of one series in their order.
            models.Index(fields=["series", "place"], name="family_by_series"),
            # Serves: all of one franchise.
            models.Index(fields=["franchise", "series", "place"], name="family_by_franchise"),
        ]

    def __str__(self) -> str:
        return f"{self.anime_id} is {self.place} of {self.series}"
