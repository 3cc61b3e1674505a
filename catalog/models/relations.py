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

    def around(self, mal_id: int) -> dict[int, str]:
        """Ids related in either direction, with what they are to this one: 'sequel'."""
        kinds: dict[int, str] = {}
        for edge in self.touching(mal_id):
            if edge.anime_id == mal_id:
                kinds[edge.to_mal_id] = edge.kind
            else:
                kinds.setdefault(edge.anime_id, INVERSE.get(RelationKind(edge.kind), edge.kind))
        return kinds


# How an edge reads from its other end.
INVERSE = {
    RelationKind.SEQUEL: RelationKind.PREQUEL,
    RelationKind.PREQUEL: RelationKind.SEQUEL,
    RelationKind.SIDE_STORY: RelationKind.PARENT_STORY,
    RelationKind.PARENT_STORY: RelationKind.SIDE_STORY,
    RelationKind.SUMMARY: RelationKind.FULL_STORY,
    RelationKind.FULL_STORY: RelationKind.SUMMARY,
    RelationKind.SPIN_OFF: RelationKind.PARENT_STORY,
}
# What to watch before, what after, then the rest.
READING_ORDER = [
    RelationKind.PREQUEL, RelationKind.SEQUEL, RelationKind.PARENT_STORY, RelationKind.FULL_STORY,
    RelationKind.SIDE_STORY, RelationKind.SPIN_OFF, RelationKind.SUMMARY,
    RelationKind.ALTERNATIVE_VERSION, RelationKind.ALTERNATIVE_SETTING, RelationKind.CHARACTER,
    RelationKind.OTHER,
]  # fmt: skip


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
