"""Where records came from and how each import went."""

from django.db import models
from django.utils import timezone


class RunState(models.TextChoices):
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"


class Run(models.Model):
    """One import: what was read, what became of it, which rows were refused and why."""

    state = models.CharField(max_length=8, choices=RunState, default=RunState.RUNNING)
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    # {"read": n, "loaded": n, "updated": n, "unchanged": n, "rejected": {"reason": n}}
    counts = models.JSONField(default=dict, blank=True)
    # The first refused rows as sentences that name file, line and field.
    errors = models.JSONField(default=list, blank=True)

    class Meta:
        abstract = True

    def finish(self, state: RunState) -> None:
        self.state = state
        self.finished_at = timezone.now()
        self.save(update_fields=["state", "finished_at", "counts", "errors"])


class ImportRun(Run):
    """An import of catalogue or ratings by the operator."""

    source = models.CharField(max_length=20)
    # What was read: file names for a dataset, never a whole path.
    subject = models.CharField(max_length=200)
    # How far it got; a run that is repeated starts over safely, this only tells the operator.
    cursor = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-started_at"]

    def __str__(self) -> str:
        return f"{self.source}: {self.subject}"


class SourceRecord(models.Model):
    """Provenance: what one source last said of one title, as a hash, and when."""

    anime = models.ForeignKey(
        "catalog.Anime", models.CASCADE, related_name="source_records", db_index=False
    )
    source = models.CharField(max_length=20)
    content_hash = models.CharField(max_length=32)
    fetched_at = models.DateTimeField()

    class Meta:
        constraints = [
            # Also serves: has this record changed since it was last loaded?
            models.UniqueConstraint(fields=["anime", "source"], name="source_record_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.source} on {self.fetched_at:%Y-%m-%d}"
