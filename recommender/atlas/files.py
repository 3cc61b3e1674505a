"""The map as files: where the titles lie, what they are called, and what belongs to one member."""

import base64
import gzip
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from django.core.cache import cache

from catalog import viewing
from catalog.models import Anime
from ratings.models import User, WatchStatus
from recommender import datasets
from recommender.atlas.sheet import A_DAY, Served, Sheet, sheet_of
from recommender.engine.score_model import ScoreModel

# Predicted scores are told in steps of a 25th, so that one fits a byte; 0 is none.
STEPS = 25
STATUSES = tuple(WatchStatus.values)


def points(map_: Served) -> bytes:
    """Compressed: the length of the header (uint32), the header (JSON), then column after column.

    Little-endian: ids uint32, x and y uint16, then bytes. The header names the columns and is filled up
    to a multiple of four.
    """
    return _kept(f"atlas-points:{map_.version}", lambda: _points(sheet_of(map_)))


def _points(sheet: Sheet) -> bytes:
    columns: dict[str, np.ndarray] = {
        "ids": sheet.ids.astype("<u4"), "x": sheet.x.astype("<u2"), "y": sheet.y.astype("<u2"),
        "year": sheet.years, "genre": sheet.genres, "era": sheet.eras, "type": sheet.kinds,
        "group": sheet.groups, "placed": sheet.placed,
    }  # fmt: skip
    regions = [[r.level, r.name, r.x, r.y, r.titles] for r in sheet.regions]
    header = {"order": sheet.order, "titles": len(sheet), "regions": regions}
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 4)
    body = b"".join(column.tobytes() for column in columns.values())
    return len(text).to_bytes(4, "little") + text + body


def names(map_: Served, language: str) -> bytes:
    """Compressed JSON: in the map's order the names, and the other ones by which they are looked for."""
    return _kept(f"atlas-names:{map_.version}:{language}", lambda: _names(map_, language))


def _names(map_: Served, language: str) -> bytes:
    sheet = sheet_of(map_)
    fields = ("pk", "title", "title_english", "title_japanese")
    with viewing.seen_by(viewing.Viewer(adult=map_.adult)):
        rows = Anime.objects.visible().order_by().values_list(*fields)
        known = {row[0]: dict(zip(fields, row, strict=True)) for row in rows}
    told = [_called(known.get(pk, {}), language, pk) for pk in sheet.ids.tolist()]
    text = {
        "order": sheet.order,
        "names": [one[0] for one in told],
        "also": [one[1] for one in told],
    }
    return json.dumps(text, ensure_ascii=False, separators=(",", ":")).encode()


def _called(row: Mapping[str, Any], language: str, pk: int) -> tuple[str, str]:
    """The name that is shown, and the first other one in Latin letters."""
    shown = next((row[name] for name in viewing.NAMES[language] if row.get(name)), f"#{pk}")
    others = (row.get(name, "") for name in ("title", "title_english"))
    return shown, next((name for name in others if name and name != shown), "")


def mine(sheet: Sheet, member: User, scorer: ScoreModel | None) -> dict[str, Any]:
    """The member's own titles as [place, status, score or 0], and a predicted score for each title."""
    entries = list(member.list_entries.values_list("anime_id", "status", "score"))
    places = sheet.places_of([pk for pk, _, _ in entries]).tolist()
    own = [
        [place, STATUSES.index(status), score or 0]
        for place, (_, status, score) in zip(places, entries, strict=True)
        if place >= 0
    ]
    steps = np.rint(predicted(sheet, member, scorer) * STEPS).astype(np.uint8)
    return {
        "order": sheet.order,
        "own": sorted(own),
        "predicted": base64.b64encode(steps.tobytes()).decode() if steps.any() else "",
    }


def predicted(sheet: Sheet, member: User, scorer: ScoreModel | None) -> np.ndarray:
    """What the member would likely give, in the sheet's order; 0 where nobody can tell."""
    if scorer is None or not len(sheet):
        return np.zeros(len(sheet), np.float32)
    scores = np.clip(scorer.score(datasets.read_list(member)), 1, 10)
    places = scorer.vocabulary.positions(sheet.ids)
    return np.where(places >= 0, scores[places], 0).astype(np.float32)


def _kept(key: str, make: Any) -> bytes:
    held = cache.get(key)
    if held is None:
        held = gzip.compress(make(), compresslevel=6, mtime=0)
        cache.set(key, held, A_DAY)
    return bytes(held)
