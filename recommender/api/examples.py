"""Answers as the documentation shows them."""

from drf_spectacular.utils import OpenApiExample

MODEL = {"kind": "ease", "trained_at": "2026-11-23T03:30:00Z"}
TITLE = {
    "url": "http://127.0.0.1:8000/anime/457/",
    "mal_id": 457,
    "title": "Mushishi",
    "title_english": "Mushi-Shi",
    "type": "tv",
    "year": 2005,
    "episodes": 26,
}
CAUSE = {
    "kind": "title",
    "anime_id": 387,
    "label": "Haibane Renmei",
    "score": 10,
    "share": 0.41,
    "value": 0.36,
    "feature": "",
}
POPULARITY = {
    "kind": "feature",
    "anime_id": None,
    "label": "Popular with members",
    "score": None,
    "share": 0.59,
    "value": 0.52,
    "feature": "popularity",
}
BREAKDOWN = {"score": 0.83, "causes": [POPULARITY, CAUSE], "remainder": -0.05}
RECOMMENDATIONS = OpenApiExample(
    "The first of twenty, with explain=full",
    value={
        "user_id": 7,
        "model": MODEL,
        "results": [
            {
                "rank": 1,
                "anime": TITLE,
                "score": 0.83,
                "predicted_score": 8.9,
                "reason": "You gave Haibane Renmei a 10 · Popular with members",
                "causes": [CAUSE, POPULARITY],
                "explained": 1.0,
                "propensity": 1.0,
                "breakdown": BREAKDOWN,
            }
        ],
    },
    response_only=True,
    status_codes=["200"],
)
SIMILAR = OpenApiExample(
    "The first of twelve",
    value={
        "anime_id": 387,
        "results": [{"rank": 1, "anime": TITLE, "score": 0.1, "shared": ["Slice of Life"]}],
    },
    response_only=True,
    status_codes=["200"],
)
QUIZ = OpenApiExample(
    "One question, after three titles and one answer",
    value={
        "model": {"kind": "quiz", "trained_at": "2026-11-23T03:30:00Z"},
        "questions": [TITLE],
        "answered": {"titles": 3, "not_seen": [387], "genres": ["Mystery"], "ready": False},
        "genres": ["Adventure", "Drama", "Mystery"],
    },
    response_only=True,
    status_codes=["200"],
)
QUIZ_ANSWERS = [
    OpenApiExample("Two titles not seen", value={"not_seen": [387, 457]}, request_only=True),
    OpenApiExample("Favourite genres", value={"genres": ["Mystery"]}, request_only=True),
    OpenApiExample("Seen after all", value={"undo": [387]}, request_only=True),
]
