"""What members were shown on For you: one row for each title, however often."""

from django.db import models

from ratings.models import User


class Impression(models.Model):
    """A title that stood on a member's page: where first, on which day last, how much it was looked at."""

    # The unique constraint below starts with the member and serves as its index.
    member = models.ForeignKey(User, models.CASCADE, related_name="impressions", db_index=False)
    # Numbers alone, as in `Exposure`: rows are many, and never joined.
    anime = models.PositiveIntegerField()
    first_at = models.DateTimeField()
    # From 0, in the whole list, as it stood the first time.
    place = models.PositiveSmallIntegerField()
    score = models.FloatField()
    model = models.PositiveIntegerField(null=True)
    # The last day, in the site's own days; the chance that it was looked at on it, and on all before.
    last_on = models.DateField()
    looks_last = models.FloatField()
    looks_before = models.FloatField(default=0.0)
    # When its own page was opened last: it was not ignored.
    opened_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "title shown to you"
        verbose_name_plural = "titles shown to you"
        constraints = [
            # Also serves: what was this member shown?
            models.UniqueConstraint(fields=["member", "anime"], name="impression_once"),
        ]
        indexes = [
            # Serves: forgetting what was not shown for long.
            models.Index(fields=["last_on"], name="impression_last"),
        ]

    def __str__(self) -> str:
        return f"{self.anime} to {self.member_id}"
