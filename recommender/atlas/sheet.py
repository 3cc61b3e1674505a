"""The titles that one audience sees on the map, as columns; held in each process and in the cache."""

import hashlib
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from django.core.cache import cache

from catalog import viewing
from catalog.models import Anime, AnimeGenre, CatalogueVersion, GenreKind
from recommender import extras
from recommender.atlas import shades
from recommender.atlas.regions import Region, Traits, name_regions
from recommender.engine.atlas import Atlas
from recommender.engine.clustering import Clusters
from recommender.engine.interactions import IntArray
from recommender.serving.models import ActiveModels, active_models

# Part of every version: raise it when the files change their shape.
FORMAT = 1
A_DAY = 24 * 3600
# The map's edge is left free by this share.
MARGIN = 0.02
# A map of few titles is spread by this share of the way, one of so many not at all.
EVENED, MANY = 0.6, 6000
WHOLE = 65_535
FIRST_YEAR = 1900
SUFFIX = "-all"
Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Served:
    """Which map answers, and for whom."""

    atlas: Atlas
    clusters: Clusters | None
    version: str
    adult: bool


@dataclass(frozen=True)
class Sheet:
    """Columns of one length, the most watched title first. `x`, `y`: 0..65535, y downwards.

    `genres`, `kinds`, `groups`: positions in the legends. `years`: years after 1900, 0 where unknown.
    `placed`: 1 where too few have watched the title, so that it lies by what it is.
    """

    ids: IntArray
    x: npt.NDArray[np.uint16]
    y: npt.NDArray[np.uint16]
    years: Bytes
    genres: Bytes
    kinds: Bytes
    groups: Bytes
    placed: Bytes
    regions: tuple[Region, ...]
    # Titles of the catalogue that came after the map was made.
    missing: int
    order: str = field(default="")

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def eras(self) -> Bytes:
        """Positions among the eras."""
        decades = (self.years.astype(int) + FIRST_YEAR - shades.FIRST_DECADE) // 10
        known = np.clip(decades, 0, shades.UNKNOWN_ERA - 1)
        return np.where(self.years == 0, shades.UNKNOWN_ERA, known).astype(np.uint8)

    def places_of(self, ids: Sequence[int]) -> IntArray:
        """Position of each title, -1 where it is not on the map."""
        order = np.argsort(self.ids)
        if not len(order):
            return np.full(len(ids), -1, np.int64)
        wanted = np.asarray(ids, np.int64)
        found = order[np.searchsorted(self.ids, wanted, sorter=order).clip(max=len(order) - 1)]
        return np.where(self.ids[found] == wanted, found, -1)


def served(*, adult: bool, models: ActiveModels | None = None) -> Served | None:
    """The map that answers now; None where none is trained or its files are lost. Two queries."""
    active = active_models() if models is None else models
    rows = {kind: active[kind] for kind in (Atlas.kind, Clusters.kind) if kind in active}
    atlas = extras.opened(Atlas, rows.get(Atlas.kind))
    if atlas is None:
        return None
    clusters = extras.opened(Clusters, rows.get(Clusters.kind))
    made = [row.edition for _, row in sorted(rows.items())]
    told = f"{FORMAT} {made} {CatalogueVersion.now()}"
    version = hashlib.md5(told.encode(), usedforsecurity=False).hexdigest()[:12]
    return Served(atlas, clusters, f"{version}{SUFFIX}" if adult else version, adult)


_held: dict[bool, tuple[str, Sheet]] = {}
_drawing = threading.Lock()


def sheet_of(map_: Served) -> Sheet:
    """From this process, else from the cache, else drawn anew."""
    with _drawing:
        held = _held.get(map_.adult)
        if held is None or held[0] != map_.version:
            key = f"atlas-sheet:{map_.version}"
            sheet = cache.get(key)
            if sheet is None:
                sheet = _draw(map_)
                cache.set(key, sheet, A_DAY)
            _held[map_.adult] = held = (map_.version, sheet)
        return held[1]


def forget_sheets() -> None:
    with _drawing:
        _held.clear()


def _draw(map_: Served) -> Sheet:
    # What is drawn is for an audience, not for whoever happens to ask first.
    with viewing.seen_by(viewing.Viewer(adult=map_.adult)):
        titles = Anime.objects.visible().most_watched_first()
        rows = list(titles.values_list("pk", "type", "year", "aired_from__year"))
    ids = np.fromiter((row[0] for row in rows), np.int64, len(rows))
    spots = map_.atlas.positions_of(ids)
    there = np.isfinite(spots).all(axis=1) if len(ids) else np.zeros(0, bool)
    years = np.fromiter((row[2] or row[3] or 0 for row in rows), np.int64, len(rows))[there]
    kinds = [shades.KIND_OF.get(row[1], shades.OTHER_KIND) for row in rows]
    x, y = _on_paper(spots[there])
    known = ids[there]
    genres, traits = _genres(known, years)
    watched = map_.atlas.watched[map_.atlas.vocabulary.positions(known)]
    groups = map_.clusters.of_titles(known) if map_.clusters else np.full(len(known), -1)
    none = len(map_.clusters.groups) if map_.clusters else 0
    return Sheet(
        ids=known,
        x=x,
        y=y,
        years=np.where(years > FIRST_YEAR, np.clip(years - FIRST_YEAR, 0, 255), 0).astype(np.uint8),
        genres=genres,
        kinds=np.array(kinds, np.uint8)[there],
        groups=np.where(groups < 0, none, groups).astype(np.uint8),
        placed=(~watched).astype(np.uint8),
        regions=name_regions(np.stack([x, y], 1) / WHOLE, traits),
        missing=int((~there).sum()),
        order=hashlib.md5(known.tobytes(), usedforsecurity=False).hexdigest()[:12],
    )


def _on_paper(spots: npt.NDArray[Any]) -> tuple[npt.NDArray[np.uint16], npt.NDArray[np.uint16]]:
    """The map's plane on a square sheet, its middle in the middle; up is up."""
    if not len(spots):
        return np.empty(0, np.uint16), np.empty(0, np.uint16)
    low, high = spots.min(axis=0), spots.max(axis=0)
    size = float((high - low).max()) or 1.0
    unit = (spots - (low + high) / 2) / size + 0.5
    # Few titles leave most of the sheet empty: along each axis they move towards an even spread, in
    # their order, so that neighbours stay neighbours.
    share = EVENED * max(0.0, 1 - len(spots) / MANY)
    unit = (1 - share) * unit + share * _ranks(unit)
    paper = np.rint((unit * (1 - 2 * MARGIN) + MARGIN) * WHOLE).astype(np.uint16)
    return paper[:, 0], (WHOLE - paper[:, 1]).astype(np.uint16)


def _ranks(unit: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Places in the order along each axis, 0..1."""
    return np.argsort(np.argsort(unit, axis=0), axis=0) / max(len(unit) - 1, 1)


def _genres(ids: IntArray, years: IntArray) -> tuple[Bytes, Traits]:
    """The leading genre of each title, and all that a region may be named by."""
    links = AnimeGenre.objects.exclude(genre__kind=GenreKind.EXPLICIT)
    told = list(links.values_list("anime_id", "genre__name"))
    names = sorted({name for _, name in told})
    columns = {name: place for place, name in enumerate(names)}
    pairs = np.array([(pk, columns[name]) for pk, name in told], np.int64).reshape(-1, 2)
    order = np.argsort(ids)
    found = np.searchsorted(ids, pairs[:, 0], sorter=order).clip(max=max(len(ids) - 1, 0))
    rows = order[found] if len(ids) else found
    kept = ids[rows] == pairs[:, 0] if len(ids) else np.zeros(len(pairs), bool)
    rows = rows[kept]
    cols = pairs[kept, 1]
    leads = np.array([shades.PRIORITY.get(name, shades.OTHER_GENRE) for name in names], np.uint8)
    lead = np.full(len(ids), shades.OTHER_GENRE, np.uint8)
    if len(rows):
        np.minimum.at(lead, rows, leads[cols])
    return lead, Traits.of(names, rows, cols, years)
