"""The catalogue of the Anime Dataset 2023."""

from datetime import date
from typing import Any

from catalog.etl.fields import Row, aired, names, premiered, score, seconds, text, whole

TAKEN_ON = date(2023, 7, 1)
NAMED = {
    "mal_id": "anime_id",
    "title": "Name",
    "title_english": "English name",
    "title_japanese": "Other name",
    "score": "Score",
    "genres": "Genres",
    "synopsis": "Synopsis",
    "type": "Type",
    "episodes": "Episodes",
    "season": "Premiered",
    "year": "Premiered",
    "status": "Status",
    "studios": "Studios",
    "source": "Source",
    "duration": "Duration",
    "age_rating": "Rating",
    "rank": "Rank",
    "favorites": "Favorites",
    "scored_by": "Scored By",
    "members": "Members",
    "image_url": "Image URL",
}
COLUMNS = frozenset([*NAMED.values(), "Aired"])


def facts(row: Row) -> dict[str, Any]:
    first, last = aired(row, "Aired")
    season, year = premiered(row, "Premiered")
    return {
        "mal_id": whole(row, "anime_id"),
        "title": row["Name"],
        "title_english": text(row, "English name"),
        "title_japanese": text(row, "Other name"),
        "synopsis": text(row, "Synopsis"),
        "genres": names(row, "Genres"),
        "type": text(row, "Type"),
        "episodes": whole(row, "Episodes"),
        "status": text(row, "Status"),
        "aired_from": first,
        "aired_to": last,
        "season": season,
        "year": year,
        "studios": names(row, "Studios"),
        "source": text(row, "Source"),
        "duration": seconds(row, "Duration"),
        "age_rating": text(row, "Rating"),
        "image_url": text(row, "Image URL"),
        "score": score(row, "Score"),
        "scored_by": whole(row, "Scored By"),
        "members": whole(row, "Members"),
        "favorites": whole(row, "Favorites"),
        "rank": whole(row, "Rank"),
    }
