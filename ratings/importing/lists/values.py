"""What stands in the fields of all formats, as values; what cannot be one raises `Unfit` with the reason."""

import re
from calendar import monthrange
from collections.abc import Mapping
from datetime import UTC, date, datetime
from math import floor

from catalog.models import Precision
from ratings.importing.lists.line import HIGHEST_ID, LONGEST_TITLE
from ratings.models import WatchStatus

MOST_EPISODES = 100_000
MOST_REWATCHES = 10_000
HIGHEST_NUMBER = 10**15
_JOINERS = re.compile(r"[\s_\-'’]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]+")
_NUMBER = re.compile(r"[+-]?\d{1,12}([.,]\d{0,6})?")
_DATE = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_NOTHING = frozenset({"", "-", "–", "n/a", "na", "none", "null", "nan", "unrated", "unscored"})
# So that whatever a file holds, a reason fits its column.
_LONGEST_QUOTE = 40

_WORDS = {
    WatchStatus.WATCHING: "watching current currentlywatching inprogress 1",
    WatchStatus.COMPLETED: "completed complete watched finished seen repeating rewatching 2",
    WatchStatus.ON_HOLD: "onhold hold paused stalled 3",
    WatchStatus.DROPPED: "dropped abandoned 4",
    WatchStatus.PLANNED: "plantowatch planned planning wanttowatch ptw watchlist backlog 6",
}
STATUSES = {word: status.value for status, words in _WORDS.items() for word in words.split()}


class Unfit(ValueError):
    """A field that cannot be right; the text is the reason for the member."""


def text(value: object) -> str:
    """On one line, without what no database takes."""
    plain = _CONTROL.sub(" ", value) if isinstance(value, str) else ""
    return " ".join(plain.split())[:LONGEST_TITLE]


def _written(value: object) -> str:
    """A word or a number as it stands in the file; nothing for what is built of parts."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value) if -HIGHEST_NUMBER < value < HIGHEST_NUMBER else "a number without end"
    return value if isinstance(value, str) else ""


def quoted(value: object) -> str:
    plain = text(_written(value)) or "…"
    short = plain if len(plain) <= _LONGEST_QUOTE else plain[: _LONGEST_QUOTE - 1] + "…"
    return f"“{short}”"


def is_nothing(value: object) -> bool:
    return value is None or (isinstance(value, str) and value.strip().casefold() in _NOTHING)


def number(value: object) -> float | None:
    """8, '8', '8.5' and '8,5' as a number; None for what is no number."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value if -HIGHEST_NUMBER < value < HIGHEST_NUMBER else None
    written = value.strip() if isinstance(value, str) else ""
    if not (written.isascii() and _NUMBER.fullmatch(written)):
        return None
    return float(written.replace(",", "."))


def mal_id(value: object) -> int | None:
    if is_nothing(value):
        return None
    found = number(value)
    if found is None or found != floor(found) or not 1 <= found <= HIGHEST_ID:
        raise Unfit(f"{quoted(value)} is no MyAnimeList id.")
    return int(found)


def score(value: object, *, best: int = 10) -> int | None:
    """Of 10, rounded as people round; 0 stands for none, in every format."""
    if is_nothing(value):
        return None
    found = number(value)
    if found is None:
        raise Unfit(f"The score {quoted(value)} is no number.")
    if found in (0, -1):
        return None
    if not 0 < found <= best:
        raise Unfit(f"The score {quoted(value)} is not from 1 to {best}.")
    return max(1, floor(found * 10 / best + 0.5))


def status(value: object, words: Mapping[str, str] = STATUSES) -> str:
    if is_nothing(value):
        return ""
    found = words.get(_JOINERS.sub("", _written(value)[:100]).casefold())
    if found is None:
        raise Unfit(f"The status {quoted(value)} is not known here.")
    return found


def count(value: object, most: int) -> int | None:
    """A whole number of episodes or times. What is none tells nothing, and costs nobody the line."""
    found = number(value)
    return int(found) if found is not None and 0 <= found <= most else None


def episodes(value: object, status: str) -> int | None:
    """Many lists say 'completed' with 0 episodes: the status is right, the number was never kept."""
    found = count(value, MOST_EPISODES)
    return None if found == 0 and status == WatchStatus.COMPLETED else found


def rewatches(value: object) -> int:
    return count(value, MOST_REWATCHES) or 0


def partial_date(value: object) -> tuple[date | None, str]:
    """'2021-03-04', '2021-03-00', '2021', 20210304, an ISO time; as exact as it is told, else nothing."""
    written = _written(value)[:40].strip()
    found = _COMPACT.fullmatch(written) or _DATE.fullmatch(
        written.partition("T")[0].partition(" ")[0]
    )
    if found is None:
        return None, ""
    return dated(*(int(part or 0) for part in found.groups()))


def dated(year: int, month: int, day: int) -> tuple[date | None, str]:
    """0 for a part that is not known; a day or month that cannot be leaves the rest standing."""
    if not 1900 <= year <= 2200:
        return None, ""
    if not 1 <= month <= 12:
        return date(year, 1, 1), Precision.YEAR.value
    if not 1 <= day <= monthrange(year, month)[1]:
        return date(year, month, 1), Precision.MONTH.value
    return date(year, month, day), Precision.DAY.value


def fuzzy_date(value: object) -> tuple[date | None, str]:
    """AniList's {"year": 2021, "month": 3, "day": null}."""
    if not isinstance(value, dict):
        return None, ""
    parts = [int(number(value.get(part)) or 0) for part in ("year", "month", "day")]
    return dated(*parts)


def moment(value: object) -> datetime | None:
    """An ISO time or seconds since 1970, with its zone, UTC where none is told; else nothing."""
    if isinstance(value, datetime):
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    try:
        if (seconds := number(value)) is not None:
            found = datetime.fromtimestamp(seconds, UTC) if seconds > 0 else None
        else:
            found = datetime.fromisoformat(_written(value)[:40].strip()) if value else None
        if found is None or not 1970 <= found.year <= 2200:
            return None
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError):
        return None
