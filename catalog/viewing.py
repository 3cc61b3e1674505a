"""For whom a page is made: by which of its names a title is called, and whether titles for adults are shown.

Set for the length of a request, as Django's language and time zone are. Where nobody looks (a task,
a command) names are English and titles for adults hidden.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, TypeVar

from django.conf import settings
from django.db import models


class TitleLanguage(models.TextChoices):
    ENGLISH = "english", "English (Spirited Away)"
    ROMAJI = "romaji", "Romaji (Sen to Chihiro no Kamikakushi)"
    JAPANESE = "japanese", "Japanese (千と千尋の神隠し)"


# The fields that hold a title's names, the likeliest first; where one is empty the next is shown.
NAMES: dict[str, tuple[str, ...]] = {
    TitleLanguage.ENGLISH: ("title_english", "title"),
    TitleLanguage.ROMAJI: ("title", "title_english"),
    TitleLanguage.JAPANESE: ("title_japanese", "title", "title_english"),
}


def called(title: Any, language: str) -> str:
    """The likeliest of its names that there is; `title` has the fields of an Anime's names."""
    names = (getattr(title, field) for field in NAMES[language])
    return next(filter(None, names), f"#{title.mal_id}")


@dataclass(frozen=True)
class Viewer:
    language: str = TitleLanguage.ENGLISH
    adult: bool = False


NOBODY = Viewer()
# A question, not an answer: who it is costs a query, which most addresses need not ask.
_who: ContextVar[Callable[[], Viewer]] = ContextVar("viewer", default=lambda: NOBODY)


def current() -> Viewer:
    return _who.get()()


def shows_adult() -> bool:
    """Where the operator shows them to everybody, or to members who ask and this one has."""
    return settings.SHOW_ADULT or (settings.ADULT_ON_REQUEST and current().adult)


View = TypeVar("View", bound=Callable[..., Any])


def for_everybody(view: View) -> View:
    """The view answers alike whoever asks, so nobody needs to be looked up for it."""
    view.is_for_everybody = True  # type: ignore[attr-defined]  # a mark, as Django's own decorators make
    return view


def is_for_everybody(view: Callable[..., Any]) -> bool:
    return getattr(view, "is_for_everybody", False)


@contextmanager
def seen_by(viewer: Viewer | Callable[[], Viewer]) -> Iterator[None]:
    who = (lambda: viewer) if isinstance(viewer, Viewer) else viewer
    token = _who.set(who)
    try:
        yield
    finally:
        _who.reset(token)
