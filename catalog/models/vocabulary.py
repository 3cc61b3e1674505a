"""Genres and studios, and which title has which."""

from django.db import models


class GenreKind(models.TextChoices):
    GENRE = "genre", "Genre"
    THEME = "theme", "Theme"
    DEMOGRAPHIC = "demographic", "Demographic"
    EXPLICIT = "explicit", "Explicit"


class Genre(models.Model):
    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=12, choices=GenreKind, default=GenreKind.GENRE)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["name"], name="genre_name_unique"),
            models.CheckConstraint(
                condition=models.Q(kind__in=GenreKind.values), name="genre_kind_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def absorb(self, other: "Genre") -> None:
        """Take over every title of `other`, then delete it."""
        _move_links(AnimeGenre.objects.filter(genre=other), "genre", self)
        other.delete()


class Studio(models.Model):
    name = models.CharField(max_length=160)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["name"], name="studio_name_unique")]

    def __str__(self) -> str:
        return self.name

    def absorb(self, other: "Studio") -> None:
        """Take over every title of `other`, then delete it."""
        _move_links(AnimeStudio.objects.filter(studio=other), "studio", self)
        other.delete()


def _move_links(
    links: "models.QuerySet[AnimeGenre] | models.QuerySet[AnimeStudio]",
    field: str,
    target: models.Model,
) -> None:
    """Point the links at `target`, except where the title has it already."""
    taken = links.model._default_manager.filter(**{field: target}).values("anime_id")
    links.exclude(anime_id__in=taken).update(**{field: target})


class AnimeGenre(models.Model):
    anime = models.ForeignKey(
        "catalog.Anime", models.CASCADE, related_name="genre_links", db_index=False
    )
    genre = models.ForeignKey(Genre, models.CASCADE, related_name="anime_links", db_index=False)

    class Meta:
        constraints = [
            # Also serves: the genres of one title (its page, its card).
            models.UniqueConstraint(fields=["anime", "genre"], name="anime_genre_unique"),
        ]
        indexes = [
            # Serves: browse by genre.
            models.Index(fields=["genre", "anime"], name="anime_genre_by_genre"),
        ]

    def __str__(self) -> str:
        return f"{self.anime} is {self.genre}"


class AnimeStudio(models.Model):
    anime = models.ForeignKey(
        "catalog.Anime", models.CASCADE, related_name="studio_links", db_index=False
    )
    studio = models.ForeignKey(Studio, models.CASCADE, related_name="anime_links", db_index=False)

    class Meta:
        constraints = [
            # Also serves: the studios of one title (its page, its card).
            models.UniqueConstraint(fields=["anime", "studio"], name="anime_studio_unique"),
        ]
        indexes = [
            # Serves: browse by studio.
            models.Index(fields=["studio", "anime"], name="anime_studio_by_studio"),
        ]

    def __str__(self) -> str:
        return f"{self.anime} by {self.studio}"
