"""Where records came from and how each import went."""

from datetime import timedelta

from django.db import models
from django.utils import timezone

from catalog import announcing

# A run gives a sign of life every few seconds; one that has been silent for so long has no worker any more.
DEAD_AFTER = timedelta(seconds=60)


class RunState(models.TextChoices):
    QUEUED = "queued", "Waiting"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    # What was read is safe; the rest is read by the next run from where this one stopped.
    PARTIAL = "partial", "Stopped before its end"
    CANCELLED = "cancelled", "Cancelled"
    FAILED = "failed", "Failed"


class Run(models.Model):
    """One import: what was read, what became of it, which rows were refused and why."""

    state = models.CharField(max_length=9, choices=RunState, default=RunState.RUNNING)
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    # {"read": n, "loaded": n, "updated": n, "unchanged": n, "rejected": {"reason": n}}
    counts = models.JSONField(default=dict, blank=True)
    # The first refused rows as sentences that name file, line and field.
    errors = models.JSONField(default=list, blank=True)
    # How many records there are to read, where that is known.
    total = models.PositiveIntegerField(null=True, blank=True)
    # The last sign of life: one that is old belongs to a worker that died.
    beat_at = models.DateTimeField(null=True, blank=True)
    cancel_asked = models.BooleanField(default=False)

    class Meta:
        abstract = True

    @property
    def is_alive(self) -> bool:
        """Whether somebody works on it at this moment."""
        heard = self.beat_at or self.started_at
        return self.state == RunState.RUNNING and heard > timezone.now() - DEAD_AFTER

    @property
    def is_dead(self) -> bool:
        """Its worker was killed and could not say so."""
        return self.state == RunState.RUNNING and not self.is_alive

    def beat(self) -> None:
        """Give a sign of life, and hear whether somebody wants it to stop."""
        self.beat_at = timezone.now()
        self.save(update_fields=["beat_at"])
        self.refresh_from_db(fields=["cancel_asked"])

    def finish(self, state: RunState) -> None:
        self.state = state
        self.finished_at = timezone.now()
        self.save(update_fields=["state", "finished_at", "counts", "errors"])


class ImportRun(Run):
    """An import of catalogue or ratings by the operator."""

    source = models.CharField(max_length=20)
    # What was read: file names for a dataset, never a whole path.
    subject = models.CharField(max_length=200)
    # How far it got. A dataset starts over safely, so there it only tells the operator; a crawl goes on from it.
    cursor = models.CharField(max_length=200, blank=True)
    # What was asked for, so that it can be asked for again: {"season": "spring 2026"}, {"ids": [1, 5]}.
    options = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["-started_at"]

    def __str__(self) -> str:
        return f"{self.source}: {self.subject}"

    def finish(self, state: RunState) -> None:
        super().finish(state)
        announcing.work_moved()


class SourceRecord(models.Model):
    """Provenance: what one source last said of one title, as a hash, and when."""

    anime = models.ForeignKey(
        "catalog.Anime", models.CASCADE, related_name="source_records", db_index=False
    )
    source = models.CharField(max_length=20)
    content_hash = models.CharField(max_length=32)
    # When it was last said, also where it was what had been said before.
    fetched_at = models.DateTimeField()

    class Meta:
        constraints = [
            # Also serves: has this record changed since it was last loaded?
            models.UniqueConstraint(fields=["anime", "source"], name="source_record_unique"),
        ]
        indexes = [
            # Serves: which titles has this source not been asked about for longest?
            models.Index(fields=["source", "fetched_at"], name="source_record_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.source} on {self.fetched_at:%Y-%m-%d}"


class CatalogueVersion(models.Model):
    """One row: how often titles or edges have changed, so that what was worked out is known to be old."""

    number = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=1), name="catalogue_version_single"),
        ]

    def __str__(self) -> str:
        return str(self.number)

    @classmethod
    def now(cls) -> int:
        return cls.objects.values_list("number", flat=True).first() or 0

    @classmethod
    def advance(cls) -> None:
        if not cls.objects.update(number=models.F("number") + 1):
            # Made by somebody else meanwhile: then theirs is the new number.
            CatalogueVersion.objects.bulk_create(
                [CatalogueVersion(pk=1, number=1)], ignore_conflicts=True
            )


class Absence(models.Model):
    """A title that a source says it does not have; believed after several days of saying so."""

    source = models.CharField(max_length=20)
    # A plain number: the source may deny what the catalogue never had.
    mal_id = models.PositiveIntegerField("MyAnimeList id")
    days = models.PositiveSmallIntegerField("days on which it said so", default=1)
    last_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "mal_id"], name="absence_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.source} has no {self.mal_id}"
