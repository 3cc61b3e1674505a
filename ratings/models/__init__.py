from ratings.models.imports import ListImport
from ratings.models.rating import Feedback, FeedbackReason, UserAnimeRating, WatchStatus
from ratings.models.user import Origin, User

__all__ = [
    "Feedback",
    "FeedbackReason",
    "ListImport",
    "Origin",
    "User",
    "UserAnimeRating",
    "WatchStatus",
]
