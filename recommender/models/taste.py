"""What members say against what was learned of their taste."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from ratings.models import User


class TraitKind(models.TextChoices):
    GENRE = "genre", "Genre"
    STUDIO = "studio", "Studio"
    ERA = "era", "Era"
    LENGTH = "length", "Length"
    TYPE = "type", "Type"


class TasteCorrection(models.Model):
    """'I like mecha less than you think'; undone by deleting the row.

    A trait goes by its name, not by a row of the catalogue: eras and lengths have none, and a
    correction outlives a genre that a source renames and later names again.
    """

    LEAST, MOST = -2, 2

    # The unique constraint below starts with the member and serves as its index.
    member = models.ForeignKey(
        User, models.CASCADE, related_name="taste_corrections", db_index=False
    )
    kind = models.CharField(max_length=6, choices=TraitKind)
    name = models.CharField(max_length=120)
    # Steps: -2 far less than the list says, 2 far more.
    value = models.SmallIntegerField()
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["kind", "name"]
        constraints = [
            # Also serves: what has this member corrected?
            models.UniqueConstraint(
                fields=["member", "kind", "name"], name="taste_correction_unique"
            ),
            models.CheckConstraint(
                condition=Q(value__gte=-2, value__lte=2) & ~Q(value=0),
                name="taste_correction_value_range",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=TraitKind.values), name="taste_correction_kind_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} on {self.name}: {self.value:+d}"
