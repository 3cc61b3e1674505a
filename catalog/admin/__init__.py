"""Where curators keep the catalogue."""

from catalog.admin.anime import AnimeAdmin
from catalog.admin.families import FamilyPartAdmin
from catalog.admin.runs import ImportRunAdmin, RunAdmin
from catalog.admin.vocabulary import GenreAdmin, StudioAdmin

__all__ = [
    "AnimeAdmin",
    "FamilyPartAdmin",
    "GenreAdmin",
    "ImportRunAdmin",
    "RunAdmin",
    "StudioAdmin",
]
