"""What the worker does: doors to `crawling`."""

import logging
from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from catalog.etl import crawl_plans, crawling
from catalog.etl.changes import catalogue_changed
from catalog.models import ImportRun, RunState

log = logging.getLogger(__name__)

# What is refreshed -> not asked about for how many days, and at most how many in one go: a request takes
# a second, and the worker has other things to do. What is left over is the stalest tomorrow.
_STALE = {"airing": (1, 1000), "recent": (7, 1000), "old": (30, 1500)}


@shared_task(when_lost="catalog.etl.crawling.was_lost")
def crawl(run_id: int) -> None:
    """Read what a waiting or stopped run asks for."""
    run = ImportRun.objects.get(pk=run_id)
    if run.state == RunState.CANCELLED:
        # While it waited; only who asks for it again makes it wait anew.
        return
    try:
        crawling.take_over(run)
    except crawling.Busy as reason:
        crawling.send_away(run, str(reason))
    else:
        crawling.crawl(run)


@shared_task
def tell_of_change() -> None:
    """Work out anew what follows from titles and edges, after a curator changed them."""
    catalogue_changed()


@shared_task
def refresh(what: str) -> None:
    """Bring a part of the catalogue up to date: 'season', 'next', 'airing', 'recent' or 'old'."""
    if not settings.REFRESH_SOURCE:
        return
    try:
        run = crawling.go_on_or_begin(settings.REFRESH_SOURCE, _wish(what))
    except crawling.Busy as reason:
        log.info("Nothing to refresh now: %s", reason)
    else:
        crawling.crawl(run)


def _wish(what: str) -> dict[str, object]:
    if what in ("season", "next"):
        return crawl_plans.wish(season="now" if what == "season" else "next")
    days, at_most = _STALE[what]
    since = timezone.localdate() - timedelta(days=days - 1)
    return crawl_plans.wish(since=since, only=what, at_most=at_most)
