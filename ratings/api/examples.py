"""Requests and answers as the documentation shows them."""

from drf_spectacular.utils import OpenApiExample

from catalog.api.examples import CARD, SITE

LINE = {
    "anime_id": 457,
    "score": 10,
    "status": "completed",
    "watched_episodes": 26,
    "started": "2019-04",
    "finished": "2019-05-11",
    "rewatches": 1,
    "counts": True,
    "rated_at": "2026-11-23T19:02:11.480000Z",
}
ENTRY = OpenApiExample("A line", value=LINE, response_only=True, status_codes=["200", "201"])
LIST = OpenApiExample(
    "The first of fifty",
    value={"next": f"{SITE}/api/v1/list?cursor=WyJjaGFuZ2VkIl0", "results": [{**LINE, "anime": CARD}]},
    response_only=True,
    status_codes=["200"],
)  # fmt: skip
RATING = [
    OpenApiExample("A score", value={"anime_id": 1, "score": 9}, request_only=True),
    OpenApiExample(
        "Dropped, with no score",
        value={"anime_id": 1, "score": None, "status": "dropped"},
        request_only=True,
    ),
]
SAYING = [
    OpenApiExample("Begun", value={"status": "watching", "watched_episodes": 3}, request_only=True),
    OpenApiExample(
        "A score and a day", value={"score": 8, "finished": "2026-11-20"}, request_only=True
    ),
]
MANY = [
    OpenApiExample(
        "Two rated, one taken off",
        value={
            "entries": [{"anime_id": 457, "score": 10}, {"anime_id": 1, "status": "planned"}],
            "remove": [5],
        },
        request_only=True,
    ),
    OpenApiExample(
        "What was done",
        value={"added": 1, "changed": 1, "removed": 1},
        response_only=True,
        status_codes=["200"],
    ),
]
ME = OpenApiExample(
    "With a token",
    value={
        "user_id": 7,
        "name": "ines",
        "is_guest": False,
        "is_staff": False,
        "is_public": False,
        "title_language": "english",
        "list_version": 42,
        "token": {"id": 3, "name": "phone", "scope": "write"},
    },
    response_only=True,
    status_codes=["200"],
)
TOKEN = {
    "id": 3,
    "name": "phone",
    "scope": "read",
    "made_at": "2026-11-20T08:00:00Z",
    "used_at": "2026-11-23T19:02:00Z",
}
TOKENS = OpenApiExample(
    "One token", value={"results": [TOKEN]}, response_only=True, status_codes=["200"]
)
NEW_TOKEN = [
    OpenApiExample("May read", value={"name": "phone", "scope": "read"}, request_only=True),
    OpenApiExample(
        "Its key, shown this once",
        value={**TOKEN, "used_at": None, "key": "anr_5n1hH0m3pJv"},
        response_only=True,
        status_codes=["201"],
    ),
]
RUN = {
    "id": 12,
    "state": "queued",
    "source": "mal_xml",
    "subject": "animelist.xml",
    "conflict": "theirs",
    "total": 3,
    "done": None,
    "counts": {"new": 2, "doubtful": 1},
    "undecided": 1,
    "notes": [],
    "started_at": "2026-11-23T19:02:11Z",
    "finished_at": None,
    "undone_at": None,
    "is_silent": False,
}
IMPORT = OpenApiExample(
    "A preview", value=RUN, response_only=True, status_codes=["200", "201", "202"]
)
IMPORTS = OpenApiExample(
    "One import",
    value={"next": None, "results": [RUN]},
    response_only=True,
    status_codes=["200"],
)
START = OpenApiExample("Let the file win", value={"conflict": "theirs"}, request_only=True)
LINES = OpenApiExample(
    "A doubtful line",
    value={"next": None, "results": [{
        "number": 3, "fate": "doubtful", "reason": "Two titles are called so.", "title": "Mushishi",
        "anime_id": None, "status": "completed", "score": 10, "candidates": [CARD],
    }]},
    response_only=True,
    status_codes=["200"],
)  # fmt: skip
CHOOSE = [
    OpenApiExample("This one", value={"anime_id": 457}, request_only=True),
    OpenApiExample("None of them", value={"anime_id": None}, request_only=True),
]
