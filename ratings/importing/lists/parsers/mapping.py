"""What JSON formats have in common."""

from collections.abc import Callable, Iterable
from typing import Any

# Answers which MyAnimeList ids belong to these AniList ids; asks AniList, so it may not be there.
AniListIds = Callable[[Iterable[int]], dict[int, int]]


def part(value: Any, *names: str) -> Any:
    """value[name][name]..., and None where a step is missing or leads through something else."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def dicts(value: Any) -> list[dict[str, Any]]:
    """The objects of a list; all else in it is none of ours."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def is_true(value: Any) -> bool:
    return value is True or value == 1
