"""Answers as the documentation shows them."""

from drf_spectacular.utils import OpenApiExample

SITE = "http://127.0.0.1:8000"
CARD = {
    "url": f"{SITE}/anime/457/",
    "mal_id": 457,
    "title": "Mushishi",
    "title_english": "Mushi-Shi",
    "type": "tv",
    "year": 2005,
    "episodes": 26,
}
TITLE = {
    **CARD,
    "title_japanese": "蟲師",
    "status": "finished",
    "season": "fall",
    "genres": ["Adventure", "Mystery", "Slice of Life"],
    "mean_score": 8.65,
    "members": 790000,
    "image_url": None,
}
ANIME = OpenApiExample(
    "A series",
    value={
        **CARD,
        "title_japanese": "蟲師",
        "synonyms": ["Mushi-Shi"],
        "synopsis": "A wanderer looks after people whom mushi have touched.",
        "source": "manga",
        "status": "finished",
        "duration": 1500,
        "age_rating": "pg_13",
        "aired": {
            "from": "2005-10-23", "from_precision": "day", "to": "2006-06-19", "to_precision": "day",
        },
        "season": "fall",
        "studios": ["Artland"],
        "genres": [{"name": "Mystery", "kind": "genre"}],
        "relations": [{"kind": "sequel", "mal_id": 21939, "title": "Mushishi Zoku Shou"}],
        "mean_score": 8.65,
        "members": 790000,
        "image_url": None,
    },
    response_only=True,
    status_codes=["200"],
)  # fmt: skip
TITLES = OpenApiExample(
    "The first of twenty",
    value={"next": f"{SITE}/api/v1/anime?genre=Mystery&cursor=WyJtZW1iZXJzIl0", "results": [TITLE]},
    response_only=True,
    status_codes=["200"],
)
GENRES = OpenApiExample(
    "Two of them",
    value={"results": [
        {"name": "Mystery", "kind": "genre", "titles": 812},
        {"name": "School", "kind": "theme", "titles": 1754},
    ]},
    response_only=True,
    status_codes=["200"],
)  # fmt: skip
STUDIOS = OpenApiExample(
    "The first",
    value={"next": None, "results": [{"name": "Artland", "titles": 41}]},
    response_only=True,
    status_codes=["200"],
)
SEASONS = OpenApiExample(
    "The newest",
    value={"current": {"year": 2026, "season": "fall"}, "results": [
        {"year": 2027, "season": "winter", "titles": 58},
        {"year": 2026, "season": "fall", "titles": 143},
    ]},
    response_only=True,
    status_codes=["200"],
)  # fmt: skip
SEASON = OpenApiExample(
    "One that begins and one that goes on",
    value={"next": None, "results": [{**TITLE, "begins": True}, {**TITLE, "begins": False}]},
    response_only=True,
    status_codes=["200"],
)
TRENDS = OpenApiExample(
    "One of them",
    value={"results": [{
        "slug": "genres", "title": "Genres through the years", "parameters": ["by", "year_min"],
        "url": f"{SITE}/trends/genres/",
    }]},
    response_only=True,
    status_codes=["200"],
)  # fmt: skip
TREND = OpenApiExample(
    "Two years of it",
    value={
        "slug": "genres",
        "title": "Genres through the years",
        "finding": "Fantasy has grown most since 2010.",
        "note": "Titles by the year in which they began.",
        "columns": ["Year", "Fantasy", "Mystery"],
        "rows": [[2024, 31.5, 8.1], [2025, 33.0, 7.9]],
    },
    response_only=True,
    status_codes=["200"],
)
