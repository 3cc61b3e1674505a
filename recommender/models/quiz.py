"""What members answer in the quiz, beside scores, which are list entries like any other."""

from typing import Self

from django.db import models
from django.utils import timezone

from catalog.models import Anime, Genre
from ratings.models import User


class NotSeenQuerySet(models.QuerySet["NotSeen"]):
    def standing(self, member: User) -> Self:
        """`member`'s answers that still hold: the title is not on their list."""
        return self.filter(member=member).exclude(anime__in=member.list_entries.values("anime"))


class NotSeen(models.Model):
    """The member does not know the title; undone by deleting the row.

    It steers what is asked next and nothing else.
    """

    # The unique constraint below starts with the member and serves as its index.
    member = models.ForeignKey(User, models.CASCADE, related_name="not_seen", db_index=False)
    anime = models.ForeignKey(Anime, models.CASCADE, related_name="not_seen_by")
    said_at = models.DateTimeField(default=timezone.now)

    objects = NotSeenQuerySet.as_manager()

    class Meta:
        verbose_name = "title not seen"
        verbose_name_plural = "titles not seen"
        constraints = [
            # Also serves: what has this member said not to know?
            models.UniqueConstraint(fields=["member", "anime"], name="not_seen_member_anime"),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} has not seen {self.anime_id}"


class FavouriteGenre(models.Model):
    """Counts in the ranking while the member's list is short."""

    # The unique constraint below starts with the member and serves as its index.
    member = models.ForeignKey(
        User, models.CASCADE, related_name="favourite_genres", db_index=False
    )
    genre = models.ForeignKey(Genre, models.CASCADE, related_name="favoured_by")
    said_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            # Also serves: which genres does this member like best?
            models.UniqueConstraint(
                fields=["member", "genre"], name="favourite_genre_member_genre"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} likes {self.genre_id}"
