"""The catalogue of the Anime Recommendations Database (CooperUnion, 2016)."""

from datetime import date
from typing import Any

from catalog.etl.fields import Row, names, score, text, whole

TAKEN_ON = date(2016, 12, 21)
NAMED = {
    "mal_id": "anime_id",
    "title": "name",
    "genres": "genre",
    "type": "type",
    "episodes": "episodes",
    "score": "rating",
    "members": "members",
}
COLUMNS = frozenset(NAMED.values())


def facts(row: Row) -> dict[str, Any]:
    return {
        "mal_id": whole(row, "anime_id"),
        "title": row["name"],
        "genres": names(row, "genre"),
        "type": text(row, "type"),
        "episodes": whole(row, "episodes"),
        "score": score(row, "rating"),
        "members": whole(row, "members"),
    }
