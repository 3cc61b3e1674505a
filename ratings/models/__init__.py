from ratings.models.changes import ListChange
from ratings.models.follow import Follow
from ratings.models.imports import Conflict, Fate, ListImport, ListImportLine
from ratings.models.rating import Feedback, FeedbackReason, UserAnimeRating, WatchStatus
from ratings.models.user import Origin, User

__all__ = [
    "Conflict",
    "Fate",
    "Feedback",
    "FeedbackReason",
    "Follow",
    "ListChange",
    "ListImport",
    "ListImportLine",
    "Origin",
    "User",
    "UserAnimeRating",
    "WatchStatus",
]
