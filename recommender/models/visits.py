"""What a member saw of their recommendations, and which features are not to count in them."""

from django.db import models
from django.utils import timezone

from ratings.models import User


class ForYouVisit(models.Model):
    """The titles at the top when a member last looked: what is new since then is told from that."""

    member = models.OneToOneField(
        User, models.CASCADE, primary_key=True, related_name="for_you_visit"
    )
    # Of the visit that is going on, and of the one before it; ids of titles, the best first.
    began_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now)
    titles = models.JSONField(default=list)
    before_at = models.DateTimeField(null=True, blank=True)
    before = models.JSONField(default=list)

    class Meta:
        verbose_name = "note of your last visit"
        verbose_name_plural = "notes of your last visits"

    def __str__(self) -> str:
        return f"{self.member_id} at {self.seen_at:%Y-%m-%d %H:%M}"


class MutedFeature(models.Model):
    """'That it is popular should not count'; undone by deleting the row."""

    # The unique constraint below starts with the member and serves as its index.
    member = models.ForeignKey(User, models.CASCADE, related_name="muted_features", db_index=False)
    # As `Attribution.features` knows it: popularity, era, quality.
    name = models.CharField(max_length=120)
    said_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["name"]
        constraints = [
            # Also serves: which features does this member not want to count?
            models.UniqueConstraint(fields=["member", "name"], name="muted_feature_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.member_id}: not {self.name}"
