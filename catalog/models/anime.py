"""A title, its other names, and what moves daily about it."""

from datetime import date
from typing import Any

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.utils.formats import date_format

from catalog import viewing
from catalog.addresses import address
from catalog.querysets import AnimeQuerySet


class AnimeType(models.TextChoices):
    TV = "tv", "TV"
    MOVIE = "movie", "Movie"
    OVA = "ova", "OVA"
    ONA = "ona", "ONA"
    SPECIAL = "special", "Special"
    TV_SPECIAL = "tv_special", "TV special"
    MUSIC = "music", "Music"
    CM = "cm", "Commercial"
    PV = "pv", "Promotional video"


class AiringStatus(models.TextChoices):
    FINISHED = "finished", "Finished"
    AIRING = "airing", "Airing now"
    UPCOMING = "upcoming", "Not yet aired"


class AgeRating(models.TextChoices):
    G = "g", "All ages"
    PG = "pg", "Children"
    PG13 = "pg13", "13 and older"
    R17 = "r17", "17 and older"
    R_PLUS = "r_plus", "Mild nudity"
    RX = "rx", "Explicit"


class Season(models.TextChoices):
    WINTER = "winter", "Winter"
    SPRING = "spring", "Spring"
    SUMMER = "summer", "Summer"
    FALL = "fall", "Fall"


class SeasonOrigin(models.TextChoices):
    PREMIERED = "premiered", "said by the source"
    DERIVED = "derived", "worked out from the first day"


class Precision(models.TextChoices):
    DAY = "day", "day"
    MONTH = "month", "month"
    YEAR = "year", "year"


class TrigramIndex(GinIndex):
    """GIN over trigrams on PostgreSQL; elsewhere a plain index, which a scan of names reads instead of the table."""

    def create_sql(
        self,
        model: type[models.Model],
        schema_editor: BaseDatabaseSchemaEditor,
        using: str = "",
        **kwargs: Any,
    ) -> Any:
        if schema_editor.connection.vendor == "postgresql":
            return super().create_sql(model, schema_editor, using=using, **kwargs)
        return models.Index(fields=self.fields, name=self.name).create_sql(model, schema_editor)


class Anime(models.Model):
    mal_id = models.PositiveIntegerField("MyAnimeList id", primary_key=True)
    # A stub holds the place of a title that members rated and no catalogue has described yet.
    is_stub = models.BooleanField(default=False)

    title = models.CharField(max_length=300, help_text="Romaji, as MyAnimeList writes it.")
    title_english = models.CharField(max_length=300, blank=True)
    title_japanese = models.CharField(max_length=300, blank=True)
    synopsis = models.TextField(blank=True)
    # The vocabularies of `type`, `source` and `age_rating` are open: a new word of a source is kept, not refused.
    type = models.CharField(max_length=20, choices=AnimeType, blank=True)
    source = models.CharField("source material", max_length=30, blank=True)
    status = models.CharField(max_length=10, choices=AiringStatus, blank=True)
    episodes = models.PositiveIntegerField(null=True, blank=True)
    duration = models.PositiveIntegerField("seconds an episode", null=True, blank=True)
    age_rating = models.CharField(max_length=10, choices=AgeRating, blank=True)
    aired_from = models.DateField(null=True, blank=True)
    aired_from_precision = models.CharField(max_length=5, choices=Precision, blank=True)
    aired_to = models.DateField(null=True, blank=True)
    aired_to_precision = models.CharField(max_length=5, choices=Precision, blank=True)
    season = models.CharField(max_length=6, choices=Season, blank=True)
    year = models.PositiveSmallIntegerField(null=True, blank=True)
    season_origin = models.CharField(max_length=9, choices=SeasonOrigin, blank=True)
    image_url = models.URLField(max_length=500, blank=True)
    # When a new episode is shown: 0 is Monday, as in Python; in the zone that is named.
    broadcast_day = models.PositiveSmallIntegerField(null=True, blank=True)
    broadcast_time = models.TimeField(null=True, blank=True)
    broadcast_zone = models.CharField(max_length=40, blank=True)
    # Since when the source that described it has denied it: kept for who has it on a list, not recommended.
    gone_on = models.DateField(null=True, blank=True, editable=False)
    is_adult = models.BooleanField(default=False, help_text="Hidden unless the operator asks.")
    is_sensitive = models.BooleanField(default=False)

    genres = models.ManyToManyField(
        "catalog.Genre", through="catalog.AnimeGenre", related_name="anime"
    )
    studios = models.ManyToManyField(
        "catalog.Studio", through="catalog.AnimeStudio", related_name="anime"
    )

    # Copies of the newest snapshot, so that browse sorts by an index; written only where snapshots are.
    mean_score = models.FloatField(null=True, blank=True, editable=False)
    members = models.PositiveIntegerField(null=True, blank=True, editable=False)
    # Every name, normalised, a line each: derived from the titles and synonyms by `refresh_search_text`.
    search_text = models.TextField(blank=True, editable=False)

    objects = AnimeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "anime"
        ordering = ["mal_id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(is_stub=True) | ~models.Q(title=""), name="anime_has_title"
            ),
            models.CheckConstraint(
                condition=models.Q(season="") | models.Q(season__in=Season.values),
                name="anime_season_known",
            ),
            models.CheckConstraint(
                condition=models.Q(broadcast_day__isnull=True) | models.Q(broadcast_day__lte=6),
                name="anime_broadcast_day_range",
            ),
            models.CheckConstraint(
                condition=models.Q(mean_score__isnull=True)
                | models.Q(mean_score__gte=0, mean_score__lte=10),
                name="anime_mean_score_range",
            ),
        ]
        indexes = [
            # Serves: browse, most watched first (the default order).
            models.Index(fields=["-members", "mal_id"], name="anime_by_members"),
            # Serves: browse, best score first.
            models.Index(fields=["-mean_score", "mal_id"], name="anime_by_score"),
            # Serves: browse by year and season.
            models.Index(fields=["year", "season"], name="anime_by_season"),
            # Serves: browse by type.
            models.Index(fields=["type"], name="anime_by_type"),
            # Serve: what a season begins with where a title has only its first day, what goes on
            # into it from before, what is still to come. 12.5 ms without them, 0.9 ms with all.
            models.Index(fields=["aired_from"], name="anime_by_first_day"),
            models.Index(
                fields=["aired_to", "aired_from"],
                condition=models.Q(type__in=["tv", "ona"]),
                name="anime_by_last_day",
            ),
            models.Index(fields=["status"], name="anime_by_status"),
            # Serves: search by any name, also one typed with a mistake.
            TrigramIndex(
                fields=["search_text"], opclasses=["gin_trgm_ops"], name="anime_search_text"
            ),
        ]

    def __str__(self) -> str:
        return self.title or f"#{self.mal_id}"

    def get_absolute_url(self) -> str:
        return address("catalog:anime", self.mal_id)

    @property
    def display_title(self) -> str:
        """By the name that whoever looks prefers."""
        return viewing.called(self, viewing.current().language)

    @property
    def usual_title(self) -> str:
        """By the name that it has for everybody: what is cached for all is made of that."""
        return viewing.called(self, viewing.TitleLanguage.ENGLISH)

    @property
    def minutes(self) -> int | None:
        return round(self.duration / 60) if self.duration else None

    @property
    def facts(self) -> str:
        """One line for a card: 'TV · 26 ep · Spring 1998'."""
        when = f"{self.get_season_display()} {self.year}" if self.season else self.aired_year
        length = f"{self.episodes} ep" if self.episodes and self.episodes > 1 else ""
        return " · ".join(str(part) for part in (self.get_type_display(), length, when) if part)

    @property
    def aired(self) -> str:
        """'3 April 1998 to 1999', each end as exact as it is known."""
        first = _day(self.aired_from, self.aired_from_precision)
        last = _day(self.aired_to, self.aired_to_precision)
        return first if not last or last == first else f"{first} to {last}"

    @property
    def begins(self) -> str:
        """'9 January 2027', as exact as it is known."""
        return _day(self.aired_from, self.aired_from_precision)

    @property
    def source_words(self) -> str:
        """'light_novel' -> 'Light novel'; a source that nobody knows says nothing."""
        words = self.source.replace("_", " ").replace("four koma", "4-koma manga")
        return "" if words == "unknown" else words.capitalize()

    @property
    def is_still_to_come(self) -> bool:
        """Whether another episode is to be shown, or the first."""
        return self.status in (AiringStatus.AIRING, AiringStatus.UPCOMING)

    @property
    def aired_year(self) -> int | None:
        return self.year or (self.aired_from.year if self.aired_from else None)


def _day(day: date | None, precision: str) -> str:
    formats = {Precision.DAY: "j F Y", Precision.MONTH: "F Y", Precision.YEAR: "Y"}
    return date_format(day, formats.get(Precision(precision or "day"), "Y")) if day else ""


class TitleSynonym(models.Model):
    anime = models.ForeignKey(Anime, models.CASCADE, related_name="synonyms", db_index=False)
    name = models.CharField(max_length=300)

    class Meta:
        constraints = [
            # Also serves: the other names of one title.
            models.UniqueConstraint(fields=["anime", "name"], name="title_synonym_unique"),
        ]

    def __str__(self) -> str:
        return self.name


class AnimeSnapshot(models.Model):
    """What moves daily about a title, as one source gave it on one day."""

    anime = models.ForeignKey(Anime, models.CASCADE, related_name="snapshots", db_index=False)
    taken_on = models.DateField()
    score = models.FloatField(null=True, blank=True)
    scored_by = models.PositiveIntegerField(null=True, blank=True)
    members = models.PositiveIntegerField(null=True, blank=True)
    favorites = models.PositiveIntegerField(null=True, blank=True)
    rank = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["-taken_on"]
        constraints = [
            # Also serves: the newest snapshot of one title.
            models.UniqueConstraint(fields=["anime", "taken_on"], name="anime_snapshot_unique"),
            models.CheckConstraint(
                condition=models.Q(score__isnull=True) | models.Q(score__gte=0, score__lte=10),
                name="anime_snapshot_score_range",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.anime_id} on {self.taken_on}"
