"""What a member's program was answered, so that asking again is not doing again."""

from datetime import timedelta

from django.db import models
from django.utils import timezone

LONGEST_KEY = 100
# A program that has heard nothing for so long will not ask again.
KEPT = timedelta(days=1)


class KeptAnswer(models.Model):
    """Written in the transaction of the change itself: both are there or neither."""

    # The unique constraint below starts with the member and serves as its index.
    member = models.ForeignKey("ratings.User", models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=LONGEST_KEY)
    # SHA-256 of method, address and body: another question under the same key is refused.
    question = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    body = models.TextField(blank=True)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            # Also serves: was this asked before?
            models.UniqueConstraint(fields=["member", "key"], name="kept_answer_member_key"),
        ]
        indexes = [
            # Serves: which are a day old and may go?
            models.Index(fields=["made_at"], name="kept_answer_made_at"),
        ]

    def __str__(self) -> str:
        return f"{self.status} to {self.member_id}"

    @classmethod
    def forget_old(cls) -> int:
        return cls.objects.filter(made_at__lt=timezone.now() - KEPT).delete()[0]
