"""Answers as the documentation shows them."""

from drf_spectacular.utils import OpenApiExample

from catalog.api.examples import CARD
from ratings.api.examples import RUN

MODEL = {"kind": "ease", "trained_at": "2026-11-23T03:30:00Z"}
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
                "anime": CARD,
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
        "results": [{"rank": 1, "anime": CARD, "score": 0.1, "shared": ["Slice of Life"]}],
    },
    response_only=True,
    status_codes=["200"],
)
QUIZ = OpenApiExample(
    "One question, after three titles and one answer",
    value={
        "model": {"kind": "quiz", "trained_at": "2026-11-23T03:30:00Z"},
        "questions": [CARD],
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
LISTED = OpenApiExample(
    "Two titles seen, one dropped, one not wanted",
    value={
        "list": [
            {"anime_id": 387, "score": 10},
            {"anime_id": 5, "status": "dropped"},
        ],
        "not_interested": [20],
    },
    request_only=True,
)
FOR_LIST = OpenApiExample(
    "The first of twenty",
    value={
        "model": MODEL,
        "unknown": [],
        "results": [
            {
                "rank": 1,
                "anime": CARD,
                "score": 0.83,
                "predicted_score": 8.9,
                "reason": "You gave Haibane Renmei a 10 · Popular with members",
                "causes": [CAUSE, POPULARITY],
                "explained": 1.0,
                "propensity": 1.0,
            }
        ],
    },
    response_only=True,
    status_codes=["200"],
)
EXPLAINED = OpenApiExample(
    "One title",
    value={
        "user_id": 7,
        "model": MODEL,
        "anime": CARD,
        "on_list": False,
        "score": 0.83,
        "predicted_score": 8.9,
        "reason": "You gave Haibane Renmei a 10 · Popular with members",
        "causes": [CAUSE, POPULARITY],
        "explained": 1.0,
        "breakdown": BREAKDOWN,
        "left_out": {},
    },
    response_only=True,
    status_codes=["200"],
)
DISMISS = OpenApiExample("Too long", value={"reason": "length"}, request_only=True)
NOT_WANTED = {"anime": CARD, "reason": "length", "created_at": "2026-11-23T19:02:11Z"}
FEEDBACK = OpenApiExample(
    "What is kept", value=NOT_WANTED, response_only=True, status_codes=["200"]
)
FEEDBACK_LIST = OpenApiExample(
    "One title",
    value={"next": None, "results": [NOT_WANTED]},
    response_only=True,
    status_codes=["200"],
)
CORRECTION = OpenApiExample(
    "Less of a genre",
    value={"kind": "genre", "name": "Mecha", "change": "less"},
    request_only=True,
)
TASTE = OpenApiExample(
    "One trait",
    value={
        "is_trained": True,
        "group": {"name": "Mystery and Seinen", "share": 0.08},
        "claims": [
            {
                "kind": "genre",
                "name": "Mystery",
                "sentence": "You score Mystery 0.6 above the rest of your list.",
                "certainty": 0.992,
            }
        ],
        "traits": [
            {
                "kind": "genre",
                "name": "Mystery",
                "titles": 31,
                "scored": 28,
                "points": 0.61,
                "points_low": 0.21,
                "points_high": 1.02,
                "often": 1.8,
                "often_low": 1.3,
                "often_high": 2.5,
                "correction": 0,
            }
        ],
    },
    response_only=True,
    status_codes=["200"],
)
LIVE = OpenApiExample(
    "An import that runs",
    value={
        "user_id": 7,
        "is_staff": False,
        "list_version": 42,
        "imports": [{**RUN, "state": "running", "done": 200}],
        "work": [],
    },
    response_only=True,
    status_codes=["200"],
)
