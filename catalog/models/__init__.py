from catalog.models.anime import Anime, AnimeSnapshot, AnimeType, Precision, Season, TitleSynonym
from catalog.models.families import FamilyPart
from catalog.models.relations import AnimeRelation, RelationKind
from catalog.models.runs import Absence, CatalogueVersion, ImportRun, Run, RunState, SourceRecord
from catalog.models.vocabulary import AnimeGenre, AnimeStudio, Genre, GenreKind, Studio

__all__ = [
    "Absence",
    "Anime",
    "AnimeGenre",
    "AnimeRelation",
    "AnimeSnapshot",
    "AnimeStudio",
    "AnimeType",
    "CatalogueVersion",
    "FamilyPart",
    "Genre",
    "GenreKind",
    "ImportRun",
    "Precision",
    "RelationKind",
    "Run",
    "RunState",
    "Season",
    "SourceRecord",
    "Studio",
    "TitleSynonym",
]
