"""The catalogue of the Anime Recommendation Database 2020: a table of facts and one of synopses."""

from datetime import date
from typing import Any

from catalog.etl.fields import Row, aired, names, premiered, score, seconds, text, whole

TAKEN_ON = date(2021, 2, 26)
NAMED = {
    "mal_id": "MAL_ID",
    "title": "Name",
    "score": "Score",
    "genres": "Genres",
    "title_english": "English name",
    "title_japanese": "Japanese name",
    "type": "Type",
    "episodes": "Episodes",
    "season": "Premiered",
    "year": "Premiered",
    "studios": "Studios",
    "source": "Source",
    "duration": "Duration",
    "age_rating": "Rating",
    "rank": "Ranked",
    "members": "Members",
    "favorites": "Favorites",
}
VOTES = tuple(f"Score-{points}" for points in range(1, 11))
COLUMNS = frozenset([*NAMED.values(), "Aired", *VOTES])

SYNOPSIS_NAMED = {
    "mal_id": "MAL_ID",
    "title": "Name",
    "genres": "Genres",
    # So it is spelt there.
    "synopsis": "sypnopsis",
}
SYNOPSIS_COLUMNS = frozenset(SYNOPSIS_NAMED.values())


def facts(row: Row) -> dict[str, Any]:
    first, last = aired(row, "Aired")
    season, year = premiered(row, "Premiered")
    return {
        "mal_id": whole(row, "MAL_ID"),
        "title": row["Name"],
        "title_english": text(row, "English name"),
        "title_japanese": text(row, "Japanese name"),
        "genres": names(row, "Genres"),
        "type": text(row, "Type"),
        "episodes": whole(row, "Episodes"),
        "aired_from": first,
        "aired_to": last,
        "season": season,
        "year": year,
        "studios": names(row, "Studios"),
        "source": text(row, "Source"),
        "duration": seconds(row, "Duration"),
        "age_rating": text(row, "Rating"),
        "score": score(row, "Score"),
        "scored_by": sum(whole(row, votes) or 0 for votes in VOTES) or None,
        "members": whole(row, "Members"),
        "favorites": whole(row, "Favorites"),
        "rank": whole(row, "Ranked"),
    }


def synopsis_facts(row: Row) -> dict[str, Any]:
    return {
        "mal_id": whole(row, "MAL_ID"),
        "title": row["Name"],
        "genres": names(row, "Genres"),
        "synopsis": text(row, "sypnopsis"),
    }
