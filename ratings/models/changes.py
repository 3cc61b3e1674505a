"""The last change a member made to many lines of their list at once, so that it can be undone."""

from django.db import models
from django.utils import timezone


class ListChange(models.Model):
    """One a member: a newer change takes its place."""

    user = models.OneToOneField("ratings.User", models.CASCADE, related_name="list_change")
    # "status", "score", "counts" or "off", and what was set where something was.
    kind = models.CharField(max_length=6)
    value = models.CharField(max_length=9, blank=True)
    # "Status set to Dropped: 12 titles."
    words = models.CharField(max_length=200)
    made_at = models.DateTimeField(default=timezone.now)
    # Each line as it was, a short list of values.
    before = models.JSONField(default=list)

    class Meta:
        verbose_name = "change of many entries"
        verbose_name_plural = "changes of many entries"

    def __str__(self) -> str:
        return f"{self.user_id}: {self.words}"
