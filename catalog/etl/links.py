"""What hangs on titles: genres, studios, other names, relations. Added, never taken away."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Self

from django.db.models import Model

from catalog.etl.merging import judge
from catalog.etl.record import AnimeRecord
from catalog.etl.vocabulary import genre_kind
from catalog.etl.writing import add_new, among
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
    def of(cls, records: list[AnimeRecord], known: Collection[int]) -> Self:
        """`known` are the titles that are in the database already."""
        ids = [record.mal_id for record in records if record.mal_id in known]
        genres, synonyms = defaultdict(list), defaultdict(list)
        if ids:
            genres = _grouped(AnimeGenre, ids, "genre__name")
            synonyms = _grouped(TitleSynonym, ids, "name")
        for record in records:
            genres[record.mal_id] += record.genres or ()
            synonyms[record.mal_id] += record.synonyms or ()
        return cls(records, genres, synonyms)

    def describe(self, anime: Anime) -> None:
        """Set what the title's row derives from its links."""
        judge(anime, self.genres[anime.pk])
        names = [anime.title_english, anime.title, anime.title_japanese]
        anime.search_text = search_text([*names, *self.synonyms[anime.pk]])

    def save(self) -> None:
        self._save_named(Genre, AnimeGenre, "genre")
        self._save_named(Studio, AnimeStudio, "studio")
        add_new(
            TitleSynonym,
            ("anime", "name"),
            [(record.mal_id, name) for record in self.records for name in record.synonyms or ()],
        )
        add_new(
            AnimeRelation,
            ("anime", "kind", "to_mal_id"),
            [
                (record.mal_id, kind, to)
                for record in self.records
                for kind, to in record.relations or ()
            ],
        )

    def _save_named(self, model: type[Genre] | type[Studio], link: type[Model], field: str) -> None:
        """Genres or studios that are new, and which title has which."""
        pairs = [
            (record.mal_id, name)
            for record in self.records
            for name in getattr(record, f"{field}s") or ()
        ]
        names = {name for _, name in pairs}
        ids = _ids(model, names)
        if new := sorted(names - ids.keys()):
            if model is Genre:
                add_new(Genre, ("name", "kind"), [(name, genre_kind(name)) for name in new])
            else:
                add_new(Studio, ("name",), [(name,) for name in new])
            ids = _ids(model, names)
        add_new(link, ("anime", field), [(anime, ids[name]) for anime, name in pairs])


def _ids(model: type[Genre] | type[Studio], names: set[str]) -> dict[str, int]:
    rows = model._default_manager.filter(name__in=names).values_list("name", "pk")
    return dict(rows)


def _grouped(model: type[Model], ids: list[int], name: str) -> defaultdict[int, list[str]]:
    grouped = defaultdict(list)
    rows = model._default_manager.filter(anime__in=among(ids)).order_by("pk")
    for anime, value in rows.values_list("anime_id", name):
        grouped[anime].append(value)
    return grouped
