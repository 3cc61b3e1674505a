"""One member's list brought in from elsewhere."""

from django.db import models
from django.urls import reverse

from catalog.models import Precision, Run
from ratings.models.rating import WatchStatus

# Where lists come from, by the name that a line of a list keeps.
SOURCES = {
    "mal_xml": "MyAnimeList",
    "mal_api": "MyAnimeList",
    "anilist": "AniList",
    "kitsu": "Kitsu",
    "anime_planet": "Anime-Planet",
    "table": "Table",
    "animerec": "animerec",
}


class Conflict(models.TextChoices):
    """Which side wins where the list here says something else than the file."""

    MINE = "mine", "Keep what is here"
    THEIRS = "theirs", "Take what the file says"
    NEWEST = "newest", "Keep whichever is newer"


class ListImport(Run):
    """Waiting (a preview) until the member says go; then a task; then it can be undone."""

    user = models.ForeignKey("ratings.User", models.CASCADE, related_name="imports")
    # Which format was recognised, and what the member called the file.
    source = models.CharField(max_length=20)
    subject = models.CharField(max_length=200)
    conflict = models.CharField(max_length=6, choices=Conflict, default=Conflict.THEIRS)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-started_at"]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.subject}"

    def get_absolute_url(self) -> str:
        return reverse("ratings:import", args=[self.pk])

    @property
    def source_name(self) -> str:
        return SOURCES.get(self.source, self.source)


class Fate(models.TextChoices):
    """What becomes of a line of the file."""

    NEW = "new", "New"
    CHANGED = "changed", "Changed"
    SAME = "same", "Already so"
    DOUBTFUL = "doubtful", "Which title is it?"
    WAITING = "waiting", "Not in the catalogue yet"
    ADULT = "adult", "Hidden here"
    INVALID = "invalid", "Not readable"


class ListImportLine(models.Model):
    """One title of an imported list: what the file says, what becomes of it, what was there before."""

    list_import = models.ForeignKey(
        ListImport, models.CASCADE, related_name="lines", db_index=False
    )
    number = models.PositiveIntegerField()
    # A plain number: the catalogue may learn of it later. Null where only the name is known.
    mal_id = models.PositiveIntegerField(null=True, blank=True)
    title = models.CharField(max_length=300, blank=True)
    status = models.CharField(max_length=9, choices=WatchStatus, blank=True)
    score = models.PositiveSmallIntegerField(null=True, blank=True)
    watched_episodes = models.PositiveIntegerField(null=True, blank=True)
    started_on = models.DateField(null=True, blank=True)
    started_precision = models.CharField(max_length=5, choices=Precision, blank=True)
    finished_on = models.DateField(null=True, blank=True)
    finished_precision = models.CharField(max_length=5, choices=Precision, blank=True)
    rewatches = models.PositiveSmallIntegerField(default=0)
    # When the member changed it there, where the file tells.
    said_at = models.DateTimeField(null=True, blank=True)
    fate = models.CharField(max_length=8, choices=Fate)
    # Why it is invalid or doubtful, in a sentence for the member.
    reason = models.CharField(max_length=200, blank=True)
    # Ids that a doubtful line may mean, the likeliest first.
    candidates = models.JSONField(default=list, blank=True)
    # What the list said before, to be undone; null where it said nothing.
    before = models.JSONField(null=True, blank=True)
    is_written = models.BooleanField(default=False)

    class Meta:
        ordering = ["number"]
        constraints = [
            # Also serves: the lines of one import in their order.
            models.UniqueConstraint(fields=["list_import", "number"], name="import_line_unique"),
        ]
        indexes = [
            # Serves: which waiting lines has the catalogue learned of?
            models.Index(
                fields=["mal_id"],
                condition=models.Q(fate="waiting"),
                name="import_line_waiting",
            ),
        ]

    def __str__(self) -> str:
        return f"line {self.number}: {self.title or self.mal_id}"
