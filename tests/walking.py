"""Walks the table of pages: who looks, at which address, and the demonstration they look at."""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from django.core.cache import cache
from django.core.management import call_command
from django.test import Client, override_settings

from catalog.models import Anime, Season
from ratings.models import Origin, User
from recommender import serving
from recommender.demo import DEMO_USERNAME
from recommender.sharing import MOST_OTHERS
from recommender.tests.trials import stopped_with
from tests.pages import PAGES, Page, Who

# Half a second a password is by design; not for tests that sign in often.
QUICK_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@dataclass(frozen=True)
class Cast:
    """Who looks at the pages, and what the places in their addresses are filled with."""

    viewers: dict[Who, User | None]
    places: dict[str, object]

    def address(self, page: Page) -> str:
        return page.path.format(**self.places)

    def client(self, who: Who) -> Client:
        client = Client(raise_request_exception=False)
        if viewer := self.viewers[who]:
            client.force_login(viewer)
        return client


@contextmanager
def demonstration(models: Path) -> Iterator[None]:
    """Titles, models in a folder of their own, and simulated members."""
    with override_settings(ARTIFACTS_DIR=models, PASSWORD_HASHERS=QUICK_HASHERS):
        serving.forget_loaded()
        cache.clear()
        call_command("load_demo", stdout=io.StringIO())
        try:
            yield
        finally:
            serving.forget_loaded()
            cache.clear()


def cast_of_the_demonstration() -> Cast:
    """One of each kind of viewer; the title is one with a family, an English name and a synopsis."""
    described = Anime.objects.recommendable().exclude(synopsis="").exclude(title_english="")
    in_series = described.filter(family_part__place__gt=1, season=Season.SPRING)
    title = in_series.most_watched_first().first()
    assert title is not None
    members = User.objects.filter(origin=Origin.SIMULATED, is_public=True)
    strangers = members.exclude(username=DEMO_USERNAME).order_by("pk")[:MOST_OTHERS]
    stranger = strangers[0]
    return Cast(
        viewers={
            Who.GUEST: None,
            Who.MEMBER: User.objects.get(username=DEMO_USERNAME),
            Who.NEWCOMER: User.objects.create_user("newcomer"),
            Who.STAFF: User.objects.create_superuser("staff"),
        },
        places={
            "title": title.pk,
            "member": stranger.pk,
            "year": title.year,
            "experiment": stopped_with(list(User.objects.filter(origin=Origin.SIMULATED))).name,
            "company": urlencode({"with": [one.username for one in strangers]}, doseq=True),
        },
    )


def views(*, whos: tuple[Who, ...] = tuple(Who)) -> list[tuple[Page, Who]]:
    """Each page with each of those who see it."""
    return [(page, who) for page in PAGES for who in page.who if who in whos]


def fullest_views() -> list[tuple[Page, Who]]:
    """Each page with whoever sees most of it; with all who see it where ANIMEREC_WALK is `all`."""
    if os.environ.get("ANIMEREC_WALK") == "all":
        return views()
    return [(page, page.who[-1]) for page in PAGES]


def name_of(view: tuple[Page, Who]) -> str:
    page, who = view
    return f"{page.name}-{who}"
