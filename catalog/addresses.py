"""Addresses of titles and seasons, which a page prints by the hundred."""

from functools import lru_cache

from django.urls import get_script_prefix, reverse


def address(view: str, *args: int | str) -> str:
    return _worked_out(view, args, get_script_prefix())


@lru_cache(maxsize=65_536)
def _worked_out(view: str, args: tuple[int | str, ...], prefix: str) -> str:
    """Django takes 30 µs for each. `prefix`: below which path the site is mounted, part of what it answers."""
    return reverse(view, args=args)
