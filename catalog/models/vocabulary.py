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
        # A title that has both keeps the one link it already has.
        taken = AnimeGenre.objects.filter(genre=self).values("anime")
        AnimeGenre.objects.filter(genre=other).exclude(anime__in=taken).update(genre=self)
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
        # A title that has both keeps the one link it already has.
        taken = AnimeStudio.objects.filter(studio=self).values("anime")
        AnimeStudio.objects.filter(studio=other).exclude(anime__in=taken).update(studio=self)
        other.delete()


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
