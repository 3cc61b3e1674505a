"""Which titles belong together, worked out from edges and names; written anew, never by hand."""

from django.db import models


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
