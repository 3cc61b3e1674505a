"""Titles whose new episodes a member wants to know of."""

from django.db import models
from django.utils import timezone


class Follow(models.Model):
    user = models.ForeignKey("ratings.User", models.CASCADE, related_name="follows", db_index=False)
    anime = models.ForeignKey("catalog.Anime", models.CASCADE, related_name="follows")
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            # Also serves: what this member follows.
            models.UniqueConstraint(fields=["user", "anime"], name="follow_user_anime"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} follows {self.anime_id}"
