"""What was trained, from what, how good it is, and which of it is served."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from catalog import announcing


class ModelState(models.TextChoices):
    QUEUED = "queued", "Waiting"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"


# A training gives a sign of life four times a minute, but libraries hold it up for minutes.
DEAD_AFTER = timedelta(minutes=15)
KILLED = "Its worker was killed. What is served is as before; start it again."


class TrainingRunQuerySet(models.QuerySet["TrainingRun"]):
    def under_way(self) -> Self:
        """Waiting for a day at most, or given a sign of life lately."""
        now = timezone.now()
        waiting = Q(state=ModelState.QUEUED, started_at__gte=now - timedelta(days=1))
        return self.filter(waiting | Q(_heard_since(now - DEAD_AFTER), state=ModelState.RUNNING))

    def note_the_dead(self) -> int:
        """Say of those that nothing was heard of what became of them; how many."""
        now = timezone.now()
        dead = self.filter(~Q(_heard_since(now - DEAD_AFTER)), state=ModelState.RUNNING)
        return dead.update(state=ModelState.FAILED, error=KILLED, finished_at=now)


def _heard_since(moment: datetime) -> Q:
    return Q(beat_at__gte=moment) | Q(beat_at=None, started_at__gte=moment)


class TrainingRun(models.Model):
    """One call of training; its progress is here for a page to read."""

    kinds = models.JSONField(default=list)
    state = models.CharField(max_length=7, choices=ModelState, default=ModelState.QUEUED)
    percent = models.PositiveSmallIntegerField(default=0)
    stage = models.CharField(max_length=200, blank=True)
    error = models.TextField(blank=True)
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    # The last sign of life.
    beat_at = models.DateTimeField(null=True, blank=True)

    objects = TrainingRunQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(percent__gte=0, percent__lte=100), name="training_run_percent_range"
            ),
            models.CheckConstraint(
                condition=Q(state__in=ModelState.values), name="training_run_state_known"
            ),
        ]

    def __str__(self) -> str:
        return (
            f"Training of {', '.join(self.kinds) or 'nothing'} on {self.started_at:%Y-%m-%d %H:%M}"
        )

    def report(self, stage: str, percent: int) -> None:
        self.state, self.stage, self.percent = ModelState.RUNNING, stage, percent
        self.beat_at = timezone.now()
        self.save(update_fields=["state", "stage", "percent", "beat_at"])
        announcing.work_moved()

    def finish(self, *, error: str = "") -> None:
        self.state = ModelState.FAILED if error else ModelState.DONE
        self.error = error
        self.percent = self.percent if error else 100
        self.stage = "" if error else "Done"
        self.finished_at = timezone.now()
        self.save(update_fields=["state", "error", "percent", "stage", "finished_at"])
        announcing.work_moved()


class TrainedModelQuerySet(models.QuerySet["TrainedModel"]):
    def active(self) -> Self:
        return self.filter(is_active=True)


class TrainedModel(models.Model):
    """One fitted model: arrays on disk, and here what they are."""

    # What it is (`ease`), and the place it fills when active; one active model a role.
    kind = models.CharField(max_length=20)
    role = models.CharField(max_length=20)
    is_active = models.BooleanField(default=False)
    config = models.JSONField(default=dict)
    metrics = models.JSONField(default=dict, blank=True)
    data_fingerprint = models.CharField(max_length=64)
    # A folder under ARTIFACTS_DIR, so that the data directory can move.
    artifact = models.CharField(max_length=200)
    provenance = models.TextField(blank=True)
    trained_at = models.DateTimeField(default=timezone.now)
    run = models.ForeignKey(
        TrainingRun, models.SET_NULL, null=True, blank=True, related_name="trained"
    )

    objects = TrainedModelQuerySet.as_manager()

    class Meta:
        ordering = ["-trained_at"]
        constraints = [
            # Also serves: which model answers in this role?
            models.UniqueConstraint(
                fields=["role"], condition=Q(is_active=True), name="trained_model_one_active"
            ),
            models.UniqueConstraint(fields=["artifact"], name="trained_model_artifact_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.trained_at:%Y-%m-%d %H:%M}"

    @property
    def path(self) -> Path:
        return settings.ARTIFACTS_DIR / self.artifact

    @property
    def edition(self) -> str:
        """Names the files that lie at `path` now: a folder's name can come again with newer ones."""
        return f"{self.artifact}@{self.trained_at.isoformat()}"

    @transaction.atomic
    def activate(self) -> None:
        """Serve this one from now on; every process notices at its next request."""
        TrainedModel.objects.select_for_update().filter(role=self.role, is_active=True).exclude(
            pk=self.pk
        ).update(is_active=False)
        self.is_active = True
        self.save(update_fields=["is_active"])
