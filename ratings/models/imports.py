"""One member's list brought in from elsewhere."""

from django.db import models

from catalog.models import Run


class ListImport(Run):
    user = models.ForeignKey("ratings.User", models.CASCADE, related_name="imports")
    # Which format was recognised, and what the member called the file.
    source = models.CharField(max_length=20)
    subject = models.CharField(max_length=200)

    class Meta:
        ordering = ["-started_at"]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.subject}"
