"""What is the same wherever facts of MyAnimeList come from."""

import re
from datetime import time
from typing import Any

# Told apart by number, as these decide what is hidden, and names have changed before.
_EXPLICIT = {9: "Ecchi", 12: "Hentai", 49: "Erotica"}
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_CREDITS = re.compile(
    r"(?:\[\s*Written by MAL Rewrite\s*\]|[(\[]\s*Source:[^)\]]*[)\]])\s*$", re.IGNORECASE
)
_LONGEST_CREDIT = 250
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


def genre_name(number: Any, name: Any) -> Any:
    return _EXPLICIT.get(number, name) if isinstance(number, int) else name


def broadcast_day(said: Any) -> int | None:
    """'Sundays', 'sunday' -> 6; None for 'Not scheduled once per week' and 'other'."""
    word = said.casefold().removesuffix("s") if isinstance(said, str) else ""
    return _DAYS.index(word) if word in _DAYS else None


def clock(said: Any) -> time | None:
    found = _CLOCK.fullmatch(said) if isinstance(said, str) else None
    return time(int(found[1]), int(found[2])) if found else None


def without_credits(synopsis: Any) -> Any:
    """Without the notes at its end that say who wrote it."""
    if not isinstance(synopsis, str):
        return None
    while found := _CREDITS.search(synopsis, max(0, len(synopsis) - _LONGEST_CREDIT)):
        synopsis = synopsis[: found.start()].rstrip()
    return synopsis
