"""Edges between titles, kept raw as their source gave them."""

from typing import Self

from django.db import models
from django.db.models import Q


class RelationKind(models.TextChoices):
    SEQUEL = "sequel", "Sequel"
    PREQUEL = "prequel", "Prequel"
    SIDE_STORY = "side_story", "Side story"
    PARENT_STORY = "parent_story", "Parent story"
    SUMMARY = "summary", "Summary"
    FULL_STORY = "full_story", "Full story"
    SPIN_OFF = "spin_off", "Spin-off"
    ALTERNATIVE_VERSION = "alternative_version", "Alternative version"
    ALTERNATIVE_SETTING = "alternative_setting", "Alternative setting"
    CHARACTER = "character", "Shared character"
    OTHER = "other", "Other"


class RelationQuerySet(models.QuerySet["AnimeRelation"]):
    def touching(self, mal_id: int) -> Self:
        """Edges that leave or reach the title."""
        return self.filter(Q(anime_id=mal_id) | Q(to_mal_id=mal_id))


class AnimeRelation(models.Model):
    """`to_mal_id` is a plain number, not a key: edges to titles still unknown must not be lost."""

    anime = models.ForeignKey(
        "catalog.Anime", models.CASCADE, related_name="relations", db_index=False
    )
    kind = models.CharField(max_length=20, choices=RelationKind)
    to_mal_id = models.PositiveIntegerField("to (MyAnimeList id)")

    objects = RelationQuerySet.as_manager()

    class Meta:
        constraints = [
            # Also serves: the edges that leave one title.
            models.UniqueConstraint(
                fields=["anime", "to_mal_id", "kind"], name="anime_relation_unique"
            ),
        ]
        indexes = [
            # Serves: the edges that reach one title (each edge is read in both directions).
            models.Index(fields=["to_mal_id"], name="anime_relation_to"),
        ]

    def __str__(self) -> str:
        return f"{self.anime_id} {self.get_kind_display()} {self.to_mal_id}"
