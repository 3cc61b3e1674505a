"""What a line of a list prints."""

from functools import lru_cache

from django import template
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from catalog import broadcasts
from catalog.models import Anime
from ratings.leaving.everything import partial
from ratings.models import UserAnimeRating, WatchStatus

register = template.Library()
# The single keys of statuses (static/js/keys.js).
KEYS = {"watching": "w", "completed": "c", "on_hold": "h", "dropped": "d", "planned": "p"}


@register.filter
@lru_cache(maxsize=16)
def score_options(score: int | None) -> SafeString:
    """All lines have the same ten: written once for each that may be chosen."""
    options = [f"<option value=''{_mark(score is None)}>–"]
    options += [
        f"<option data-key={number % 10}{_mark(score == number)}>{number}"
        for number in range(1, 11)
    ]
    return mark_safe("".join(options))  # noqa: S308  # numbers


@register.filter
@lru_cache(maxsize=16)
def status_options(status: str) -> SafeString:
    options = [
        f"<option value={value} data-key={KEYS[value]}{_mark(value == status)}>{label}"
        for value, label in WatchStatus.choices
    ]
    return mark_safe("".join(options))  # noqa: S308  # words of the program


@register.filter
def next_episode(anime: Anime) -> str:
    """'Episode 9 in 2 days'; empty where nobody knows."""
    return broadcasts.countdown(anime, timezone.now()) if anime.is_still_to_come else ""


@register.filter
def days(entry: UserAnimeRating) -> str:
    """'2019-04-03 to 2019-05', each day as exact as it was said; empty without any."""
    first = partial(entry.started_on, entry.started_precision)
    last = partial(entry.finished_on, entry.finished_precision)
    if first and last:
        return first if first == last else f"{first} to {last}"
    return f"from {first}" if first else f"until {last}" if last else ""


def _mark(is_chosen: bool) -> str:
    return " selected" if is_chosen else ""
