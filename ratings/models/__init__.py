from ratings.models.answers import KeptAnswer
from ratings.models.changes import ListChange
from ratings.models.follow import Follow
from ratings.models.imports import Conflict, Fate, ListImport, ListImportLine
from ratings.models.rating import Feedback, FeedbackReason, UserAnimeRating, WatchStatus
from ratings.models.token import AccessToken, Scope
from ratings.models.user import Origin, User

__all__ = [
    "AccessToken",
    "Conflict",
    "Fate",
    "Feedback",
    "FeedbackReason",
    "Follow",
    "KeptAnswer",
    "ListChange",
    "ListImport",
    "ListImportLine",
    "Origin",
    "Scope",
    "User",
    "UserAnimeRating",
    "WatchStatus",
]
