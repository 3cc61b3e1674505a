"""AnimeRecord: the one validated shape that every source is brought into."""

import hashlib
import html
from collections.abc import Iterable, Iterator
from datetime import date, time
from functools import cache, cached_property
from typing import Annotated, Any, NamedTuple
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from catalog.etl.vocabulary import (
    AGE_RATINGS,
    GENRE_KINDS,
    GENRES,
    RELATIONS,
    SOURCES,
    STATUSES,
    TYPES,
    fold,
)
from catalog.models import RelationKind

MAX_INTEGER = 2**31 - 1
# What moves daily: kept as snapshots, and no reason to call a record changed.
MEASURES = ("score", "scored_by", "members", "favorites", "rank")
_MEASURES = set(MEASURES)
_NOTHING = ("", "unknown")
_NOTHING_BEGINS = "uU-_"
_NO_SYNOPSIS = ("no synopsis information has been added", "no description available")


def unescaped(text: str) -> str:
    """Without HTML entities, also where they were escaped twice or thrice, and without NUL, which no database takes."""
    if "&" not in text:
        return text.replace("\0", "").strip()
    for _ in range(5):
        plain = html.unescape(text)
        if plain == text:
            break
        text = plain
    return text.replace("\0", "").strip()


def _said(value: Any) -> Any:
    """Text without entities; None for what says nothing."""
    if not isinstance(value, str):
        return value
    text = unescaped(value)
    # Few words begin like one that says nothing; folding every word would cost as much as all else.
    if not text or (text[0] in _NOTHING_BEGINS and len(text) < 20 and fold(text) in _NOTHING):
        return None
    return text


def _told(value: Any) -> Any:
    text = _said(value)
    return None if isinstance(text, str) and text[:50].casefold().startswith(_NO_SYNOPSIS) else text


def _secure(value: Any) -> Any:
    text = _said(value)
    return text if isinstance(text, str) and text.startswith("https://") else None


def _word_of(table: dict[str, str]) -> BeforeValidator:
    """The stored word for any of its spellings; an unknown word stays as it is."""

    def canonical(value: Any) -> Any:
        text = _said(value)
        return table.get(fold(text), text) if isinstance(text, str) else text

    return BeforeValidator(canonical)


def _genres(values: Iterable[str] | None) -> Any:
    if values is None:
        return None
    names = (GENRES.get(fold(name), name) for name in filter(None, map(_said, values)))
    return tuple(dict.fromkeys(filter(None, names)))


def _names(values: Iterable[str] | None) -> Any:
    return None if values is None else tuple(dict.fromkeys(filter(None, map(_said, values))))


@cache
def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        return False
    return True


def _zone(value: Any) -> Any:
    """None for a time zone that nobody knows; without one the time would mean nothing."""
    return value if isinstance(value, str) and len(value) <= 40 and _is_zone(value) else None


def _positive(value: Any) -> Any:
    """Counts from 1: a source that says 0 does not know."""
    return None if value == 0 else value


class Relation(NamedTuple):
    kind: str
    to_mal_id: int


def _relations(values: Iterable[tuple[str, int]] | None) -> Any:
    """Known kinds; others are kept as `other`. Adaptations lead to manga, which is not here."""
    if values is None:
        return None
    kinds = ((fold(kind), to) for kind, to in values)
    return tuple(
        dict.fromkeys(
            Relation(RELATIONS.get(kind, RelationKind.OTHER.value), to)
            for kind, to in kinds
            if kind != "adaptation"
        )
    )


class PartialDate(NamedTuple):
    """`precision` is how much of `day` the source really said: 'day', 'month' or 'year'."""

    day: date
    precision: str


Id = Annotated[int, Field(ge=1, le=MAX_INTEGER)]
Count = Annotated[int, Field(ge=0, le=MAX_INTEGER)]
FromOne = Annotated[Count | None, BeforeValidator(_positive)]
Name = Annotated[str, Field(min_length=1, max_length=300), BeforeValidator(unescaped)]
Text = Annotated[str | None, BeforeValidator(_said)]
ShortText = Annotated[
    Annotated[str, Field(max_length=300)] | None,
    BeforeValidator(_said),
]


class AnimeRecord(BaseModel):
    """What one source says of one title. None means: this source does not say."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    mal_id: Id
    title: Name
    title_english: ShortText = None
    title_japanese: ShortText = None
    synonyms: Annotated[
        tuple[Annotated[str, Field(max_length=300)], ...] | None, BeforeValidator(_names)
    ] = None
    synopsis: Annotated[Annotated[str, Field(max_length=50_000)] | None, BeforeValidator(_told)] = (
        None
    )
    type: Annotated[str | None, _word_of(TYPES)] = None
    source: Annotated[str | None, _word_of(SOURCES)] = None
    status: Annotated[str | None, _word_of(STATUSES)] = None
    episodes: FromOne = None
    # Seconds an episode.
    duration: FromOne = None
    age_rating: Annotated[str | None, _word_of(AGE_RATINGS)] = None
    aired_from: PartialDate | None = None
    aired_to: PartialDate | None = None
    season: Annotated[str | None, Field(pattern="^(winter|spring|summer|fall)$")] = None
    year: Annotated[int, Field(ge=1900, le=2200)] | None = None
    # When a new episode is shown: 0 is Monday.
    broadcast_day: Annotated[int, Field(ge=0, le=6)] | None = None
    broadcast_time: time | None = None
    broadcast_zone: Annotated[str | None, BeforeValidator(_zone)] = None
    image_url: Annotated[Annotated[str, Field(max_length=500)] | None, BeforeValidator(_secure)] = (
        None
    )
    genres: Annotated[
        tuple[Annotated[str, Field(max_length=60)], ...] | None, BeforeValidator(_genres)
    ] = None
    studios: Annotated[
        tuple[Annotated[str, Field(max_length=160)], ...] | None, BeforeValidator(_names)
    ] = None
    relations: Annotated[tuple[tuple[str, Id], ...] | None, BeforeValidator(_relations)] = None

    score: Annotated[float, Field(ge=0, le=10)] | None = None
    scored_by: Count | None = None
    # A title that nobody listed is one whose members the source did not count.
    members: FromOne = None
    favorites: Count | None = None
    rank: FromOne = None

    @cached_property
    def content_hash(self) -> str:
        """Changes when anything but the daily measures does; not when a release learns of a new field."""
        content = self.model_dump_json(exclude=_MEASURES, exclude_none=True)
        return hashlib.blake2b(content.encode(), digest_size=16).hexdigest()

    def unknown_words(self) -> Iterator[str]:
        """Words outside the known vocabularies, each with its field."""
        for field, known in (
            ("type", TYPES),
            ("source", SOURCES),
            ("status", STATUSES),
            ("age_rating", AGE_RATINGS),
        ):
            word = getattr(self, field)
            if word is not None and word not in known.values():
                yield f"{field} {word!r}"
        yield from (f"genre {name!r}" for name in self.genres or () if name not in GENRE_KINDS)
