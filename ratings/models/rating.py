"""What a member watched, what they gave it, and what they do not want to hear of."""

from typing import Any
from zlib import crc32

from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import Q
from django.utils import timezone

from catalog.models import Precision
from ratings.querysets import RatingQuerySet


class WatchStatus(models.TextChoices):
    WATCHING = "watching", "Watching"
    COMPLETED = "completed", "Completed"
    ON_HOLD = "on_hold", "On hold"
    DROPPED = "dropped", "Dropped"
    PLANNED = "planned", "Plan to watch"


class CoveringUnique(models.UniqueConstraint):
    """Unique everywhere; it also carries `include` where the database can.

    Where it cannot, Django would leave its own constraint out altogether.
    """

    include: tuple[str, ...]

    def _for(self, editor: BaseDatabaseSchemaEditor) -> models.UniqueConstraint:
        if editor.connection.features.supports_covering_indexes:
            return models.UniqueConstraint(fields=self.fields, include=self.include, name=self.name)
        return models.UniqueConstraint(fields=self.fields, name=self.name)

    def constraint_sql(self, model: Any, schema_editor: Any) -> Any:
        return self._for(schema_editor).constraint_sql(model, schema_editor)

    def create_sql(self, model: Any, schema_editor: Any) -> Any:
        return self._for(schema_editor).create_sql(model, schema_editor)

    def remove_sql(self, model: Any, schema_editor: Any) -> Any:
        return self._for(schema_editor).remove_sql(model, schema_editor)


class UserAnimeRating(models.Model):
    """One line of a member's list. No score is null, never 0."""

    user = models.ForeignKey(
        "ratings.User", models.CASCADE, related_name="list_entries", db_index=False
    )
    anime = models.ForeignKey(
        "catalog.Anime", models.CASCADE, related_name="list_entries", db_index=False
    )
    status = models.CharField(max_length=9, choices=WatchStatus, default=WatchStatus.COMPLETED)
    score = models.PositiveSmallIntegerField(null=True, blank=True)
    watched_episodes = models.PositiveIntegerField(null=True, blank=True)
    # When the member said so; published lists do not tell.
    rated_at = models.DateTimeField(null=True, blank=True)
    # From imported lists: the first and the last day of watching, as exact as the member kept them.
    started_on = models.DateField(null=True, blank=True)
    started_precision = models.CharField(
        max_length=5, choices=Precision, blank=True, default="", db_default=""
    )
    finished_on = models.DateField(null=True, blank=True)
    finished_precision = models.CharField(
        max_length=5, choices=Precision, blank=True, default="", db_default=""
    )
    # Whether it tells of the member's taste; what is not to count is on the list and seen all the same.
    counts = models.BooleanField(default=True, db_default=True)
    # The bulk loader names only the columns it fills, so the database knows what the others are.
    rewatches = models.PositiveSmallIntegerField(default=0, db_default=0)
    # Which kind of list it was imported from; empty for what was said here.
    source = models.CharField(max_length=20, blank=True, default="", db_default="")

    objects = RatingQuerySet.as_manager()

    class Meta:
        verbose_name = "list entry"
        verbose_name_plural = "list entries"
        constraints = [
            # Also serves: a member's whole list for fold-in, answered from the index alone.
            CoveringUnique(
                fields=["user", "anime"],
                include=["score", "status", "counts"],
                name="rating_user_anime",
            ),
            models.CheckConstraint(
                condition=Q(score__isnull=True) | Q(score__gte=1, score__lte=10),
                name="rating_score_range",
            ),
            models.CheckConstraint(
                condition=Q(status__in=WatchStatus.values), name="rating_status_known"
            ),
        ]
        indexes = [
            # Serves: who rated this title, and how many.
            models.Index(fields=["anime", "user"], name="rating_anime_user"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} on {self.anime_id}: {self.score or self.status}"

    @property
    def stamp(self) -> str:
        """Differs where the line says something else than it did: told by pages that were made before."""
        moment = self.rated_at and self.rated_at.timestamp()
        said = (self.status, self.score, self.watched_episodes, moment, self.counts)
        return f"{crc32(repr(said).encode()):08x}"

    @property
    def shown_episodes(self) -> int | None:
        """How many were seen, as far as one can tell: all of what is completed and was not counted."""
        if self.watched_episodes is None and self.status == WatchStatus.COMPLETED:
            return self.anime.episodes
        return self.watched_episodes

    @property
    def next_to_watch(self) -> int | None:
        """Which episode would be the next; None after the last."""
        following = (self.shown_episodes or 0) + 1
        is_over = self.status == WatchStatus.COMPLETED or following > (
            self.anime.episodes or following
        )
        return None if is_over else following

    @property
    def apart(self) -> float | None:
        """By how much the score is above that of others."""
        theirs = self.anime.mean_score
        return None if self.score is None or theirs is None else self.score - theirs

    def watch(self, episodes: int, *, of: int | None) -> None:
        """Count so many `of` its episodes as seen, and let the status follow."""
        self.watched_episodes = min(episodes, of) if of else episodes
        if of and episodes >= of:
            self.status = WatchStatus.COMPLETED
        elif self.status == WatchStatus.COMPLETED or (
            self.status == WatchStatus.PLANNED and episodes
        ):
            self.status = WatchStatus.WATCHING

    def episodes_words(self, of: int | None) -> str:
        """'5 of 12 episodes', 'all 12 episodes'."""
        seen = self.watched_episodes or 0
        if of and of > 1 and seen >= of:
            return f"all {of} episodes"
        return (
            f"{seen} of {of} episode{'' if of == 1 else 's'}"
            if of
            else f"{seen} episode{'' if seen == 1 else 's'}"
        )


class FeedbackReason(models.TextChoices):
    UNSAID = "", "Just not"
    SEEN = "seen", "Seen it elsewhere"
    GENRE = "genre", "Not my genre"
    LOOK = "look", "Not my style"
    LENGTH = "length", "Too long"


class Feedback(models.Model):
    """Not interested; undone by deleting the row."""

    user = models.ForeignKey(
        "ratings.User", models.CASCADE, related_name="feedback", db_index=False
    )
    anime = models.ForeignKey("catalog.Anime", models.CASCADE, related_name="feedback")
    reason = models.CharField(max_length=10, choices=FeedbackReason, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "hidden title"
        verbose_name_plural = "hidden titles"
        constraints = [
            # Also serves: what this member does not want to see again.
            models.UniqueConstraint(fields=["user", "anime"], name="feedback_user_anime"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} is not interested in {self.anime_id}"
