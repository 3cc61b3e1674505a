"""This project's own small catalogue of well-known titles."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from catalog.etl.fields import partial_date
from catalog.etl.record import AnimeRecord

_AS_THEY_ARE = (
    "mal_id",
    "title",
    "title_english",
    "title_japanese",
    "synonyms",
    "synopsis",
    "type",
    "source",
    "status",
    "episodes",
    "age_rating",
    "season",
    "year",
    "studios",
    "genres",
)


def records(path: Path) -> Iterator[AnimeRecord]:
    for entry in json.loads(path.read_text(encoding="utf-8")):
        yield AnimeRecord(**_facts(entry))


def _facts(entry: dict[str, Any]) -> dict[str, Any]:
    return {
        **{name: entry.get(name) for name in _AS_THEY_ARE},
        "duration": entry.get("duration_seconds"),
        "aired_from": partial_date(entry.get("aired_from")),
        "aired_to": partial_date(entry.get("aired_to")),
        "relations": [(edge["relation"], edge["to"]) for edge in entry.get("relations") or ()],
    }
