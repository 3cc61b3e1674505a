"""What hangs on titles: genres, studios, other names, relations. Added, never taken away."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from django.db import models

from catalog.etl.merging import judge
from catalog.etl.record import AnimeRecord
from catalog.etl.vocabulary import genre_kind
from catalog.models import (
    Anime,
    AnimeGenre,
    AnimeRelation,
    AnimeStudio,
    Genre,
    Studio,
    TitleSynonym,
)
from catalog.titles import search_text


@dataclass
class Links:
    records: list[AnimeRecord]
    # What the titles have in the database already.
    genres: dict[int, list[str]]
    synonyms: dict[int, list[str]]

    @classmethod
    def of(cls, records: list[AnimeRecord]) -> Self:
        ids = [record.mal_id for record in records]
        genres = AnimeGenre.objects.filter(anime__in=ids).values_list("anime_id", "genre__name")
        synonyms = TitleSynonym.objects.filter(anime__in=ids).order_by("pk")
        links = cls(records, _grouped(genres), _grouped(synonyms.values_list("anime_id", "name")))
        for record in records:
            links.genres[record.mal_id] += record.genres or ()
            links.synonyms[record.mal_id] += record.synonyms or ()
        return links

    def describe(self, anime: Anime) -> None:
        """Set what the title's row derives from its links."""
        judge(anime, self.genres[anime.pk])
        names = [anime.title_english, anime.title, anime.title_japanese]
        anime.search_text = search_text([*names, *self.synonyms[anime.pk]])

    def save(self) -> None:
        self._save_genres()
        self._save_studios()
        _add(
            TitleSynonym(anime_id=record.mal_id, name=name)
            for record in self.records
            for name in record.synonyms or ()
        )
        _add(
            AnimeRelation(anime_id=record.mal_id, kind=kind, to_mal_id=to)
            for record in self.records
            for kind, to in record.relations or ()
        )

    def _save_genres(self) -> None:
        names = {name for record in self.records for name in record.genres or ()}
        _add(Genre(name=name, kind=genre_kind(name)) for name in sorted(names - _known(Genre)))
        ids = _ids(Genre, names)
        _add(
            AnimeGenre(anime_id=record.mal_id, genre_id=ids[name])
            for record in self.records
            for name in record.genres or ()
        )

    def _save_studios(self) -> None:
        names = {name for record in self.records for name in record.studios or ()}
        _add(Studio(name=name) for name in sorted(names - _known(Studio)))
        ids = _ids(Studio, names)
        _add(
            AnimeStudio(anime_id=record.mal_id, studio_id=ids[name])
            for record in self.records
            for name in record.studios or ()
        )


def _add(rows: Iterable[models.Model]) -> None:
    """Insert those that are not there yet."""
    new = list(rows)
    if new:
        type(new[0])._default_manager.bulk_create(new, ignore_conflicts=True)


def _known(model: type[Genre] | type[Studio]) -> set[str]:
    return set(model._default_manager.values_list("name", flat=True))


def _ids(model: type[Genre] | type[Studio], names: set[str]) -> dict[str, int]:
    rows = model._default_manager.filter(name__in=names).values_list("name", "pk")
    return dict(rows)


def _grouped(pairs: Iterable[tuple[int, str]]) -> defaultdict[int, list[str]]:
    grouped = defaultdict(list)
    for anime, name in pairs:
        grouped[anime].append(name)
    return grouped
