"""Keys with which programs of a member act as them."""

import secrets
from datetime import timedelta
from hashlib import sha256
from typing import Self

from django.db import models
from django.utils import timezone

# So that a key is known for one where it was pasted by mistake.
PREFIX = "anr_"
# Written down no oftener, or each request would write.
A_WHILE = timedelta(minutes=1)
LONGEST_NAME = 60


class Scope(models.TextChoices):
    READ = "read", "May read"
    WRITE = "write", "May read and change"


def digest_of(key: str) -> str:
    """A key has 256 bits of chance: nothing slower than one hash is needed to keep it."""
    return sha256(key.encode("utf-8", "replace")).hexdigest()


class AccessToken(models.Model):
    """The key itself is shown once and kept nowhere."""

    # The unique constraint below starts with the member and serves as its index.
    member = models.ForeignKey(
        "ratings.User", models.CASCADE, related_name="tokens", db_index=False
    )
    name = models.CharField(max_length=LONGEST_NAME)
    scope = models.CharField(max_length=5, choices=Scope.choices, default=Scope.READ)
    # Its unique index serves: who sends this key?
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(default=timezone.now)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            # Also serves: the tokens of this member.
            models.UniqueConstraint(fields=["member", "name"], name="access_token_member_name"),
            models.CheckConstraint(
                condition=models.Q(scope__in=Scope.values), name="access_token_scope_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.member_id}"

    @classmethod
    def named(cls, name: str, *, scope: str) -> tuple[Self, str]:
        """A new one, not saved, and its key."""
        key = PREFIX + secrets.token_urlsafe(32)
        return cls(name=name, scope=scope, digest=digest_of(key)), key

    @classmethod
    def of_key(cls, key: str) -> Self | None:
        return cls.objects.select_related("member").filter(digest=digest_of(key)).first()

    @property
    def may_write(self) -> bool:
        return self.scope == Scope.WRITE

    def note_use(self) -> None:
        now = timezone.now()
        if self.used_at is None or now - self.used_at > A_WHILE:
            type(self).objects.filter(pk=self.pk).update(used_at=now)
