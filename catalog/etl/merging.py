"""What one source says of a title, laid over what is known of it."""

from collections.abc import Collection

from catalog.etl.record import AnimeRecord, PartialDate
from catalog.etl.vocabulary import ADULT_GENRES, SENSITIVE_GENRES
from catalog.models import Anime, AnimeType, Precision, Season
from catalog.models.anime import AgeRating, SeasonOrigin

# From the least to the most trusted; a source that is not listed (a live one) outranks them all.
PRECEDENCE = ("cooperunion", "mal2020-synopses", "mal2020", "mal2023", "demo")
_FACTS = (
    "title",
    "title_english",
    "title_japanese",
    "synopsis",
    "type",
    "source",
    "status",
    "episodes",
    "duration",
    "age_rating",
    "image_url",
)
_LONGEST = {
    field.name: field.max_length for field in Anime._meta.concrete_fields if field.name in _FACTS
}


def outranks(one: str, other: str) -> bool:
    return _rank(one) > _rank(other)


def _rank(source: str) -> int:
    return PRECEDENCE.index(source) if source in PRECEDENCE else len(PRECEDENCE)


def merge(record: AnimeRecord, anime: Anime, *, blanks_only: bool) -> None:
    """Write what the record says into `anime`: over everything, or only where nothing is known.

    What the record does not say never takes away what is known.
    """
    blanks_only = blanks_only and not anime.is_stub
    for name in _FACTS:
        value = _storable(name, getattr(record, name))
        if value is not None and not (blanks_only and getattr(anime, name)):
            setattr(anime, name, value)
    _merge_day(anime, "aired_from", record.aired_from, blanks_only)
    _merge_day(anime, "aired_to", record.aired_to, blanks_only)
    _merge_season(record, anime, blanks_only)
    _merge_broadcast(record, anime, blanks_only)
    anime.is_stub = False


def _storable(name: str, value: object) -> object:
    """None for a word that the column cannot hold; the report has counted it as unknown."""
    longest = _LONGEST[name]
    fits = longest is None or not isinstance(value, str) or len(value) <= longest
    return value if fits else None


def _merge_day(anime: Anime, name: str, said: PartialDate | None, blanks_only: bool) -> None:
    if said is not None and not (blanks_only and getattr(anime, name)):
        setattr(anime, name, said.day)
        setattr(anime, f"{name}_precision", said.precision)


def _merge_broadcast(record: AnimeRecord, anime: Anime, blanks_only: bool) -> None:
    """Day, time and zone together: a time of one source on the day of another would be wrong."""
    if record.broadcast_day is None or (blanks_only and anime.broadcast_day is not None):
        return
    anime.broadcast_day = record.broadcast_day
    if record.broadcast_time and record.broadcast_zone:
        anime.broadcast_time, anime.broadcast_zone = record.broadcast_time, record.broadcast_zone


def _merge_season(record: AnimeRecord, anime: Anime, blanks_only: bool) -> None:
    """A season that a source says beats one worked out from the first day, wherever it comes from."""
    known = anime.season_origin == SeasonOrigin.PREMIERED
    if record.season and record.year and not (blanks_only and known):
        anime.season, anime.year = record.season, record.year
        anime.season_origin = SeasonOrigin.PREMIERED
    elif record.year and not record.season and not (blanks_only and anime.year):
        anime.year = record.year
    if anime.season_origin != SeasonOrigin.PREMIERED:
        _derive_season(anime)


def _derive_season(anime: Anime) -> None:
    known = anime.aired_from_precision in (Precision.DAY, Precision.MONTH)
    if anime.type == AnimeType.TV and anime.aired_from and known:
        anime.season = Season.values[(anime.aired_from.month - 1) // 3]
        anime.year = anime.aired_from.year
        anime.season_origin = SeasonOrigin.DERIVED


def judge(anime: Anime, genres: Collection[str]) -> None:
    """Set what must be hidden and what is shown with care, by age rating and genres.

    A missing age rating is not a safe one: without it only television and cinema count as harmless.
    """
    anime.is_adult = anime.age_rating == AgeRating.RX or not ADULT_GENRES.isdisjoint(genres)
    unjudged = not anime.age_rating and anime.type not in (AnimeType.TV, AnimeType.MOVIE)
    anime.is_sensitive = (
        anime.is_adult
        or anime.age_rating == AgeRating.R_PLUS
        or not SENSITIVE_GENRES.isdisjoint(genres)
        or unjudged
    )
