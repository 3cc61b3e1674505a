"""Text that means to be markup is shown as text, on every page that shows it."""

import pytest
from django.db.models import F, Value
from django.db.models.functions import Concat

from catalog.models import Anime, Genre, Studio, TitleSynonym
from ratings.models import User
from ratings.models.imports import ListImport, ListImportLine
from tests.browser.conftest import Window
from tests.browser.walker import walking
from tests.pages import PAGES, Who
from tests.walking import cast_of_the_demonstration

pytestmark = pytest.mark.browser

HOSTILE = """ "'></title></script><img src=x onerror="window.hacked=1"><svg onload="window.hacked=1">{{7*7}}"""
# What would stand in the page if any of it were taken for markup.
PLANTED = "document.querySelectorAll('[onerror], [onload]').length + (window.hacked ? 1 : 0)"


def make_it_hostile() -> None:
    """Every name and every text of the demonstration."""
    said = Value(HOSTILE)
    Anime.objects.update(
        title=Concat(F("title"), said),
        title_english=Concat(F("title_english"), said),
        title_japanese=said,
        synopsis=said,
        source=Value("<img onerror=1>"),
    )
    for genre in Genre.objects.all():
        Genre.objects.filter(pk=genre.pk).update(name=f"{genre.pk}<img src=x onerror=alert(1)>")
    for studio in Studio.objects.all():
        Studio.objects.filter(pk=studio.pk).update(name=f"{studio.pk}{HOSTILE}")
    TitleSynonym.objects.bulk_create(TitleSynonym(anime_id=pk, name=HOSTILE) for pk in Anime.objects.values_list("pk", flat=True)[:50])  # fmt: skip
    for member in User.objects.all():
        User.objects.filter(pk=member.pk).update(username=f"{member.pk}{HOSTILE}"[:150])


def an_import(member: User) -> str:
    found = ListImport.objects.create(
        user=member, source="csv", subject=HOSTILE[:200], state="queued"
    )
    for number, fate in enumerate(("doubtful", "waiting", "invalid", "adult"), 1):
        ListImportLine.objects.create(
            list_import=found, number=number, title=HOSTILE, fate=fate, reason=HOSTILE[:200]
        )
    return f"/import/{found.pk}/"


def test_no_text_of_others_becomes_part_of_a_page(window: Window) -> None:
    cast = cast_of_the_demonstration()
    make_it_hostile()
    executed = []
    with walking(window.browser, window.site, cast) as walker:
        for page in PAGES:
            who = page.who[-1]
            tab, faults = walker.open(page, who)
            executed += [
                f"{page.name}: {fault}" for fault in faults + tab.evaluate("window.breaches")
            ]
            if planted := tab.evaluate(PLANTED):
                executed.append(f"{page.name}: {planted} planted")
        member = cast.viewers[Who.MEMBER]
        assert member is not None
        tab = walker.tab(Who.MEMBER)
        tab.goto(window.site + an_import(member))
        executed += [
            f"import: {fault}" for fault in walker.faults + tab.evaluate("window.breaches")
        ]
        executed += ["import: planted"] if tab.evaluate(PLANTED) else []
        assert "onerror" in tab.get_by_role("main").inner_text()
    assert executed == []
