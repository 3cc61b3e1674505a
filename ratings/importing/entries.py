"""Lines of members' lists as arrays: a block of a file at a time."""

from typing import Any

import numpy as np
import numpy.typing as npt

from ratings.models import WatchStatus

STATUSES = (
    WatchStatus.COMPLETED.value,
    WatchStatus.WATCHING.value,
    WatchStatus.ON_HOLD.value,
    WatchStatus.DROPPED.value,
    WatchStatus.PLANNED.value,
)
COMPLETED, PLANNED = STATUSES.index("completed"), STATUSES.index("planned")
NO_SCORE = 0
NOT_COUNTED = -1

# `user` is the number the file gives its member; `status` is a place in STATUSES.
ENTRY = np.dtype(
    [("user", "i8"), ("anime", "i4"), ("status", "i1"), ("score", "i1"), ("episodes", "i4")]
)
Entries = npt.NDArray[Any]
Numbers = npt.NDArray[np.int64]


def entries_of(
    user: Numbers,
    anime: Numbers,
    score: Numbers,
    status: Numbers | int = COMPLETED,
    episodes: Numbers | int = NOT_COUNTED,
) -> Entries:
    entries = np.empty(len(user), ENTRY)
    entries["user"], entries["anime"], entries["score"] = user, anime, score
    entries["status"], entries["episodes"] = status, episodes
    return entries


def last_of_each(entries: Entries) -> Entries:
    """One entry for each member and title, the last one of the file, in their order."""
    order = np.lexsort((entries["anime"], entries["user"]))
    ordered = entries[order]
    follows = (ordered["user"][1:] == ordered["user"][:-1]) & (
        ordered["anime"][1:] == ordered["anime"][:-1]
    )
    kept: Entries = ordered[np.append(~follows, True)] if len(ordered) else ordered
    return kept
